package session

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"tandem/ximss"
	"tandem/ximss/object"
)

// queueFamily are the operations about queues: how they stand, which an agent may know of his own ones, and what a
// supervisor does with who waits in them.
var queueFamily = family{rows: map[string]run{
	"queueSubscribe":   queueSubscribe,
	"queueUnsubscribe": queueUnsubscribe,
	"queueCallers":     queueCallers,
	"queueExplain":     queueExplain,
	"queueWithdraw":    queueDoes(QueueWithdraw),
	"queueMove":        queueDoes(QueueMove),
	"queuePromote":     queueDoes(QueuePromote),
	"queueSend":        queueDoes(QueueSend),
}}

// QueueWhat is what a supervisor does with a caller.
type QueueWhat int

// What a supervisor does.
const (
	QueueWithdraw QueueWhat = iota // the caller is taken out of line
	QueueMove                      // it gets another position
	QueuePromote                   // it gets another priority
	QueueSend                      // it goes to another queue, with the time that it has waited
)

// QueueAsk is what an account wants to know of a queue.
type QueueAsk struct {
	Queue  string
	Full   bool   // with those who wait, which needs a right: those behind the position After, Limit at most; 0: as many as a queue tells
	Caller string // with what keeps agents from that one
	After  int
	Limit  int
}

// QueueAct is one thing that an account does with a caller of a queue.
type QueueAct struct {
	Queue, Caller string
	What          QueueWhat
	Number        int    // the position from 1, or the priority
	To            string // the other queue
}

// maxPlace bounds positions and priorities, on either side of 0.
const maxPlace = 1_000_000

// The effects.
type (
	// WatchQueue begins to watch a queue; UnwatchQueue ends that.
	WatchQueue   struct{ Queue string }
	UnwatchQueue struct{ Queue string }
)

// queues are those that a session has subscribed to, as they were told last; an empty one was not told yet.
type queues map[string]QueueView

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// namedQueue is the queue that an operation is about; an error: it names none.
func namedQueue(o *Operation) (string, *ximss.Error) {
	switch name := o.Attr("queue"); {
	case name == "":
		return "", ximss.ErrMissing
	case len(name) > maxName || len(o.Attr("caller")) > maxName:
		return "", ximss.Fail(ximss.NumMalformed, "a name is too long")
	default:
		return name, nil
	}
}

// findQueue asks how the queue that an operation names stands.
func (s *Session) findQueue(o *Operation, ask QueueAsk, then func(*Session, QueueView) *ximss.Error) {
	name, err := namedQueue(o)
	if err != nil {
		o.fail(err)
		return
	}
	ask.Queue = name
	aor := s.AOR
	s.serve(o, func(ctx context.Context, services Services) Result {
		v, err := services.Queue(ctx, aor, ask)
		return func(s *Session) {
			if err == nil {
				err = then(s, v)
			}
			o.end(err)
		}
	})
}

// queueSubscribe tells how a queue stands, and from then on whenever that changes, once a second at most.
func queueSubscribe(s *Session, o *Operation) {
	s.findQueue(o, QueueAsk{}, func(s *Session, v QueueView) *ximss.Error {
		_, known := s.queues[v.Queue]
		if !known && len(s.queues) >= maxWatched {
			return errWatched
		}
		if s.queues == nil {
			s.queues = queues{}
		}
		s.queues[v.Queue] = v
		o.answer(v.message(s.now))
		if !known {
			s.do(WatchQueue{v.Queue})
		}
		return nil
	})
}

// queueUnsubscribe ends that.
func queueUnsubscribe(s *Session, o *Operation) {
	name, err := namedQueue(o)
	if err != nil {
		o.fail(err)
		return
	}
	if _, known := s.queues[name]; known {
		delete(s.queues, name)
		s.do(UnwatchQueue{name})
	}
	o.done()
}

// QueueStands takes how a queue stands that the session watches.
func (s *Session) QueueStands(v QueueView, now time.Time) {
	s.now = now
	before, watched := s.queues[v.Queue]
	if !watched || before.equal(&v) {
		return
	}
	s.queues[v.Queue] = v
	s.say(v.message(now))
}

// QueueHidden ends the watching of a queue that the account may not watch any more: for it there is none.
func (s *Session) QueueHidden(queue string, now time.Time) {
	s.now = now
	if _, watched := s.queues[queue]; !watched {
		return
	}
	delete(s.queues, queue)
	s.do(UnwatchQueue{queue})
	s.say((&QueueView{Queue: queue, Gone: true}).message(now))
}

// queueCallers tells who waits, those in line behind a position, and how the queue stands.
func queueCallers(s *Session, o *Operation) {
	ask := QueueAsk{Full: true}
	for name, n := range map[string]*int{"after": &ask.After, "limit": &ask.Limit} {
		text := o.Attr(name)
		if text == "" {
			continue
		}
		var bad error
		if *n, bad = strconv.Atoi(text); bad != nil || *n < 0 || *n > maxPlace {
			o.fail(ximss.Fail(ximss.NumMalformed, "%s is a number", name))
			return
		}
	}
	s.findQueue(o, ask, func(s *Session, v QueueView) *ximss.Error {
		for i := range v.Callers {
			o.answer(v.Callers[i].message(v.Queue))
		}
		o.answer(v.message(s.now))
		return nil
	})
}

// queueExplain tells why a caller still waits: for each agent what keeps him from it.
func queueExplain(s *Session, o *Operation) {
	caller := o.Attr("caller")
	if caller == "" {
		o.fail(ximss.ErrMissing)
		return
	}
	s.findQueue(o, QueueAsk{Full: true, Caller: caller}, func(_ *Session, v QueueView) *ximss.Error {
		for _, r := range v.Reasons {
			o.answer(object.NewXML("queueReason", "queue", v.Queue, "caller", caller, "agent", r.Agent, "why", r.Why))
		}
		return nil
	})
}

// queueDoes makes an operation by which a supervisor does something with a caller.
func queueDoes(what QueueWhat) run {
	return func(s *Session, o *Operation) {
		act := QueueAct{What: what, Caller: o.Attr("caller"), To: o.Attr("to")}
		name, err := namedQueue(o)
		attribute := map[QueueWhat]string{QueueMove: "position", QueuePromote: "priority"}[what]
		switch {
		case err != nil:
		case act.Caller == "", what == QueueSend && act.To == "":
			err = ximss.ErrMissing
		case len(act.To) > maxName:
			err = ximss.Fail(ximss.NumMalformed, "a name is too long")
		case attribute != "":
			n, bad := strconv.Atoi(o.Attr(attribute))
			if act.Number = n; bad != nil || n < -maxPlace || n > maxPlace {
				err = ximss.Fail(ximss.NumMalformed, "%s is a number", attribute)
			}
		}
		if err != nil {
			o.fail(err)
			return
		}
		act.Queue = name
		aor := s.AOR
		s.serve(o, func(ctx context.Context, services Services) Result {
			err := services.QueueDoes(ctx, aor, act)
			return func(*Session) { o.end(err) }
		})
	}
}
