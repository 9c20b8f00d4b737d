package signal

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// lines is a table with a carrier for the world, a second one for it, a gateway of another PBX, and one that logs in.
func lines() *TrunkTable {
	return NewTrunkTable([]Trunk{
		{Name: "carrier", Networks: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/28")}},
		{Name: "spare", User: "line", Transit: []string{"pbx"}},
		{Name: "pbx", Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.5/32")}},
		{Name: "login", Login: "gw@tandem.local", Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.6/32")}},
		{Name: "roaming", Login: "rover@tandem.local"},
	}, []TrunkNumber{
		{Match: "00n.", Trunks: []string{"carrier", "spare"}, Strip: 2, Prepend: "+", Callers: []string{"boss@tandem.local", "@rich.example"}},
		{Match: "0n.", Trunks: []string{"carrier"}, Strip: 1, Prepend: "+49"},
		{Match: "+n.", Trunks: []string{"spare"}},
		{Match: "1nnn", Trunks: []string{"pbx"}},
		{Match: "112", Trunks: []string{"spare"}, Emergency: true, Callers: []string{"boss@tandem.local"}},
	}, []TrunkIncoming{
		{Trunk: "carrier", Match: "+4989700nn", Strip: 8, Prepend: "1"},
		{Trunk: "carrier", Match: "+4989701.", To: "sales@tandem.local"},
		{Trunk: "carrier", Match: "+4989702", To: "1000"},
		{Trunk: "roaming", Match: "nnnn"}, {Trunk: "roaming", Match: "7nnnn", Strip: 1},
	})
}

// town is a directory with three accounts, two of them by unlucky names.
type town struct{ book }

func (town) Account(a AOR) (Account, bool) {
	return Account{AOR: a}, a == "1000@tandem.local" || a == "112@tandem.local" || a == "10-20@tandem.local"
}

func (town) Forwarder(AOR) (string, bool) { return "", false }

func (town) NamedTask(AOR) (string, AOR, bool) { return "", "", false }

func (town) Telnum(string) (Account, bool) { return Account{}, false }

func TestNumbersToTrunks(t *testing.T) {
	table := NewTable("tandem.local", nil, []Number{{"112", "echo"}, {"9n", "echo"}}).WithTrunks(lines())
	d := town{}
	for dialled, want := range map[string]string{
		"004989123":                            "carrier:+4989123 spare:+4989123",
		"00-49(89)1.23":                        "carrier:+4989123 spare:+4989123",
		"00%2049%20(89)%201-23":                "carrier:+4989123 spare:+4989123",
		"(+49)%2089123":                        "spare:+4989123",
		"00+49":                                "",
		"00%2149":                              "",
		"089123":                               "carrier:+4989123",
		"+4989123":                             "spare:+4989123",
		"1001":                                 "pbx:1001",
		"112":                                  "spare:112",
		"1000":                                 "", // an account
		"91":                                   "", // an application
		"0":                                    "", // too short
		"0a1":                                  "", // no number
		"12":                                   "",
		"00" + strings.Repeat("1", maxDialled): "",
	} {
		u, err := ParseURI("sip:" + strings.NewReplacer(" ", "%20").Replace(dialled) + "@tandem.local")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, w := range table.Route(u, d).Ways {
			got = append(got, w.Trunk+":"+w.Number)
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s goes to %q, want %q", dialled, s, want)
		}
	}
	abroad := URI{Scheme: "sip", User: "004989123", Host: "abroad.example"}
	if got := table.Route(abroad, d); got.Kind != ToNothing {
		t.Errorf("a domain that is not ours is called over a trunk: %v", got)
	}
}

func TestWhoMayCallOut(t *testing.T) {
	table := NewTable("tandem.local", nil, nil).WithTrunks(lines())
	route := func(number string) Target {
		return table.Route(URI{Scheme: "sip", User: number, Host: "tandem.local"}, town{})
	}
	for _, x := range []struct {
		number string
		by     AOR
		may    bool
	}{
		{"0049891", "", false}, {"0049891", "boss@tandem.local", true}, {"0049891", "1000@tandem.local", false},
		{"0049891", "any@rich.example", true}, {"089123", "1000@tandem.local", true}, {"089123", "", false},
		{"112", "1000@tandem.local", true}, {"112", "", false},
	} {
		if got := route(x.number).MayRun(x.by); got != x.may {
			t.Errorf("%q may call %s: %t", x.by, x.number, got)
		}
	}
	urgent := NewTable("tandem.local", nil, nil).WithTrunks(lines()).WithEmergency([]string{"0110"})
	// Whatever else has the number comes after it.
	taken := NewTable("tandem.local", nil, []Number{{"0110", "echo"}}).WithTrunks(lines()).WithEmergency([]string{"0110"})
	if got := taken.Route(URI{Scheme: "sip", User: "0110", Host: "tandem.local"}, town{}); got.Kind != ToTrunk || !got.Emergency {
		t.Errorf("an emergency number that an application has: %v", got)
	}
	for number, want := range map[string]bool{"112": true, "0110": true, "0-110": true, "0111": false} {
		u := URI{Scheme: "sip", User: number, Host: "tandem.local"}
		if got := urgent.Route(u, town{}); got.Emergency != want || got.Ways[0].Emergency != want || urgent.Emergency(u) != want {
			t.Errorf("%s is an emergency number: %v", number, got)
		}
	}
	for from, want := range map[string]string{"": "carrier spare", "pbx": "spare", "carrier": "403", "spare": "403"} {
		got := lines().Through(route("0049891"), from)
		text := fmt.Sprint(got.Status)
		if got.Kind == ToTrunk {
			text = ""
			for _, w := range got.Ways {
				text = strings.TrimSpace(text + " " + w.Trunk)
			}
		}
		if text != want {
			t.Errorf("from %q: %s, want %s", from, text, want)
		}
	}
}

func TestCallsFromTrunks(t *testing.T) {
	for _, x := range []struct{ trunk, called, want string }{
		{"carrier", "+498970012", "sip:112@tandem.local"}, {"carrier", "+49897015", "sip:sales@tandem.local"},
		{"carrier", "+4989702", "sip:1000@tandem.local"}, {"carrier", "1000", ""}, {"carrier", "", ""},
		{"spare", "line", "sip:1000@tandem.local"}, // our Contact: To names the number
		{"pbx", "1000", "sip:1000@tandem.local"}, {"pbx", "", ""}, {"pbx", "a;b", "sip:a@tandem.local"},
		{"pbx", "10-20", "sip:10-20@tandem.local"}, {"roaming", "10-20", "sip:10-20@tandem.local"}, // an account
		{"roaming", "1020", "sip:1020@tandem.local"}, {"roaming", "10-21", "sip:1021@tandem.local"}, {"roaming", "710-20", "sip:1020@tandem.local"},
	} {
		r := &Request{URI: URI{Scheme: "sip", User: x.called, Host: "192.0.2.1"}, Origin: Origin{Trunk: x.trunk}}
		r.To.URI = URI{Scheme: "sip", User: "1000", Host: "carrier.example"}
		u, ok := lines().Enter(r, "tandem.local", town{})
		got := ""
		if ok {
			got = u.String()
		}
		if got != x.want {
			t.Errorf("%s calls %s: %q, want %q", x.trunk, x.called, got, x.want)
		}
	}
}

func TestWhoseCallItIs(t *testing.T) {
	learned := func(name string) []netip.Addr {
		if name == "spare" {
			return []netip.Addr{netip.MustParseAddr("198.51.100.9")}
		}
		return nil
	}
	for _, x := range []struct {
		source  string
		account AOR
		want    string
	}{
		{"203.0.113.3", "", "carrier"}, {"::ffff:203.0.113.3", "", "carrier"}, {"203.0.113.16", "", ""},
		{"203.0.113.3", "1000@tandem.local", ""}, // a phone behind that address
		{"198.51.100.9", "", "spare"}, {"10.0.0.5", "", "pbx"},
		{"10.0.0.6", "", ""}, {"10.0.0.6", "gw@tandem.local", "login"}, {"10.0.0.7", "gw@tandem.local", ""},
		{"192.0.2.77", "rover@tandem.local", "roaming"},
	} {
		r := &Request{Method: INVITE, Origin: Origin{Account: x.account, Flow: Flow{Remote: netip.AddrPortFrom(netip.MustParseAddr(x.source), 5060)}}}
		if got := lines().From(r, learned); got != x.want {
			t.Errorf("%s as %q: %q, want %q", x.source, x.account, got, x.want)
		}
	}
}

// TestAdmitTrunk: what calls from trunks reach, and what nobody reaches by them.
func TestAdmitTrunk(t *testing.T) {
	p := &Policy{Table: NewTable("tandem.local", nil, nil).WithTrunks(lines())}
	d := town{}
	for _, x := range []struct {
		name, trunk, from string
		method            Method
		account           AOR
		called            string
		want              string
	}{
		{name: "an account by its number", trunk: "pbx", called: "1000", want: "proceed"},
		{name: "by what incoming makes of it", trunk: "carrier", called: "+4989702", want: "proceed"},
		{name: "what incoming does not name", trunk: "carrier", called: "1000", want: "404"},
		{name: "nobody", trunk: "pbx", called: "nobody", want: "404"},
		{name: "a program", trunk: "pbx", called: "x#1000", want: "404"},
		{name: "no user", trunk: "pbx", called: "", want: "404"},
		{name: "out again", trunk: "pbx", called: "089123", want: "403"},
		{name: "out again where that may be", trunk: "pbx", called: "+4989123", want: "proceed"},
		{name: "a stranger", called: "1000", want: "challenge tandem.local"},
		{name: "a stranger who calls the world", called: "0049891", want: "challenge tandem.local"},
		{name: "an account that may not", account: "1000@tandem.local", called: "0049891", want: "403"},
		{name: "an account that may", account: "1000@tandem.local", called: "089123", want: "proceed"},
		{name: "a trunk's user from elsewhere", account: "gw@tandem.local", called: "1000", want: "403"},
		{name: "a trunk's user registers", method: REGISTER, account: "gw@tandem.local", called: "gw", want: "403"},
		{name: "a trunk's user has a message", method: MESSAGE, account: "gw@tandem.local", called: "1000", want: "403"},
		{name: "an account registers", method: REGISTER, account: "1000@tandem.local", called: "1000", want: "proceed"},
	} {
		u := URI{Scheme: "sip", User: x.called, Host: "tandem.local"}
		r := &Request{Method: cmp.Or(x.method, INVITE), URI: u, To: Party{URI: u}, MaxForwards: 70,
			From: Party{URI: URI{Scheme: "sip", User: "x", Host: "far.example"}}, Origin: Origin{Trunk: x.trunk, Account: x.account}}
		v := p.Admit(r, d)
		got := fmt.Sprint(v.Status)
		switch v.Action {
		case Proceed:
			got = "proceed"
		case Challenge:
			got = "challenge " + v.Realm
		}
		if got != x.want {
			t.Errorf("%s: %s %s, want %s", x.name, got, v.Reason, x.want)
		}
	}
}

// TestForkOverTrunks: targets are tried one after the other while they fail by themselves, then the next trunk's; what a
// carrier says of the number counts.
func TestForkOverTrunks(t *testing.T) {
	ways := []Way{{Trunk: "a", Number: "1"}, {Trunk: "b", Number: "1"}}
	targets := func(names ...string) (c []Contact) {
		for i, n := range names {
			c = append(c, Contact{Display: n, Q: len(names) - i})
		}
		return c
	}
	begin := func() *Fork {
		f := newFork(ForkLimits{Branches: 20, Forwards: 10, Ring: time.Minute})
		if got := effectText(f.Begin(Callee{Ways: ways, Number: "01"})); got != "way 1 2 of 01" {
			t.Fatalf("begin: %s", got)
		}
		found := Callee{Account: Account{AOR: "1@~a"}, Trunk: "a", Contacts: targets("a1", "a2"), Ways: ways[1:], Number: "01", Plain: true}
		if got := effectText(f.Found(1, found)); got != "start 1 a1; timer 1 1m0s" {
			t.Fatalf("found: %s", got)
		}
		return f
	}
	f := begin()
	steps := func(f *Fork, lines ...any) {
		t.Helper()
		for i := 0; i < len(lines); i += 2 {
			if got := effectText(lines[i].([]ForkEffect)); got != lines[i+1] {
				t.Errorf("step %d: %s, want %s", i/2, got, lines[i+1])
			}
		}
	}
	steps(f, f.Refused(1, Refusal{Status: 408, Local: true}), "start 2 a2", f.Refused(2, Refusal{Status: 503}), "way 2 1 of 01 after 1",
		f.Found(2, Callee{Account: Account{AOR: "1@~b"}, Trunk: "b", Contacts: targets("b1"), Number: "01", Plain: true}), "start 3 b1; timer 2 1m0s",
		f.Refused(3, Refusal{Status: 500}), "refused 500")
	f = begin()
	steps(f, f.Refused(1, Refusal{Status: 404}), "refused 404")
	f = begin()
	steps(f, f.Refused(1, Refusal{Status: 408}), "refused 408")
	f = begin()
	steps(f, f.Refused(1, Refusal{Status: 603}), "refused 603")
	f = begin()
	steps(f, f.Refused(1, Refusal{Status: 503}), "start 2 a2", f.Answered(2), "won 2", f.Refused(2, Refusal{Status: 503}), "")
	f = begin()
	steps(f, f.Cancelled(), "cancel 1 Cancelled by the caller", f.Refused(1, Refusal{Status: 503}), "")
	f = newFork(ForkLimits{Branches: 20, Forwards: 10, Ring: time.Minute})
	f.Begin(Callee{Ways: ways, Number: "01"})
	steps(f, f.Fail(1, Refusal{Status: 503, Reason: "No channel is free"}), "refused 503")
}

// TestCallForHelpGoesOn: a target that does no more than try is left its chance, while the next one is called beside it; one that
// rings has the time of any other. What the carriers say decides as if they had been called one after the other.
func TestCallForHelpGoesOn(t *testing.T) {
	ways := []Way{{Trunk: "a", Number: "112"}, {Trunk: "b", Number: "112"}, {Trunk: "c", Number: "112"}}
	a := Callee{Account: Account{AOR: "112@~a"}, Trunk: "a", Contacts: []Contact{{Display: "a1", Q: 2}, {Display: "a2", Q: 1}},
		Ways: ways[1:], Number: "112", Plain: true, Urgent: true}
	b := Callee{Account: Account{AOR: "112@~b"}, Trunk: "b", Contacts: []Contact{{Display: "b1"}}, Number: "112", Plain: true, Urgent: true}
	busy, down := Refusal{Status: 486}, Refusal{Status: 503}
	rings := func(id BranchID) func(*Fork) []ForkEffect {
		return func(f *Fork) []ForkEffect { f.Progressed(id); return nil }
	}
	timeout := func(id int) func(*Fork) []ForkEffect { return func(f *Fork) []ForkEffect { return f.Timeout(id) } }
	refused := func(id BranchID, r Refusal) func(*Fork) []ForkEffect {
		return func(f *Fork) []ForkEffect { return f.Refused(id, r) }
	}
	answered := func(id BranchID) func(*Fork) []ForkEffect {
		return func(f *Fork) []ForkEffect { return f.Answered(id) }
	}
	found := func(f *Fork) []ForkEffect { return f.Found(2, b) }
	noWay := func(f *Fork) []ForkEffect { return f.Fail(2, down) }
	for name, story := range map[string][]any{
		"the next trunk answers": {timeout(1), "start 2 a2; timer 3 8s", timeout(3), "way 2 2 of 112 after 1",
			found, "start 3 b1; timer 4 1m0s", answered(3), "won 3; cancel 1 Call completed elsewhere; cancel 2 Call completed elsewhere"},
		"the first answers after all": {timeout(1), "start 2 a2; timer 3 8s", timeout(3), "way 2 2 of 112 after 1",
			found, "start 3 b1; timer 4 1m0s", answered(1), "won 1; cancel 2 Call completed elsewhere; cancel 3 Call completed elsewhere"},
		"it rings":                     {rings(1), "", timeout(1), "", timeout(2), "cancel 1 No answer; refused 480"},
		"it rings, and is out of work": {rings(1), "", timeout(1), "", refused(1, down), "start 2 a2; timer 3 8s"},
		"it rings late": {timeout(1), "start 2 a2; timer 3 8s", rings(1), "", timeout(3), "",
			refused(2, down), "", refused(1, down), "way 2 2 of 112 after 1"},
		"the next is down as well": {timeout(1), "start 2 a2; timer 3 8s", refused(2, down), "way 2 2 of 112 after 1",
			noWay, "", refused(1, busy), "refused 486"},
		"all is late, and nobody takes it": {timeout(1), "start 2 a2; timer 3 8s", timeout(3), "way 2 2 of 112 after 1",
			found, "start 3 b1; timer 4 1m0s", refused(3, busy), "", timeout(2), "cancel 1 No answer; cancel 2 No answer; refused 486"},
		"the carrier's word counts": {timeout(1), "start 2 a2; timer 3 8s", refused(2, busy), "", refused(1, down), "refused 486"},
		"it is down at once":        {refused(1, down), "start 2 a2; timer 3 8s", timeout(1), "", timeout(3), "way 2 2 of 112 after 1"},
		"the caller gives up":       {timeout(1), "start 2 a2; timer 3 8s", (*Fork).Cancelled, "cancel 1 Cancelled by the caller; cancel 2 Cancelled by the caller", timeout(3), ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFork(ForkLimits{Branches: 20, Forwards: 10, Ring: time.Minute})
			f.Begin(Callee{Ways: ways, Number: "112"})
			if got := effectText(f.Found(1, a)); got != "start 1 a1; timer 1 8s; timer 2 1m0s" {
				t.Fatalf("found: %s", got)
			}
			for i := 0; i < len(story); i += 2 {
				if got := effectText(story[i].(func(*Fork) []ForkEffect)(f)); got != story[i+1] {
					t.Errorf("step %d: %q, want %q", i/2, got, story[i+1])
				}
			}
		})
	}
}

// TestAddressOfTarget: a transport that is named is in the address, or a large request would try another one.
func TestAddressOfTarget(t *testing.T) {
	for transport, want := range map[string]string{"udp": "sip:1@h;transport=udp", "tls": "sip:1@h;transport=tls", "": "sip:1@h"} {
		if got := (TrunkTarget{Host: "h", Transport: transport}).URI("1").String(); got != want {
			t.Errorf("by %q: %s, want %s", transport, got, want)
		}
	}
}

func TestNumberInTargetURI(t *testing.T) {
	at := TrunkTarget{Host: "carrier.example", Port: 5070, Transport: "tcp"}
	if got := at.URI("*31#+4989").String(); got != "sip:*31%23+4989@carrier.example:5070;transport=tcp" {
		t.Errorf("got %s", got)
	}
}

// A number that is shown to a carrier has nothing in it to be read better; what is none is left alone.
func TestPlainNumber(t *testing.T) {
	for user, want := range map[string]string{
		"+49 (30) 123-4": "+49301234", "%2B49%20(30)%20123-4": "+49301234", "1000": "1000", "*21#": "*21%23", "*21%23": "*21%23",
		"bob": "bob", "b.-ob": "b.-ob", "...": "...", "": "", "+4930;ext=1": "+4930;ext=1", "a%20b": "a%20b",
	} {
		if got := PlainNumber(user); got != want {
			t.Errorf("%q is shown as %q, want %q", user, got, want)
		}
	}
}
