package queue

import "time"

// Orphan is a caller that has entered by the records and has not left by them, though its Task may have died together with
// the queue's owner: then nobody is left who could say that it has gone.
type Orphan struct {
	Caller       CallerID
	Number, Name string
	URL          string
	Priority     int
	Original     int // position
	Entered      time.Time
	Died         time.Time // when a member has, on which its Task may have been
	By           uint64    // epoch of the owner whom it told
}

// Orphaned ends in the records those of the callers that nobody has announced to this owner. It must come when all who live
// have had the time to do so. Who has entered by this owner is none of them.
func (q *Queue) Orphaned(all []Orphan, now time.Time) []Effect {
	q.begin()
	for _, o := range all {
		if o.By >= q.epoch || q.callers[o.Caller] != nil {
			continue
		}
		waited := max(0, o.Died.Sub(o.Entered))
		q.emit(Report{Fact{Kind: Abandon, At: now, Queue: q.name, Caller: o.Caller, Number: o.Number, Name: o.Name, URL: o.URL,
			Priority: o.Priority, Position: o.Original, Original: o.Original, Waited: waited, Because: "its Task and the queue's owner have died together"}})
		q.counters.lost(waited, q.settings.ServiceLevel)
	}
	return q.end(now)
}
