package actors

import (
	"context"
	"errors"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/desk"
	"tandem/actors/msg"
	"tandem/actors/store"
	"tandem/conf"
	"tandem/web"
)

func TestStopLeavesNothing(t *testing.T) {
	c := settingsOf(t.TempDir())
	live := liveOf(t, c, "")
	round := func() (udp, tcp int) {
		h, err := open(t, live)
		if err != nil {
			t.Fatal(err)
		}
		p := newPhone(t, h)
		k := p.answered(p.dial("a", "9196"))
		p.bye(k)
		get(t, h, "/healthz")
		acttest.Until(t, "the record is there", func() bool { return len(records(t, h)) > 0 })
		udp, tcp = h.Ports()["sip_udp"], h.Ports()["http"]
		stop(t, h)
		stop(t, h)
		return udp, tcp
	}
	round() // libraries start goroutines of their own, once
	before := runtime.NumGoroutine()
	udp, tcp := round() // on the same data: no lock is left either
	over := time.Now().Add(5 * time.Second)
	acttest.Until(t, "the goroutines have ended", func() bool {
		if runtime.NumGoroutine() > before && time.Now().After(over.Add(-500*time.Millisecond)) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines were there, now %d:\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
		}
		return runtime.NumGoroutine() <= before
	})
	ip := net.ParseIP(c.SIP.Bind[0])
	u, err := net.ListenUDP("udp", &net.UDPAddr{IP: ip, Port: udp})
	if err != nil {
		t.Fatalf("the SIP port is not free: %v", err)
	}
	u.Close()
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: ip, Port: tcp})
	if err != nil {
		t.Fatalf("the web port is not free: %v", err)
	}
	l.Close()
	if _, err := live.Reload(); err != nil { // nobody of the stopped member hears of it
		t.Error(err)
	}
}

func TestSecondStartOnTheSameData(t *testing.T) {
	c := settingsOf(t.TempDir())
	first := start(t, c)
	h, err := open(t, liveOf(t, c, ""))
	if h != nil || !errors.Is(err, store.ErrInUse) || !strings.HasPrefix(err.Error(), "store: ") {
		t.Fatalf("second start: %v, %v", h, err)
	}
	if status, _ := get(t, first, "/readyz"); status != 200 {
		t.Errorf("the first one then answers /readyz with %d", status)
	}
}

// A start that fails leaves nothing open: the next one succeeds.
func TestStartThatFails(t *testing.T) {
	c := settingsOf(t.TempDir())
	taken, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.ParseIP(c.HTTP.Bind[0])})
	if err != nil {
		t.Fatal(err)
	}
	bad := c
	bad.HTTP.Port = taken.Addr().(*net.TCPAddr).Port
	if h, err := open(t, liveOf(t, bad, "")); err == nil || h != nil || !strings.HasPrefix(err.Error(), "web: ") {
		t.Errorf("with the web port taken: %v, %v", h, err)
	}
	taken.Close()
	nowhere := c
	nowhere.Member.Data = ""
	if h, err := open(t, liveOf(t, nowhere, "")); err == nil || h != nil || !strings.Contains(err.Error(), "member.data") {
		t.Errorf("without a directory: %v, %v", h, err)
	}
	start(t, c)
}

func TestFirstAccounts(t *testing.T) {
	c := settingsOf(t.TempDir())
	c.Accounts.Demo = nil
	live := liveOf(t, c, "")
	var told [][2]string
	first := func(user, password string) { told = append(told, [2]string{user, password}) }
	for range 2 { // it is told at the first start alone
		h, err := Start(t.Context(), live, "test", quiet, first)
		if err != nil {
			t.Fatal(err)
		}
		if len(told) != 1 || told[0][0] != "admin" || len(told[0][1]) < 16 {
			t.Fatalf("told %q", told)
		}
		if a := (desk.Administrators{Ledger: h.ledger}); !a.Administrator("admin", told[0][1]) || a.Administrator("admin", "") || a.Administrator("nobody", told[0][1]) {
			t.Error("the password that was told is not the administrator's")
		}
		if h.directory.Count() != 1 {
			t.Errorf("there are %d accounts", h.directory.Count())
		}
		stop(t, h)
	}
}

func TestDemoAccounts(t *testing.T) {
	c := settingsOf(t.TempDir())
	live := liveOf(t, c, "")
	h, err := Start(t.Context(), live, "test", quiet, func(user, _ string) { t.Errorf("%s's password is told", user) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, h) })
	found, err := desk.Accounts{Ledger: h.ledger}.Find(t.Context(), web.AccountQuery{Limit: 10})
	if err != nil || len(found) != 3 || found[0].AOR != "1000@tandem.local" || found[0].Display != "alice" || !found[0].Enabled {
		t.Errorf("there are %+v, %v", found, err)
	}
	a := desk.Administrators{Ledger: h.ledger}
	if !a.Administrator("admin", "1234") || a.Administrator("1000", "1234") || a.Administrator("admin", "12345") {
		t.Error("not exactly admin is administrator")
	}
	if _, _, ok := h.directory.HA1("1000", "tandem.local"); !ok {
		t.Error("alice's phone has no password")
	}
}

func TestUnknownApplication(t *testing.T) {
	c := settingsOf(t.TempDir())
	c.Routing.Numbers = nil
	file := write(t, "tandem.yaml", "routing:\n  numbers:\n  - {match: '1', app: echo}\n  - {match: '2', app: ehco}\n  - {match: '964nn', app: status}\n")
	live := liveOf(t, c, file)
	h, err := open(t, live)
	want := "settings: " + file + `:4: routing.numbers[1].app: "ehco" is no application; right would be: one of `
	if h != nil || err == nil || !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), "echo") {
		t.Fatalf("started: %v\n%v\nwant %s", h, err, want)
	}
	right := "routing:\n  numbers:\n  - {match: '1', app: echo}\n"
	write(t, file, right)
	if _, err := live.Reload(); err != nil {
		t.Fatal(err)
	}
	h = started(t, live)
	settings := h.services().Settings
	write(t, file, strings.Replace(right, "echo", "ehco", 1)+"log: {level: debug}\n")
	_, err = settings.Reload(t.Context())
	var refusal *web.Error
	if !errors.As(err, &refusal) || refusal.Status != 400 || !strings.Contains(refusal.Message, `"ehco" is no application`) {
		t.Errorf("reloaded: %v", err)
	}
	if n := live.Conf(); n.Routing.Numbers[0].App != "echo" || n.Log.Level == "debug" {
		t.Errorf("what was refused acts: %+v", n.Routing.Numbers)
	}
	p := newPhone(t, h)
	k := p.answered(p.dial("a", "1"))
	p.bye(k)
	write(t, file, strings.Replace(right, "'1'", "'7'", 1))
	changed, err := settings.Reload(t.Context())
	if err != nil || len(changed.Changes) != 1 || changed.Changes[0].Key != "routing.numbers" || changed.Changes[0].Origin == "" {
		t.Errorf("reloaded: %+v, %v", changed, err)
	}
	p.bye(p.answered(p.dial("b", "7")))
	write(t, file, "routing: {nubmers: []}\n")
	if _, err = settings.Reload(t.Context()); !errors.As(err, &refusal) || refusal.Status != 400 || !strings.Contains(err.Error(), "nubmers") {
		t.Errorf("a bad file: %v", err)
	}
	effective := settings.Effective()
	if len(effective) != len(conf.Fields()) {
		t.Errorf("%d settings of %d are shown", len(effective), len(conf.Fields()))
	}
}

func TestDraining(t *testing.T) {
	c := settingsOf(t.TempDir())
	c.Member.Drain = time.Minute
	h := start(t, c)
	if status, body := get(t, h, "/readyz"); status != 200 {
		t.Fatalf("/readyz says %d %s", status, body)
	}
	p, late := newPhone(t, h), newPhone(t, h)
	k := p.answered(p.dial("a", "9196"))
	done := make(chan error, 1)
	go func() { done <- h.Stop(context.Background()) }()
	acttest.Until(t, "it drains", func() bool { return h.Health().Draining })
	if status, body := get(t, h, "/readyz"); status != 503 || !strings.Contains(body, "drain") {
		t.Errorf("/readyz says %d %q", status, body)
	}
	late.dial("b", "9196")
	if r := late.await("SIP/2.0 503"); field(r, "Retry-After: ") == "" {
		t.Errorf("a new call is refused with %q", r)
	}
	p.talk(k, 3) // and the call that is up goes on
	p.bye(k)
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("the stop waits on, though no call is left")
	}
}

// A stop that may not wait ends the calls itself, and their records say so.
func TestStopEndsCalls(t *testing.T) {
	c := settingsOf(t.TempDir())
	live := liveOf(t, c, "")
	h, err := open(t, live)
	if err != nil {
		t.Fatal(err)
	}
	p := newPhone(t, h)
	p.answered(p.dial("a", "9196"))
	done := make(chan error, 1)
	go func() { done <- h.Stop(context.Background()) }()
	bye := p.await("BYE ")
	if !strings.Contains(field(bye, "Reason: "), "Server stops") {
		t.Errorf("the phone was told %q", bye)
	}
	answer := "SIP/2.0 200 OK\r\n"
	for line := range strings.SplitSeq(bye, "\r\n") {
		for _, name := range []string{"Via:", "From:", "To:", "Call-ID:", "CSeq:"} {
			if strings.HasPrefix(line, name) {
				answer += line + "\r\n"
			}
		}
	}
	if _, err := p.sip.Write([]byte(answer + "Content-Length: 0\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	again := started(t, live)
	if r := records(t, again); len(r) != 1 || r[0].By != "member" || r[0].Answered.IsZero() {
		t.Errorf("the records are %+v", r)
	}
}

// A leg that panics says goodbye, frees its port and leaves its record; the others talk on.
func TestLegPanics(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	p, other := newPhone(t, h), newPhone(t, h)
	k := other.answered(other.dial("other", "9196"))
	doomed := p.answered(p.dial("a", "9196"))
	p.send("OPTIONS", doomed, "", "")
	p.await("SIP/2.0 200") // so the ACK before it was heard, without which nobody may say BYE
	legs, err := h.calls().Legs(t.Context(), web.LegQuery{Limit: 10})
	if err != nil || len(legs) != 2 || h.engine.Snapshot().PortsInUse != 2 {
		t.Fatalf("%d legs, %d ports, %v", len(legs), h.engine.Snapshot().PortsInUse, err)
	}
	for _, l := range legs {
		if l.SIPCallID == "a" {
			pid, err := h.member.Parse(l.Handler)
			if err != nil {
				t.Fatal(err)
			}
			h.member.Send(pid, &msg.SignalRequest{Edge: h.ingress.Edge("a")}) // without a request: no edge sends that
		}
	}
	p.await("BYE ")
	acttest.Until(t, "the record is there", func() bool { return len(records(t, h)) == 1 })
	if r := records(t, h)[0]; r.SIPCallID != "a" || r.Status != 500 || r.By != "failure" {
		t.Errorf("the record is %+v", r)
	}
	acttest.Until(t, "its port is free", func() bool { return h.engine.Snapshot().PortsInUse == 1 })
	if n := h.member.Alive("leg"); n != 1 {
		t.Errorf("%d legs live", n)
	}
	other.talk(k, 3)
	other.bye(k)
	acttest.Until(t, "both records are there", func() bool { return len(records(t, h)) == 2 })
}

// An account that can not be read is missing, and logged; the member and all other accounts are there.
func TestDamagedAccount(t *testing.T) {
	c := settingsOf(t.TempDir())
	s, err := store.Open(t.Context(), c.Member.Data, c.Store, nil, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Bucket(store.Accounts).Put(t.Context(), "1000@tandem.local", []byte("{"), store.Write{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	h := start(t, c)
	if found, err := (desk.Accounts{Ledger: h.ledger}).Find(t.Context(), web.AccountQuery{AOR: "1001", Limit: 1}); err != nil || len(found) != 1 {
		t.Errorf("another account: %+v, %v", found, err)
	}
}
