package actors

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tandem/actors/acttest"
	"tandem/actors/desk"
	"tandem/actors/msg"
	"tandem/media"
	"tandem/signal"
	"tandem/sip/farm"
	"tandem/web"
)

// refused checks that an error is a refusal with that status.
func refused(t *testing.T, what string, err error, status int) {
	t.Helper()
	var e *web.Error
	if !errors.As(err, &e) || e.Status != status || e.Message == "" {
		t.Errorf("%s: %v, want a refusal with %d", what, err, status)
	}
}

func TestAccounts(t *testing.T) {
	settings := settingsOf(t.TempDir())
	settings.Accounts.MaxAccounts = 5
	h := start(t, settings)
	a, ctx := desk.Accounts{Ledger: h.ledger}, t.Context()
	str := func(s string) *string { return &s }
	made, err := a.Save(ctx, web.AccountChange{AOR: "Carol", Create: true, Password: str("secret"), Display: str("Carol"),
		Forward: &web.ForwardChange{Busy: str("1001")}, Roles: &[]string{"agent"}})
	if err != nil || made.AOR != "carol@tandem.local" || made.Forward.Busy != "1001@tandem.local" || made.Revision == 0 || !made.Enabled {
		t.Fatalf("made %+v, %v", made, err)
	}
	for what, c := range map[string]struct {
		change web.AccountChange
		status int
	}{
		"again":             {web.AccountChange{AOR: "carol", Create: true, Password: str("secret")}, 409},
		"without password":  {web.AccountChange{AOR: "dave", Create: true}, 400},
		"short password":    {web.AccountChange{AOR: "dave", Create: true, Password: str("abc")}, 400},
		"nobody":            {web.AccountChange{AOR: "dave", Display: str("x")}, 404},
		"old revision":      {web.AccountChange{AOR: "carol", Revision: made.Revision - 1, Display: str("x")}, 409},
		"no such role":      {web.AccountChange{AOR: "carol", Roles: &[]string{"king"}}, 400},
		"foreign domain":    {web.AccountChange{AOR: "carol@elsewhere.example", Display: str("x")}, 400},
		"no address":        {web.AccountChange{AOR: "", Create: true, Password: str("secret")}, 400},
		"a URI":             {web.AccountChange{AOR: "sip:dave@tandem.local", Create: true, Password: str("secret")}, 400},
		"a header":          {web.AccountChange{AOR: "dave\r\nx: y", Create: true, Password: str("secret")}, 400},
		"foreign forward":   {web.AccountChange{AOR: "carol", Forward: &web.ForwardChange{All: str("x@elsewhere.example")}}, 400},
		"endless name":      {web.AccountChange{AOR: "carol", Display: str(strings.Repeat("x", 1000))}, 400},
		"too many contacts": {web.AccountChange{AOR: "carol", MaxContacts: func() *int { n := 1000; return &n }()}, 400},
	} {
		_, err := a.Save(ctx, c.change)
		refused(t, what, err, c.status)
	}
	same, err := a.Find(ctx, web.AccountQuery{AOR: made.AOR, Limit: 10})
	if err != nil || len(same) != 1 || same[0].Display != "Carol" || same[0].Revision != made.Revision {
		t.Errorf("refusals have changed it: %+v, %v", same, err)
	}
	off := false
	changed, err := a.Save(ctx, web.AccountChange{AOR: made.AOR, Revision: made.Revision, Enabled: &off, Author: "admin",
		Forward: &web.ForwardChange{Failure: str("1000")}})
	if err != nil || changed.Enabled || changed.Revision <= made.Revision || changed.Forward.Busy == "" || changed.Forward.Failure == "" ||
		changed.Display != "Carol" {
		t.Errorf("changed to %+v, %v", changed, err)
	}
	if _, _, ok := h.directory.HA1("carol", "tandem.local"); ok {
		t.Error("a disabled account has a password that opens")
	}
	if _, err = a.Save(ctx, web.AccountChange{AOR: "erin", Create: true, Password: str("secret")}); err != nil {
		t.Error(err)
	}
	_, err = a.Save(ctx, web.AccountChange{AOR: "frank", Create: true, Password: str("secret")})
	refused(t, "one too many", err, 409)

	page, err := a.Find(ctx, web.AccountQuery{After: "1000@tandem.local", Limit: 2})
	if err != nil || len(page) != 2 || page[0].AOR != "1001@tandem.local" || page[1].AOR != "admin@tandem.local" {
		t.Errorf("the second page is %+v, %v", page, err)
	}
	match, err := a.Find(ctx, web.AccountQuery{Match: "ALI", Limit: 10})
	if err != nil || len(match) != 1 || match[0].AOR != "1000@tandem.local" {
		t.Errorf("found %+v, %v", match, err)
	}
	refused(t, "removing with an old revision", a.Remove(ctx, made.AOR, made.Revision), 409)
	refused(t, "removing nobody", a.Remove(ctx, "nobody", 0), 404)
	if err := a.Remove(ctx, "carol", changed.Revision); err != nil {
		t.Error(err)
	}
	refused(t, "removing again", a.Remove(ctx, "carol", 0), 404)
}

// An account that goes takes its registrations with it.
func TestRemoveEndsRegistrations(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	register(t, h, "sip:desk@10.0.0.1")
	if err := (desk.Accounts{Ledger: h.ledger}).Remove(t.Context(), "1000", 0); err != nil {
		t.Fatal(err)
	}
	if got := h.directory.Registered(); len(got) != 0 {
		t.Errorf("registered are %v", got)
	}
}

func TestRegistrations(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	r, ctx := desk.Registrations{Ledger: h.ledger}, t.Context()
	_, err := r.Kick(ctx, "1000", "")
	refused(t, "kick without a registration", err, 404)
	register(t, h, "sip:desk@10.0.0.1")
	register(t, h, "sip:mobile@10.0.0.1")
	found, err := r.Find(ctx, web.RegistrationQuery{Limit: 10})
	if err != nil || len(found) != 2 || found[0].Transport != "udp" || found[0].Member != h.Name() {
		t.Errorf("found %+v, %v", found, err)
	}
	if one, _ := r.Find(ctx, web.RegistrationQuery{Limit: 1}); len(one) != 1 {
		t.Errorf("found %+v of at most one", one)
	}
	if none, _ := r.Find(ctx, web.RegistrationQuery{AOR: "1001@tandem.local", Limit: 10}); len(none) != 0 {
		t.Errorf("1001 has %+v", none)
	}
	_, err = r.Kick(ctx, "1000", "sip:other@10.0.0.1")
	refused(t, "kick of an unknown contact", err, 404)
	_, err = r.Kick(ctx, "1000@elsewhere.example", "")
	refused(t, "kick elsewhere", err, 400)
	if n, err := r.Kick(ctx, "1000", "sip:desk@10.0.0.1"); n != 1 || err != nil {
		t.Errorf("kicked %d, %v", n, err)
	}
	if found, _ = r.Find(ctx, web.RegistrationQuery{Limit: 10}); len(found) != 1 || found[0].Contact != "sip:mobile@10.0.0.1" {
		t.Errorf("then there are %+v", found)
	}
}

func TestCalls(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	c, ctx := h.calls(), t.Context()
	p := newPhone(t, h)
	k := p.answered(p.dial("first", "9196"))
	p.talk(k, 5)
	other := newPhone(t, h)
	other.dial("second", "9180") // rings for ever
	other.await("SIP/2.0 180")
	legs, err := c.Legs(ctx, web.LegQuery{Limit: 10})
	if err != nil || len(legs) != 2 || legs[0].SIPCallID != "first" || legs[0].State != "answered" || legs[0].Codec != "PCMU" ||
		legs[0].Application != "echo" || legs[0].Direction != "in" || legs[1].State != "ringing" || legs[0].To != "9196@tandem.local" {
		t.Fatalf("the legs are %+v, %v", legs, err)
	}
	if one, _ := c.Legs(ctx, web.LegQuery{Handler: legs[1].Handler, Limit: 10}); len(one) != 1 || one[0].SIPCallID != "second" {
		t.Errorf("by its handler %+v", one)
	}
	if one, _ := c.Legs(ctx, web.LegQuery{Limit: 1}); len(one) != 1 || one[0].SIPCallID != "first" {
		t.Errorf("the oldest is %+v", one)
	}
	forged := []byte(legs[0].Handler)
	forged[12] ^= 2
	for _, bad := range []string{"", "x", string(forged), legs[0].Handler + "A"} {
		refused(t, "hangup of "+bad, c.Hangup(ctx, bad), 400)
	}
	if err := c.Hangup(ctx, legs[0].Handler); err != nil {
		t.Fatal(err)
	}
	bye := p.await("BYE ")
	if !strings.Contains(field(bye, "Reason: "), "administrator") {
		t.Errorf("the phone was told %q", bye)
	}
	other.send("CANCEL", call{id: "second", to: "<sip:9180@tandem.local>", target: "sip:9180@tandem.local"}, "", "")
	other.await("SIP/2.0 4")
	if err := c.Hangup(ctx, legs[1].Handler); err != nil {
		t.Fatal(err)
	}
	acttest.Until(t, "the second leg's record is there", func() bool { return len(records(t, h)) == 1 })
	refused(t, "hangup of what has ended", c.Hangup(ctx, legs[1].Handler), 404)
	r, err := c.Records(ctx, web.RecordQuery{SIPCallID: "second", Limit: 10})
	if err != nil || len(r) != 1 || r[0].By != "member" || r[0].Duration != 0 || r[0].State != "ended" {
		t.Errorf("its record is %+v, %v", r, err)
	}
	for what, q := range map[string]web.RecordQuery{"another call": {SIPCallID: "third", Limit: 10}, "later": {Since: r[0].End.Add(1e9), Limit: 10},
		"another account": {Account: "1001@tandem.local", Limit: 10}} {
		if none, err := c.Records(ctx, q); err != nil || len(none) != 0 {
			t.Errorf("%s: %+v, %v", what, none, err)
		}
	}
}

func TestOneCallOneRecord(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	p := newPhone(t, h)
	k := p.answered(p.dial("a", "9196"))
	p.talk(k, 20)
	p.bye(k)
	acttest.Until(t, "no leg lives", func() bool { return h.member.Alive("leg") == 0 && h.member.Alive("signal") == 0 })
	acttest.Until(t, "the record is there", func() bool { return len(records(t, h)) > 0 })
	r := records(t, h)
	if len(r) != 1 || r[0].By != "caller" || r[0].Status != 200 || r[0].Media.Received < 10 || r[0].Duration <= 0 || r[0].Codec != "PCMU" {
		t.Errorf("the records are %+v", r)
	}
	if h.engine.Snapshot().PortsInUse != 0 {
		t.Error("its port is not free")
	}
}

// named are the families that the design names and a member of this size has.
var named = []string{"sip_requests_total", "sip_responses_total", "sip_transactions", "sip_retransmissions_total",
	"sip_parse_errors_total", "sip_auth_failures_total", "calls", "call_attempts_total", "call_setup_seconds", "call_duration_seconds",
	"rtp_packets_total", "rtp_lost_total", "rtp_jitter_seconds", "call_mos", "rtp_ports", "actor_count", "store_commit_seconds", "shed_total"}

// Every family that is declared is emitted, and every one that is named is declared.
func TestMetrics(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	var declared []string
	for _, file := range []string{"metrics.go", "metrics_stat.go"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?:gauge|counter|histogram)\("(\w+)"`).FindAllStringSubmatch(string(source), -1) {
			declared = append(declared, m[1])
		}
	}
	for _, name := range named {
		if !slices.Contains(declared, name) {
			t.Errorf("%s is not declared", name)
		}
	}
	p := newPhone(t, h)
	k := p.answered(p.dial("a", "9196"))
	p.talk(k, 20)
	p.bye(k)
	if _, err := p.sip.Write([]byte("INVITE sip:1000@tandem.local SIP/2.0\r\nVia: nonsense\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	p.send("REGISTER", call{id: "b", to: "<sip:1000@tandem.local>", target: "sip:tandem.local"},
		`Authorization: Digest username="1000", realm="tandem.local", nonce="x", uri="sip:tandem.local", qop=auth, nc=00000001, cnonce="c", `+
			`response="`+strings.Repeat("a", 32)+`"`+"\r\n", "")
	p.await("SIP/2.0 401")
	h.sip.Inject(farm.Packet{Kind: farm.Received, Flow: signal.Flow{Edge: "another", Transport: "UDP"}, Data: []byte("x")})
	acttest.Until(t, "the record is there", func() bool { return len(records(t, h)) == 1 })
	_, page := get(t, h, "/metrics")
	for _, name := range declared {
		if !strings.Contains(page, "# HELP tandem_"+name+" ") {
			t.Errorf("%s is not emitted", name)
		}
	}
	for _, line := range []string{`tandem_actor_crashes_total{kind="leg"} 0`, `tandem_call_attempts_total{dir="in",result="200"} 1`,
		`tandem_metrics_dropped_total 0`, `tandem_calls{state="answered"} 0`, `tandem_accounts 3`} {
		if !strings.Contains(page, line+"\n") {
			t.Errorf("%s is not there", line)
		}
	}
}

// An administrator's words and settings of a member that is gone do no harm.
func TestServicesOfAStoppedMember(t *testing.T) {
	h, err := open(t, liveOf(t, settingsOf(t.TempDir()), ""))
	if err != nil {
		t.Fatal(err)
	}
	p := newPhone(t, h)
	p.answered(p.dial("a", "9196"))
	legs, _ := h.calls().Legs(t.Context(), web.LegQuery{Limit: 1})
	h.member.Broadcast("leg", &msg.LegHangup{})
	stop(t, h)
	refused(t, "hangup", h.calls().Hangup(t.Context(), legs[0].Handler), 404)
	secret := "secret"
	_, err = desk.Accounts{Ledger: h.ledger}.Save(t.Context(), web.AccountChange{AOR: "dave", Create: true, Password: &secret})
	refused(t, "save", err, 503)
}

// A contact is this member itself only where its transport's listener has that very port: phones on the
// same machine get any port there is.
func TestOwnContacts(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	p, host := h.sip.Ports(), h.live.Conf().SIP.Bind[0]
	for contact, want := range map[string]bool{
		fmt.Sprintf("sip:x@%s:%d", host, p.UDP):               true,
		fmt.Sprintf("sip:x@%s:%d;transport=tcp", host, p.TCP): true,
		fmt.Sprintf("sip:x@tandem.local:%d", p.UDP):           true,
		fmt.Sprintf("sip:x@%s:%d", host, p.TCP):               p.TCP == p.UDP,
		fmt.Sprintf("sip:x@%s", host):                         false,
		fmt.Sprintf("sip:x@phone:%d;maddr=%s", p.UDP, host):   true,
		fmt.Sprintf("sip:x@a:%d;maddr=Tandem.LOCAL", p.UDP):   true,
		fmt.Sprintf("sip:x@192.0.2.1:%d", p.UDP):              false,
		"sip:x@df7jal23ls0d.invalid;transport=ws":             false,
	} {
		u, err := signal.ParseURI(contact)
		if err != nil {
			t.Fatal(err)
		}
		if got := h.own(u); got != want {
			t.Errorf("%s: %v", contact, got)
		}
	}
	// Another member's listener leads back to us too, and no call leg's audio comes from its address.
	h.sip.SetFarm(farm.NewView(h.member.Name(), []farm.Member{{Name: "another", Addresses: []string{"192.0.2.1:5060"}}}, nil))
	if u := (signal.URI{Scheme: "sip", User: "x", Host: "192.0.2.1"}); !h.own(u) {
		t.Errorf("%v is not known as a member's", u)
	}
	theirs := signal.Flow{Edge: "another", Transport: "UDP", Local: netip.MustParseAddrPort("192.0.2.1:5060"),
		Remote: netip.MustParseAddrPort("127.0.0.1:5099")}
	if b := h.birth(theirs, "x", &msg.LegStart{}); b.Bind.String() != host {
		t.Errorf("a leg over another member's flow binds %v", b.Bind)
	}
	for peer, want := range map[string]string{"127.0.0.7": host, "192.0.2.1": host, "::ffff:127.0.0.7": host, "": host, "2001:db8::1": "invalid IP"} {
		a, _ := netip.ParseAddr(peer)
		if got := h.audio(a, false); got.String() != want {
			t.Errorf("audio of %q is taken at %v, want %s", peer, got, want)
		}
	}
}

// Calls spread over the addresses of media.bind of their peer's family, but for those whose signalling comes to one of them.
func TestAudioOverSeveralAddresses(t *testing.T) {
	c := settingsOf(t.TempDir())
	c.Media.Bind = []string{"127.0.0.2", "127.0.0.3", "::1"}
	h := start(t, c)
	flow := signal.Flow{Edge: h.member.Name(), Transport: "UDP", Local: netip.MustParseAddrPort("127.0.0.1:5060"),
		Remote: netip.MustParseAddrPort("127.0.0.1:5099")}
	taken := map[string]int{}
	for i := range 6 {
		at := h.birth(flow, "x", &msg.LegStart{}).Bind
		s, err := h.engine.Open(media.Options{ID: fmt.Sprint("stream ", i), Local: at})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		taken[at.String()]++
	}
	if taken["127.0.0.2"] != 3 || taken["127.0.0.3"] != 3 {
		t.Errorf("six calls are at %v", taken)
	}
	for range 2 {
		flow.Local = netip.MustParseAddrPort("127.0.0.3:5060")
		if at := h.birth(flow, "x", &msg.LegStart{}).Bind; at != flow.Local.Addr() {
			t.Errorf("a call whose signalling comes to %v is at %v", flow.Local, at)
		}
		if at := h.birth(signal.Flow{}, "x", &msg.LegStart{}).Bind; !at.Is4() { // as to a trunk: nobody knows yet where it leads
			t.Errorf("a call without a flow is at %v", at)
		}
	}
	if p := newPhone(t, h); regexp.MustCompile(`c=IN IP4 127\.0\.0\.[23]\r`).FindString(p.answered(p.dial("a", "9196")).answer) == "" {
		t.Error("a phone is not told an address of media.bind")
	}
}

// An account behind a number of the settings could never be called.
func TestNumbersAreNoAddresses(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	password := "long enough"
	for _, aor := range []string{"9196", "3007", "96486"} {
		if _, err := (desk.Accounts{Ledger: h.ledger}).Save(t.Context(), web.AccountChange{AOR: aor, Create: true, Password: &password}); err == nil {
			t.Errorf("account %s was made", aor)
		}
		if _, err := (desk.Accounts{Ledger: h.ledger}).Save(t.Context(), web.AccountChange{AOR: "1000", Aliases: &[]string{aor}}); err == nil {
			t.Errorf("alias %s was made", aor)
		}
	}
	if _, err := (desk.Accounts{Ledger: h.ledger}).Save(t.Context(), web.AccountChange{AOR: "1000", Aliases: &[]string{"alice"}}); err != nil {
		t.Error(err)
	}
}
