package router

import (
	"sync"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/signal"
)

// maxFronted is how many legs of other members a member keeps shadows for, until SetFronts says.
const maxFronted = 2000

// SetFronts changes how many legs of other members this one keeps shadows for. Those beyond it are not said goodbye to
// when their member is lost.
func (in *Ingress) SetFronts(n int) {
	in.fronts.mu.Lock()
	defer in.fronts.mu.Unlock()
	in.fronts.front.limit = n
}

// fronts is the shell of the front: all edge actors of the member have one, and so have the goroutines that read from
// the network, since a call does not always come by one way.
type fronts struct {
	mu      sync.Mutex
	front   *front
	edge    func() signal.Edge
	invites *invites
}

// Messages that never leave an edge actor.
type (
	// watchLeg has it watch a leg.
	watchLeg struct{ leg *actor.PID }
	// legGone marks the place in the mailbox where a leg is really gone: Terminated overtakes what it had said before.
	legGone struct {
		leg  *actor.PID
		lost bool // with its member
	}
)

// elsewhere tells whether an actor lives on another member.
func (in *Ingress) elsewhere(pid *actor.PID) bool {
	return in.others && pid != nil && pid.Address != in.edges[0].Address
}

// expect notes an INVITE before anybody is given it.
func (in *Ingress) expect(r *signal.Request) {
	in.invites.expect(r)
	if in.others && r.Method == signal.INVITE {
		f := &in.fronts
		f.mu.Lock()
		defer f.mu.Unlock()
		f.front.Expect(r)
	}
}

// owes notes that a request in a dialog is in the hands of a leg, if that is elsewhere.
func (in *Ingress) owes(leg *actor.PID, r *signal.Request, edge *actor.PID) {
	if r.Method != signal.ACK {
		in.keep(leg, edge, func(f *front) bool { return f.Owes(leg.Id, r, 481) })
	}
}

// adopted notes which leg an INVITE has got, if that is elsewhere.
func (in *Ingress) adopted(leg *actor.PID, r *signal.Request, edge *actor.PID) {
	in.keep(leg, edge, func(f *front) bool { return f.Adopt(leg.Id, r, 503) })
}

// keep has the front keep something for a leg that is elsewhere, and the edge watch the leg if the front asks for it.
func (in *Ingress) keep(leg, edge *actor.PID, note func(*front) (watch bool)) {
	if !in.elsewhere(leg) {
		return
	}
	f := &in.fronts
	f.mu.Lock()
	watch := note(f.front)
	f.mu.Unlock()
	if watch {
		in.member.Send(edge, &watchLeg{leg})
	}
}

func (f *fronts) forget(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.front.Forget(id)
}

func (f *fronts) answered(r *signal.Response) *signal.Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.front.Answered(r)
}

func (f *fronts) hold(leg *actor.PID, invite *signal.Request, answer *signal.Response) (watch bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.front.Hold(leg.Id, invite, answer)
}

func (f *fronts) sent(leg *actor.PID, r *signal.Request, flow signal.Flow) (watch bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.front.Sent(leg.Id, r, flow)
}

func (f *fronts) heard(leg *actor.PID, r *signal.Response) {
	f.mu.Lock()
	todo := f.front.Heard(leg.Id, r)
	f.mu.Unlock()
	f.perform(todo)
}

func (f *fronts) gone(leg *actor.PID, lost bool) {
	f.mu.Lock()
	todo := f.front.Gone(leg.Id, lost)
	f.mu.Unlock()
	f.perform(todo)
}

// perform does what the front wants, in order.
func (f *fronts) perform(todo []farewell) {
	for _, w := range todo {
		switch w := w.(type) {
		case refuse:
			f.invites.done(w.response)
			f.edge().Respond(w.response)
		case withdraw:
			f.edge().Cancel(w.request, memberLost)
		case say:
			f.edge().Send(w.request, w.flow, nil)
		}
	}
}
