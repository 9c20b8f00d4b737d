package router

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/acttest"
	"tandem/actors/acttest/company"
	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/conf"
	"tandem/signal"
)

// house is one of several members whose routers are real.
type house struct {
	member  *cluster.Member
	ingress *Ingress
	edge    *wire
	legs    *acttest.Probes
	named   *acttest.Probes
	end     func() // to the others all its actors are gone without a word

	accounts *acttest.Probes
}

// newHouses makes members: m1 has its legs made by the others.
func newHouses(t *testing.T, n int) []*house {
	t.Helper()
	houses, log := make([]*house, n), slog.New(slog.DiscardHandler)
	limits := func() conf.Routing { return conf.Routing{MaxForks: 4, MaxForwards: 3, RingTimeout: time.Minute} }
	var all []*cluster.Member
	for i := range n {
		h := &house{edge: newWire(), legs: acttest.NewProbes(), named: acttest.NewProbes(), accounts: acttest.NewProbes()}
		h.member = cluster.New(cluster.Options{Name: fmt.Sprint("m", i+1), Key: []byte("key"), Mailbox: 1000, Log: log,
			Kinds: []cluster.Kind{{Name: "edge", Keeps: true}, {Name: "signal"}, {Name: "leg", Roams: true, Make: h.legs.Make},
				{Name: "account", Make: h.accounts.Make}, {Name: "named", Make: h.named.Make}}})
		h.end = sync.OnceFunc(h.member.Stop)
		t.Cleanup(h.end)
		h.ingress = NewIngress(h.member, newWorld(), &signal.Policy{Table: table}, log)
		h.member.Introduce("edge", h.ingress.MakeEdge(func() signal.Edge { return h.edge }))
		h.member.Introduce("signal", h.ingress.MakeSignal(limits, func() time.Duration { return time.Minute }, log))
		h.member.Unheard(h.ingress.Unheard)
		houses[i], all = h, append(all, h.member)
	}
	company.Meet(t, all...)
	for i, h := range houses {
		if err := h.ingress.StartEdges(); err != nil {
			t.Fatal(err)
		}
		word := conf.LocallyForOthers
		if i == 0 {
			word = conf.Remotely
		}
		h.member.SetPlacement(cluster.Placement{CallLegs: word})
		h.member.Describe(func(m *msg.Member) { m.CallLegs = word })
		h.ingress.SetRemote(func(member string, serial uint64) *actor.PID {
			pid, _ := h.member.Remote(member, "edge", serial)
			return pid
		})
	}
	acttest.Until(t, "the first one knows who makes legs for it", func() bool {
		return len(houses[0].member.Society().Willing.GetMembers()) == n-1
	})
	return houses
}

func (h *house) leg(t *testing.T) (*acttest.Probe, *msg.LegStart) {
	t.Helper()
	p := h.legs.Next(t)
	return p, acttest.Await[*msg.LegStart](t, p)
}

// speak has a leg say something to an actor, as from its own process.
func speak(t *testing.T, p *acttest.Probe, to *actor.PID, m any) {
	t.Helper()
	to = actor.NewPID(to.Address, to.Id)
	p.Do(t, func(ctx actor.Context) { ctx.Send(to, m) })
}

func take[T any](t *testing.T, what string, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(5 * time.Second):
		t.Fatalf("waited in vain for %s", what)
	}
	return v
}

// phone is the flow of a phone at a member.
func phone(member string) signal.Flow { return signal.Flow{Edge: member, Transport: "UDP"} }

func invite(t testing.TB, id, flow string) *signal.Request {
	return &signal.Request{ID: id, Method: signal.INVITE, CallID: "call-" + id, CSeq: 7, MaxForwards: 70,
		URI: uri(t, "sip:9196@t.local"), To: signal.Party{URI: uri(t, "sip:9196@t.local")},
		From:     signal.Party{URI: uri(t, "sip:1000@t.local")}.WithTag("phone-" + id),
		Contacts: []signal.Party{{URI: uri(t, "sip:"+id+"@192.0.2.7")}}, Origin: signal.Origin{Flow: phone(flow)}}
}

// accept has a leg answer the INVITE that it was made for.
func (h *house) accept(t *testing.T, p *acttest.Probe, start *msg.LegStart) {
	t.Helper()
	r := start.Incoming.Request.Signal()
	ok := &signal.Response{Request: r.ID, Method: signal.INVITE, Status: 200, To: r.To.WithTag(h.member.Handler(p.PID))}
	speak(t, p, start.Incoming.Edge, &msg.SignalRespond{Response: msg.FromResponse(ok)})
	speak(t, p, start.Owner, &msg.LegAnswered{Leg: p.PID})
}

// send has a leg send a request over the flow of a phone.
func (h *house) send(t *testing.T, p *acttest.Probe, r *signal.Request, flow string) {
	t.Helper()
	speak(t, p, h.ingress.EdgeOf(phone(flow), r.CallID), &msg.SignalSend{Request: msg.FromRequest(r),
		Flow: msg.FromFlow(phone(flow)), Owner: actor.NewPID(p.PID.Address, p.PID.Id)})
}

// A member dies with the legs of calls, each at another point of its life. The front ends them all.
func TestFrontSaysGoodbyeForALostMember(t *testing.T) {
	houses := newHouses(t, 2)
	front, far := houses[0], houses[1]

	// Answered: the phone gets BYE.
	front.ingress.Receive(invite(t, "answered", "m1"))
	answered, start := far.leg(t)
	far.accept(t, answered, start)
	take(t, "the answer", front.edge.responses)
	// The same with a request of the phone that is never answered.
	front.ingress.Receive(invite(t, "asking", "m1"))
	asking, start := far.leg(t)
	far.accept(t, asking, start)
	tag := take(t, "the answer", front.edge.responses).To.Tag()
	info := invite(t, "asking", "m1")
	info.ID, info.Method, info.To = "info", signal.INFO, info.To.WithTag(tag)
	if !front.ingress.Deliver(info) {
		t.Error("a leg elsewhere is not found")
	}
	acttest.Await[*msg.SignalRequest](t, asking)
	// Ended by its leg, and by the end of it: nothing is left to be said.
	front.ingress.Receive(invite(t, "over", "m1"))
	over, start := far.leg(t)
	far.accept(t, over, start)
	tag = take(t, "the answer", front.edge.responses).To.Tag()
	far.send(t, over, &signal.Request{ID: "bye", Method: signal.BYE, CallID: "call-over", CSeq: 1,
		From: start.Incoming.Request.Signal().To.WithTag(tag), To: start.Incoming.Request.Signal().From}, "m1")
	if r := take(t, "the leg's BYE", front.edge.requests); r.request.ID != "bye" {
		t.Errorf("sent %v", r.request)
	}
	front.ingress.Receive(invite(t, "stopped", "m1"))
	stopped, start := far.leg(t)
	far.accept(t, stopped, start)
	take(t, "the answer", front.edge.responses)
	acttest.Until(t, "three dialogs are known", func() bool { return front.known() == 3 })
	stopped.Stop(t)
	acttest.Until(t, "one of them is gone", func() bool { return front.known() == 2 })
	// Not answered yet.
	front.ingress.Receive(invite(t, "ringing", "m1"))
	far.leg(t)
	// Processed by the other member for this one's flow, as the farm does.
	far.ingress.Receive(invite(t, "farm", "m1"))
	farm, start := far.leg(t)
	far.accept(t, farm, start)
	take(t, "the answer", far.edge.responses)
	// Called by us: rings, and answered.
	for _, id := range []string{"calling", "called"} {
		pid, err := far.member.Spawn("leg", &msg.LegStart{})
		if err != nil {
			t.Fatal(err)
		}
		p, _ := far.leg(t)
		out := &signal.Request{ID: id, Method: signal.INVITE, CallID: id, CSeq: 1, URI: uri(t, "sip:"+id+"@192.0.2.7"),
			From: party(t, "us", far.member.Handler(pid)), To: party(t, id, "")}
		far.send(t, p, out, "m1")
		sent := take(t, "the INVITE", front.edge.requests)
		status := map[string]int{"calling": 180, "called": 200}[id]
		sent.answered(&signal.Response{Request: id, Method: signal.INVITE, Status: status, To: party(t, id, "tag")})
		if r := acttest.Await[*msg.SignalResponse](t, p); int(r.Response.Status) != status {
			t.Errorf("the leg heard %v", r)
		}
		if id == "calling" {
			defer func() {
				sent.answered(&signal.Response{Request: id, Method: signal.INVITE, Status: 200, To: party(t, id, "tag")})
				if ack, bye := take(t, "ACK", front.edge.requests).request, take(t, "BYE", front.edge.requests).request; ack.Method != signal.ACK ||
					bye.Method != signal.BYE {
					t.Errorf("a late 2xx is answered by %s and %s", ack.Method, bye.Method)
				}
				front.quiet(t)
			}()
		}
	}
	acttest.Until(t, "all is known", func() bool { return front.known() == 6 })

	far.end()
	for byes := map[string]bool{}; len(byes) < 4; {
		r := take(t, "a BYE", front.edge.requests).request
		if r.Method != signal.BYE || r.CSeq < 2 || r.Headers.Get("Reason") != reason || r.To.Tag() == "" || r.From.Tag() == "" {
			t.Errorf("sent %+v", r)
		}
		byes[r.URI.User] = true
		if !strings.Contains("answered asking farm called", r.URI.User) {
			t.Errorf("BYE to %s", r.URI)
		}
	}
	if c := take(t, "CANCEL", front.edge.cancels); c != "calling "+reason {
		t.Errorf("cancelled %s", c)
	}
	for want := map[string]int{"info": 481, "ringing": 503}; len(want) > 0; {
		r := take(t, "a refusal", front.edge.responses)
		if status, ok := want[r.Request]; ok && r.Status != status {
			t.Errorf("%d to %s", r.Status, r.Request)
		}
		delete(want, r.Request)
	}
	acttest.Until(t, "no Signal is left", func() bool { return front.member.Alive("signal") == 0 })
	if front.ingress.invites.owner("ringing") != nil {
		t.Error("the INVITE that was not answered is remembered")
	}
	if len(front.edge.requests) != 0 {
		t.Errorf("sent %+v too", take(t, "", front.edge.requests).request)
	}
}

// known is how many legs of others the member knows.
func (h *house) known() int {
	f := &h.ingress.fronts
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.front.legs)
}

// quiet checks that nothing is kept.
func (h *house) quiet(t *testing.T) {
	t.Helper()
	f := &h.ingress.fronts
	f.mu.Lock()
	defer f.mu.Unlock()
	f.front.empty(t)
}

// What finds nobody on the member where it was sent is refused by the edge that it came by. A leg that has ended is
// known there alone.
func TestRequestForALegElsewhereThatIsOver(t *testing.T) {
	houses := newHouses(t, 2)
	front, far := houses[0], houses[1]
	front.ingress.Receive(invite(t, "q", "m1"))
	leg, start := far.leg(t)
	far.accept(t, leg, start)
	tag := take(t, "the answer", front.edge.responses).To.Tag()
	leg.Stop(t)
	r := invite(t, "q", "m1")
	r.ID, r.Method, r.To = "bye", signal.BYE, r.To.WithTag(tag)
	if !front.ingress.Deliver(r) {
		t.Fatal("not taken")
	}
	if got := take(t, "481", front.edge.responses); got.Request != "bye" || got.Status != 481 {
		t.Errorf("answered %+v", got)
	}
	r.ID, r.Method = "ack", signal.ACK
	front.ingress.Deliver(r)
	r = invite(t, "q", "m1")
	r.ID, r.To = "reinvite", r.To.WithTag(tag)
	front.ingress.Deliver(r)
	for got := (&signal.Response{}); got.Request != "reinvite"; { // the front may have repeated the first one
		if got = take(t, "481", front.edge.responses); got.Status != 481 {
			t.Errorf("answered %+v", got)
		}
	}
	acttest.Until(t, "nothing is known", func() bool { return front.known() == 0 })
}

// The edge that a leg uses sends over a flow of its own member's, or has the other member do it; what that held by
// connections is out of reach when it is gone, and what it sent datagrams to is not.
func TestRequestOverAFlowElsewhere(t *testing.T) {
	houses := newHouses(t, 2)
	near, far := houses[0], houses[1]
	pid, err := far.member.Spawn("leg", &msg.LegStart{})
	if err != nil {
		t.Fatal(err)
	}
	p, _ := far.leg(t)
	info := &signal.Request{ID: "i", Method: signal.INFO, CallID: "c", URI: uri(t, "sip:x@192.0.2.7"), To: party(t, "x", "t")}
	send := func(flow signal.Flow) {
		speak(t, p, far.ingress.Edge("c"), &msg.SignalSend{Request: msg.FromRequest(info), Flow: msg.FromFlow(flow), Owner: pid})
	}
	send(phone("m1"))
	if r := take(t, "the request", near.edge.requests); r.request.ID != "i" {
		t.Errorf("sent %+v", r.request)
	}
	near.end()
	send(signal.Flow{Edge: "m1", Transport: "TCP", Conn: 3})
	if r := acttest.Await[*msg.SignalResponse](t, p).Response; r.Status != 503 || !r.Local || r.Request != "i" {
		t.Errorf("heard %v", r)
	}
	send(phone("m1"))
	if r := take(t, "the request", far.edge.requests); r.request.ID != "i" || !r.flow.IsZero() {
		t.Errorf("sent %+v by %+v", r.request, r.flow)
	}
}

// The member dies with the caller's leg and the leg that rings for it: the Signal answers, whatever the front does.
func TestSignalAnswersForALostMember(t *testing.T) {
	houses := newHouses(t, 2)
	front, far := houses[0], houses[1]
	front.ingress.SetFronts(0)
	r := invite(t, "q", "m1")
	r.URI, r.To = uri(t, "sip:1001@t.local"), signal.Party{URI: uri(t, "sip:1001@t.local")}
	front.ingress.Receive(r)
	caller, start := far.leg(t)
	speak(t, caller, start.Owner, &msg.LegReady{Leg: caller.PID, Codecs: []string{"PCMU"}})
	far.leg(t) // the device's, beside the caller's
	far.end()
	if got := take(t, "the refusal", front.edge.responses); got.Request != "q" || got.Status != 503 {
		t.Errorf("answered %+v", got)
	}
	acttest.Until(t, "no Signal is left", func() bool { return front.member.Alive("signal") == 0 })
}

// Of all members only the owner of an account tells it that a member is gone with its connections.
func TestOnlyTheOwnerTellsOfALostMember(t *testing.T) {
	houses := newHouses(t, 2)
	before := time.Now().Add(-time.Second)
	aors := []signal.AOR{"1000@t.local", "1001@t.local", "1002@t.local", "1003@t.local", "1010@t.local", "1011@t.local"}
	for _, h := range houses {
		for _, aor := range aors {
			h.ingress.directory.(world).contacts[aor] = []signal.Contact{{Flow: signal.Flow{Edge: "m9", Transport: "WS", Conn: 1}}}
		}
		h.ingress.memberLost("m9", before)
	}
	told := 0
	for _, h := range houses {
		mine := 0
		for _, aor := range aors {
			if owner, ok := h.member.Owner("account", string(aor)); ok && owner == h.member.Name() {
				mine++
			}
		}
		for range mine {
			m := acttest.Await[*msg.AccountLost](t, h.accounts.Next(t))
			if m.Flow.Edge != "m9" || m.BeforeMs != before.UnixMilli() {
				t.Errorf("told %v", m)
			}
		}
		told += mine
		if n := h.member.Alive("account"); n != mine {
			t.Errorf("%s tells %d accounts and owns %d", h.member.Name(), n, mine)
		}
	}
	if told != len(aors) {
		t.Errorf("%d of %d accounts were told", told, len(aors))
	}
}
