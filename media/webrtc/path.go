package webrtc

import (
	"net/netip"
	"slices"
	"time"
)

// path is an address that has proved by a check to be the peer's.
type path struct {
	address   netip.AddrPort
	seen      time.Time // the last check from it
	nominated bool      // a check had USE-CANDIDATE
}

// paths are those of one peer.
type paths []path

func (p paths) find(address netip.AddrPort) int {
	return slices.IndexFunc(p, func(x path) bool { return x.address == address })
}

// nominated reports an address that the peer has named as one to use.
func (p paths) nominated(address netip.AddrPort) bool {
	i := p.find(address)
	return i >= 0 && p[i].nominated
}

// stale are the addresses that no check came from for long, but the one in use.
func (p paths) stale(now time.Time, used netip.AddrPort) (out []netip.AddrPort) {
	for _, x := range p {
		if x.address != used && now.Sub(x.seen) > pathLife {
			out = append(out, x.address)
		}
	}
	return out
}

// without is the list without an address.
func (p paths) without(address netip.AddrPort) paths {
	return slices.DeleteFunc(p, func(x path) bool { return x.address == address })
}
