package writer

import (
	"context"
	"log/slog"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/actors/queuelog/line"
	"tandem/actors/store"
)

// Kinds of facts that are followed. Those of LineKind are lines as somebody wants them, with a msg.FactLine as body.
const (
	QueueKind = "queue.fact"
	AgentKind = "agent.fact"
	LineKind  = "queuelog.line"
)

// Journal is what is followed.
type Journal interface {
	Read(ctx context.Context, from uint64, f func(store.Fact) bool) error
	Last() uint64
}

// Fact is a fact as those hear it who listen: one of the two is there.
type Fact struct {
	Position uint64
	Queue    *msg.QueueFact
	Agent    *msg.AgentFact
}

// Sieve makes lines of the journal's facts, one of what two owners of a queue have both told.
type Sieve struct {
	window *window
	log    *slog.Logger
}

// NewSieve is one that is filled by Warm from a position on; 0: it need not be.
func NewSieve(from uint64, log *slog.Logger) *Sieve {
	w := newWindow()
	w.from = from
	return &Sieve{w, log}
}

// Oldest is the position from which another one must be filled to go on as this one does.
func (s *Sieve) Oldest() uint64 { return s.window.oldest() }

// Warm reads what must be known of the time up to a position, if that was not done yet.
func (s *Sieve) Warm(ctx context.Context, j Journal, position uint64) error {
	from := s.window.from
	if from == 0 {
		return nil
	}
	s.window = newWindow()
	err := j.Read(ctx, from, func(f store.Fact) bool {
		if f.Position > position {
			return false
		}
		if f.Kind == QueueKind {
			if q := read(s.log, f, &msg.QueueFact{}); q != nil {
				s.window.double(f.Position, q)
			}
		}
		return true
	})
	if err != nil {
		s.window.from = from
	}
	return err
}

// Take makes a fact a line, which is nil where it has none. False: it is of no interest, or has been told already.
func (s *Sieve) Take(f store.Fact) (told Fact, l *msg.FactLine, ok bool) {
	told.Position = f.Position
	switch f.Kind {
	case QueueKind:
		told.Queue = read(s.log, f, &msg.QueueFact{})
		if told.Queue == nil || s.window.double(f.Position, told.Queue) {
			return told, nil, false
		}
		return told, told.Queue.Line, true
	case AgentKind:
		told.Agent = read(s.log, f, &msg.AgentFact{})
		return told, told.Agent.GetLine(), told.Agent != nil
	case LineKind:
		l = read(s.log, f, &msg.FactLine{})
		return told, l, l != nil
	}
	return told, nil, false
}

// Text is a line as it stands in a queue_log, without its end.
func Text(at time.Time, l *msg.FactLine) string {
	return line.Line{At: at, CallID: l.Call, Queue: l.Queue, Agent: l.Agent, Verb: l.Verb, Args: l.Args}.String()
}

// read decodes a fact's body; nil where it can not be read.
func read[M proto.Message](log *slog.Logger, f store.Fact, m M) M {
	if err := proto.Unmarshal(f.Body, m); err != nil {
		log.Error("a fact of the journal can not be read and has no line", "kind", f.Kind, "position", f.Position, "err", err)
		var none M
		return none
	}
	return m
}
