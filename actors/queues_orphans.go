package actors

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/actors/queue"
	"tandem/actors/queuelog/writer"
	"tandem/actors/store"
)

// Where a queue's owner and a caller's Task die together, nobody is left who says that the caller has gone: its line in the
// queue_log would stay without an end. Some time after a member has surely died, when all who live have announced
// themselves to the next owners, each owner is told of the callers that have entered by the records and never left.

// Times and limits of that.
const (
	orphanLook  = 5 * time.Second
	orphanAfter = 30 * time.Second // longer than the lease of a name
	orphanFacts = 100_000          // facts that are looked at, of which the last ones count
	maxOrphans  = 10_000           // of all queues together
)

// endOrphans looks for members that have died, as long as this one lives.
func (h *House) endOrphans() {
	tick := time.NewTicker(orphanLook)
	defer tick.Stop()
	settled := map[uint32]bool{} // lives that were looked after
	for {
		select {
		case <-tick.C:
		case <-h.ending:
			return
		}
		if died, some := h.lately(settled, time.Now()); some {
			if err := h.endOrphansOf(died); err != nil {
				h.log.Warn("callers of a member that has died may stay in the queue_log without an end", "err", err)
			}
		}
	}
}

// lately is when the last one has died of the members that surely have, a while ago, and were not looked after.
func (h *House) lately(settled map[uint32]bool, now time.Time) (died time.Time, some bool) {
	for _, r := range h.member.Society().Rows {
		if r.Self || !r.Sure || r.State != msg.MemberState_DEAD || settled[r.Member.Boot] || now.Sub(r.Since) < orphanAfter {
			continue
		}
		settled[r.Member.Boot], some = true, true
		if r.Since.After(died) {
			died = r.Since
		}
	}
	return died, some
}

// endOrphansOf tells the owners here of those that may be orphans.
func (h *House) endOrphansOf(died time.Time) error {
	ctx, cancel := context.WithTimeout(context.Background(), orphanAfter)
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
