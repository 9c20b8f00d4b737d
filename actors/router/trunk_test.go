package router

import (
	"log/slog"
	"net/netip"
	"slices"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/signal"
)

// carriers is a table with two trunks for the world, and one by which another PBX calls.
func carriers() *signal.Table {
	networks := []netip.Prefix{netip.MustParsePrefix("10.9.0.0/16")}
	return table.WithTrunks(signal.NewTrunkTable([]signal.Trunk{
		{Name: "a", Domain: "a.example", Patience: 4 * time.Second, Targets: []signal.TrunkTarget{
			{Name: "a1", Host: "10.0.0.1", Transport: "udp"}, {Name: "a2", Host: "10.0.0.2", Port: 5070, Transport: "tcp"}}},
		{Name: "b", Caller: "+4989700", Targets: []signal.TrunkTarget{{Name: "b1", Host: "10.0.0.3", Transport: "udp"}}},
		{Name: "pbx", Networks: networks, Trusted: true},
		{Name: "login", Login: "gw@t.local"},
	}, []signal.TrunkNumber{{Match: "00n.", Trunks: []string{"a", "b"}, Strip: 2, Prepend: "+"},
		{Match: "09.", Trunks: []string{"a"}, Callers: []string{"1001@t.local"}},
		{Match: "112", Trunks: []string{"b"}, Emergency: true}}, nil))
}

// trunkLab is a lab with carriers, whose trunks are probes.
func trunkLab(t *testing.T) (*lab, *acttest.Probes) {
	t.Helper()
	trunks := acttest.NewProbes()
	l := newLab(t, newWorld(), func(all map[string]*cluster.Kind) { all["trunk"] = &cluster.Kind{Make: trunks.Make} })
	l.ingress.SetPolicy(&signal.Policy{Table: carriers()})
	return l, trunks
}

// out lets 1000 call a number, and its leg be ready.
func (l *lab) out(id, number string) *acttest.Probe {
	l.Helper()
	r := l.invite(id, number)
	r.Origin.Account = "1000@t.local"
	l.ingress.Receive(r)
	caller, start := l.leg()
	l.member.Send(start.Owner, &msg.LegReady{Leg: caller.PID, Codecs: []string{"PCMU"}})
	return caller
}

// TestCallOverTrunk: a channel is asked for, the first target rung, then the next, then the next trunk; the leg that is
// answered holds the channel.
func TestCallOverTrunk(t *testing.T) {
	l, trunks := trunkLab(t)
	caller := l.out("q", "0049891")
	a := trunks.Next(t)
	ask := acttest.Await[*msg.TrunkSeize](t, a)
	if ask.Incoming || ask.Emergency {
		t.Errorf("asked for %v", ask)
	}
	l.member.Send(ask.Signal, &msg.TrunkSeized{Ask: ask.Ask, Trunk: "a", Channel: 7, Targets: []uint32{1, 0}})
	_, start := l.leg()
	c := start.Outgoing
	if u := c.Contact.Signal().String(); u != "sip:+49891@10.0.0.2:5070;transport=tcp" || start.Trunk != "a" || c.Target != "a2" || c.PatienceMs != 4000 {
		t.Errorf("the first target: %s, %v", u, start)
	}
	if from, to := c.From.Signal().URI.String(), c.To.Signal().URI.String(); from != "sip:1000@a.example" || to != "sip:+49891@a.example" {
		t.Errorf("from %s to %s", from, to)
	}
	l.member.Send(start.Owner, &msg.LegRefused{Branch: 1, Status: 408, Local: true})
	_, start = l.leg()
	if start.Branch != 2 || start.Outgoing.Target != "a1" {
		t.Errorf("the second target: %v", start)
	}
	l.member.Send(start.Owner, &msg.LegRefused{Branch: 2, Status: 503})
	b := trunks.Next(t)
	ask = acttest.Await[*msg.TrunkSeize](t, b)
	l.member.Send(ask.Signal, &msg.TrunkSeized{Ask: ask.Ask, Trunk: "b", Channel: 9, Targets: []uint32{0}})
	callee, start := l.leg()
	if from := start.Outgoing.From.Signal().URI.String(); from != "sip:+4989700@10.0.0.3" || start.Trunk != "b" {
		t.Errorf("the next trunk: from %s, %v", from, start)
	}
	l.member.Send(start.Owner, &msg.LegAnswered{Leg: callee.PID, Branch: 3, Stream: "s", Codec: "PCMU"})
	acttest.Await[*msg.LegAccept](t, caller)
	if held := acttest.Await[*msg.TrunkHeld](t, b); held.Channel != 9 || !held.Leg.Equal(callee.PID) || held.Incoming {
		t.Errorf("held: %v", held)
	}
	l.answered("q", 200)
	l.member.Send(start.Owner, &msg.LegAnswered{Leg: caller.PID})
	l.quiet()
}

// TestRoomForWhoeverCallsHelp: what did not come in as a call for help is one as soon as it goes to such a number; what a leg or
// a Task calls is known as one before.
func TestRoomForWhoeverCallsHelp(t *testing.T) {
	l, trunks := trunkLab(t)
	l.out("q", "112")
	ask := acttest.Await[*msg.TrunkSeize](t, trunks.Next(t))
	l.member.Send(ask.Signal, &msg.TrunkSeized{Ask: ask.Ask, Trunk: "b", Channel: 7, Targets: []uint32{0}})
	if _, start := l.leg(); !start.Urgent {
		t.Errorf("the leg to the carrier is as any other: %v", start)
	}
	for number, want := range map[string]bool{"112": true, "1001": false} {
		at := msg.FromURI(uri(t, "sip:"+number+"@t.local"))
		if got := l.ingress.CallsForHelp(&msg.SignalStart{Request: &msg.Request{Uri: at}}); got != want {
			t.Errorf("a call to %s is one for help: %t", number, got)
		}
		beside := &msg.SignalStart{Request: &msg.Request{Uri: msg.FromURI(uri(t, "sip:1002@t.local"))}, Targets: []*msg.URI{at}}
		if got := l.ingress.CallsForHelp(beside); got != want {
			t.Errorf("a call to %s beside another is one for help: %t", number, got)
		}
	}
}

// TestCallsThatTrunksRefuse: what a caller hears, and that each way is tried.
func TestCallsThatTrunksRefuse(t *testing.T) {
	l, trunks := trunkLab(t)
	caller := l.out("q", "0049891")
	for _, name := range []string{"a", "b"} {
		ask := acttest.Await[*msg.TrunkSeize](t, trunks.Next(t))
		l.member.Send(ask.Signal, &msg.TrunkSeized{Ask: ask.Ask, Trunk: name, Status: 503, Reason: "All channels of the trunk are taken"})
	}
	reject := acttest.Await[*msg.LegReject](t, caller)
	if reject.Status != 503 || reject.Reason != "All channels of the trunk are taken" || len(reject.Headers) != 1 {
		t.Errorf("refused by %v", reject)
	}
	l.answered("q", 503)
	l.quiet()
	// A number that this account may not call is refused before a leg is made, whoever asks for it to be called.
	r := l.invite("r", "0989")
	r.Origin.Account = "1000@t.local"
	l.ingress.Receive(r)
	if res := l.response(); res.Status != 403 {
		t.Errorf("a number of others: %d", res.Status)
	}
	l.quiet()
}

// TestCarriersRefusal: the carrier's word on the number reaches the caller, and no other trunk is tried; what is between
// the carrier and us does not.
func TestCarriersRefusal(t *testing.T) {
	l, trunks := trunkLab(t)
	var a *acttest.Probe
	for i, x := range []struct{ carrier, caller int32 }{{404, 404}, {486, 486}, {603, 603}, {302, 480}} {
		id := string(rune('k' + i))
		caller := l.out(id, "0049891")
		if a == nil {
			a = trunks.Next(t)
		}
		ask := acttest.Await[*msg.TrunkSeize](t, a)
		l.member.Send(ask.Signal, &msg.TrunkSeized{Ask: ask.Ask, Trunk: "a", Channel: 7, Targets: []uint32{0, 1}})
		_, start := l.leg()
		l.member.Send(start.Owner, &msg.LegRefused{Branch: 1, Status: x.carrier, Redirect: msg.FromURI(uri(t, "sip:1001@t.local"))})
		if reject := acttest.Await[*msg.LegReject](t, caller); reject.Status != x.caller {
			t.Errorf("the carrier says %d, the caller hears %d", x.carrier, reject.Status)
		}
		l.answered(id, 480)
	}
	l.quiet()
}

// fromPBX lets the PBX call a number, as somebody.
func (l *lab) fromPBX(id, number, from string, headers ...signal.Header) *signal.Request {
	l.Helper()
	r := l.invite(id, number)
	r.From.URI, r.Headers = uri(l, from), headers
	r.Origin.Flow = signal.Flow{Edge: "m1", Transport: "UDP", Remote: netip.MustParseAddrPort("10.9.0.7:5060")}
	l.ingress.Recognize(r)
	if v := l.ingress.Admit(r); v.Action != signal.Proceed {
		l.Fatalf("a call from the PBX to %s is not admitted: %v", number, v)
	}
	l.ingress.Receive(r)
	return r
}

// TestCallFromTrunk: it gets its channel first, and is shown as whom the trunk asserts, but never by a number of ours.
func TestCallFromTrunk(t *testing.T) {
	l, trunks := trunkLab(t)
	var pbx *acttest.Probe
	for i, x := range []struct{ from, asserted, shown string }{
		{"sip:4711@10.9.0.7", "", "sip:4711@t.local"},
		{"sip:anonymous@anonymous.invalid", "<sip:+49301@10.9.0.7>", "sip:+49301@t.local"},
		{"sip:anonymous@anonymous.invalid", `"Head, office" <sip:+49302@10.9.0.7>, <tel:+49302>`, "sip:+49302@t.local"},
		{"sip:1000@10.9.0.7", "", "sip:1000@pbx.invalid"},
	} {
		id := string(rune('a' + i))
		var headers []signal.Header
		if x.asserted != "" {
			headers = []signal.Header{{Name: "P-Asserted-Identity", Value: x.asserted}}
		}
		l.fromPBX(id, "1001", x.from, headers...)
		if pbx == nil {
			pbx = trunks.Next(t)
		}
		ask := acttest.Await[*msg.TrunkSeize](t, pbx)
		if !ask.Incoming {
			t.Errorf("asked for %v", ask)
		}
		l.member.Send(ask.Signal, &msg.TrunkSeized{Ask: ask.Ask, Trunk: "pbx", Channel: 5})
		caller, first := l.leg()
		if first.Trunk != "pbx" {
			t.Errorf("the caller's leg: %v", first)
		}
		if p := first.Asserted.Signal(); p.URI.String() != x.shown && x.asserted != "" || x.asserted == "" && first.Asserted != nil {
			t.Errorf("the caller's leg is told of %s who asserts %q: %v", x.from, x.asserted, first.Asserted)
		}
		if held := acttest.Await[*msg.TrunkHeld](t, pbx); held.Channel != 5 || !held.Leg.Equal(caller.PID) || !held.Incoming {
			t.Errorf("held: %v", held)
		}
		l.member.Send(first.Owner, &msg.LegReady{Leg: caller.PID, Codecs: []string{"PCMU"}})
		_, start := l.leg()
		if from := start.Outgoing.From.Signal().URI.String(); from != x.shown || start.Trunk != "" {
			t.Errorf("%s who asserts %q is shown as %s", x.from, x.asserted, from)
		}
		l.member.Send(first.Owner, &msg.LegEnded{Leg: caller.PID})
		l.answered(id, 487)
	}
	l.quiet()
}

// TestNumberOfOursInDisguise: a number of ours is known as one however it is written.
func TestNumberOfOursInDisguise(t *testing.T) {
	w := newWorld()
	w.accounts["1001@t.local"] = signal.Account{AOR: "1001@t.local", Number: "+49 (30) 123-4"}
	for _, from := range []string{"+49301234", "+49-30.1234", "%2B49(30)1234", "+49%2030%201234", "1001", "%31001"} {
		s := newSignal(&signal.Request{From: signal.Party{URI: uri(t, "sip:"+from+"@10.9.0.7")}, Origin: signal.Origin{Trunk: "pbx"}},
			carriers(), w, signal.ForkLimits{}, time.Now, slog.New(slog.DiscardHandler))
		if shown := s.identity().URI.Host; shown != "pbx.invalid" {
			t.Errorf("%s is shown as one of %s", from, shown)
		}
	}
}

// TestNameLikeANumberShownToCarrier: the name of an account is shown as it is, else nobody could call it back; what merely looks
// like it is a number.
func TestNameLikeANumberShownToCarrier(t *testing.T) {
	w := newWorld()
	w.accounts["10-20@t.local"], w.accounts["10-30@t.local"] = signal.Account{AOR: "10-20@t.local"}, signal.Account{AOR: "10-30@t.local", Number: "030-1"}
	for from, want := range map[string][2]string{"10-20": {"10-20", "+4989700"}, "10-30": {"0301", "+4989700"}, "1000": {"1000", "+4989700"}} {
		for i, trunk := range []string{"a", "b"} {
			account := signal.AOR(from + "@t.local")
			s := newSignal(&signal.Request{From: signal.Party{URI: address(account)}, Origin: signal.Origin{Account: account}},
				carriers(), w, signal.ForkLimits{}, time.Now, slog.New(slog.DiscardHandler))
			b := signal.BranchStart{Trunk: trunk, Contact: signal.Contact{URI: uri(t, "sip:+49891@10.0.0.1")}}
			if got := s.trunkBranch(b).From.Signal().URI.User; got != want[i] {
				t.Errorf("%s is shown to %s as %s", from, trunk, got)
			}
			if got := s.shownOutside(account, b, "x").User; got != want[0] {
				t.Errorf("%s has forwarded as %s", from, got)
			}
		}
	}
	s := newSignal(&signal.Request{From: signal.Party{URI: uri(t, "sip:10-20@pbx.invalid")}, Origin: signal.Origin{Trunk: "login"}},
		carriers(), w, signal.ForkLimits{}, time.Now, slog.New(slog.DiscardHandler))
	if got := s.carrierUser(uri(t, "sip:10-20@pbx.invalid"), ""); got != "1020" {
		t.Errorf("somebody else's number is shown as %s", got)
	}
}

// TestShownToCarrier: a carrier sees numbers without what is in them to be read better, and names in one line; of a caller that
// wants to be nobody only what is asserted to those who are trusted says who it is.
func TestShownToCarrier(t *testing.T) {
	w := newWorld()
	w.accounts["1000@t.local"] = signal.Account{AOR: "1000@t.local", Number: "+49 (30) 123-4", Display: "Al \"the\"\r\nVia: x"}
	w.accounts["1001@t.local"] = signal.Account{AOR: "1001@t.local", Number: "+49 30 123-5"}
	for privacy, want := range map[string]string{
		"": `"Al \"the\"  Via: x" <sip:+49301234@a.example>` + "\nDiversion: <sip:+49301235@a.example>;reason=user-busy;counter=1\n" +
			"History-Info: <sip:+49301235@a.example?Reason=SIP%3Bcause%3D486>;index=1, <sip:+49891@a.example>;index=1.1;mp=1\n",
		"id": `"Anonymous" <sip:anonymous@anonymous.invalid>` + "\nDiversion: <sip:+49301235@a.example>;reason=user-busy;counter=1\n" +
			"History-Info: <sip:+49301235@a.example?Reason=SIP%3Bcause%3D486>;index=1, <sip:+49891@a.example>;index=1.1;mp=1\n" +
			`P-Asserted-Identity: "Al \"the\"  Via: x" <sip:+49301234@a.example>` + "\nPrivacy: id\n",
	} {
		r := &signal.Request{ID: "q", Method: signal.INVITE, URI: uri(t, "sip:1001@t.local"), MaxForwards: 70,
			From: signal.Party{URI: uri(t, "sip:1000@t.local")}, Origin: signal.Origin{Account: "1000@t.local"},
			Headers: signal.Headers{{Name: "Privacy", Value: privacy}}}
		s := newSignal(r, carriers(), w, signal.ForkLimits{Branches: 4, Forwards: 3, Ring: time.Minute}, time.Now,
			slog.New(slog.DiscardHandler))
		s.divertOut(5, signal.ForkRoute{ID: 5, By: "1001@t.local", Because: "busy"})
		s.over(seeking{callee: 5, ways: []signal.Way{{Trunk: "a", Number: "+49891"}}}, []int{0}, nil)
		call := s.trunkBranch(signal.BranchStart{Trunk: "a", Account: signal.NewAOR("+49891", "~a"),
			Contact: signal.Contact{URI: uri(t, "sip:+49891@10.0.0.1")}})
		got := call.From.Signal().String() + "\n"
		for _, h := range call.Headers {
			if h.Name != passed {
				got += h.Name + ": " + h.Value + "\n"
			}
		}
		if got != want {
			t.Errorf("privacy %q: the carrier is shown\n%swant\n%s", privacy, got, want)
		}
	}
}

// TestCallFromTrunkThatIsFull: who comes when all channels are taken is refused, and who gives up meanwhile hears so.
func TestCallFromTrunkThatIsFull(t *testing.T) {
	l, trunks := trunkLab(t)
	l.fromPBX("a", "1001", "sip:4711@10.9.0.7")
	pbx := trunks.Next(t)
	ask := acttest.Await[*msg.TrunkSeize](t, pbx)
	l.member.Send(ask.Signal, &msg.TrunkSeized{Ask: ask.Ask, Trunk: "pbx", Status: 503, Reason: "All channels of the trunk are taken"})
	if r := l.response(); r.Status != 503 || r.Headers.Get("Retry-After") == "" {
		t.Errorf("refused by %v", r)
	}
	l.fromPBX("b", "1001", "sip:4711@10.9.0.7")
	acttest.Await[*msg.TrunkSeize](t, pbx)
	l.ingress.Cancelled("b", "")
	if r := l.response(); r.Status != 487 {
		t.Errorf("cancelled by %v", r)
	}
	l.quiet()
}

// TestTransferWithRightsOfTrunk: whom a phone behind a trunk sends away is called only where calls of that trunk may go, and
// shown as who he is.
func TestTransferWithRightsOfTrunk(t *testing.T) {
	for number, want := range map[string]int{"0049891": 403, "112": 403, "1001": 0} {
		r := &signal.Request{ID: "transfer.1", Method: signal.INVITE, URI: uri(t, "sip:"+number+"@t.local"), MaxForwards: 70,
			From: signal.Party{URI: uri(t, "sip:1000@t.local")}, Origin: signal.Origin{Trunk: "pbx"}}
		s := newSignal(r, carriers(), newWorld(), signal.ForkLimits{Branches: 4, Forwards: 3, Ring: time.Minute}, time.Now,
			slog.New(slog.DiscardHandler))
		status := 0
		for _, e := range s.Start(terms{adopted: true}) {
			if to, ok := e.(tellCaller); ok {
				status = int(to.message.(*msg.LegReject).Status)
			}
		}
		if from := s.identity().URI.String(); status != want || from != "sip:1000@t.local" {
			t.Errorf("%s: %d, want %d; shown as %s", number, status, want, from)
		}
	}
}

// TestVouchesForWhatWasProved: whose call a leg or a Task goes on with is vouched for only where the leg says that he has proved
// who he is, or he is an account of ours for the Task; with whatever rights the call goes.
func TestVouchesForWhatWasProved(t *testing.T) {
	for _, x := range []struct {
		from, asserted string
		task           bool
		want           int
	}{
		{"sip:nobody@carrier.example", "<sip:+49301@t.local>", true, 1}, {"sip:+49301@t.local", "<sip:+49301@t.local>", false, 1},
		{"sip:1000@t.local", "", false, 0}, {"sip:1000@t.local", "<sip:1000@t.local>", false, 1},
		{"sip:1000@t.local", "", true, 1}, {"sip:1000@10.9.0.7", "", true, 0}, {"sip:+49301@carrier.example", "", true, 0},
	} {
		r := &signal.Request{ID: "transfer.1", Method: signal.INVITE, URI: uri(t, "sip:1001@t.local"), MaxForwards: 70,
			From: signal.Party{URI: uri(t, x.from)}, Origin: signal.Origin{Account: "1002@t.local"}}
		if x.asserted != "" {
			r.Headers = signal.Headers{{Name: "P-Asserted-Identity", Value: x.asserted}}
		}
		s := newSignal(r, carriers(), newWorld(), signal.ForkLimits{Branches: 4, Forwards: 3, Ring: time.Minute}, time.Now,
			slog.New(slog.DiscardHandler))
		s.Start(terms{adopted: true, task: x.task})
		if said := s.vouched(); len(said) != x.want {
			t.Errorf("%v: vouches for %v", x, said)
		}
		if p := s.believed(); (p != nil) != (x.asserted == "<sip:+49301@t.local>") {
			t.Errorf("%v: its program is told of %v", x, p)
		}
		told := msg.ToHeaders(s.headers("1001@t.local")).All("P-Asserted-Identity")
		if len(told) != x.want || x.want == 1 && x.asserted != "" && told[0] != x.asserted {
			t.Errorf("%v: phones are told %q", x, told)
		}
	}
}

// TestTrunkThatLogsIn: what it proves is which trunk it is. Its calls have no rights of an account, and whom it shows is
// nobody whom we vouch for.
func TestTrunkThatLogsIn(t *testing.T) {
	l, _ := trunkLab(t)
	for number, want := range map[string]signal.VerdictAction{"1001": signal.Proceed, "0049891": signal.Refuse} {
		r := l.invite("q", number)
		r.From.URI = uri(t, "sip:4711@far.example")
		r.Origin.Account = "gw@t.local"
		l.ingress.Recognize(r)
		if v := l.ingress.Admit(r); v.Action != want || r.Origin.Trunk != "login" || r.Origin.Account != "" {
			t.Errorf("%s: %v, from %q as %q", number, v, r.Origin.Trunk, r.Origin.Account)
		}
		s := newSignal(r, carriers(), newWorld(), signal.ForkLimits{Branches: 4, Forwards: 3, Ring: time.Minute}, time.Now,
			slog.New(slog.DiscardHandler))
		s.Start(terms{})
		if said := s.vouched(); len(said) != 0 {
			t.Errorf("vouches for %v", said)
		}
	}
}

// TestEmergencyFromTrunk: a call for help from another PBX asks for its channel as one.
func TestEmergencyFromTrunk(t *testing.T) {
	l, trunks := trunkLab(t)
	networks := []netip.Prefix{netip.MustParsePrefix("10.9.0.0/16")}
	l.ingress.SetPolicy(&signal.Policy{Table: table.WithTrunks(signal.NewTrunkTable([]signal.Trunk{
		{Name: "out", Transit: []string{"pbx"}}, {Name: "pbx", Networks: networks},
	}, []signal.TrunkNumber{{Match: "112", Trunks: []string{"out"}, Emergency: true}, {Match: "00n.", Trunks: []string{"out"}}}, nil))})
	var pbx *acttest.Probe
	for number, want := range map[string]bool{"112": true, "0049891": false} {
		r := l.fromPBX(number, number, "sip:4711@10.9.0.7")
		if pbx == nil {
			pbx = trunks.Next(t)
		}
		ask := acttest.Await[*msg.TrunkSeize](t, pbx)
		if !ask.Incoming || ask.Emergency != want {
			t.Errorf("%s: asked for %v", number, ask)
		}
		l.ingress.Cancelled(r.ID, "")
		l.answered(r.ID, 487)
	}
	l.quiet()
}

// TestCarriersRoutes: a call goes by the routes that the carrier gave to the target at which we are registered, and to
// others straight.
func TestCarriersRoutes(t *testing.T) {
	l, trunks := trunkLab(t)
	l.out("routed", "0049891")
	ask := acttest.Await[*msg.TrunkSeize](t, trunks.Next(t))
	routes := []string{"<sip:edge.carrier.example;lr>"}
	l.member.Send(ask.Signal, &msg.TrunkSeized{Ask: ask.Ask, Trunk: "a", Channel: 7, Targets: []uint32{0, 1}, Routes: routes, Registered: 0})
	_, start := l.leg()
	if call := start.GetOutgoing(); !slices.Equal(call.GetRoutes(), routes) {
		t.Errorf("the first target is called by %v", call.GetRoutes())
	}
	l.member.Send(start.Owner, &msg.LegRefused{Branch: 1, Status: 503})
	_, start = l.leg()
	if call := start.GetOutgoing(); len(call.GetRoutes()) != 0 {
		t.Errorf("the second target is called by %v", call.GetRoutes())
	}
}

// TestCallForHelpIsNotLeftWaiting: a target that neither rings nor refuses has the next trunk asked beside it, and is not given up.
func TestCallForHelpIsNotLeftWaiting(t *testing.T) {
	for _, rings := range []bool{false, true} {
		r := &signal.Request{ID: "q", Method: signal.INVITE, URI: uri(t, "sip:112@t.local"), MaxForwards: 70, Urgent: true,
			From: signal.Party{URI: uri(t, "sip:1000@t.local")}, Origin: signal.Origin{Account: "1000@t.local"}}
		s := newSignal(r, carriers(), newWorld(), signal.ForkLimits{Branches: 4, Forwards: 3, Ring: time.Minute}, time.Now,
			slog.New(slog.DiscardHandler))
		s.become(ringing, "test")
		ways := []signal.Way{{Trunk: "b", Number: "112", Emergency: true}, {Trunk: "a", Number: "112", Emergency: true}}
		s.forked(s.fork.Begin(signal.Callee{Ways: ways, Number: "112"}))
		var soon []signal.ForkTimer
		for _, e := range s.Seized(&msg.TrunkSeized{Ask: 1, Trunk: "b", Channel: 7, Targets: []uint32{0}}) {
			if timer, ok := e.(startTimer); ok && timer.timer.After < 10*time.Second {
				soon = append(soon, timer.timer)
			}
		}
		if len(soon) != 1 {
			t.Fatalf("waits for %v", soon)
		}
		if rings {
			s.Progressed(1, &msg.LegProgressed{Branch: 1, Status: 180})
		}
		next := s.Timeout(soon[0].ID)
		if rings && len(next) > 0 || !rings && (len(next) != 1 || next[0].(seize).trunk != "a" || !next[0].(seize).emergency) {
			t.Errorf("rings: %t, then %v", rings, next)
		}
	}
}

// TestForwardedOutOverTheNextTrunk: the one that is called when the first has failed hears the same as it.
func TestForwardedOutOverTheNextTrunk(t *testing.T) {
	r := &signal.Request{ID: "q", Method: signal.INVITE, URI: uri(t, "sip:1001@t.local"), MaxForwards: 70,
		From: signal.Party{URI: uri(t, "sip:1000@t.local")}, Origin: signal.Origin{Account: "1000@t.local"}}
	s := newSignal(r, carriers(), newWorld(), signal.ForkLimits{Branches: 4, Forwards: 3, Ring: time.Minute}, time.Now,
		slog.New(slog.DiscardHandler))
	s.divertOut(5, signal.ForkRoute{ID: 5, By: "1001@t.local", Because: "busy"})
	ways := []signal.Way{{Trunk: "b", Number: "+49891"}}
	s.forked([]signal.ForkEffect{signal.ForkWay{ID: 6, Continues: 5, Ways: ways}})
	s.over(seeking{callee: 6, ways: ways}, []int{0}, nil)
	call := s.trunkBranch(signal.BranchStart{Trunk: "b", Account: signal.NewAOR("+49891", "~b"),
		Contact: signal.Contact{URI: uri(t, "sip:+49891@10.0.0.3")}})
	if got := msg.ToHeaders(call.Headers).Get("Diversion"); got != "<sip:1001@10.0.0.3>;reason=user-busy;counter=1" {
		t.Errorf("the next trunk is told %q", got)
	}
}

// TestForwardedOut: a carrier is told who has forwarded the call, by numbers and its own domain, and what another carrier
// said before; not where the caller wants nobody to know.
func TestForwardedOut(t *testing.T) {
	for privacy, want := range map[string]string{
		"": "Diversion: <sip:1001@a.example>;reason=user-busy;counter=1\nDiversion: <sip:+49301@b.example>;reason=no-answer\n" +
			"History-Info: <sip:+49301@b.example>;index=1, <sip:1001@a.example?Reason=SIP%3Bcause%3D486>;index=1.1, " +
			"<sip:+49891@a.example>;index=1.1.1;mp=1.1\n",
		"history": "",
	} {
		r := &signal.Request{ID: "q", Method: signal.INVITE, URI: uri(t, "sip:1001@t.local"), MaxForwards: 70,
			From: signal.Party{URI: uri(t, "sip:1000@t.local")}, Origin: signal.Origin{Account: "1000@t.local"},
			Headers: signal.Headers{{Name: "Diversion", Value: "<sip:+49301@b.example>;reason=no-answer"},
				{Name: "History-Info", Value: "<sip:+49301@b.example>;index=1"}, {Name: "Privacy", Value: privacy}}}
		s := newSignal(r, carriers(), newWorld(), signal.ForkLimits{Branches: 4, Forwards: 3, Ring: time.Minute}, time.Now,
			slog.New(slog.DiscardHandler))
		s.divertOut(5, signal.ForkRoute{ID: 5, By: "1001@t.local", Because: "busy"})
		s.over(seeking{callee: 5, ways: []signal.Way{{Trunk: "a", Number: "+49891"}}}, []int{0}, nil)
		call := s.trunkBranch(signal.BranchStart{Trunk: "a", Account: signal.NewAOR("+49891", "~a"),
			Contact: signal.Contact{URI: uri(t, "sip:+49891@10.0.0.1")}})
		got := ""
		for _, h := range call.Headers {
			if h.Name == "Diversion" || h.Name == "History-Info" {
				got += h.Name + ": " + h.Value + "\n"
			}
		}
		if got != want {
			t.Errorf("privacy %q: the carrier is told\n%swant\n%s", privacy, got, want)
		}
	}
}
