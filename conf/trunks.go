package conf

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Trunks are the ways to and from carriers: SIP providers, gateways, other PBXs.
type Trunks struct {
	// Those ways; all members have the same, since any of them may be the one that registers there.
	List []Trunk `change:"now"`
	// Numbers that are called over trunks; the first that matches wins. None else are: what is not here costs nobody money.
	Numbers []TrunkNumber `change:"next call"`
	// Called numbers of calls that come from trunks, and where they go; the first that matches wins. A trunk without any
	// reaches whatever has the number that it calls.
	Incoming []TrunkIncoming `change:"next call"`
}

// Trunk is a way to and from a carrier.
type Trunk struct {
	// Name, a word.
	Name string
	// Where calls are sent: HOST[:PORT], each with ;transport=udp, tcp or tls, ;priority=N (lowest first) and ;weight=N
	// (its share among those of one priority) as needed.
	Targets []string
	// Domain in the addresses that the carrier is shown; empty: the host of the target.
	Domain string
	// User by which we prove ourselves where the carrier asks (digest), and register.
	User string
	// Secret of that user.
	Secret Secret
	// Whether we register at the first target that is up, so that the carrier knows where to send calls.
	Register bool
	// For how long we ask to be registered; 0s is 1h.
	Period time.Duration
	// How often each target is asked for a sign of life by OPTIONS; 0s is 30s.
	Probe time.Duration
	// Whether targets are not asked, since the carrier does not like that: then only calls show that one is down.
	Unprobed bool
	// How long a target may say nothing to a call before the next one is tried; 0s is 4s.
	Patience time.Duration
	// Addresses and networks from which its calls come, such as 203.0.113.0/28. Targets that are addresses, and the one at
	// which we are registered, are taken too, unless the trunk logs in.
	Addresses []string
	// User by which the carrier proves itself to us (digest). With addresses, both are needed.
	LoginUser string
	// Secret of that user.
	LoginSecret Secret
	// Calls at once over the whole cluster, both ways; 0: any number.
	Channels int
	// New calls in a second over the whole cluster, both ways; 0: any number.
	Rate int
	// Number that is shown for all calls that go out; empty: the caller's own.
	Caller string
	// Whether the carrier is believed who calls (P-Asserted-Identity), and told who does where that is not to be shown.
	Trusted bool
	// Encryption of its audio, in the words of media.srtp: never, offered, required; empty: as media.srtp says.
	SRTP string
	// Names of trunks whose calls may go out here; none: a call from a trunk never does.
	Transit []string
}

// TrunkNumber gives the numbers that match to trunks.
type TrunkNumber struct {
	// As dialled: digits, '*', '#', a '+' in front; each 'n' stands for one digit, a '.' at the end for any that follow: 00n.
	Match string
	// Names of the trunks, the best first: one that has no channel, is down or fails makes room for the next.
	Trunks []string
	// Characters taken off the front.
	Strip int
	// Characters put in front of the rest.
	Prepend string
	// Accounts that may call it, user@domain or @domain; none: all accounts.
	Callers []string
	// Whether it is an emergency number: every account may call it, and no limit keeps it out.
	Emergency bool
}

// TrunkIncoming sends calls from a trunk to somewhere.
type TrunkIncoming struct {
	// Name of the trunk; empty: each.
	Trunk string
	// Called number, as in trunks.numbers.
	Match string
	// Characters taken off the front.
	Strip int
	// Characters put in front of the rest.
	Prepend string
	// Address or number that is called in its place; empty: what strip and prepend make of it.
	To string
}

// DefaultTrunks returns the section's defaults.
func DefaultTrunks() Trunks { return Trunks{} }

// Limits of the section.
const (
	maxTrunks        = 500
	maxTrunkNumbers  = 5000
	maxTrunkTargets  = 16
	maxTrunkChannels = 100_000
	maxTrunkPattern  = 32
)

// Of finds a trunk by its name, with its defaults filled in. False: there is none.
func (t Trunks) Of(name string) (Trunk, bool) {
	for _, x := range t.List {
		if x.Name == name {
			return x.whole(), true
		}
	}
	return Trunk{}, false
}

func (t Trunk) whole() Trunk {
	for _, d := range []struct {
		to *time.Duration
		is time.Duration
	}{{&t.Period, time.Hour}, {&t.Probe, 30 * time.Second}, {&t.Patience, 4 * time.Second}} {
		if *d.to == 0 {
			*d.to = d.is
		}
	}
	return t
}

// TrunkTarget is one target of a trunk, as read.
type TrunkTarget struct {
	Host      string
	Port      int    // 0: the usual one
	Transport string // "udp", "tcp", "tls"
	Named     bool   // the setting names the transport; else records of the name, or a request's size, may want another
	Priority  int    // lowest first
	Weight    int
}

// Address is the target as people write it.
func (t TrunkTarget) Address() string {
	host := t.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if t.Port != 0 {
		host += ":" + strconv.Itoa(t.Port)
	}
	return host + ";transport=" + t.Transport
}

// Wanted is the transport that the setting names, "" for none.
func (t TrunkTarget) Wanted() string {
	if !t.Named {
		return ""
	}
	return t.Transport
}

// ParseTrunkTarget reads one word of a trunk's targets.
func ParseTrunkTarget(s string) (TrunkTarget, error) {
	t := TrunkTarget{Transport: "udp", Weight: 1}
	parts := strings.Split(strings.TrimPrefix(s, "sip:"), ";")
	host := parts[0]
	if i := strings.LastIndexByte(host, ':'); i >= 0 && (strings.HasSuffix(host[:i], "]") || strings.Count(host, ":") == 1) {
		port, err := strconv.ParseUint(host[i+1:], 10, 16)
		if err != nil || port == 0 {
			return t, fmt.Errorf("%s is no port", quote(host[i+1:]))
		}
		host, t.Port = host[:i], int(port)
	}
	t.Host = strings.ToLower(strings.Trim(host, "[]"))
	if _, err := netip.ParseAddr(t.Host); err != nil && !hostLike(t.Host) {
		return t, fmt.Errorf("%s is neither an address nor a host", quote(host))
	}
	for _, p := range parts[1:] {
		if err := t.set(p); err != nil {
			return t, err
		}
	}
	return t, nil
}

func (t *TrunkTarget) set(param string) error {
	name, value, _ := strings.Cut(param, "=")
	n, err := strconv.ParseUint(value, 10, 16)
	switch name = strings.ToLower(strings.TrimSpace(name)); {
	case name == "transport":
		t.Transport, t.Named = strings.ToLower(value), true
		if !slices.Contains([]string{"udp", "tcp", "tls"}, t.Transport) {
			return fmt.Errorf("transport %s is none of udp, tcp, tls", quote(value))
		}
	case name == "priority" && err == nil:
		t.Priority = int(n)
	case name == "weight" && err == nil:
		t.Weight = int(n)
	default:
		return fmt.Errorf("%s is none of transport, priority and weight with a value", quote(param))
	}
	return nil
}

// Hops are the targets as read; check has seen to it that they can be.
func (t Trunk) Hops() (all []TrunkTarget) {
	for _, s := range t.Targets {
		if hop, err := ParseTrunkTarget(s); err == nil {
			all = append(all, hop)
		}
	}
	return all
}

// Networks are those from which its calls come, by the settings alone; targets that are addresses among them.
func (t Trunk) Networks() (all []netip.Prefix) {
	for _, s := range t.Addresses {
		if p, ok := network(s); ok {
			all = append(all, p)
		}
	}
	if t.LoginUser != "" {
		return all
	}
	for _, hop := range t.Hops() {
		if a, err := netip.ParseAddr(hop.Host); err == nil {
			all = append(all, netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()))
		}
	}
	return all
}

func network(s string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err == nil
}

func (t Trunks) check(k *checker) {
	if len(t.List) > maxTrunks {
		k.wrong("trunks.list", "has more than 500 trunks", "fewer")
	}
	if len(t.Numbers)+len(t.Incoming) > maxTrunkNumbers {
		k.wrong("trunks.numbers", "and trunks.incoming have more than 5000 entries", "fewer")
	}
	names, logins := map[string]bool{}, map[string]bool{}
	for i, x := range t.List {
		at := part("trunks.list", i) + "."
		if !nameLike(x.Name) || names[x.Name] {
			k.wrong(at+"name", quote(x.Name)+" is no name of a trunk, or is there twice", "letters, digits, '-', '.' and '_', each once")
		}
		names[x.Name] = true
		if x.LoginUser != "" && logins[strings.ToLower(x.LoginUser)] {
			k.wrong(at+"login_user", quote(x.LoginUser)+" is that of another trunk too", "a user of its own")
		}
		logins[strings.ToLower(x.LoginUser)] = true
	}
	for i, x := range t.List {
		x.check(k, part("trunks.list", i)+".", names)
	}
	for i, n := range t.Numbers {
		n.check(k, part("trunks.numbers", i)+".", names)
	}
	for i, n := range t.Incoming {
		n.check(k, part("trunks.incoming", i)+".", names)
	}
}

func (t Trunk) check(k *checker, at string, names map[string]bool) {
	if len(t.Targets) > maxTrunkTargets {
		k.wrong(at+"targets", "has more than 16 targets", "fewer")
	}
	for i, s := range t.Targets {
		if _, err := ParseTrunkTarget(s); err != nil {
			k.wrong(part(at+"targets", i), quote(s)+": "+err.Error(), "a value such as sip.example.com:5060;transport=tcp;priority=1;weight=10")
		}
	}
	if len(t.Targets) == 0 && len(t.Addresses) == 0 && t.LoginUser == "" {
		k.wrong(at+"targets", "is empty, and no calls can come either", "targets, addresses or login_user")
	}
	if t.Domain != "" && !hostLike(t.Domain) {
		k.wrong(at+"domain", quote(t.Domain)+" is no domain", "a name such as sip.example.com")
	}
	if t.Register && (t.User == "" || len(t.Targets) == 0) {
		k.wrong(at+"register", "needs a user and a target", "both, or false")
	}
	if t.LoginUser != "" && (!nameLike(t.LoginUser) || t.LoginSecret == "") {
		k.wrong(at+"login_user", quote(t.LoginUser)+" is no user, or has no secret", "a word, with login_secret")
	}
	for i, s := range t.Addresses {
		if _, ok := network(s); !ok {
			k.wrong(part(at+"addresses", i), quote(s)+" is neither an address nor a network", "a value such as 203.0.113.7 or 203.0.113.0/28")
		}
	}
	if !slices.Contains(append([]string{""}, SRTPWords...), t.SRTP) {
		k.wrong(at+"srtp", quote(t.SRTP)+" is no word of media.srtp", "never, offered, required, or nothing")
	}
	t.checkNumbers(k, at)
	known(k, at+"transit", t.Transit, names)
}

// checkNumbers looks at what is counted and dialled.
func (t Trunk) checkNumbers(k *checker, at string) {
	if t.Channels < 0 || t.Channels > maxTrunkChannels {
		k.wrong(at+"channels", text(t.Channels)+" is out of range", "0..100000")
	}
	if t.Rate < 0 || t.Rate > maxTrunkChannels {
		k.wrong(at+"rate", text(t.Rate)+" is out of range", "0..100000")
	}
	if t.Caller != "" && strings.Trim(t.Caller, "0123456789+*#") != "" {
		k.wrong(at+"caller", quote(t.Caller)+" is no number", "digits, or + and digits")
	}
	for _, d := range []struct {
		key string
		is  time.Duration
		min time.Duration
	}{{"period", t.Period, 10 * time.Second}, {"probe", t.Probe, time.Second}, {"patience", t.Patience, 100 * time.Millisecond}} {
		if d.is != 0 && (d.is < d.min || d.is > 24*time.Hour) {
			k.wrong(at+d.key, text(d.is)+" is out of range", text(d.min)+"..24h, or 0s")
		}
	}
}

// known checks that trunks that are named are there.
func known(k *checker, key string, names []string, all map[string]bool) {
	for i, n := range names {
		if !all[n] {
			k.wrong(part(key, i), quote(n)+" is no trunk", "a name of trunks.list", "trunks.list")
		}
	}
}

func patternLike(s string) bool {
	body := strings.TrimPrefix(strings.TrimSuffix(s, "."), "+")
	return s != "" && s != "+" && len(s) <= maxTrunkPattern && strings.Trim(body, "0123456789*#n") == ""
}

const aPattern = "up to 32 of the digits, '*', '#' and n for any digit, with + in front and . at the end as needed: 00n."

func (n TrunkNumber) check(k *checker, at string, names map[string]bool) {
	if !patternLike(n.Match) {
		k.wrong(at+"match", quote(n.Match)+" is no pattern", aPattern)
	}
	if len(n.Trunks) == 0 {
		k.wrong(at+"trunks", "is empty", "names of trunks")
	}
	known(k, at+"trunks", n.Trunks, names)
	rewriting(k, at, n.Strip, n.Prepend)
	for i, c := range n.Callers {
		user, domain, ok := strings.Cut(c, "@")
		if !ok || user != "" && !nameLike(user) || !hostLike(domain) {
			k.wrong(part(at+"callers", i), quote(c)+" is neither an account nor a domain", "user@domain or @domain")
		}
	}
}

func rewriting(k *checker, at string, strip int, prepend string) {
	if strip < 0 || strip > maxTrunkPattern {
		k.wrong(at+"strip", text(strip)+" is out of range", "0..32")
	}
	if strings.Trim(prepend, "0123456789+*#") != "" || len(prepend) > maxTrunkPattern {
		k.wrong(at+"prepend", quote(prepend)+" is no beginning of a number", "digits, '+', '*' and '#'")
	}
}

func (n TrunkIncoming) check(k *checker, at string, names map[string]bool) {
	if n.Trunk != "" && !names[n.Trunk] {
		k.wrong(at+"trunk", quote(n.Trunk)+" is no trunk", "a name of trunks.list", "trunks.list")
	}
	if !patternLike(n.Match) {
		k.wrong(at+"match", quote(n.Match)+" is no pattern", aPattern)
	}
	rewriting(k, at, n.Strip, n.Prepend)
	if strings.ContainsAny(n.To, " <>\"\r\n") || len(n.To) > 255 {
		k.wrong(at+"to", quote(n.To)+" is no address", "a number, an account or user@domain")
	}
}

// TrustedNetworks are those of trunks that are believed who calls, as sip.trusted has them.
func (t Trunks) TrustedNetworks() (all []string) {
	for _, x := range t.List {
		if !x.Trusted {
			continue
		}
		for _, p := range x.Networks() {
			all = append(all, p.String())
		}
	}
	return all
}
