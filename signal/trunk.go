package signal

import (
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Trunk is what routing must know of a way to and from a carrier.
type Trunk struct {
	Name     string
	Domain   string         // in the addresses that the carrier is shown; "": the host of the target
	User     string         // of our Contact there, "": we are not registered
	Caller   string         // number that is shown for all calls; "": the caller's own
	Trusted  bool           // it is believed who calls
	Transit  []string       // trunks whose calls may go out here
	Networks []netip.Prefix // from which its calls come
	Login    AOR            // that has to be proved, "": nothing
	Targets  []TrunkTarget
	Patience time.Duration // that a target has for its first word
}

// TrunkTarget is where calls of a trunk are sent.
type TrunkTarget struct {
	Name      string // as lists show it
	Host      string
	Port      int
	Transport string // "udp", "tcp", "tls"; "" leaves it to records of the name, or to the size of a request
}

// URI is the address of a number at a target.
func (t TrunkTarget) URI(number string) URI {
	u := URI{Scheme: "sip", User: hashEscaped(number), Host: t.Host, Port: t.Port}
	if t.Transport != "" {
		u.Params = Params{{"transport", t.Transport}}
	}
	return u
}

// TrunkNumber gives the numbers that match to trunks: see TrunkTable.
type TrunkNumber struct {
	Match     string
	Trunks    []string // the best first
	Strip     int
	Prepend   string
	Callers   []string // accounts, or domains as @domain; none: all accounts
	Emergency bool
}

// TrunkIncoming sends calls from a trunk to somewhere.
type TrunkIncoming struct {
	Trunk   string // "": each
	Match   string
	Strip   int
	Prepend string
	To      string // as Table.Address reads it; "": what strip and prepend make of the number
}

// TrunkTable routes calls to and from trunks. It is immutable and safe for concurrent use; nil is that of none.
//
// In a pattern digits, '*', '#' and a '+' in front stand for themselves, 'n' for any digit, and a '.' at the end for one
// or more characters of a number. The first that matches counts; among numbers to call, emergency numbers come before all
// others.
type TrunkTable struct {
	trunks   map[string]Trunk
	order    []string
	numbers  []TrunkNumber
	incoming []TrunkIncoming
	ruled    map[string]bool // trunks that incoming names
}

// NewTrunkTable makes a table.
func NewTrunkTable(trunks []Trunk, numbers []TrunkNumber, incoming []TrunkIncoming) *TrunkTable {
	t := &TrunkTable{trunks: map[string]Trunk{}, numbers: slices.Clone(numbers), incoming: incoming, ruled: map[string]bool{}}
	for _, x := range trunks {
		t.trunks[x.Name] = x
		t.order = append(t.order, x.Name)
	}
	slices.SortStableFunc(t.numbers, func(a, b TrunkNumber) int { return urgent(a) - urgent(b) })
	for _, in := range incoming {
		t.ruled[in.Trunk] = true
	}
	return t
}

func urgent(n TrunkNumber) int {
	if n.Emergency {
		return 0
	}
	return 1
}

// Trunk finds a trunk.
func (t *TrunkTable) Trunk(name string) (Trunk, bool) {
	if t == nil {
		return Trunk{}, false
	}
	x, ok := t.trunks[name]
	return x, ok
}

// Way is one way out for a number.
type Way struct {
	Trunk     string
	Number    string // as the carrier has it
	Emergency bool
}

// out finds the ways of a dialled number; emergency limits it to emergency numbers, or to all others.
func (t *TrunkTable) out(dialled string, emergency bool) (Target, bool) {
	if t == nil {
		return Target{}, false
	}
	number := dialable(dialled)
	for _, n := range t.numbers {
		if n.Emergency == emergency && number != "" && matchOpen(n.Match, number) {
			found := Target{Kind: ToTrunk, Number: number, Emergency: n.Emergency, Callers: n.Callers}
			for _, name := range n.Trunks {
				found.Ways = append(found.Ways, Way{name, rewrite(number, n.Strip, n.Prepend), n.Emergency})
			}
			return found, true
		}
	}
	return Target{}, false
}

// help makes a number that is called an emergency number.
func (t *Target) help() {
	t.Emergency = true
	for i := range t.Ways {
		t.Ways[i].Emergency = true
	}
}

// Through leaves of a target the ways by which a call from that trunk may go out: from "" all.
func (t *TrunkTable) Through(target Target, from string) Target {
	if from == "" || target.Kind != ToTrunk {
		return target
	}
	ways := slices.DeleteFunc(slices.Clone(target.Ways), func(w Way) bool {
		x, ok := t.Trunk(w.Trunk)
		return !ok || w.Trunk == from || !slices.Contains(x.Transit, from)
	})
	if len(ways) == 0 {
		return Target{Status: 403, Reason: "Calls from this trunk may not go out again", Number: target.Number}
	}
	target.Ways = ways
	return target
}

// Enter is what a call from a trunk calls here: by its request URI or, where that is but the Contact by which we are
// registered, by its To. What a pattern lets in as it is reaches the account of that very name, if there is one, before that of
// the number without separators. False: it reaches nothing.
func (t *TrunkTable) Enter(r *Request, domain string, d Directory) (URI, bool) {
	trunk, u := r.Origin.Trunk, r.URI
	if x := t.trunks[trunk]; x.User != "" && u.User == x.User && r.To.URI.User != "" {
		u = r.To.URI
	}
	user, _, _ := strings.Cut(Unescape(u.User), ";")
	if !t.ruled[trunk] && !t.ruled[""] {
		return URI{Scheme: "sip", User: user, Host: domain}, user != ""
	}
	number := dialable(user)
	for _, in := range t.incoming {
		if in.Trunk != "" && in.Trunk != trunk || !matchOpen(in.Match, number) {
			continue
		}
		to := in.To
		if to == "" {
			to = rewrite(number, in.Strip, in.Prepend)
			if _, named := d.Account(NewAOR(user, domain)); named && to == number {
				to = user
			}
		}
		user, host, ok := strings.Cut(strings.TrimPrefix(to, "sip:"), "@")
		if !ok {
			host = domain
		}
		return URI{Scheme: "sip", User: user, Host: host}, user != ""
	}
	return URI{}, false
}

// From is the trunk that a request comes from, by its address or by who has proved itself; "" where it is no trunk's.
// learned adds addresses that are known since a trunk has registered.
func (t *TrunkTable) From(r *Request, learned func(trunk string) []netip.Addr) string {
	if t == nil || r.Origin.Flow.Session != "" {
		return ""
	}
	source := r.Origin.Flow.Remote.Addr().Unmap()
	for _, name := range t.order {
		x := t.trunks[name]
		if x.Login != "" {
			if r.Origin.Account == x.Login && (len(x.Networks) == 0 || x.contains(source)) {
				return name
			}
			continue
		}
		if r.Origin.Account == "" && (x.contains(source) || learned != nil && slices.Contains(learned(name), source)) {
			return name
		}
	}
	return ""
}

// Asks is the realm in which a trunk has to prove itself whose address a request comes from; "" where none has.
func (t *TrunkTable) Asks(r *Request) string {
	if t == nil || r.Origin.Account != "" {
		return ""
	}
	source := r.Origin.Flow.Remote.Addr().Unmap()
	for _, name := range t.order {
		if x := t.trunks[name]; x.Login != "" && x.contains(source) {
			return x.Login.Domain()
		}
	}
	return ""
}

// IsLogin tells whether an address is that by which a trunk proves itself.
func (t *TrunkTable) IsLogin(a AOR) bool {
	return t != nil && a != "" && slices.ContainsFunc(t.order, func(n string) bool { return t.trunks[n].Login == a })
}

func (x Trunk) contains(source netip.Addr) bool {
	return source.IsValid() && slices.ContainsFunc(x.Networks, func(p netip.Prefix) bool { return p.Contains(source) })
}

// mayCall tells whether an account may call what only some may.
func mayCall(callers []string, by AOR) bool {
	return len(callers) == 0 || slices.ContainsFunc(callers, func(c string) bool {
		return strings.EqualFold(c, string(by)) || strings.HasPrefix(c, "@") && strings.EqualFold(c[1:], by.Domain())
	})
}

// PlainNumber is the user part of an address without what is in a telephone number to be read better, as carriers want
// it; what is no number, or one with parameters, comes back as it is.
func PlainNumber(user string) string {
	if strings.Contains(user, ";") {
		return user
	}
	if n := dialable(Unescape(user)); n != "" {
		return hashEscaped(n)
	}
	return user
}

// hashEscaped is a number as a user part: a '#' may not stand in it as it is (RFC 3261 section 25.1).
func hashEscaped(number string) string { return strings.ReplaceAll(number, "#", "%23") }

// separator is the length of what is at the front of a text to have a number read better (RFC 3966 section 5.1.1), or of a
// space, which may be escaped there; 0: it is something else.
func separator(text string) int {
	switch {
	case strings.IndexByte("-.() ", text[0]) >= 0:
		return 1
	case strings.HasPrefix(text, "%20"):
		return 3
	}
	return 0
}

// dialable is a dialled number without separators; "" where it is none.
func dialable(user string) string {
	user, _, _ = strings.Cut(user, ";")
	b := make([]byte, 0, len(user))
	for i := 0; i < len(user); i++ {
		switch c := user[i]; {
		case c >= '0' && c <= '9', c == '*', c == '#', c == '+' && len(b) == 0:
			b = append(b, c)
		default:
			n := separator(user[i:])
			if n == 0 {
				return ""
			}
			i += n - 1
		}
	}
	if len(b) > maxDialled {
		return ""
	}
	return string(b)
}

// maxDialled is the longest number that is called over a trunk, with what is in front of a number of 15 digits.
const maxDialled = 40

func rewrite(number string, strip int, prepend string) string {
	return prepend + number[min(max(strip, 0), len(number)):]
}

// matchOpen compares a number with a pattern.
func matchOpen(pattern, number string) bool {
	fixed, open := strings.CutSuffix(pattern, ".")
	if len(number) < len(fixed) || open != (len(number) > len(fixed)) {
		return false
	}
	_, ok := match(fixed, number[:len(fixed)])
	return ok
}
