package transport

import (
	"encoding/binary"
	"net/netip"
	"sync"
	"time"

	"tandem/signal"
)

// Devices keep their way through a NAT open by asking, on the port of their SIP, from where we see them (RFC 5626 section
// 4.4.2 with STUN, RFC 5389). The answer is larger than the question, so that only those get one who are known to be where
// their datagrams say: they have registered from there.

// Numbers of STUN (RFC 5389 sections 6 and 15).
const (
	stunHead      = 20
	stunCookie    = 0x2112a442
	stunRequest   = 0x0001
	stunSuccess   = 0x0101
	stunXorMapped = 0x0020
)

// Limits of who is known.
const (
	knownFor = 2 * time.Hour // after a registration or a keep-alive: far longer than a NAT keeps its ways
	maxKnown = 100_000
)

// known are the addresses that somebody has proved to be at. The zero known is ready; safe for concurrent use.
type known struct {
	mu    sync.Mutex
	until map[netip.AddrPort]time.Time
}

func (k *known) add(at netip.AddrPort, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.until == nil {
		k.until = map[netip.AddrPort]time.Time{}
	}
	if _, ok := k.until[at]; !ok && len(k.until) >= maxKnown {
		for old := range k.until { // any one: it is known again when it registers again
			delete(k.until, old)
			break
		}
	}
	k.until[at] = now.Add(knownFor)
}

// has tells whether an address is known, and keeps it so: a registration may live for a week, and who asks for a way through
// his NAT is there. Who asks in another's name gains nothing by it, but answers that he could have had before.
func (k *known) has(at netip.AddrPort, now time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	until, ok := k.until[at]
	switch {
	case !ok:
		return false
	case now.After(until):
		delete(k.until, at)
		return false
	}
	k.until[at] = now.Add(knownFor)
	return true
}

// Know notes that whoever is at the other end of a flow has proved who he is.
func (s *Set) Know(flow signal.Flow) {
	if flow.Transport == "UDP" {
		s.known.add(flow.Remote, time.Now())
	}
}

// bindingAnswer is the answer to a STUN Binding request from an address; nil of what is none.
func bindingAnswer(request []byte, from netip.AddrPort) []byte {
	if len(request) < stunHead || binary.BigEndian.Uint16(request) != stunRequest ||
		int(binary.BigEndian.Uint16(request[2:])) != len(request)-stunHead || len(request)%4 != 0 ||
		binary.BigEndian.Uint32(request[4:]) != stunCookie {
		return nil
	}
	family, address := byte(1), from.Addr().Unmap().AsSlice()
	if len(address) == 16 {
		family = 2
	}
	for i := range address {
		address[i] ^= request[4+i] // the cookie, then the number of the transaction
	}
	out := binary.BigEndian.AppendUint16(nil, stunSuccess)
	out = binary.BigEndian.AppendUint16(out, uint16(8+len(address)))
	out = append(out, request[4:stunHead]...)
	out = binary.BigEndian.AppendUint16(out, stunXorMapped)
	out = binary.BigEndian.AppendUint16(out, uint16(4+len(address)))
	out = append(out, 0, family)
	out = binary.BigEndian.AppendUint16(out, from.Port()^stunCookie>>16)
	return append(out, address...)
}
