package lab

import (
	"encoding/binary"
	"net/netip"
	"slices"
)

// Traffic is what a call has sent and got of RTP.
type Traffic struct {
	Sent     int              // packets that the network took
	Received int              // packets that came
	Missing  int              // that lie between those that came, by their sequence numbers
	Sources  []netip.AddrPort // where they came from, in the order of their first
}

// span is the sequence numbers of one source (RFC 3550 appendix A.1), as far as loopback needs it: nothing comes twice
// there, and hardly anything in another order.
type span struct {
	began        bool
	ssrc         uint32
	first, last  int64
	got, missing int // missing is that of earlier sources
}

// count counts one packet.
func (e *Ear) count(packet []byte, from netip.AddrPort) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.traffic.Received++
	if !slices.Contains(e.traffic.Sources, from) {
		e.traffic.Sources = append(e.traffic.Sources, from)
	}
	sequence, ssrc := binary.BigEndian.Uint16(packet[2:]), binary.BigEndian.Uint32(packet[8:])
	s := &e.span
	if !s.began || s.ssrc != ssrc {
		*s = span{began: true, ssrc: ssrc, first: int64(sequence), last: int64(sequence), missing: s.lost()}
	}
	s.last = max(s.last, s.last+int64(int16(sequence-uint16(s.last))))
	s.got++
}

func (s *span) lost() int {
	if !s.began {
		return 0
	}
	return s.missing + max(0, int(s.last-s.first)+1-s.got)
}

// Traffic is what the call has sent and got so far.
func (e *Ear) Traffic() Traffic {
	e.mu.Lock()
	defer e.mu.Unlock()
	t := e.traffic
	t.Missing, t.Sources = e.span.lost(), slices.Clone(t.Sources)
	return t
}

// Media is where the other side wants its audio, as its SDP says; not valid before that.
func (e *Ear) Media() netip.AddrPort {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.to == nil {
		return netip.AddrPort{}
	}
	at := e.to.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}

// SendTo sends octets from the socket of the call's audio.
func (e *Ear) SendTo(to netip.AddrPort, octets []byte) { _, _ = e.conn.WriteToUDPAddrPort(octets, to) }
