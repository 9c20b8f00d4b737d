package actors

import (
	"context"
	"maps"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/cluster/view"
	"tandem/actors/msg"
	"tandem/actors/queue"
	"tandem/actors/queuelog/writer"
	"tandem/actors/store"
)

// Where a queue's owner and a caller's Task die together, nobody is left who says that the caller has gone: its line in the
// queue_log would stay without an end. Some time after a member has surely died, when all who live have announced
// themselves to the next owners, each owner is told of the callers that have entered by the records and never left. Of a
// member that merely says nothing any more, as after a power cut, nobody knows whether its callers wait on behind a broken
// link: it counts as dead when it comes back with another life, or when it is no longer shown.

// Times and limits of that.
const (
	orphanLook  = 5 * time.Second
	orphanAfter = 30 * time.Second // longer than the lease of a name; so long after a first look comes a second one
	// orphanPasses is how often: while a queue's name goes from one member to another neither may hold it when it looks.
	orphanPasses = 2
	orphanFacts  = 100_000 // facts that are looked at, of which the last ones count
	maxOrphans   = 10_000  // of all queues together
)

// endOrphans looks for members that have died, until life ends.
func (h *House) endOrphans(life context.Context) {
	tick := time.NewTicker(orphanLook)
	defer tick.Stop()
	lives, next := newLives(), time.Time{}
	for {
		select {
		case <-tick.C:
		case <-life.Done():
			return
		}
		now := time.Now()
		lives.see(h.member.Society().Rows, now)
		died, some := lives.due(now)
		if !some || now.Before(next) {
			continue
		}
		if err := h.endOrphansOf(life, died); err == nil {
			lives.passed(now)
		} else if life.Err() == nil {
			next = now.Add(orphanAfter)
			h.log.Warn("callers of a member that has died have no end in the queue_log yet", "err", err)
		}
	}
}

// endOrphansOf tells the owners here of those that may be orphans.
func (h *House) endOrphansOf(life context.Context, died time.Time) error {
	ctx, cancel := context.WithTimeout(life, orphanAfter)
	defer cancel()
	o := orphans{}
	err := h.store.Journal().Tail(ctx, orphanFacts, func(f store.Fact) bool {
		return f.Kind == queue.FactKind || f.Kind == writer.LineKind
	}, func(f store.Fact) bool { o.take(f); return true })
	if err != nil {
		return err
	}
	for name, all := range o.open(died) {
		if _, mine := h.member.Epoch("queue", name); mine {
			h.log.Info("callers may have gone with a member", "kind", "queue", "id", name, "callers", len(all))
			if err := h.centre.queues.Orphans(name, all); err != nil {
				return err
			}
		}
	}
	return nil
}

// lives remembers which lives of members were seen, and which of them have ended. A member that has come back is shown
// with its new life alone.
type lives struct {
	seen  map[uint32]bool // by life, as long as it is shown and has not left in order
	ended map[uint32]*end // as long as it is shown or to be looked after
}

// end is that of a life.
type end struct {
	at     time.Time // no earlier than it was
	passes int       // how often its callers were looked for
}

func newLives() *lives { return &lives{seen: map[uint32]bool{}, ended: map[uint32]*end{}} }

// see takes the members as they are shown.
func (l *lives) see(rows view.Rows, now time.Time) {
	shown := map[uint32]bool{} // and may yet die
	for _, r := range rows {
		shown[r.Member.Boot] = !r.Self && r.State != msg.MemberState_LEFT
		if r.Sure && r.State == msg.MemberState_DEAD {
			l.end(r.Member.Boot, r.Since)
		}
	}
	for life := range l.seen {
		if _, still := shown[life]; !still { // another one is in its place
			l.end(life, now)
		}
	}
	maps.DeleteFunc(l.ended, func(life uint32, e *end) bool {
		_, still := shown[life]
		return !still && e.passes == orphanPasses
	})
	maps.DeleteFunc(shown, func(_ uint32, mortal bool) bool { return !mortal })
	l.seen = shown
}

func (l *lives) end(life uint32, at time.Time) {
	if l.ended[life] == nil {
		l.ended[life] = &end{at: at}
	}
}

// due is when the last one has ended of the lives whose callers are to be looked for now.
func (l *lives) due(now time.Time) (died time.Time, some bool) {
	for _, e := range l.ended {
		if e.due(now) && e.at.After(died) {
			died, some = e.at, true
		}
	}
	return died, some
}

// passed notes that they were looked for.
func (l *lives) passed(now time.Time) {
	for _, e := range l.ended {
		if e.due(now) {
			e.passes++
		}
	}
}

func (e *end) due(now time.Time) bool {
	return e.passes < orphanPasses && now.Sub(e.at) >= time.Duration(e.passes+1)*orphanAfter
}

// orphans are the callers in line by the records, by queue and caller.
type orphans map[string]map[string]queue.Orphan

// take takes the next fact.
func (o orphans) take(f store.Fact) {
	if f.Kind == writer.LineKind {
		l := &msg.FactLine{}
		if proto.Unmarshal(f.Body, l) == nil && l.Verb == "QUEUESTART" {
			clear(o) // whose end is that
		}
		return
	}
	m := &msg.QueueFact{}
	switch err := proto.Unmarshal(f.Body, m); {
	case err != nil:
	case m.What == msg.QueueFact_ENTERED:
		if o[m.Queue] == nil {
			o[m.Queue] = map[string]queue.Orphan{}
		}
		o[m.Queue][m.Caller] = queue.Orphan{Caller: queue.CallerID(m.Caller), Number: m.Number, Name: m.Name, URL: m.Url,
			Priority: int(m.Priority), Original: int(m.Original), Entered: time.Unix(0, m.At), By: m.By}
	case m.What == msg.QueueFact_JOINED, m.What.Exits():
		if delete(o[m.Queue], m.Caller); len(o[m.Queue]) == 0 {
			delete(o, m.Queue)
		}
	}
}

// open are those who entered before a member died, by queue: maxOrphans at most.
func (o orphans) open(died time.Time) map[string][]queue.Orphan {
	out, n := map[string][]queue.Orphan{}, 0
	for name, callers := range o {
		for _, one := range callers {
			if one.Entered.Before(died) && n < maxOrphans {
				one.Died = died
				out[name] = append(out[name], one)
				n++
			}
		}
	}
	return out
}
