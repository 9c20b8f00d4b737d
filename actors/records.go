package actors

import (
	"context"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/actors/queuelog/writer"
	"tandem/actors/store"
)

// followEvery is how often the journal is looked at for what queues and agents have done.
const followEvery = 250 * time.Millisecond

// openRecords begins to follow what queues and agents of all members do: into the queue_log, and for those who listen.
func (h *House) openRecords(context.Context) error {
	c := h.live.Conf()
	o := writer.Options{Journal: h.store.Journal(), Name: h.instance, Size: c.Queues.LogSize, Keep: c.Queues.LogKeep,
		Refusals: func() bool { return h.live.Conf().Queues.LogRefusals },
		Every:    followEvery, Heard: h.heard, Log: h.log}
	if c.Queues.Log {
		o.Path = c.Queues.LogFile
		if filepath.Base(o.Path) == o.Path {
			o.Path = filepath.Join(c.Member.Data, o.Path)
		}
	}
	if h.identity == nil {
		h.sayQueueStart()
	}
	w, err := writer.Open(o)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); w.Run(ctx) }()
	h.closes(func(context.Context) error { cancel(); <-done; return nil })
	return nil
}

// startQueues says in a cluster that all queues begin anew, if no other member lives that may have held them.
func (h *House) startQueues(context.Context) error {
	if h.identity == nil {
		return nil
	}
	for _, r := range h.member.Society().Rows {
		if !r.Self && r.Up() {
			return nil
		}
	}
	h.sayQueueStart()
	return nil
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
	body, err := proto.Marshal(l)
	if err != nil {
		return err
	}
	return h.store.Journal().Append(store.Fact{Kind: writer.LineKind, Subject: l.Queue, At: time.Now(), Body: body}, done)
}
