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
)

// Target is where a request goes.
type Target struct {
	Kind        TargetKind
	Account     Account
	Application string
	Argument    string // the digits that the number's pattern left open: the room of a conference
	Number      string // the number as dialled
	Status      int    // for ToNothing
	Reason      string
}

// Number gives an application to the dialled numbers that match a pattern: digits, '*' and '#'
// stand for themselves, 'n' for any digit.
type Number struct{ Match, Application string }

// Table routes addresses. It is immutable and safe for concurrent use.
type Table struct {
	domain  string
	domains map[string]bool
	numbers []Number
}

// NewTable makes a table for the main domain, further domains, and the numbers in order: the
// first match counts.
func NewTable(domain string, domains []string, numbers []Number) *Table {
	t := &Table{domain: strings.ToLower(domain), domains: map[string]bool{}, numbers: numbers}
	for _, d := range slices.Concat(domains, []string{domain, "localhost"}) {
		t.domains[strings.ToLower(d)] = true
	}
	return t
}

// Domain is the main domain: the realm of digests, and what numeric addresses mean.
func (t *Table) Domain() string { return t.domain }

// Resolve is the AOR that a URI means here: an address of this host, or "localhost", stands for
// the main domain. False: the domain is not served.
func (t *Table) Resolve(u URI) (AOR, bool) {
	host := u.Host
	if u.Scheme == "tel" || isNumeric(host) || host == "localhost" {
		host = t.domain
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

// Route decides what the URI is for.
func (t *Table) Route(u URI, d Directory) Target {
	if u.User == "" {
		return Target{Kind: ToServer}
	}
	aor, ok := t.Resolve(u)
	if !ok {
		return Target{Status: 403, Reason: "Domain is not served here"}
	}
	user := aor.User()
	for _, n := range t.numbers {
		if arg, ok := match(n.Match, user); ok {
			return t.application(n.Application, arg, user)
		}
	}
	if a, ok := d.Account(aor); ok && !a.Disabled {
		return Target{Kind: ToAccount, Account: a, Number: user}
	}
	return Target{Status: 404, Number: user}
}

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
