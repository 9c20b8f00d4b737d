package resolve

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"tandem/sip/resolve/naptr"
)

// ErrNone says that a name leads nowhere.
var ErrNone = errors.New("resolve: the name has no address")

// Limits of one request.
const (
	maxTargets = 16              // that it may try
	maxServers = 3               // name servers that are asked
	patience   = 2 * time.Second // with one that is not the last
)

// Hop is the next hop of a request, as its URI names it.
type Hop struct {
	Transport string // "UDP", "TCP" or "TLS"; "" leaves the choice to the records of the name
	Host      string
	Port      int    // 0: none is named
	Secure    bool   // sips: nothing but TLS
	Name      string // that a certificate must be for, where it is not Host
}

// name is what a certificate must be for.
func (h Hop) name() string { return cmp.Or(h.Name, h.Host) }

// Target is one address to send to.
type Target struct {
	Transport string
	Addr      netip.AddrPort
	Name      string // that a certificate must be for
}

// Resolver looks names up. The zero Resolver asks the name servers of the machine. Safe for concurrent use.
type Resolver struct {
	Servers []netip.AddrPort // those to ask instead
	Kept    *Kept            // what to fall back upon when none answers
	Sure    bool             // see Targets: who is to be trusted by the name is not found without its records
}

// service is a way to offer SIP, by a transport.
type service struct {
	naptr     string // its name in NAPTR records
	transport string
	srv       string // where its SRV records are (RFC 3263 section 4.1)
}

// services are those that we use, the most wanted first: UDP is what all have.
var services = []service{
	{"SIP+D2U", "UDP", "_sip._udp."},
	{"SIP+D2T", "TCP", "_sip._tcp."},
	{"SIPS+D2T", "TLS", "_sips._tcp."},
}

// usable are the services that a hop may use, of the transports that we have.
func (h Hop) usable(ours []string) (out []service) {
	for _, s := range services {
		secure := s.transport == "TLS"
		if slices.Contains(ours, s.transport) && (h.Transport == s.transport || h.Transport == "" && secure == h.Secure) {
			out = append(out, s)
		}
	}
	return out
}

// Targets are the addresses of a hop, the first to be tried first; where no name server answers, be it for a part of them,
// those that it had within the last minute. ours are the transports that we have. The error is ErrNone, joined with that of
// the name servers where they have failed: see Absent.
//
// There are name servers that never tell of SRV records, not even that there are none. A name of which none has been seen since
// the start is reached at the addresses of its host then, by the usual port, after half of the time that there is. One of which
// some have been seen is not, since a web server is there as like as not, nor is any name by who wants to be Sure.
func (r *Resolver) Targets(ctx context.Context, h Hop, ours []string) ([]Target, error) {
	if here := h.Here(ours); len(here) > 0 {
		return here, nil
	}
	key, begun := r.keptKey(h, ours), time.Now()
	before := r.Kept.find(key, begun)
	if len(before) > 0 {
		limited, stop := context.WithTimeout(ctx, keptWait)
		defer stop()
		ctx = limited
	}
	f, err := r.look(ctx, h, ours)
	if err == nil {
		r.Kept.keep(key, f, time.Now())
		return f.targets, nil
	}
	if unanswered(err) {
		if before = r.Kept.find(key, begun); len(before) > 0 { // it has not turned out meanwhile that there are records
			return before, nil
		}
	}
	if len(f.targets) > 0 {
		return f.targets, nil
	}
	return nil, err
}

// look asks the name servers for a hop. The addresses of the host itself count only if there are no SRV records (RFC 3263
// section 4.2), which a server that fails does not say: see Targets. An error beside targets says that there may be more.
func (r *Resolver) look(ctx context.Context, h Hop, ours []string) (f found, err error) {
	usable := h.usable(ours)
	if len(usable) == 0 {
		return f, ErrNone
	}
	var failed error
	if h.Port == 0 {
		var denied bool
		f.targets, denied, failed = r.byRecords(ctx, h, usable)
		switch {
		case len(f.targets) > 0:
			return f, failed
		case denied, failed != nil && (r.Sure || !r.Kept.bare(h.Host)):
			return f, errors.Join(ErrNone, failed)
		case failed != nil:
			f.bare = h.Host
		}
	}
	if f.targets, err = r.hosts(ctx, h, usable[0]); err != nil {
		err = errors.Join(failed, err)
	}
	return f, err
}

// byRecords are the targets that NAPTR and SRV records of a host name, and whether they say that there is none. failed is the
// error of a server that has not told of all. It leaves time to ask for the host itself.
func (r *Resolver) byRecords(ctx context.Context, h Hop, usable []service) (out []Target, denied bool, failed error) {
	if end, ok := ctx.Deadline(); ok && !r.Sure && r.Kept.bare(h.Host) {
		limited, stop := context.WithTimeout(ctx, time.Until(end)/2)
		defer stop()
		ctx = limited
	}
	if h.Transport == "" {
		if out, failed = r.byNAPTR(ctx, h, usable); len(out) > 0 {
			return out, false, failed
		}
	}
	for _, s := range usable {
		targets, gone, err := r.bySRV(ctx, s, s.srv+h.Host, h.name())
		failed = errors.Join(failed, err)
		if len(targets) > 0 {
			return targets, false, failed
		}
		denied = denied || gone
	}
	return nil, denied, failed
}

// Here is the target of a hop that names an address, for which nothing need be looked up; none otherwise.
func (h Hop) Here(ours []string) []Target {
	addr, err := netip.ParseAddr(h.Host)
	usable := h.usable(ours)
	if err != nil || len(usable) == 0 {
		return nil
	}
	return []Target{h.at(usable[0], addr)}
}

// at is a target without records: the named port, or the usual one (RFC 3261 section 19.1.2).
func (h Hop) at(s service, addr netip.Addr) Target {
	port := h.Port
	switch {
	case port != 0:
	case s.transport == "TLS":
		port = 5061
	default:
		port = 5060
	}
	return Target{s.transport, netip.AddrPortFrom(addr.Unmap(), uint16(port)), h.name()}
}

// hosts are the addresses of the host itself.
func (r *Resolver) hosts(ctx context.Context, h Hop, s service) (out []Target, err error) {
	addrs, err := r.addresses(ctx, h.Host)
	if err != nil {
		return nil, errors.Join(ErrNone, err)
	}
	for _, a := range addrs[:min(len(addrs), maxTargets)] {
		out = append(out, h.at(s, a))
	}
	return out, nil
}

// byNAPTR follows the NAPTR records of a host to SRV records, the most wanted service first (RFC 3263 section 4.1). failed is
// the error of a server that has not told of those; one that fails to tell of NAPTR leaves the usual names of SRV records, unless
// there have been some: then they were what counts.
func (r *Resolver) byNAPTR(ctx context.Context, h Hop, usable []service) (out []Target, failed error) {
	servers := r.Servers
	if len(servers) == 0 {
		servers = naptr.Servers("/etc/resolv.conf")
	}
	records, err := naptr.Ask(ctx, servers, h.Host)
	switch {
	case err == nil, errors.Is(err, naptr.ErrNone):
		r.Kept.leads(h.Host, slices.ContainsFunc(records, ofSIP))
	case r.Kept.hasLed(h.Host):
		return nil, &net.DNSError{UnwrapErr: err, Err: err.Error(), Name: h.Host, IsTemporary: true}
	}
	for _, n := range records {
		i := slices.IndexFunc(usable, func(s service) bool { return strings.EqualFold(s.naptr, n.Service) })
		if i >= 0 && strings.EqualFold(n.Flags, "s") && n.Expression == "" && len(out) < maxTargets {
			targets, _, err := r.bySRV(ctx, usable[i], n.Replacement, h.name())
			out, failed = append(out, targets...), errors.Join(failed, err)
		}
	}
	return out[:min(len(out), maxTargets)], failed
}

// ofSIP reports a record of one of the ways to offer SIP, be it none of ours.
func ofSIP(n naptr.Record) bool { return strings.HasPrefix(strings.ToUpper(n.Service), "SIP") }

// bySRV are the addresses that SRV records name, in the order of priorities, and of weights by lot (RFC 2782). A
// certificate must be for the name that was asked for, not for what records say (RFC 5922 section 4). denied: a record
// says that the service is not there. failed is the error of a server that has not told of all, nil where there is nothing.
func (r *Resolver) bySRV(ctx context.Context, s service, name, domain string) (out []Target, denied bool, failed error) {
	var records []*net.SRV
	err := r.each(ctx, func(ctx context.Context, dns *net.Resolver) (err error) {
		_, records, err = dns.LookupSRV(ctx, "", "", name)
		return err
	})
	if err == nil || absent(err) {
		r.Kept.leads(name, err == nil)
	}
	if err != nil {
		return nil, false, unlessAbsent(err)
	}
	for _, rec := range records {
		denied = denied || rec.Target == "."
		if rec.Target == "." || len(out) >= maxTargets {
			continue
		}
		addrs, err := r.addresses(ctx, rec.Target)
		if err != nil {
			failed = errors.Join(failed, unlessAbsent(err))
			continue
		}
		for _, a := range addrs {
			out = append(out, Target{s.transport, netip.AddrPortFrom(a.Unmap(), rec.Port), domain})
		}
	}
	return out[:min(len(out), maxTargets)], denied, failed
}

// addresses are those of a host.
func (r *Resolver) addresses(ctx context.Context, host string) (all []netip.Addr, err error) {
	err = r.each(ctx, func(ctx context.Context, dns *net.Resolver) (err error) {
		all, err = dns.LookupNetIP(ctx, "ip", host)
		return err
	})
	return all, err
}

// each asks our servers where we have some, one after the other until one answers, be it that there is nothing; else those of
// the machine. The last one has all the time that is left.
func (r *Resolver) each(ctx context.Context, ask func(context.Context, *net.Resolver) error) (err error) {
	servers := r.Servers[:min(len(r.Servers), maxServers)]
	if len(servers) == 0 {
		return ask(ctx, net.DefaultResolver)
	}
	for i, s := range servers {
		limited, stop := ctx, context.CancelFunc(func() {})
		if i < len(servers)-1 {
			limited, stop = context.WithTimeout(ctx, patience)
		}
		err = ask(limited, at(s))
		stop()
		if err == nil || absent(err) || ctx.Err() != nil {
			break
		}
	}
	return err
}

// absent tells that a server has answered, and that there is no such record.
func absent(err error) bool {
	var e *net.DNSError
	return errors.As(err, &e) && e.IsNotFound
}

// unlessAbsent is the error of a server that has failed; that there is no such record is none.
func unlessAbsent(err error) error {
	if absent(err) {
		return nil
	}
	return err
}

// at asks one server.
func at(server netip.AddrPort) *net.Resolver {
	return &net.Resolver{PreferGo: true, StrictErrors: false, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, server.String())
	}}
}
