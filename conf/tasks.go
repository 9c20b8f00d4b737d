package conf

import (
	"net"
	"net/netip"
	"time"
)

// Tasks is what PBX Tasks may use: programs that take calls.
type Tasks struct {
	// PBX Tasks at once; beyond it a call to a program is refused with 503.
	MaxTasks int `unit:"tasks" range:"1..10000000" change:"now"`
	// PBX Tasks of one account at once that no call began; no program starts or spawns one beyond it.
	MaxPerAccount int `unit:"tasks" range:"1..10000000" change:"now"`
	// Mixers of conferences at once.
	MaxMixers int `unit:"mixers" range:"1..1000000" change:"now"`
	// Values of one program at once; a program that needs more is ended.
	Memory int `unit:"bytes" range:"64KiB..1GiB" change:"next call"`
	// Steps of a program between two calls that wait; a program that goes on is ended.
	Steps int `unit:"steps" range:"1000..10000000000" change:"next call"`
	// Calls inside of one another in a program.
	Depth int `unit:"calls" range:"10..100000" change:"next call"`
	// Longest life of a Task; then it ends as if its program had. 0s ends none.
	MaxLife time.Duration `range:"0s..8760h" change:"now"`
	// Events and digits that wait to be read by one Task; the next event is refused.
	MaxInput int `unit:"entries" range:"10..100000" change:"next call"`
	// Files, commands and HTTP calls that Tasks have at work at once; the next one is refused.
	MaxServices int `unit:"services" range:"1..10000" change:"restart"`
	// Hosts that programs may call by HTTP, as host or host:port; none may be called that is not listed.
	HTTPHosts []string `change:"now"`
	// RADIUS servers that programs may ask, as address or address:port; none may be asked that is not listed.
	RADIUSHosts []string `change:"now"`
}

// DefaultTasks returns the section's defaults.
func DefaultTasks() Tasks {
	return Tasks{MaxTasks: 100_000, MaxPerAccount: 10_000, MaxMixers: 10_000, Memory: 64 << 20, Steps: 20_000_000, Depth: 1000,
		MaxLife: 7 * 24 * time.Hour, MaxInput: 1000, MaxServices: 256}
}

func (t Tasks) check(k *checker) {
	for i, h := range t.HTTPHosts {
		if !hostAndPort(h) {
			k.wrong(part("tasks.http_hosts", i), quote(h)+" is no host", "a name or an address, with or without a port: api.example.com:8443")
		}
	}
	k.once("tasks.http_hosts", t.HTTPHosts)
	for i, h := range t.RADIUSHosts {
		if !addressAndPort(h) {
			k.wrong(part("tasks.radius_hosts", i), quote(h)+" is no address", "an IP address, with or without a port: 10.0.0.5:1812")
		}
	}
	k.once("tasks.radius_hosts", t.RADIUSHosts)
}

// addressAndPort says whether s is an IP address, with or without a port.
func addressAndPort(s string) bool {
	if _, err := netip.ParseAddrPort(s); err == nil {
		return true
	}
	_, err := netip.ParseAddr(s)
	return err == nil
}

// hostAndPort says whether s is a host or an address, with or without a port.
func hostAndPort(s string) bool {
	host := s
	if h, _, err := net.SplitHostPort(s); err == nil {
		host = h
	}
	_, err := netip.ParseAddr(host)
	return err == nil || hostLike(host)
}
