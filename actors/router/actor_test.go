package router

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/acttest"
	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/conf"
	"tandem/signal"
	"tandem/sip/farm"
)

// lab is a member whose router is real, and whose legs and accounts are probes.
type lab struct {
	*testing.T
	member    *cluster.Member
	ingress   *Ingress
	legs      *acttest.Probes
	accounts  *acttest.Probes
	tasks     *acttest.Probes
	named     *acttest.Probes
	edge      *wire
	limits    conf.Routing
	lastWords time.Duration
}

// wire is an edge that keeps what it is asked for.
type wire struct {
	responses chan *signal.Response
	requests  chan sending
	cancels   chan string
	packets   chan farm.Packet
}

type sending struct {
	request  *signal.Request
	flow     signal.Flow
	answered func(*signal.Response)
}

func (w *wire) Send(r *signal.Request, flow signal.Flow, answered func(*signal.Response)) {
	w.requests <- sending{r, flow, answered}
}
func (w *wire) Cancel(id, reason string)   { w.cancels <- id + " " + reason }
func (w *wire) Respond(r *signal.Response) { w.responses <- r }

// kinds changes the kinds of a lab before it begins.
type kinds func(map[string]*cluster.Kind)

func newLab(t *testing.T, d signal.Directory, change ...kinds) *lab {
	t.Helper()
	l := &lab{T: t, legs: acttest.NewProbes(), accounts: acttest.NewProbes(), tasks: acttest.NewProbes(),
		edge: newWire(), lastWords: time.Minute,
		limits: conf.Routing{MaxForks: 4, MaxForwards: 3, RingTimeout: time.Minute}}
	all := map[string]*cluster.Kind{"edge": {}, "signal": {},
		"leg":     {Make: l.legs.Make, Dismiss: func() proto.Message { return &msg.LegHangup{Status: 503} }},
		"account": {Make: l.accounts.Make},
		"task":    {Make: l.tasks.Make}, "named": {}}
	for _, f := range change {
		f(all)
	}
	o := cluster.Options{Name: "m1", Key: []byte("key"), Mailbox: 10, Log: slog.New(slog.DiscardHandler)}
	for _, name := range []string{"edge", "signal", "leg", "account", "task", "named", "trunk"} {
		if all[name] == nil {
			continue
		}
		all[name].Name = name
		o.Kinds = append(o.Kinds, *all[name])
	}
	l.member = cluster.New(o)
	t.Cleanup(l.member.Stop)
	l.ingress = NewIngress(l.member, d, &signal.Policy{Table: table}, o.Log)
	l.member.Introduce("edge", l.ingress.MakeEdge(func() signal.Edge { return l.edge }))
	l.member.Introduce("signal", l.ingress.MakeSignal(func() conf.Routing { return l.limits }, func() time.Duration { return l.lastWords }, o.Log))
	l.named = acttest.NewProbes()
	l.member.Introduce("named", l.named.Make)
	if err := l.ingress.StartEdges(); err != nil {
		t.Fatal(err)
	}
	return l
}

func limit(kind string, n int) kinds {
	return func(all map[string]*cluster.Kind) { all[kind].Limit = n }
}

// call lets a caller call a number.
func (l *lab) call(id, to string) *signal.Request {
	r := l.invite(id, to)
	l.ingress.Receive(r)
	return r
}

// invite is an INVITE to a number.
func (l *lab) invite(id, to string) *signal.Request {
	return &signal.Request{ID: id, Method: signal.INVITE, CallID: "call-" + id, MaxForwards: 70,
		URI: uri(l, "sip:"+to+"@t.local"), To: signal.Party{URI: uri(l, "sip:"+to+"@t.local")},
		From: signal.Party{URI: uri(l, "sip:1000@t.local")}}
}

// leg is the next leg that was placed, with its work.
func (l *lab) leg() (*acttest.Probe, *msg.LegStart) {
	l.Helper()
	p := l.legs.Next(l)
	return p, acttest.Await[*msg.LegStart](l, p)
}

// ringing lets a caller call a number and its leg be ready; it returns that and the first device's leg.
func (l *lab) ringing(id, to string) (caller, device *acttest.Probe, start *msg.LegStart) {
	l.Helper()
	l.call(id, to)
	caller, first := l.leg()
	l.member.Send(first.Owner, &msg.LegReady{Leg: caller.PID, Codecs: []string{"PCMU"}})
	device, start = l.leg()
	return caller, device, start
}

func (l *lab) response() *signal.Response {
	l.Helper()
	select {
	case r := <-l.edge.responses:
		return r
	case <-time.After(5 * time.Second):
		l.Fatal("nothing was answered")
	}
	return nil
}

// quiet checks that no Signal is left and no INVITE is remembered.
func (l *lab) quiet() {
	l.Helper()
	acttest.Until(l, "no Signal lives", func() bool { return l.member.Alive("signal") == 0 })
	acttest.Until(l, "no INVITE is remembered", func() bool {
		empty := true
		l.ingress.invites.m.Range(func(any, any) bool { empty = false; return false })
		return empty
	})
	if s := l.member.Snapshot()[1]; s.Crashed != 0 {
		l.Errorf("%d Signals crashed", s.Crashed)
	}
}

// answered answers the INVITE as the caller's leg would do.
func (l *lab) answered(id string, status int) {
	l.member.Send(l.ingress.Edge("call-"+id), &msg.SignalRespond{Response: msg.FromResponse(
		&signal.Response{Request: id, Method: signal.INVITE, Status: status})})
	l.response()
}

func TestCallFromPhoneToPhone(t *testing.T) {
	l := newLab(t, newWorld())
	caller, device, start := l.ringing("q", "1001")
	signalPID := start.Owner
	if start.Branch != 1 || start.Outgoing.Account != "1001@t.local" || start.Outgoing.Codecs[0] != "PCMU" {
		t.Errorf("the device's leg was told %v", start)
	}
	l.member.Send(signalPID, &msg.LegProgressed{Leg: device.PID, Branch: 1, Status: 183, Early: true, Stream: "s"})
	early := acttest.Await[*msg.LegProgress](t, caller)
	if !early.Partner.Equal(device.PID) || early.Stream != "s" {
		t.Errorf("early media of %v", early)
	}
	l.member.Send(signalPID, &msg.LegAnswered{Leg: device.PID, Branch: 1, Stream: "s", Codec: "PCMU"})
	accept := acttest.Await[*msg.LegAccept](t, caller)
	bridge := acttest.Await[*msg.LegBridge](t, device)
	if !accept.Partner.Equal(device.PID) || accept.Stream != "s" || accept.Codec != "PCMU" || !bridge.Partner.Equal(caller.PID) {
		t.Errorf("joined by %v and %v", accept, bridge)
	}
	l.answered("q", 200)
	l.member.Send(signalPID, &msg.LegAnswered{Leg: caller.PID})
	l.quiet()
}

// What a device's leg says may come before the host's word that there is such a leg.
func TestFirstWordBeforeSpawned(t *testing.T) {
	l := newLab(t, newWorld())
	fake := l.legs // made by hand below: the host's word never comes by itself
	edge, _ := l.member.Spawn("leg", &msg.LegStart{})
	watcher := fake.Next(t)
	machine, _ := l.member.Spawn("signal", &msg.SignalStart{Call: "c", Caller: watcher.PID, Edge: edge,
		Request: msg.FromRequest(&signal.Request{ID: "q", Method: signal.INVITE, URI: uri(t, "sip:1001@t.local")})})
	device, _ := l.leg()
	// The words of another leg of this Signal, 7, come out of their order; it was never heard of.
	stranger, _ := l.member.Spawn("leg", &msg.LegStart{})
	_ = fake.Next(t)
	l.member.Send(machine, &msg.LegProgressed{Leg: stranger, Branch: 7, Status: 180})
	l.member.Send(machine, &msg.LegAnswered{Leg: device.PID, Branch: 1, Stream: "s", Codec: "PCMU"})
	l.member.Send(machine, &msg.Spawned{Operation: "1", Pid: device.PID})
	if a := acttest.Await[*msg.LegAccept](t, watcher); !a.Partner.Equal(device.PID) {
		t.Errorf("accepted %v", a)
	}
	acttest.Await[*msg.LegBridge](t, device)
	l.quiet()
}

// The other order of the same: words for a leg wait until somebody says where it is.
func TestCancelBeforeTheLegIsKnown(t *testing.T) {
	s := &signalActor{branches: map[signal.BranchID]*branchRef{}}
	l := newLab(t, newWorld())
	s.in = l.ingress
	s.tellCaller(&msg.SignalCancelled{Request: "q"})
	s.tellBranch(1, &msg.LegHangup{Reason: "r"})
	caller, _ := l.member.Spawn("leg", &msg.LegStart{})
	p := l.legs.Next(t)
	ctx := &watches{}
	s.onCaller(ctx, caller)
	s.onCaller(ctx, caller)
	if m := acttest.Await[*msg.SignalCancelled](t, p); m.Request != "q" {
		t.Errorf("the caller's leg was told %v", m)
	}
	s.onBranch(ctx, 1, caller)
	if m := acttest.Await[*msg.LegHangup](t, p); m.Reason != "r" {
		t.Errorf("the branch was told %v", m)
	}
	if len(s.early) != 0 || len(s.branch(1).early) != 0 {
		t.Error("words are kept that were said")
	}
}

// TestCallerIsGone: a member that is lost is so with the caller's leg, whichever leg of the call is heard of first.
func TestCallerIsGone(t *testing.T) {
	caller, beside, elsewhere := actor.NewPID("m2", "leg/1"), actor.NewPID("m2", "leg/2"), actor.NewPID("m3", "leg/1")
	for _, x := range []struct {
		caller *actor.PID
		gone
		want bool
	}{
		{caller, gone{caller, false}, true}, {caller, gone{caller, true}, true}, {caller, gone{beside, false}, false},
		{caller, gone{beside, true}, true}, {caller, gone{elsewhere, true}, false}, {nil, gone{beside, true}, false},
	} {
		a := &signalActor{caller: x.caller}
		if got := a.callerIsGone(&x.gone); got != x.want {
			t.Errorf("caller %v, gone %v, lost %t: %t", x.caller, x.who, x.lost, got)
		}
	}
}

// watches is a context of which nothing is asked but to watch.
type watches struct {
	actor.Context
	whom []*actor.PID
}

func (w *watches) Watch(pid *actor.PID) { w.whom = append(w.whom, pid) }

// TestLegIsMadeTwice: a leg that has spoken before its host did is watched, and one that the host has made since, having taken the
// first one's member for dead, is not wanted.
func TestLegIsMadeTwice(t *testing.T) {
	l := newLab(t, newWorld())
	spawn := func() *acttest.Probe {
		if _, err := l.member.Spawn("leg", &msg.LegStart{}); err != nil {
			t.Fatal(err)
		}
		return l.legs.Next(t)
	}
	s, ctx := &signalActor{in: l.ingress, branches: map[signal.BranchID]*branchRef{}}, &watches{}
	for what, learn := range map[string]func(*actor.PID){
		"the caller's": func(pid *actor.PID) { s.onCaller(ctx, pid) },
		"a branch's":   func(pid *actor.PID) { s.onBranch(ctx, 1, pid) },
	} {
		ctx.whom = nil
		first, second := spawn(), spawn()
		learn(first.PID)
		learn(second.PID)
		learn(first.PID)
		learn(nil)
		if len(ctx.whom) != 1 || !ctx.whom[0].Equal(first.PID) {
			t.Errorf("%s: watched are %v", what, ctx.whom)
		}
		if m := acttest.Await[*msg.LegHangup](t, second); m.Status != 503 {
			t.Errorf("%s: the second was told %v", what, m)
		}
	}
}

func TestCancelled(t *testing.T) {
	l := newLab(t, newWorld())
	caller, device, start := l.ringing("q", "1001")
	l.ingress.Cancelled("nothing", "")
	l.ingress.Cancelled("q", "because")
	if m := acttest.Await[*msg.SignalCancelled](t, caller); m.Request != "q" || m.Reason != "because" {
		t.Errorf("the caller's leg was told %v", m)
	}
	l.answered("q", 487)
	l.member.Send(start.Owner, &msg.LegEnded{Leg: caller.PID, Status: 487})
	if m := acttest.Await[*msg.LegHangup](t, device); m.Reason != signal.ReasonCancelled {
		t.Errorf("the device was told %v", m)
	}
	l.quiet()
	l.ingress.Cancelled("q", "") // its owner is gone
}

// A leg that dies without a word ends the call all the same, and the caller is answered.
func TestCallersLegDies(t *testing.T) {
	l := newLab(t, newWorld())
	caller, device, _ := l.ringing("q", "1001")
	caller.Stop(t)
	acttest.Await[*msg.LegHangup](t, device)
	if r := l.response(); r.Request != "q" || r.Status != 500 {
		t.Errorf("answered %+v", r)
	}
	l.quiet()
}

func TestDevicesLegDies(t *testing.T) {
	l := newLab(t, newWorld())
	caller, device, _ := l.ringing("q", "1001")
	device.Stop(t)
	if m := acttest.Await[*msg.LegReject](t, caller); m.Status != 500 {
		t.Errorf("the caller's leg was told %v", m)
	}
	l.answered("q", 500)
	l.quiet()
}

// One of two devices could not be rung; then the leg of the other one dies.
func TestDeathBesideARefusedBranch(t *testing.T) {
	l := newLab(t, newWorld(), limit("leg", 2))
	caller, device, start := l.ringing("q", "1002") // the third leg, for the mobile, is refused
	if start.Branch != 1 {
		t.Fatalf("the first leg is for branch %d", start.Branch)
	}
	acttest.Until(t, "the leg for the mobile is refused", func() bool { // else it would take the place of the one that dies
		return slices.ContainsFunc(l.member.Snapshot(), func(k cluster.KindSnapshot) bool { return k.Kind == "leg" && k.Refused > 0 })
	})
	device.Stop(t)
	if m := acttest.Await[*msg.LegReject](t, caller); m.Status != 480 && m.Status != 500 {
		t.Errorf("the caller's leg was told %v", m)
	}
	l.answered("q", 500)
	l.quiet()
}

// Termination overtakes what a leg had said before: "busy" must not become "broken", or the call is
// not forwarded as the account wants it.
func TestLastWordsAreHeard(t *testing.T) {
	ended := make(chan struct{})
	legs, made := acttest.NewProbes(), 0
	l := newLab(t, newWorld(), func(all map[string]*cluster.Kind) {
		all["leg"].Make = func() actor.Actor {
			if made++; made == 3 { // the Signal places its second branch, and meanwhile the first one ends
				<-ended
			}
			return legs.Make()
		}
	})
	l.legs = legs
	w := l.ingress.directory.(world)
	w.contacts["1010@t.local"] = append(w.contacts["1010@t.local"], device("mobile", 1000))
	l.call("q", "1010")
	caller, first := l.leg()
	l.member.Send(first.Owner, &msg.LegReady{Leg: caller.PID})
	desk, start := l.leg()
	l.member.Send(first.Owner, &msg.LegRefused{Leg: desk.PID, Branch: start.Branch, Status: 486})
	desk.Stop(t)
	close(ended)
	mobile, start := l.leg()
	l.member.Send(first.Owner, &msg.LegRefused{Leg: mobile.PID, Branch: start.Branch, Status: 480})
	if _, start = l.leg(); start.Outgoing.Account != "1001@t.local" {
		t.Errorf("then %v was rung", start)
	}
}

func TestFullMember(t *testing.T) {
	l := newLab(t, newWorld(), limit("leg", 1), limit("signal", 1))
	l.call("a", "9196")
	_, first := l.leg()
	l.call("b", "9196")
	if r := l.response(); r.Request != "b" || r.Status != 503 || r.Headers.Get("Retry-After") == "" {
		t.Errorf("beside a full house of Signals: %+v", r)
	}
	l.answered("a", 200)
	l.member.Send(first.Owner, &msg.LegAnswered{})
	l.quiet()
	l.call("c", "1001")
	if r := l.response(); r.Request != "c" || r.Status != 503 || r.Headers.Get("Retry-After") == "" ||
		strings.Contains(r.Reason, "cluster") {
		t.Errorf("beside a full house of legs: %+v", r)
	}
	l.quiet()
}

// gate is an actor that takes nothing before it is opened.
type gate struct{ open chan struct{} }

func (g gate) Receive(ctx actor.Context) {
	if _, started := ctx.Message().(*actor.Started); !started {
		<-g.open
	}
}

func TestOverload(t *testing.T) {
	open := make(chan struct{})
	shut := func(all map[string]*cluster.Kind) {
		all["leg"].Make = func() actor.Actor { return gate{open} }
		all["account"].Make = func() actor.Actor { return gate{open} }
	}
	l := newLab(t, newWorld(), shut)
	defer close(open)
	pid, err := l.member.Spawn("leg", &msg.LegStart{})
	if err != nil {
		t.Fatal(err)
	}
	in := func(m signal.Method, n int) *signal.Request {
		return &signal.Request{ID: fmt.Sprint(m, n), Method: m, CallID: "c", CSeq: uint32(n), To: tagged(l.member.Handler(pid)),
			Origin: signal.Origin{Account: "1000@t.local"}}
	}
	const n = 12 // one more than a mailbox takes beside the message that is being looked at
	for i := range n {
		if !l.ingress.Deliver(in(signal.INFO, i)) {
			t.Fatal("a leg that lives is not found")
		}
	}
	if r := l.response(); r.Status != 503 || r.Headers.Get("Retry-After") == "" {
		t.Errorf("a leg with a full mailbox: %+v", r)
	}
	if !l.ingress.Deliver(in(signal.ACK, n)) {
		t.Error("an ACK that finds no room is one to a dialog all the same")
	}
	if !l.ingress.Deliver(in(signal.INVITE, n)) {
		t.Error("a re-INVITE to a full mailbox is nobody's")
	}
	for l.response().Method != signal.INVITE { // beside those to further INFO
	}
	l.quiet()
	for range n {
		l.ingress.Receive(in(signal.REGISTER, n))
	}
	if r := l.response(); r.Status != 503 || r.Method != signal.REGISTER || r.Headers.Get("Retry-After") == "" {
		t.Errorf("an account with a full mailbox: %+v", r)
	}
}

func tagged(tag string) signal.Party { return signal.Party{}.WithTag(tag) }

func TestDeliver(t *testing.T) {
	l, before := newLab(t, newWorld()), newLab(t, newWorld())
	pid, _ := l.member.Spawn("leg", &msg.LegStart{})
	leg := l.legs.Next(t)
	old, _ := before.member.Spawn("leg", &msg.LegStart{})
	right := l.member.Handler(pid)
	gone, _ := l.member.Spawn("leg", &msg.LegStart{})
	l.legs.Next(t).Stop(t)
	acttest.Until(t, "the leg is gone", func() bool { return l.member.Alive("leg") == 1 })
	forged := []byte(right)
	forged[10] ^= 1
	for what, tag := range map[string]string{
		"no tag": "", "a foreign tag": "as7d6f5", "a forged tag": string(forged), "that of an earlier life": before.member.Handler(old),
		"that of a leg that ended": l.member.Handler(gone), "a cut one": right[:29], "a longer one": right + "A",
	} {
		if l.ingress.Deliver(&signal.Request{ID: what, Method: signal.INVITE, To: tagged(tag)}) {
			t.Errorf("%s was taken", what)
		}
	}
	l.quiet()
	if !l.ingress.Deliver(&signal.Request{ID: "q", Method: signal.INVITE, To: tagged(right)}) {
		t.Fatal("the right tag was not taken")
	}
	if m := acttest.Await[*msg.SignalRequest](t, leg); m.Request.Id != "q" || m.Edge == nil {
		t.Errorf("the leg got %v", m)
	}
	l.ingress.Cancelled("q", "because")
	if m := acttest.Await[*msg.SignalCancelled](t, leg); m.Request != "q" || m.Reason != "because" {
		t.Errorf("the leg got %v", m)
	}
}

// Who gets an INVITE may answer it before the ingress has noted whose it is.
func TestAnsweredBeforeItIsOwned(t *testing.T) {
	v := &invites{}
	r := &signal.Request{ID: "q", Method: signal.INVITE}
	v.expect(r)
	v.done(&signal.Response{Request: "q", Method: signal.INVITE, Status: 180})
	v.done(&signal.Response{Request: "q", Method: signal.INVITE, Status: 404})
	v.own(r, actor.NewPID("m1", "signal/0/1"))
	if v.owner("q") != nil {
		t.Error("an INVITE that is answered is remembered")
	}
}

func TestManyRefusedCallsLeaveNothing(t *testing.T) {
	l := newLab(t, newWorld())
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 250 {
				l.call(fmt.Sprint(i, "-", n), "nobody")
			}
		})
	}
	wg.Wait()
	for range 1000 {
		if r := l.response(); r.Status != 404 {
			t.Fatalf("answered %+v", r)
		}
	}
	l.quiet()
}

func TestRegisterGoesToTheAccount(t *testing.T) {
	l := newLab(t, newWorld())
	l.ingress.Receive(&signal.Request{ID: "q", Method: signal.REGISTER, CallID: "c", Origin: signal.Origin{Account: "1000@t.local"}})
	p := l.accounts.Next(t)
	if n := acttest.Await[*cluster.Named](t, p); n.Name != "1000@t.local" {
		t.Errorf("named %q", n.Name)
	}
	if m := acttest.Await[*msg.AccountRegister](t, p); m.Aor != "1000@t.local" || m.Request.Id != "q" || m.Edge == nil {
		t.Errorf("told %v", m)
	}
}

// Requests of one Call-ID go by one edge actor, so what is sent and answered keeps its order.
func TestEdgeKeepsTheOrderOfACall(t *testing.T) {
	l := newLab(t, newWorld())
	used := map[string]bool{}
	for i := range 100 {
		used[l.ingress.Edge(fmt.Sprint("call-", i)).Id] = true
		if a, b := l.ingress.Edge("same"), l.ingress.Edge("same"); !a.Equal(b) {
			t.Fatal("one Call-ID has two edges")
		}
	}
	if len(used) != Edges {
		t.Errorf("a hundred calls use %d of %d edges", len(used), Edges)
	}
	const calls, each = 8, 200
	var wg sync.WaitGroup
	for c := range calls {
		wg.Go(func() {
			edge := l.ingress.Edge(fmt.Sprint("call-", c))
			for n := range each {
				l.member.Send(edge, &msg.SignalRespond{Response: &msg.Response{Request: fmt.Sprint(c), Status: int32(100 + n)}})
			}
		})
	}
	wg.Wait()
	next := map[string]int{}
	for range calls * each {
		r := l.response()
		if r.Status != 100+next[r.Request] {
			t.Fatalf("call %s: %d came as number %d", r.Request, r.Status, next[r.Request])
		}
		next[r.Request]++
	}
}

func TestEdgeSendsAndCancels(t *testing.T) {
	l := newLab(t, newWorld())
	pid, _ := l.member.Spawn("leg", &msg.LegStart{})
	owner := l.legs.Next(t)
	edge := l.ingress.Edge("c")
	l.member.Send(edge, &msg.SignalSend{Owner: pid, Request: msg.FromRequest(&signal.Request{ID: "q", Method: signal.INVITE})})
	l.member.Send(edge, &msg.SignalCancel{Request: "q", Reason: "r"})
	sent := <-l.edge.requests
	if sent.request.ID != "q" {
		t.Errorf("sent %+v", sent.request)
	}
	if c := <-l.edge.cancels; c != "q r" {
		t.Errorf("cancelled %q", c)
	}
	sent.answered(&signal.Response{Request: "q", Status: 487})
	if m := acttest.Await[*msg.SignalResponse](t, owner); m.Response.Status != 487 {
		t.Errorf("the owner got %v", m)
	}
}

func TestMessageToDevices(t *testing.T) {
	l := newLab(t, newWorld())
	message := func(id, to string) {
		l.ingress.Receive(&signal.Request{ID: id, Method: signal.MESSAGE, CallID: "c-" + id, URI: uri(t, "sip:"+to+"@t.local"),
			From: signal.Party{URI: uri(t, "sip:1000@t.local")}, Origin: signal.Origin{Account: "1000@t.local"}, MaxForwards: 70})
	}
	message("q", "1002")
	first, second := <-l.edge.requests, <-l.edge.requests
	if first.request.From.Display != "Number 1000" || first.request.MaxForwards != 69 {
		t.Errorf("sent %+v", first.request)
	}
	second.answered(&signal.Response{Request: "q.1", Method: signal.MESSAGE, Status: 486})
	first.answered(&signal.Response{Request: "q.0", Method: signal.MESSAGE, Status: 100})
	first.answered(&signal.Response{Request: "q.0", Method: signal.MESSAGE, Status: 200})
	if r := l.response(); r.Request != "q" || r.Status != 200 {
		t.Errorf("answered %+v", r)
	}
	for to, status := range map[string]int{"1000": 480, "nobody": 404, "9196": 480} {
		message(to, to)
		if r := l.response(); r.Status != status {
			t.Errorf("MESSAGE to %s is answered %d, want %d", to, r.Status, status)
		}
	}
	l.quiet()
}

// A message of which nothing more is heard is answered.
func TestMessageThatIsLost(t *testing.T) {
	w := newWorld()
	l := newLab(t, w)
	l.lastWords = time.Millisecond // it waits as long as it is told, and no longer
	session := l.session()
	w.contacts["1001@t.local"] = []signal.Contact{{URI: uri(l, "sip:1001@s.invalid"),
		Flow: signal.Flow{Edge: "m1", Transport: signal.XIMSS, Session: l.member.Handler(session.PID), Conn: 1}}}
	l.ingress.Receive(&signal.Request{ID: "m", Method: signal.MESSAGE, CallID: "c", MaxForwards: 70, URI: uri(l, "sip:1001@t.local"),
		From: signal.Party{URI: uri(l, "sip:1000@t.local")}, Origin: signal.Origin{Account: "1000@t.local"}})
	acttest.Await[*msg.SignalSend](t, session)
	if r := l.response(); r.Request != "m" || r.Status != 480 {
		t.Errorf("answered %+v", r)
	}
	l.quiet()
}

// broken is a directory that fails for one number.
type broken struct{ world }

func (b broken) Contacts(a signal.AOR) []signal.Contact {
	if a == "1001@t.local" {
		panic("told to")
	}
	return b.world.Contacts(a)
}

// A Signal that panics leaves nobody waiting.
func TestSignalCrashes(t *testing.T) {
	l := newLab(t, broken{newWorld()})
	l.ingress.Receive(&signal.Request{ID: "m", Method: signal.MESSAGE, CallID: "c", URI: uri(t, "sip:1001@t.local")})
	if r := l.response(); r.Request != "m" || r.Status != 500 {
		t.Errorf("answered %+v", r)
	}
	l.call("q", "1001")
	caller, start := l.leg()
	caller.Do(t, func(ctx actor.Context) { ctx.Watch(start.Owner) })
	l.member.Send(start.Owner, &msg.LegReady{Leg: caller.PID})
	if gone := acttest.Await[*actor.Terminated](t, caller); !gone.Who.Equal(start.Owner) {
		t.Errorf("%v is gone", gone.Who)
	}
	if r := l.response(); r.Request != "q" || r.Status != 500 {
		t.Errorf("answered %+v", r)
	}
	acttest.Until(t, "no Signal lives", func() bool { return l.member.Alive("signal") == 0 })
}

func TestNobodyAnswers(t *testing.T) {
	l := newLab(t, newWorld())
	l.limits.RingTimeout = time.Millisecond
	caller, device, _ := l.ringing("q", "1001")
	if m := acttest.Await[*msg.LegHangup](t, device); m.Reason != signal.ReasonNoAnswer {
		t.Errorf("the device was told %v", m)
	}
	if m := acttest.Await[*msg.LegReject](t, caller); m.Status != 480 {
		t.Errorf("the caller's leg was told %v", m)
	}
	l.answered("q", 480)
	l.quiet()
}

// In a transfer the leg that looks for somebody goes its way, and the Signal goes too.
func TestTransfer(t *testing.T) {
	l := newLab(t, newWorld())
	pid, _ := l.member.Spawn("leg", &msg.LegStart{})
	party := l.legs.Next(t)
	start := func(to string) {
		_, err := l.member.Spawn("signal", &msg.SignalStart{Call: "c", Caller: pid, Edge: l.ingress.Edge("c"),
			Request: msg.FromRequest(&signal.Request{ID: "q", Method: signal.INVITE, URI: uri(t, "sip:"+to+"@t.local")})})
		if err != nil {
			t.Fatal(err)
		}
	}
	start("1001")
	device, work := l.leg()
	l.member.Send(work.Owner, &msg.LegAnswered{Leg: device.PID, Branch: 1, Stream: "s"})
	acttest.Await[*msg.LegBridge](t, device)
	if m := acttest.Await[*msg.LegAccept](t, party); !m.Partner.Equal(device.PID) {
		t.Errorf("the party got %v", m)
	}
	l.quiet()
	start("9196")
	if m := acttest.Await[*msg.LegRun](t, party); m.Application != "echo" {
		t.Errorf("the party got %v", m)
	}
	l.quiet()
	start("1001")
	device, _ = l.leg()
	party.Stop(t)
	acttest.Await[*msg.LegHangup](t, device)
	l.quiet()
	if len(l.edge.responses) != 0 {
		t.Errorf("answered %+v, which nobody had asked", l.response())
	}
}

// A device is reached by the member that holds its connection. Where that is gone, a device without a connection is
// reached from here.
func TestEdgeOfAFlow(t *testing.T) {
	l := newLab(t, newWorld())
	mine := signal.Flow{Edge: l.member.Name(), Transport: "UDP"}
	if got := l.ingress.EdgeOf(mine, "c"); !got.Equal(l.ingress.Edge("c")) {
		t.Errorf("of our own flow: %v", got)
	}
	if got := l.ingress.EdgeOf(signal.Flow{}, "c"); !got.Equal(l.ingress.Edge("c")) {
		t.Errorf("of none: %v", got)
	}
	if got := l.ingress.EdgeOf(signal.Flow{Edge: "elsewhere", Transport: "UDP"}, "c"); !got.Equal(l.ingress.Edge("c")) {
		t.Errorf("of a datagram's of a member that is gone: %v", got)
	}
	if got := l.ingress.EdgeOf(signal.Flow{Edge: "elsewhere", Transport: "TCP", Conn: 1}, "c"); got != nil {
		t.Errorf("of a connection of a member that is gone: %v", got)
	}
	session := l.session()
	flow := signal.Flow{Edge: "m1", Transport: signal.XIMSS, Session: l.member.Handler(session.PID), Conn: 1}
	if got := l.ingress.EdgeOf(flow, "c"); !got.Equal(session.PID) {
		t.Errorf("of a session: %v", got)
	}
	flow.Session = "forged"
	if got := l.ingress.EdgeOf(flow, "c"); got != nil {
		t.Errorf("of no session: %v", got)
	}
}

// session is an actor in place of a session.
func (l *lab) session() *acttest.Probe {
	if _, err := l.member.Spawn("task", &msg.TaskKill{}); err != nil {
		l.Fatal(err)
	}
	return l.tasks.Next(l)
}

// A session's requests are admitted as a phone's, and answered to the session.
func TestSessionBegins(t *testing.T) {
	w := newWorld()
	w.accounts["off@t.local"] = signal.Account{AOR: "off@t.local", Disabled: true}
	l := newLab(t, w)
	session := l.session()
	ask := func(m signal.Method, account, to string) (*actor.PID, *signal.Refusal) {
		return l.ingress.Begin(&signal.Request{ID: "r", Method: m, CallID: "c", MaxForwards: 70, URI: uri(l, "sip:"+to),
			From: signal.Party{URI: uri(l, "sip:"+account)}, To: signal.Party{URI: uri(l, "sip:"+to)},
			Origin: signal.Origin{Account: signal.AOR(account)}}, session.PID)
	}
	if _, refused := ask(signal.INVITE, "off@t.local", "1001@t.local"); refused == nil || refused.Status != 403 {
		t.Errorf("a disabled account: %+v", refused)
	}
	if _, refused := ask(signal.REGISTER, "1000@t.local", "1001@t.local"); refused == nil || refused.Status != 403 {
		t.Errorf("another's registration: %+v", refused)
	}
	if pid, refused := ask(signal.INVITE, "1000@t.local", "nobody@t.local"); pid == nil || refused != nil {
		t.Errorf("a call: %v, %+v", pid, refused)
	}
	if m := acttest.Await[*msg.SignalRespond](t, session); m.Response.Status != 404 || m.Response.Request != "r" {
		t.Errorf("answered %+v", m.Response)
	}
	if _, refused := ask(signal.REGISTER, "1000@t.local", "1000@t.local"); refused != nil {
		t.Errorf("its registration: %+v", refused)
	}
	if m := acttest.Await[*msg.AccountRegister](t, l.accounts.Next(t)); !m.Edge.Equal(session.PID) {
		t.Errorf("answered to %v", m.Edge)
	}
}

// A session that takes no calls is not rung, one that takes no messages is not told.
func TestDevicesThatTakeNoCalls(t *testing.T) {
	w := newWorld()
	w.contacts["1001@t.local"] = []signal.Contact{{Methods: "MESSAGE"}, {Methods: "INVITE, MESSAGE"}, {}}
	s := newSignal(&signal.Request{}, table, w, signal.ForkLimits{}, time.Now, slog.New(slog.DiscardHandler))
	if n := len(s.devices("1001@t.local")); n != 2 {
		t.Errorf("%d devices take calls", n)
	}
}

// A message for a session that has ended is answered for it.
func TestMessageForASessionThatIsGone(t *testing.T) {
	w := newWorld()
	l := newLab(t, w)
	session := l.session()
	w.contacts["1001@t.local"] = []signal.Contact{{URI: uri(l, "sip:1001@s.invalid"),
		Flow: signal.Flow{Edge: "m1", Transport: signal.XIMSS, Session: l.member.Handler(session.PID), Conn: 1}}}
	send := func() {
		l.ingress.Receive(&signal.Request{ID: "m", Method: signal.MESSAGE, CallID: "c", MaxForwards: 70, URI: uri(l, "sip:1001@t.local"),
			From: signal.Party{URI: uri(l, "sip:1000@t.local")}, To: signal.Party{URI: uri(l, "sip:1001@t.local")},
			Origin: signal.Origin{Account: "1000@t.local"}})
	}
	send()
	m := acttest.Await[*msg.SignalSend](t, session)
	l.member.Send(m.Owner, &msg.SignalResponse{Response: &msg.Response{Request: m.Request.Id, Method: "MESSAGE", Status: 200}})
	if r := l.response(); r.Status != 200 {
		t.Errorf("answered %d", r.Status)
	}
	send()
	acttest.Await[*msg.SignalSend](t, session)
	session.Stop(t)
	if r := l.response(); r.Status != 480 {
		t.Errorf("answered %d", r.Status)
	}
	send()
	if r := l.response(); r.Status != 480 {
		t.Errorf("answered %d", r.Status)
	}
}
