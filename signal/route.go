package signal

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// TargetKind says what a request is for.
type TargetKind int

// The kinds of target.
const (
	ToNothing     TargetKind = iota // refused with Status
	ToServer                        // the server itself: no user part
	ToAccount                       // Account
	ToApplication                   // Application with Argument
	ToTask                          // a new Task that runs Program with Params in the name of Account
	ToTrunk                         // a carrier, by one of Ways
)

// Target is where a request goes.
type Target struct {
	Kind        TargetKind
	Account     Account
	Application string
	Argument    string // the digits that the number's pattern left open: the room of a conference
	Program     string
	Params      []string
	Direct      bool     // the address itself names the program: see MayRun
	Open        bool     // a number of the settings leads there
	Named       AOR      // the name of a Named Task: of ToTask, one instance at most runs under it
	Number      string   // the number as dialled
	Ways        []Way    // of ToTrunk, the best first
	Callers     []string // of ToTrunk: who may call it, see TrunkNumber
	Emergency   bool     // of ToTrunk: an emergency number
	Status      int      // for ToNothing
	Reason      string
}

// MayRun reports whether an account may have the target: whoever knows an account's name could run any
// program in its name, so an address may name one only to those of the same domain. A number that is called over a trunk
// costs money: an account may call it that is named for it, an emergency number each. by is "" for a stranger.
func (t Target) MayRun(by AOR) bool {
	if t.Kind == ToTrunk {
		return by != "" && (t.Emergency || mayCall(t.Callers, by))
	}
	return !t.Direct || by != "" && by.Domain() == t.Account.AOR.Domain()
}

// Number gives an application to the dialled numbers that match a pattern: digits, '*' and '#'
// stand for themselves, 'n' for any digit. Application is a built-in one or a program address, which
// gets the digits that the pattern left open as its last parameter.
type Number struct{ Match, Application string }

// maxForwarders bounds how many forwarders one address may lead through.
const maxForwarders = 5

// Table routes addresses. It is immutable and safe for concurrent use.
type Table struct {
	domain  string
	domains map[string]bool
	aliases map[string]string // other names of domains
	numbers []number
	urgent  map[string]bool // emergency numbers
	trunks  *TrunkTable
}

// number is a Number with its program read, nil for a built-in application.
type number struct {
	Number
	program *Program
}

// NewTable makes a table for the main domain, further domains, and the numbers in order: the
// first match counts.
func NewTable(domain string, domains []string, numbers []Number) *Table {
	t := &Table{domain: strings.ToLower(domain), domains: map[string]bool{}}
	for _, d := range slices.Concat(domains, []string{domain, "localhost"}) {
		t.domains[strings.ToLower(d)] = true
	}
	for _, n := range numbers {
		entry := number{Number: n}
		if p, err := ParseProgram(n.Application, AOR("@"+t.domain)); err == nil {
			entry.program = &p
		}
		t.numbers = append(t.numbers, entry)
	}
	return t
}

// WithAliases is the table with other names for domains that it serves. A name that is a domain itself
// stays one.
func (t *Table) WithAliases(aliases map[string]string) *Table {
	with := *t
	with.aliases = aliases
	return &with
}

// WithEmergency is the table with the numbers that call for help.
func (t *Table) WithEmergency(numbers []string) *Table {
	with := *t
	with.urgent = map[string]bool{}
	for _, n := range numbers {
		with.urgent[n] = true
	}
	return &with
}

// Emergency says whether an address is a number that calls for help.
func (t *Table) Emergency(u URI) bool {
	if len(t.urgent) == 0 && t.trunks == nil {
		return false
	}
	aor, ok := t.Resolve(u)
	if !ok || t.urgent[dialable(aor.User())] {
		return ok
	}
	_, urgent := t.trunks.out(aor.User(), true)
	return urgent
}

// WithTrunks is the table with numbers that are called over trunks: an emergency number before all else, the others
// where nothing here has that number.
func (t *Table) WithTrunks(trunks *TrunkTable) *Table {
	with := *t
	with.trunks = trunks
	return &with
}

// Trunks are the trunks of the table; nil: none.
func (t *Table) Trunks() *TrunkTable { return t.trunks }

// Domain is the main domain: the realm of digests, and what numeric addresses mean.
func (t *Table) Domain() string { return t.domain }

// Resolve is the AOR that a URI means here: an address of this host, or "localhost", stands for
// the main domain. False: the domain is not served.
func (t *Table) Resolve(u URI) (AOR, bool) {
	host := u.Host
	if u.Scheme == "tel" || isNumeric(host) || host == "localhost" {
		host = t.domain
	}
	if real, ok := t.aliases[host]; ok && !t.domains[host] {
		host = real
	}
	if !t.domains[host] {
		return "", false
	}
	return NewAOR(Unescape(u.User), host), true
}

// isNumeric reports an IP address as host: nobody routes by it, so it means this server.
func isNumeric(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// Address reads an address as rules and forwarders have it: user, user@domain, a SIP or tel URI, or a
// program address. self is the account whose rule it is: its domain is understood.
func (t *Table) Address(text string, self AOR) (URI, error) {
	domain := self.Domain()
	if domain == "" {
		domain = t.domain
	}
	text = strings.TrimSpace(text)
	if scheme, _, ok := strings.Cut(text, ":"); ok && !strings.ContainsAny(scheme, "{#@") {
		return ParseURI(text)
	}
	if strings.Contains(text, "#") {
		if p, err := ParseProgram(text, NewAOR(self.User(), domain)); err == nil && p.Account.User() != "" {
			return p.URI(), nil
		}
	}
	if !strings.Contains(text, "@") {
		text += "@" + domain
	}
	u, err := ParseURI("sip:" + text)
	if err == nil && u.User == "" {
		err = ErrBadURI
	}
	return u, err
}

// Route decides what the URI is for. What a forwarder leads to is routed in its place; whether who
// asks may have the target is MayRun's question.
func (t *Table) Route(u URI, d Directory) Target { return t.route(u, d, maxForwarders) }

func (t *Table) route(u URI, d Directory, forwarders int) Target {
	if u.User == "" {
		return Target{Kind: ToServer}
	}
	aor, ok := t.Resolve(u)
	if !ok && u.Host != telnumHost {
		return Target{Status: 403, Reason: "Domain is not served here"}
	}
	user := strings.ToLower(Unescape(u.User))
	if found, ok := t.help(user); ok {
		return found
	}
	for _, n := range t.numbers {
		if arg, matches := match(n.Match, user); ok && matches {
			return t.numbered(n, arg, user, d)
		}
	}
	if p, ok := t.program(u); ok {
		found := t.task(p, user, d)
		found.Direct = true
		return found
	}
	if a, ok := d.Account(aor); ok {
		return reach(a, user)
	}
	if n, ok := Telnum(user); ok {
		if a, ok := d.Telnum(n); ok {
			return reach(a, user)
		}
	}
	if program, owner, ok := d.NamedTask(aor); ok {
		found := t.task(Program{Name: program, Account: owner}, user, d)
		if found.Kind == ToTask {
			found.Named = aor
		}
		return found
	}
	if to, ok := d.Forwarder(aor); ok && forwarders > 0 {
		if next, err := t.Address(to, aor); err == nil {
			found := t.route(next, d, forwarders-1)
			found.Direct = false // who set the forwarder up has named it
			return found
		}
	}
	if found, ok := t.trunks.out(user, false); ok {
		return found
	}
	return Target{Status: 404, Number: user}
}

// help is the target of an emergency number that is called over trunks: whatever else has that number comes after it.
func (t *Table) help(user string) (Target, bool) {
	found, ok := t.trunks.out(user, true)
	if !ok && t.urgent[dialable(user)] {
		if found, ok = t.trunks.out(user, false); ok {
			found.help()
		}
	}
	return found, ok
}

// reach is the target of an account's own address.
func reach(a Account, user string) Target {
	if a.Disabled {
		return Target{Status: 404, Number: user}
	}
	return Target{Kind: ToAccount, Account: a, Number: user}
}

// program is the program that a URI's user part names.
func (t *Table) program(u URI) (Program, bool) {
	if !strings.Contains(u.User, "#") && !strings.Contains(u.User, "%23") {
		return Program{}, false
	}
	p, err := ParseProgram(u.User, AOR("@"+u.Host))
	return p, err == nil && p.Account.User() != "" && strings.EqualFold(p.Account.Domain(), u.Host)
}

// task is the target of a program: the account that it is run for must be there.
func (t *Table) task(p Program, user string, d Directory) Target {
	aor, ok := t.Resolve(URI{Scheme: "sip", User: p.Account.User(), Host: p.Account.Domain()})
	if !ok {
		return Target{Status: 403, Reason: "Domain is not served here"}
	}
	a, ok := d.Account(aor)
	if !ok || a.Disabled {
		return Target{Status: 404, Number: user}
	}
	return Target{Kind: ToTask, Account: a, Program: p.Name, Params: p.Params, Number: user}
}

// numbered is the target of a number of the settings.
func (t *Table) numbered(n number, arg, user string, d Directory) Target {
	if n.program == nil {
		return t.application(n.Application, arg, user)
	}
	p := *n.program
	if arg != "" {
		p.Params = append(slices.Clone(p.Params), arg)
	}
	found := t.task(p, user, d)
	found.Open = true
	return found
}

// telnumHost is the domain of telephone numbers wherever they are, as in sip:+4989123@telnum.
const telnumHost = "telnum"

// Telnum is a telephone number as the directory keeps it: its digits alone. False: it is none.
func Telnum(text string) (string, bool) {
	digits := make([]byte, 0, len(text))
	plus := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			digits = append(digits, c)
		case c == '+' && len(digits) == 0 && !plus:
			plus = true
		default:
			n := separator(text[i:])
			if n == 0 {
				return "", false
			}
			i += n - 1
		}
	}
	return string(digits), len(digits) >= minTelnum && len(digits) <= maxTelnum
}

// Digits of a telephone number: E.164 has up to 15.
const minTelnum, maxTelnum = 3, 15

// application is the target of an application number. "status" is answered by the router itself,
// with the status that the last three digits name.
func (t *Table) application(name, arg, user string) Target {
	if name != "status" {
		return Target{Kind: ToApplication, Application: name, Argument: arg, Number: user}
	}
	code, err := strconv.Atoi(user[max(0, len(user)-3):])
	if err != nil || code < 400 || code > 699 {
		return Target{Status: 404, Number: user}
	}
	return Target{Status: code, Number: user}
}

// match compares a dialled number with a pattern; arg are the digits under 'n'.
func match(pattern, dialled string) (arg string, ok bool) {
	if len(pattern) != len(dialled) {
		return "", false
	}
	var b strings.Builder
	for i := range len(pattern) {
		switch c := dialled[i]; {
		case pattern[i] == 'n' && c >= '0' && c <= '9':
			b.WriteByte(c)
		case pattern[i] != c:
			return "", false
		}
	}
	return b.String(), true
}
