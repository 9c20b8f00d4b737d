package agent

import "time"

// Effect is something that an agent wants done. The set is closed.
type Effect interface{ effect() }

// OfferID names an offer of a queue. It is that of the queue, as it came; the zero one is none.
type OfferID struct{ Epoch, Number uint64 }

// Stand tells one of his queues how he stands. It is what the queue hears when it has a new owner, too.
type Stand struct {
	Queue      string
	Epoch      uint64 // of his owner's lease
	Turn       uint64 // counts what he has told
	Interface  string
	Devices    []string // that are there, sorted
	Penalty    int
	Level      int
	Position   int
	Skills     map[string]int
	Ready      bool
	Choosing   bool // he hears all queues before he grants one: they say Pass where nobody is for him
	Asks       bool // he has to know whether the queue holds him: it says Progress or Pass
	Conditions Conditions
	Offer      OfferID // of this queue

	Calls, CallsAnywhere                  int
	LastCall, LastCallAnywhere, LastOffer time.Time
}

// Conditions are why he is not there, for one queue; see package queue.
type Conditions struct{ Paused, InUse, Ringing, Unavailable, WrapUp bool }

// Unstand tells a queue that he is not there any more.
type Unstand struct {
	Queue string
	Epoch uint64
}

// Granted and Refused answer a queue that wants to ring him.
type (
	Granted struct {
		Queue string
		Offer OfferID
		Turn  uint64 // from now on
	}
	Refused struct {
		Queue string
		Offer OfferID
		Why   string
	}
)

// Doubt asks a queue what has become of an offer. It answers by Progress or Release.
type Doubt struct {
	Queue string
	Offer OfferID
}

// Keep has the record written down.
type Keep struct{ Record Record }

// Changed tells sessions and pages how he stands now.
type Changed struct{ View View }

// View is how an agent stands, as people see it.
type View struct {
	State       State
	Because     string // of the state
	Since       time.Time
	Reachable   bool // a device is there
	Reason      string
	Next        State // what he has chosen for after the call, or State
	Queue       string
	Caller      string
	WrapUpUntil time.Time
	Outside     int // calls outside queues

	Number, Name string    // of the caller, where they are known
	CallerSince  time.Time // when it began to wait
	Revision     int       // counts what changes of his queues
}

// Report is a fact for the records.
type Report struct{ Fact Fact }

func (Stand) effect()   {}
func (Unstand) effect() {}
func (Granted) effect() {}
func (Refused) effect() {}
func (Doubt) effect()   {}
func (Keep) effect()    {}
func (Changed) effect() {}
func (Report) effect()  {}
