package router

import (
	"strconv"

	"tandem/signal"
	"tandem/sip/dialog"
)

// front is the pure machine of what a member keeps for legs that live on other members, and whose parties are reached
// by this one: the requests that they owe an answer, the INVITEs that they have sent and that are not answered yet, and
// a shadow of each dialog. When a leg's member is lost, the front ends all that in its place.
//
//	received from the party   ── answered by the leg ──► forgotten; a 2xx to INVITE leaves a shadow
//	INVITE sent for the leg   ── refused ──► forgotten;  answered by 2xx ──► shadow
//	shadow                    ── BYE of either side, or the leg ended by itself ──► forgotten
//
// Legs are named by texts that their addresses make; "" is a leg that is not known yet, or lives here.
type front struct {
	limit   int // legs
	legs    map[string]*fronted
	open    map[string]*received // by request
	sent    map[string]*sent     // by request
	serial  uint64
	crowded uint64 // legs that found no room
}

// fronted is one leg.
type fronted struct {
	name   string
	shadow *dialog.Shadow
	flow   signal.Flow
	open   int // requests that it owes an answer
	sent   int // INVITEs of it that are not answered
}

// received is a request that has no final response yet.
type received struct {
	request *signal.Request
	leg     *fronted // nil: not known, or here
	status  int      // if the leg is lost
}

// sent is an INVITE that has no final response yet.
type sent struct {
	invite *signal.Request
	flow   signal.Flow
	leg    *fronted
	lost   bool
}

// farewell is what a front does in place of a leg. The set is closed.
type farewell interface{ farewell() }

type (
	// refuse answers a request that nobody will answer any more.
	refuse struct{ response *signal.Response }
	// withdraw cancels an INVITE.
	withdraw struct{ request string }
	// say sends a request to the party.
	say struct {
		request *signal.Request
		flow    signal.Flow
	}
)

func (refuse) farewell()   {}
func (withdraw) farewell() {}
func (say) farewell()      {}

// memberLost is the Reason (RFC 3326) of what a front does.
const memberLost = `SIP;cause=503;text="Member lost"`

func newFront(limit int) *front {
	return &front{limit: limit, legs: map[string]*fronted{}, open: map[string]*received{}, sent: map[string]*sent{}}
}

// leg is the named one, made if need be; nil when there is no room.
func (f *front) leg(name string) (l *fronted, fresh bool) {
	if l := f.legs[name]; l != nil {
		return l, false
	}
	if len(f.legs) >= f.limit {
		f.crowded++
		return nil, false
	}
	l = &fronted{name: name}
	f.legs[name] = l
	return l, true
}

// forget drops a leg of which nothing is left.
func (f *front) forget(l *fronted) {
	if l != nil && l.shadow == nil && l.open == 0 && l.sent == 0 {
		delete(f.legs, l.name)
	}
}

// Expect notes an INVITE whose leg is not known yet.
func (f *front) Expect(r *signal.Request) { f.open[r.ID] = &received{request: r} }

// Owes says which leg owes a request its answer, and what answers it if the leg is lost. A leg that was not known must
// be watched.
func (f *front) Owes(leg string, r *signal.Request, status int) (watch bool) {
	if o := f.open[r.ID]; o != nil && o.leg != nil {
		return false
	}
	l, fresh := f.leg(leg)
	if l == nil {
		return false
	}
	l.open++
	f.open[r.ID] = &received{r, l, status}
	return fresh
}

// Adopt is Owes for a request that was expected, unless it is answered already.
func (f *front) Adopt(leg string, r *signal.Request, status int) (watch bool) {
	return f.open[r.ID] != nil && f.Owes(leg, r, status)
}

// Forget takes a request back that reached nobody.
func (f *front) Forget(id string) { f.take(id) }

func (f *front) take(id string) *received {
	o := f.open[id]
	if o == nil {
		return nil
	}
	delete(f.open, id)
	if o.leg != nil {
		o.leg.open--
		f.forget(o.leg)
	}
	return o
}

// Answered takes a response that goes out. It returns the INVITE that a 2xx answers, where that begins a dialog or
// gives one a new target.
func (f *front) Answered(r *signal.Response) (invite *signal.Request) {
	if r.Provisional() {
		return nil
	}
	o := f.open[r.Request]
	if o != nil && o.leg != nil && r.Success() && o.leg.shadow != nil {
		switch r.Method {
		case signal.BYE:
			o.leg.shadow = nil
		case signal.UPDATE:
			o.leg.follow(o.request)
		}
	}
	f.take(r.Request)
	if o == nil || !r.Success() || r.Method != signal.INVITE {
		return nil
	}
	return o.request
}

// follow takes the peer's new target, and the flow that it uses now.
func (l *fronted) follow(r *signal.Request) {
	l.shadow.Refresh(r.Contacts)
	if !r.Origin.Flow.IsZero() {
		l.flow = r.Origin.Flow
	}
}

// Hold keeps a shadow of the dialog that a received INVITE and its 2xx have made or renewed.
func (f *front) Hold(leg string, invite *signal.Request, answer *signal.Response) (watch bool) {
	l, fresh := f.leg(leg)
	if l == nil {
		return false
	}
	if l.shadow == nil {
		l.shadow = dialog.ServerShadow(invite, answer)
	}
	l.follow(invite)
	return fresh
}

// Sent takes a request that a leg sends.
func (f *front) Sent(leg string, r *signal.Request, flow signal.Flow) (watch bool) {
	if r.Method == signal.INVITE && !r.InDialog() {
		l, fresh := f.leg(leg)
		if l != nil {
			l.sent++
			f.sent[r.ID] = &sent{invite: r, flow: flow, leg: l}
		}
		return fresh
	}
	l := f.legs[leg]
	if l == nil || l.shadow == nil || !l.shadow.Holds(r) {
		return false
	}
	l.shadow.Sent(r)
	l.flow = flow
	if r.Method == signal.BYE {
		l.shadow = nil
		f.forget(l)
	}
	return false
}

// Heard takes a response to what a leg sent. One that nobody waits for any more is dealt with.
func (f *front) Heard(leg string, r *signal.Response) []farewell {
	if r.Provisional() {
		return nil
	}
	s := f.sent[r.Request]
	if s == nil {
		if l := f.legs[leg]; l != nil && l.shadow != nil && r.Success() && (r.Method == signal.INVITE || r.Method == signal.UPDATE) {
			l.shadow.Refresh(r.Contacts)
		}
		return nil
	}
	delete(f.sent, r.Request)
	s.leg.sent--
	defer f.forget(s.leg)
	switch {
	case !r.Success():
		return nil
	case s.lost: // it crossed our CANCEL
		d := dialog.ClientShadow(s.invite, r)
		return []farewell{say{d.ACK(f.name(), s.invite), s.flow}, say{d.BYE(f.name(), memberLost), s.flow}}
	case s.leg.shadow == nil:
		s.leg.shadow, s.leg.flow = dialog.ClientShadow(s.invite, r), s.flow
	}
	return nil
}

// name is that of a request of our own.
func (f *front) name() string {
	f.serial++
	return "front." + strconv.FormatUint(f.serial, 10)
}

// Gone takes the end of a leg. lost: it could not end its dialog itself.
func (f *front) Gone(leg string, lost bool) (out []farewell) {
	l := f.legs[leg]
	if l == nil {
		return nil
	}
	if l.open > 0 {
		for id, o := range f.open {
			if o.leg == l {
				delete(f.open, id)
				out = append(out, refuse{o.refusal(lost)})
			}
		}
		l.open = 0
	}
	if l.sent > 0 {
		for id, s := range f.sent {
			if s.leg == l && !s.lost {
				s.lost = true
				out = append(out, withdraw{id})
			}
		}
	}
	if l.shadow != nil && lost {
		out = append(out, say{l.shadow.BYE(f.name(), memberLost), l.flow})
	}
	l.shadow = nil
	f.forget(l)
	return out
}

// refusal answers a request whose leg is gone. In a dialog, that is gone with it.
func (o *received) refusal(lost bool) *signal.Response {
	r := answer(o.request, o.status, "")
	if lost {
		r.Headers = signal.Headers{{Name: "Reason", Value: memberLost}}
	}
	return r
}
