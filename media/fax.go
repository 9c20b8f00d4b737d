package media

import (
	"net/netip"
	"time"

	"tandem/media/codec"
	"tandem/media/rtp"
	"tandem/media/sdp"
	"tandem/media/udptl"
)

// faxCodec is how a fax is named where a codec is.
const faxCodec = "T.38"

// FaxStats are the datagrams of T.38 of a stream, or of all.
type FaxStats struct {
	Sent, Received uint64
	Lost           uint64 // by the gaps in their numbers
	Discarded      uint64 // from a wrong address, malformed, too long, too many, or for somebody who is no fax
}

func (f *FaxStats) add(g FaxStats) {
	f.Sent += g.Sent
	f.Received += g.Received
	f.Lost += g.Lost
	f.Discarded += g.Discarded
}

// faxing is what the receiver keeps of a fax.
type faxing struct {
	begun  bool
	newest uint16
	count  FaxStats
	budget budget
}

// standIn makes the audio plan of a stream that is a fax. It has none, so that no audio is sent and none is taken; where
// there was none before a codec stands in.
func standIn(p sdp.Params) sdp.Params {
	if p.Codec.Name == "" {
		p.Codec = codec.Known[0]
	}
	p.Direction = sdp.Inactive
	return p
}

// passFax gives a datagram that came to a fax to the other side of its bridge, if that is one too. Nothing is read out of
// it but that it is UDPTL: that there is no end in the middle leaves error correction and timing to the faxes.
func (s *Stream) passFax(datagram []byte, from netip.AddrPort, now time.Time) {
	heard, moved := s.receiver.admitFax(datagram, from, now)
	if !heard {
		return
	}
	if moved {
		s.sender.point(from)
	}
	if o := s.onward.Load(); o == nil || !o.to.sender.fax(datagram) {
		s.receiver.wasteFax()
	}
}

// admitFax judges a datagram that came to the port of a fax. Addresses are believed by the rule that holds for RTP.
func (r *receiver) admitFax(datagram []byte, from netip.AddrPort, now time.Time) (ok, moved bool) {
	sequence, valid := udptl.Valid(datagram)
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.latch.Remote()
	if !valid || r.plan == nil || !r.latch.Accept(from, rtp.Header{Sequence: sequence}) || !r.fax.budget.allow(maxPackets, now) {
		r.fax.count.Discarded++
		return false, false
	}
	r.fax.number(sequence)
	return true, before != r.latch.Remote()
}

// number counts a datagram. A wild step is a fax that begins anew; one that comes late makes good a loss.
func (f *faxing) number(sequence uint16) {
	const wild = 1000
	step := int16(sequence - f.newest)
	f.count.Received++
	switch {
	case !f.begun || step > wild || step < -wild:
		f.begun, f.newest = true, sequence
	case step > 0:
		f.count.Lost += uint64(step - 1)
		f.newest = sequence
	case step < 0 && f.count.Lost > 0:
		f.count.Lost--
	}
}

func (r *receiver) wasteFax() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fax.count.Discarded++
}

// fax sends a datagram of the other side; false: our peer is no fax, or can not be reached.
func (s *sender) fax(datagram []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.plan == nil || s.plan.Fax == "" || !reachable(s.remote) || s.doors.shun(s.remote) {
		return false
	}
	if s.conn.Send(datagram, s.remote) == nil {
		s.faxes++
	}
	return true
}
