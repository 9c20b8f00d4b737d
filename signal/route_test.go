package signal

import (
	"net/netip"
	"reflect"
	"testing"
)

// book is a directory with three accounts, an alias, a disabled account, a telephone number, and
// forwarders of which some lead in a circle.
type book struct{}

func (book) Account(a AOR) (Account, bool) {
	switch a {
	case "1000@t.local", "alice@t.local":
		return Account{AOR: "1000@t.local", Display: "Alice"}, true
	case "1001@t.local":
		return Account{AOR: "1001@t.local"}, true
	case "pbx@t.local", "center@t.local":
		return Account{AOR: "pbx@t.local"}, true
	case "1002@t.local":
		return Account{AOR: "1002@t.local", Disabled: true}, true
	}
	return Account{}, false
}

func (book) Telnum(number string) (Account, bool) {
	return Account{AOR: "1001@t.local"}, number == "49891234"
}

func (book) Forwarder(a AOR) (string, bool) {
	to, ok := map[AOR]string{"sales@t.local": "1001", "desk@t.local": "sales", "menu@t.local": "menu{a,b}#pbx",
		"abroad@t.local": "x@elsewhere.org", "bad@t.local": "a b", "circle@t.local": "circle"}[a]
	return to, ok
}

func (book) NamedTask(a AOR) (string, AOR, bool) {
	owner, ok := map[AOR]AOR{"lobby@t.local": "pbx@t.local", "orphan@t.local": "gone@t.local"}[a]
	return "lobbyist", owner, ok
}

func (book) Rules(string) RuleSet { return RuleSet{} }

func (book) Contacts(AOR) []Contact { return nil }

func (book) FlowOwners(Flow) []AOR { return nil }

func table() *Table {
	return NewTable("T.local", []string{"other.org"}, []Number{
		{"9196", "echo"}, {"30nn", "conference"}, {"964nn", "status"}, {"96nnn", "status"}, {"*9n", "service"},
		{"200", "Menu#pbx"}, {"70nn", "park{x}#center@T.LOCAL"}, {"71nn", "park#nobody"}, {"72nn", "no program#pbx"}})
}

func TestRoute(t *testing.T) {
	pbx := Account{AOR: "pbx@t.local"}
	for uri, want := range map[string]Target{
		"sip:1001@t.local":         {Kind: ToAccount, Account: Account{AOR: "1001@t.local"}, Number: "1001"},
		"sip:1001@127.0.0.1:5060":  {Kind: ToAccount, Account: Account{AOR: "1001@t.local"}, Number: "1001"},
		"sip:1001@[::1]":           {Kind: ToAccount, Account: Account{AOR: "1001@t.local"}, Number: "1001"},
		"sip:1001@localhost;x=y":   {Kind: ToAccount, Account: Account{AOR: "1001@t.local"}, Number: "1001"},
		"sip:%31001@T.LOCAL":       {Kind: ToAccount, Account: Account{AOR: "1001@t.local"}, Number: "1001"},
		"sip:alice@t.local":        {Kind: ToAccount, Account: Account{AOR: "1000@t.local", Display: "Alice"}, Number: "alice"},
		"tel:1001":                 {Kind: ToAccount, Account: Account{AOR: "1001@t.local"}, Number: "1001"},
		"sip:1002@t.local":         {Status: 404, Number: "1002"},
		"sip:9999@t.local":         {Status: 404, Number: "9999"},
		"sip:1001@other.org":       {Status: 404, Number: "1001"},
		"sip:1001@elsewhere.org":   {Status: 403, Reason: "Domain is not served here"},
		"sip:t.local":              {Kind: ToServer},
		"sip:9196@t.local":         {Kind: ToApplication, Application: "echo", Number: "9196"},
		"sip:3007@t.local":         {Kind: ToApplication, Application: "conference", Argument: "07", Number: "3007"},
		"sip:30ab@t.local":         {Status: 404, Number: "30ab"},
		"sip:*97@t.local":          {Kind: ToApplication, Application: "service", Argument: "7", Number: "*97"},
		"sip:96486@t.local":        {Status: 486, Number: "96486"},
		"sip:96999@t.local":        {Status: 404, Number: "96999"},
		"sip:200@t.local":          {Kind: ToTask, Program: "Menu", Account: pbx, Open: true, Number: "200"},
		"sip:7012@t.local":         {Kind: ToTask, Program: "park", Params: []string{"x", "12"}, Account: pbx, Open: true, Number: "7012"},
		"sip:7112@t.local":         {Status: 404, Number: "7112", Open: true},
		"sip:menu#pbx@t.local":     {Kind: ToTask, Program: "menu", Account: pbx, Direct: true, Number: "menu#pbx"},
		"sip:menu%23pbx@127.0.0.1": {Kind: ToTask, Program: "menu", Account: pbx, Direct: true, Number: "menu#pbx"},
		"sip:M%7bA,%2c%7D#center@t.local": {Kind: ToTask, Program: "M", Params: []string{"A", ","}, Account: pbx, Direct: true,
			Number: "m{a,,}#center"},
		"sip:m{a@b}#pbx@t.local":       {Kind: ToTask, Program: "m", Params: []string{"a@b"}, Account: pbx, Direct: true, Number: "m{a@b}#pbx"},
		"sip:menu#1002@t.local":        {Status: 404, Number: "menu#1002", Direct: true},
		"sip:menu#pbx@other.org":       {Status: 404, Number: "menu#pbx", Direct: true},
		"sip:menu#pbx@elsewhere.org":   {Status: 403, Reason: "Domain is not served here"},
		"sip:#menu@t.local":            {Status: 404, Number: "#menu"},
		"sip:m{%0a}#pbx@t.local":       {Status: 404, Number: "m{%0a}#pbx"},
		"sip:*21#@t.local":             {Status: 404, Number: "*21#"},
		"sip:*21#pbx@t.local":          {Status: 404, Number: "*21#pbx"},
		"sip:+49-89-1234@t.local":      {Kind: ToAccount, Account: Account{AOR: "1001@t.local"}, Number: "+49-89-1234"},
		"tel:+49-89-1234":              {Kind: ToAccount, Account: Account{AOR: "1001@t.local"}, Number: "+49-89-1234"},
		"sip:49891234@telnum":          {Kind: ToAccount, Account: Account{AOR: "1001@t.local"}, Number: "49891234"},
		"sip:9196@telnum":              {Status: 404, Number: "9196"},
		"sip:desk@t.local":             {Kind: ToAccount, Account: Account{AOR: "1001@t.local"}, Number: "1001"},
		"sip:menu@t.local":             {Kind: ToTask, Program: "menu", Params: []string{"a", "b"}, Account: pbx, Number: "menu{a,b}#pbx"},
		"sip:lobby@t.local":            {Kind: ToTask, Program: "lobbyist", Account: pbx, Named: "lobby@t.local", Number: "lobby"},
		"sip:orphan@t.local":           {Status: 404, Number: "orphan"},
		"sip:abroad@t.local":           {Status: 403, Reason: "Domain is not served here"},
		"sip:bad@t.local":              {Status: 404, Number: "bad"},
		"sip:circle@t.local":           {Status: 404, Number: "circle"},
		"sip:1001%0d%0aX:%20y@t.local": {Status: 404, Number: "1001%0d%0ax:%20y"},
	} {
		u, err := ParseURI(uri)
		if err != nil {
			t.Fatalf("%s: %v", uri, err)
		}
		if got := table().Route(u, book{}); !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %+v\nwant %+v", uri, got, want)
		}
	}
}

func TestAdmit(t *testing.T) {
	loopback := Flow{Transport: "UDP", Remote: netip.MustParseAddrPort("127.0.0.1:5070")}
	abroad := Flow{Transport: "UDP", Remote: netip.MustParseAddrPort("192.0.2.1:5070")}
	for _, c := range []struct {
		name     string
		method   Method
		uri      string
		from, to string
		account  AOR
		flow     Flow
		want     VerdictAction
		status   int
	}{
		{"application from loopback", INVITE, "sip:9196@t.local", "sip:x@y", "", "", loopback, Proceed, 0},
		{"status number from loopback", INVITE, "sip:96486@t.local", "sip:x@y", "", "", loopback, Proceed, 0},
		{"application from abroad", INVITE, "sip:9196@t.local", "sip:x@y", "", "", abroad, Challenge, 0},
		{"program number from loopback", INVITE, "sip:200@t.local", "sip:x@y", "", "", loopback, Proceed, 0},
		{"program address from loopback", INVITE, "sip:menu#pbx@t.local", "sip:x@y", "", "", loopback, Challenge, 0},
		{"forwarder to a program from loopback", INVITE, "sip:menu@t.local", "sip:x@y", "", "", loopback, Challenge, 0},
		{"program address of its domain", INVITE, "sip:menu#pbx@t.local", "sip:1000@t.local", "", "1000@t.local", abroad, Proceed, 0},
		{"program address of another domain", INVITE, "sip:menu#pbx@t.local", "sip:x@other.org", "", "x@other.org", abroad, Refuse, 404},
		{"forwarder to a program of another domain", INVITE, "sip:menu@t.local", "sip:x@other.org", "", "x@other.org", abroad, Proceed, 0},
		{"account without credentials", INVITE, "sip:1001@t.local", "sip:x@y", "", "", loopback, Challenge, 0},
		{"nobody without credentials", INVITE, "sip:9999@t.local", "sip:x@y", "", "", loopback, Challenge, 0},
		{"foreign domain without credentials", INVITE, "sip:1@elsewhere.org", "sip:x@y", "", "", loopback, Challenge, 0},
		{"account as itself", INVITE, "sip:1001@t.local", "sip:1000@t.local", "", "1000@t.local", abroad, Proceed, 0},
		{"account by its alias", INVITE, "sip:1001@t.local", "sip:alice@t.local", "", "1000@t.local", abroad, Proceed, 0},
		{"account as another", INVITE, "sip:1001@t.local", "sip:1001@t.local", "", "1000@t.local", abroad, Refuse, 403},
		{"account as nobody here", INVITE, "sip:1001@t.local", "sip:anonymous@anonymous.invalid", "", "1000@t.local", abroad, Proceed, 0},
		{"message needs credentials", MESSAGE, "sip:9196@t.local", "sip:x@y", "", "", loopback, Challenge, 0},
		{"register without credentials", REGISTER, "sip:t.local", "sip:1000@t.local", "sip:1000@t.local", "", abroad, Challenge, 0},
		{"register itself", REGISTER, "sip:t.local", "sip:1000@t.local", "sip:1000@t.local", "1000@t.local", abroad, Proceed, 0},
		{"register another", REGISTER, "sip:t.local", "sip:1001@t.local", "sip:1001@t.local", "1000@t.local", abroad, Refuse, 403},
		{"register elsewhere", REGISTER, "sip:t.local", "sip:1@e.org", "sip:1@e.org", "", abroad, Refuse, 404},
		{"options", OPTIONS, "sip:t.local", "sip:x@y", "", "", abroad, Answer, 200},
		{"options for an account", OPTIONS, "sip:1001@t.local", "sip:x@y", "", "", abroad, Answer, 200},
		{"subscription", SUBSCRIBE, "sip:1001@t.local", "sip:x@y", "", "", abroad, Refuse, 489},
		{"bye outside", BYE, "sip:1001@t.local", "sip:x@y", "", "", abroad, Refuse, 481},
		{"refer outside", REFER, "sip:1001@t.local", "sip:x@y", "", "", abroad, Refuse, 403},
	} {
		uri, _ := ParseURI(c.uri)
		from, _ := ParseParty(c.from)
		to, _ := ParseParty(c.to)
		p := Policy{Table: table(), OpenNumbers: true}
		r := &Request{Method: c.method, URI: uri, From: from, To: to, MaxForwards: 70,
			Origin: Origin{Flow: c.flow, Account: c.account}}
		if got := p.Admit(r, book{}); got.Action != c.want || got.Status != c.status {
			t.Errorf("%s: got %+v", c.name, got)
		}
	}
}

// The copy for a device would have to say 0, which in a request to be sent means the default: a loop
// through another server would never end.
func TestLastHopIsNotSentOn(t *testing.T) {
	p := Policy{Table: table()}
	for _, c := range []struct {
		uri      string
		forwards int
		status   int
	}{{"sip:1001@t.local", 2, 0}, {"sip:1001@t.local", 1, 483}, {"sip:1001@t.local", 0, 483}, {"sip:9196@t.local", 1, 0}} {
		uri, _ := ParseURI(c.uri)
		from, _ := ParseParty("sip:1000@t.local")
		r := &Request{Method: INVITE, URI: uri, From: from, MaxForwards: c.forwards, Origin: Origin{Account: "1000@t.local"}}
		if got := p.Admit(r, book{}); got.Status != c.status {
			t.Errorf("%s with Max-Forwards %d: got %+v", c.uri, c.forwards, got)
		}
	}
}

// An account may subscribe to its own message lamp.
func TestSubscriptions(t *testing.T) {
	p := Policy{Table: table()}
	for _, c := range []struct {
		uri     string
		account AOR
		event   string
		want    VerdictAction
		status  int
	}{
		{"sip:1000@t.local", "", "message-summary", Challenge, 0},
		{"sip:9999@t.local", "", "message-summary", Challenge, 0},
		{"sip:1000@t.local", "1000@t.local", "message-summary", Proceed, 0},
		{"sip:1000@t.local", "1000@t.local", " Message-Summary ;id=4", Proceed, 0},
		{"sip:alice@t.local", "1000@t.local", "message-summary", Proceed, 0},
		{"sip:1001@t.local", "1000@t.local", "message-summary", Refuse, 403},
		{"sip:9999@t.local", "1000@t.local", "message-summary", Refuse, 403},
		{"sip:9196@t.local", "1000@t.local", "message-summary", Refuse, 403},
		{"sip:t.local", "1000@t.local", "message-summary", Refuse, 403},
		{"sip:1000@t.local", "1000@t.local", "presence", Proceed, 0},
		{"sip:1001@t.local", "1000@t.local", "presence", Proceed, 0},
		{"sip:1001@t.local", "", "presence", Challenge, 0},
		{"sip:9999@t.local", "", "presence", Challenge, 0},
		{"sip:9999@t.local", "1000@t.local", "presence", Refuse, 404},
		{"sip:1001@elsewhere.example", "1000@t.local", "presence", Refuse, 404},
		{"sip:1000@t.local", "1000@t.local", "reg", Refuse, 489},
		{"sip:1001@t.local", "1000@t.local", "dialog", Proceed, 0},
		{"sip:1000@t.local", "1000@t.local", "Dialog;sla", Proceed, 0},
		{"sip:1001@t.local", "", "dialog", Challenge, 0},
		{"sip:1001@t.local", "boss@other.org", "dialog", Refuse, 403},
		{"sip:9999@t.local", "1000@t.local", "dialog", Refuse, 404},
		{"sip:9196@t.local", "1000@t.local", "dialog", Refuse, 404},
		{"sip:1000@t.local", "", "", Refuse, 489},
	} {
		uri, _ := ParseURI(c.uri)
		r := &Request{Method: SUBSCRIBE, URI: uri, To: Party{URI: uri}, Headers: Headers{{"Event", c.event}},
			Origin: Origin{Account: c.account}}
		if got := p.Admit(r, book{}); got.Action != c.want || got.Status != c.status {
			t.Errorf("%s %q by %q: got %+v", c.uri, c.event, c.account, got)
		}
	}
}

// A 489 says which packages there are (RFC 6665 section 7.2).
func TestBadEventNamesThePackages(t *testing.T) {
	got := (&Policy{Table: table()}).Admit(&Request{Method: PUBLISH}, book{})
	if got.Status != 489 || got.Headers.Get("Allow-Events") != "message-summary, presence, dialog, refer" {
		t.Errorf("got %+v", got)
	}
}

// An account says how it stands itself, and nobody else.
func TestPublications(t *testing.T) {
	p := Policy{Table: table()}
	for _, c := range []struct {
		uri     string
		account AOR
		event   string
		want    VerdictAction
		status  int
	}{
		{"sip:1000@t.local", "", "presence", Challenge, 0},
		{"sip:1000@t.local", "1000@t.local", "Presence", Proceed, 0},
		{"sip:alice@t.local", "1000@t.local", "presence", Proceed, 0},
		{"sip:1001@t.local", "1000@t.local", "presence", Refuse, 403},
		{"sip:9999@t.local", "1000@t.local", "presence", Refuse, 403},
		{"sip:1000@t.local", "1000@t.local", "dialog", Refuse, 489},
		{"sip:1000@t.local", "", "", Refuse, 489},
	} {
		uri, _ := ParseURI(c.uri)
		r := &Request{Method: PUBLISH, URI: uri, To: Party{URI: uri}, Headers: Headers{{"Event", c.event}},
			Origin: Origin{Account: c.account}}
		if got := p.Admit(r, book{}); got.Action != c.want || got.Status != c.status {
			t.Errorf("%s %q by %q: got %+v", c.uri, c.event, c.account, got)
		}
	}
}

// A domain may have other names; none of them takes the place of a domain.
func TestAliasesOfDomains(t *testing.T) {
	table := NewTable("t.local", []string{"other.org"}, nil).
		WithAliases(map[string]string{"t.example": "t.local", "other.org": "t.local", "gone.example": "nowhere"})
	for host, want := range map[string]AOR{
		"t.example": "a@t.local", "other.org": "a@other.org", "t.local": "a@t.local", "gone.example": "", "else.example": "",
	} {
		if got, ok := table.Resolve(URI{Scheme: "sip", User: "a", Host: host}); got != want || ok != (want != "") {
			t.Errorf("%s: %q, %v", host, got, ok)
		}
	}
}
