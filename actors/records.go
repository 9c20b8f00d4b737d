package actors

import (
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/life"
	"tandem/actors/msg"
	"tandem/actors/queuelog/writer"
	"tandem/actors/store"
)

// followEvery is how often the journal is looked at for what queues and agents have done.
const followEvery = 250 * time.Millisecond

// openRecords begins to follow what queues and agents of all members do: into the queue_log, and for those who listen.
func (h *House) openRecords(ctx context.Context) error {
	c := h.live.Conf()
	o := writer.Options{Journal: h.store.Journal().Follower(), Name: h.instance, Size: c.Queues.LogSize, Keep: c.Queues.LogKeep,
		Refusals: func() bool { return h.live.Conf().Queues.LogRefusals },
		Every:    followEvery, Heard: h.heard, Log: h.log}
	if c.Queues.Log {
		o.Path = c.Queues.LogFile
		if filepath.Base(o.Path) == o.Path {
			o.Path = filepath.Join(c.Member.Data, o.Path)
		}
	}
	if earlier := h.earlierLives(); len(earlier) == 0 {
		h.sayQueueStart()
	} else {
		h.aside(func() { h.startQueues(earlier) })
	}
	if h.identity != nil {
		h.beside(ctx, h.endOrphans)
	}
	w, err := writer.Open(o)
	if err != nil {
		return err
	}
	h.beside(ctx, w.Run)
	return nil
}

// earlierLives are the lives of other members that began before this one and may hold queues: by their marks. A member has
// one life at a time, so that an older one of a member is over that has a newer one.
func (h *House) earlierLives() (earlier []life.Mark) {
	if h.identity == nil {
		return nil
	}
	bucket := h.store.Bucket(store.Registrations)
	marks, err := life.Marks(bucket)
	if err != nil {
		h.log.Warn("whether the queues begin anew is not known: they are said to", "err", err)
	}
	began, latest := map[string]uint64{}, map[string]uint64{}
	for _, m := range marks {
		e, _ := bucket.Get(m.Key())
		began[m.Boot] = e.Revision
		latest[m.Member] = max(latest[m.Member], e.Revision)
	}
	own := began[h.member.Boot()]
	for _, m := range marks {
		if m.Member != h.Name() && began[m.Boot] < own && began[m.Boot] == latest[m.Member] {
			earlier = append(earlier, m)
		}
	}
	return earlier
}

// lookEvery is how often it is looked whether earlier lives are over.
const lookEvery = 200 * time.Millisecond

// startQueues waits until it is known of the lives before this one whether one goes on. If all are over, which is said
// by their marks, which go then, the queues begin anew.
func (h *House) startQueues(earlier []life.Mark) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	bucket := h.store.Bucket(store.Registrations)
	for len(earlier) > 0 {
		select {
		case <-tick.C:
		case <-h.ending:
			return
		}
		for _, m := range earlier {
			if boot, err := strconv.ParseUint(m.Boot, 16, 32); err == nil {
				if r, ok := h.member.Society().Rows.ByBoot(uint32(boot)); ok && r.Up() {
					return
				}
			}
		}
		earlier = slices.DeleteFunc(earlier, func(m life.Mark) bool { _, there := bucket.Get(m.Key()); return !there })
	}
	h.sayQueueStart()
}

// sayQueueStart writes into the journal that nothing is left of the calls that were in queues before (reference
// queuelog.md 1.2).
func (h *House) sayQueueStart() {
	if err := h.writeLogLine(&msg.FactLine{Verb: "QUEUESTART"}, nil); err != nil {
		h.log.Warn("the start of the queues is not in the queue_log", "err", err)
	}
}

// writeLogLine writes a line for the queue_log of all members.
func (h *House) writeLogLine(l *msg.FactLine, done func(position uint64, err error)) error {
	l.Member = h.Name()
	body, err := proto.Marshal(l)
	if err != nil {
		return err
	}
	return h.store.Journal().Append(store.Fact{Kind: writer.LineKind, Subject: l.Queue, At: time.Now(), Body: body}, done)
}
