package actors

import (
	"testing"

	"tandem/actors/ledger"
	"tandem/actors/pbx/task"
	"tandem/actors/store"
	"tandem/ximss/object"
)

// centred is a member with two queues and an agent of both, to whom the account 1000 belongs.
func centred(t *testing.T) *House {
	t.Helper()
	h := start(t, settingsOf(t.TempDir()))
	by := store.Write{Author: "test"}
	for _, name := range []string{"sales", "support"} {
		if _, err := h.ledger.PutQueue(t.Context(), ledger.DefaultQueue(name), by); err != nil {
			t.Fatal(err)
		}
	}
	a := ledger.DefaultAgent("1000")
	a.Memberships = []ledger.Membership{{Queue: "sales"}, {Queue: "support", Penalty: 2}}
	if _, err := h.ledger.PutAgent(t.Context(), a, by); err != nil {
		t.Fatal(err)
	}
	return h
}

// becomes waits until a page is told that the agent stands so: his state, and of his queues those that are off.
func (p *page) becomes(state, off string) *object.XML {
	p.Helper()
	for {
		x := p.await("agentState")
		paused := ""
		for _, v := range x.Body {
			if q := v.XML(); q != nil && q.Type == "queue" && q.Attr("on") == "0" {
				paused += q.Attr("name")
			}
		}
		if x.Attr("state") == state && paused == off {
			return x
		}
	}
}

// refused demands that what is asked is answered by this text.
func (p *page) refused(request, text string) {
	p.Helper()
	if got := p.ask(request); got != text {
		p.Errorf("%s: %q, want %q", request, got, text)
	}
}

// An agent works over his session: two of them are told the same, and what he can not do is refused.
func TestAnAgentOverSessions(t *testing.T) {
	h := centred(t)
	one, two := newPage(t, h, "1000"), newPage(t, h, "1000")
	one.refused(`<agentPause/>`, "the agent has not logged in")
	for _, p := range []*page{one, two} {
		p.must(`<agentSubscribe/>`)
		p.becomes("logged out", "")
	}
	one.refused(`<agentLogin device="nobody"/>`, "device not found")
	one.refused(`<agentLogin device="1001"/>`, "access denied")
	one.refused(`<agentLogin><queue name="billing"/></agentLogin>`, "queue not found")
	one.must(`<signalBind><sdp/></signalBind>`)
	one.must(`<agentLogin><queue name="sales"/></agentLogin>`)
	for _, p := range []*page{one, two} {
		if x := p.becomes("ready", "support"); x.Attr("reachable") != "1" || x.Attr("device") != "SIP/1000" || x.Attr("loggedOn") == "" ||
			x.Child("day") == nil {
			markup, _ := x.Markup()
			t.Errorf("%s", markup)
		}
	}
	two.must(`<agentPause reason="lunch"/>`)
	two.must(`<agentPause reason="a long lunch"/>`)
	for reason := ""; reason != "a long lunch"; {
		reason = one.becomes("paused", "support").Attr("reason")
	}
	one.refused(`<agentMoreWrapUp/>`, "the agent is not in wrap-up")
	one.must(`<agentReady/>`)
	two.becomes("ready", "")
	one.must(`<agentQueue queue="sales" on="0"/>`)
	two.becomes("ready", "sales")
	one.refused(`<agentQueue queue="billing" on="1"/>`, "queue not found")
	one.must(`<queueSubscribe queue="sales"/>`)
	if x := one.await("queueState"); x.Attr("queue") != "sales" || x.Attr("waiting") != "0" {
		t.Errorf("the queue stands %v", x)
	}
	one.refused(`<queueSubscribe queue="billing"/>`, "access denied")
	one.refused(`<queueCallers queue="sales"/>`, "access denied")
	one.must(`<signalUnbind/>`)
	for x := two.await("agentState"); x.Attr("reachable") != "0"; x = two.await("agentState") {
	}
	one.must(`<agentLogout/>`)
	two.becomes("logged out", "")
}

// A program lets an agent work at the phone that has proved to call it, and at no other one's.
func TestAnAgentByAProgram(t *testing.T) {
	h := centred(t)
	login := taskServices(h)["agentcommand"]
	at := func(device, proved string) string {
		options := object.NewFolded()
		options.Set("device", object.String(device))
		options.Set("hotDesk", object.Yes)
		caller := task.Caller{Account: "1000@tandem.local", Domain: "tandem.local", Proved: proved}
		return login.Run(t.Context(), caller, []object.Value{object.String("login"), options.Value()}).Text()
	}
	for pair, want := range map[[2]string]string{
		{"1001@tandem.local", ""}: string(task.ErrDenied), {"1001@tandem.local", "1000@tandem.local"}: string(task.ErrDenied),
		{"1001@tandem.local", "1001@tandem.local"}: "", {"1000@tandem.local", ""}: "",
	} {
		if got := at(pair[0], pair[1]); got != want {
			t.Errorf("at %s, called by %q: %q, want %q", pair[0], pair[1], got, want)
		}
	}
}

// A supervisor acts for agents of his queues and sees who waits there; somebody else does not.
func TestASupervisorOverASession(t *testing.T) {
	h := centred(t)
	p := newPage(t, h, "1001")
	p.refused(`<agentSubscribe/>`, "agent not found")
	for _, request := range []string{`<agentSubscribe agent="1000"/>`, `<agentLogin agent="1000"/>`, `<agentFind agent="nobody"/>`,
		`<queueSubscribe queue="sales"/>`, `<queueCallers queue="nothing"/>`, `<queueWithdraw queue="sales" caller="c"/>`} {
		p.refused(request, "access denied")
	}
	if _, failure := run(t, h, "admin@tandem.local", `SETACCOUNTRIGHTS 1001 ("CanSupervise:sales")`); failure != "" {
		t.Fatal(failure)
	}
	p.must(`<agentSubscribe agent="1000"/>`)
	p.becomes("logged out", "")
	p.must(`<agentLogin agent="1000" device="1001"/>`)
	if x := p.becomes("ready", ""); x.Attr("device") != "SIP/1001" {
		t.Errorf("the agent works at %q", x.Attr("device"))
	}
	p.refused(`<agentPause agent="1000" reason="meeting"/>`, "access denied") // he works for support too
	p.refused(`<queueCallers queue="support"/>`, "access denied")
	if _, failure := run(t, h, "admin@tandem.local", `SETACCOUNTRIGHTS 1001 ("CanSupervise:sales","CanSupervise:support")`); failure != "" {
		t.Fatal(failure)
	}
	p.must(`<agentPause agent="1000" reason="meeting"/>`)
	p.becomes("paused", "")
	p.must(`<queueCallers queue="sales"/>`)
	p.await("queueState")
	p.must(`<queueExplain queue="sales" caller="c"/>`)
	p.refused(`<queueMove queue="sales" caller="c" position="1"/>`, "caller not found")
	p.refused(`<agentFind agent="nobody"/>`, "agent not found")
}
