package border

import (
	"net/netip"
	"strings"

	"tandem/signal"
)

// Border knows the peers that are trusted. The zero Border trusts nobody. It is never changed.
type Border struct{ trusted []netip.Prefix }

// New makes a border; trusted are addresses and prefixes. What is neither trusts nobody: the settings have checked it.
func New(trusted []string) *Border {
	b := &Border{}
	for _, text := range trusted {
		if p, err := netip.ParsePrefix(text); err == nil {
			b.trusted = append(b.trusted, p.Masked())
		} else if a, err := netip.ParseAddr(text); err == nil {
			a = a.Unmap()
			b.trusted = append(b.trusted, netip.PrefixFrom(a, a.BitLen()))
		}
	}
	return b
}

// Trusts reports whether a peer at that address is trusted.
func (b *Border) Trusts(peer netip.Addr) bool {
	peer = peer.Unmap().WithZone("")
	for _, p := range b.trusted {
		if p.Contains(peer) {
			return true
		}
	}
	return false
}

// insiders are the fields that say who somebody is, or by whom a call was forwarded: with them a stranger could call in
// another's name, or at another's cost.
var insiders = []string{"P-Asserted-Identity", "Remote-Party-ID", "Diversion", "History-Info"}

// outsiders are those of insiders, and of their like, that strangers do not hear. By whom a call was forwarded its
// phone may show.
var outsiders = []string{"P-Asserted-Identity", "Remote-Party-ID", "P-Preferred-Identity", "Privacy"}

// Enter takes off a message what its sender may not say.
func (b *Border) Enter(h signal.Headers, from netip.Addr) signal.Headers {
	if b.Trusts(from) {
		return h
	}
	return Strange(h)
}

// Strange takes off what only those may say who are trusted.
func Strange(h signal.Headers) signal.Headers { return without(h, insiders) }

// Leave takes off a message what its receiver may not hear.
func (b *Border) Leave(h signal.Headers, to netip.Addr) signal.Headers {
	if b.Trusts(to) {
		return h
	}
	return without(h, outsiders)
}

// without leaves h as it was; mostly there is nothing to take off.
func without(h signal.Headers, names []string) signal.Headers {
	for _, f := range h {
		if !among(names, f.Name) {
			continue
		}
		out := make(signal.Headers, 0, len(h))
		for _, f := range h {
			if !among(names, f.Name) {
				out = append(out, f)
			}
		}
		return out
	}
	return h
}

func among(names []string, name string) bool {
	for _, n := range names {
		if len(n) == len(name) && strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}
