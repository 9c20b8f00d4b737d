package media

import (
	"net/netip"
	"time"

	"tandem/media/rtp"
)

// receive is called by the RTP socket: the way of every packet that comes in. A browser's are decrypted by then.
func (s *Stream) receive(datagram []byte, from netip.AddrPort) {
	now := time.Now()
	if p := s.plan.Load(); p != nil && p.Fax != "" {
		s.passFax(datagram, from, now)
		return
	}
	if rtp.IsRTCP(datagram) {
		s.feedback(datagram, from, now)
		return
	}
	a := s.receiver.admit(datagram, from, now)
	if a.kind == refused {
		return
	}
	if a.moved {
		s.sender.point(from)
		s.rouse()
	}
	if a.heard {
		s.notify(Heard{From: from})
	}
	switch a.kind {
	case audio:
		s.ear.put(a.packet, datagram, a.plan, now)
		if o := s.onward.Load(); o != nil && o.packets && o.to.sender.relay(s, datagram, a.packet, false, now) {
			s.shard.relayed.Add(1)
		}
	case telephoneEvent:
		s.pressed(a, datagram, now)
	case changed:
		// Not here: the packet's goroutine takes no lock that signalling holds.
		s.notify(recoded{payload: a.packet.Payload})
	case nothing:
		if o := s.onward.Load(); o != nil && o.packets {
			o.to.sender.skip(s, a.packet)
		}
	}
}
