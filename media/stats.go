package media

import "tandem/media/sdp"

// Stats is what the stream has measured so far.
func (s *Stream) Stats() Stats {
	var out Stats
	s.receiver.measure(&out)
	s.sender.measure(&out)
	played := s.ear.measure()
	out.Concealed = played.Concealed
	out.Discarded += played.Late
	p := s.plan.Load()
	switch {
	case s.browser != nil, p != nil && p.DTLS != (sdp.DTLS{}):
		out.Encryption = dtlsSRTP
	case p != nil && p.Keys.Suite != "":
		out.Encryption = sdesSRTP
	}
	if p != nil {
		out.Codec = p.Codec.Name
		out.MOS = mos(p.Codec.Name, out.audible(played.Late), out.RoundTrip/2+played.Delay+p.Ptime)
	}
	if p != nil && p.Fax != "" {
		out.Codec = faxCodec
	}
	return out
}

// audible is the share of packets that the listener missed: what came too late is as good as lost.
func (s *Stats) audible(late uint64) float64 {
	want := s.Received + s.Lost
	if want == 0 {
		return 0
	}
	return float64(s.Lost+late) / float64(want)
}

func (r *receiver) measure(out *Stats) {
	r.mu.Lock()
	defer r.mu.Unlock()
	out.Received, out.ReceivedBytes = r.counted.Received, r.octets
	out.Discarded += r.discarded
	out.Fax.add(r.fax.count)
	out.Lost = r.counted.Lost()
	if want := r.counted.Expected(); want > 0 {
		out.LossRatio = float64(out.Lost) / float64(want)
	}
	if r.plan != nil {
		out.Jitter = r.counted.JitterTime(r.plan.Codec.Clock)
	}
	out.Remote = r.latch.Remote()
	out.RoundTrip = r.control.roundTrip
	out.RemoteLossRatio, out.RemoteJitter = r.control.remoteLoss, r.control.remoteJit
}

func (s *sender) measure(out *Stats) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out.Sent, out.SentBytes = s.packets, s.octets
	out.Fax.Sent = s.faxes
}

// count adds the stream to the engine's counts.
func (s *Stream) count(to *Snapshot) {
	var of Stats
	s.receiver.measure(&of)
	s.sender.measure(&of)
	to.Sent += of.Sent
	to.Received += of.Received
	to.Lost += of.Lost
	to.Discarded += of.Discarded
	to.Fax.add(of.Fax)
}
