package phone

import (
	"time"

	"tandem/signal"
	"tandem/ximss"
	"tandem/ximss/object"
)

// Reply answers one request of the client: data messages first, then once Done, with nil when all went well.
type Reply interface {
	Answer(x *object.XML)
	Done(err *ximss.Error)
}

// Effect is what is to be done, in order. The set is closed.
type Effect interface{ effect() }

type (
	// Say tells the client something.
	Say struct{ Message *object.XML }
	// Begin starts a request outside of any dialog. Its answers come by Response.
	Begin struct{ Request *signal.Request }
	// Cancel takes an INVITE back that Begin has started.
	Cancel struct{ Request, Reason string }
	// Send sends a request to a leg. Its answers come by Response.
	Send struct {
		Leg     string // its handler
		Request *signal.Request
	}
	// Respond answers a request of a leg's; with Leg "", of whoever has just asked.
	Respond struct {
		Leg      string
		Response *signal.Response
	}
	// Watch wants to be told by Gone when a leg is no more; Forget does not any more.
	Watch  struct{ Leg string }
	Forget struct{ Leg string }
	// StartTimer wants to be told by Fired. There is no stop: a timer that has become void is recognised.
	StartTimer struct {
		Timer Timer
		After time.Duration
	}
)

func (Say) effect()        {}
func (Begin) effect()      {}
func (Cancel) effect()     {}
func (Send) effect()       {}
func (Respond) effect()    {}
func (Watch) effect()      {}
func (Forget) effect()     {}
func (StartTimer) effect() {}

// Timer names one running of one timer. Of one Owner and Kind the last one started counts.
type Timer struct {
	Owner string // tag of a call, or ""
	Kind  string
	Seq   uint64
}
