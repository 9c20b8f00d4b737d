package media

import (
	"net"
	"net/netip"
	"slices"
	"sync/atomic"
)

// doors are the ports of this member at which it takes datagrams that are no audio. Whoever names one of them in SDP
// would have us knock at our own door fifty times a second.
type doors struct {
	known atomic.Pointer[known]
}

type known struct {
	ports []uint16
	here  []netip.Addr // addresses of this machine; all of loopback is, too
}

// Shun tells the engine at which UDP ports this member takes something else. It sends no audio there.
func (e *Engine) Shun(ports ...uint16) error {
	k := &known{ports: ports}
	all, err := net.InterfaceAddrs()
	if err != nil {
		return err
	}
	for _, a := range all {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			k.here = append(k.here, p.Addr().Unmap())
		}
	}
	e.doors.known.Store(k)
	return nil
}

// shun says whether an address is one of those doors.
func (d *doors) shun(at netip.AddrPort) bool {
	if d == nil {
		return false
	}
	k := d.known.Load()
	if k == nil || !slices.Contains(k.ports, at.Port()) {
		return false
	}
	addr := at.Addr().Unmap()
	return addr.IsLoopback() || slices.Contains(k.here, addr.WithZone(""))
}
