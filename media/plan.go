package media

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"tandem/media/codec"
	"tandem/media/rtp"
	"tandem/media/sdp"
)

// plan is what an exchange of SDP settled, with what follows from it. It is never changed: Apply
// makes a new one.
type plan struct {
	sdp.Params
	packet     int    // octets of payload in a packet that we send; 0: each frame is one, whatever its size
	frameUnits uint32 // a frame in units of the RTP clock
	sends      bool   // the direction allows us to send
	hears      bool   // the direction makes us listen
}

func newPlan(p sdp.Params) (*plan, error) {
	if p.Fax != "" {
		p = standIn(p)
	}
	c := p.Codec
	if c.Bytes < 0 || c.Samples <= 0 || c.Clock <= 0 || c.NewDecoder() == nil {
		return nil, fmt.Errorf("media: codec %q cannot be used in a stream", c.Name)
	}
	if p.Payload > 127 || p.RecvPayload > 127 || p.Event > 127 || p.RecvEvent > 127 {
		return nil, fmt.Errorf("media: payload number above 127 for codec %s", c.Name)
	}
	p.Remote, p.RemoteRTCP = unmapped(p.Remote), unmapped(p.RemoteRTCP)
	if p.Ptime == 0 {
		p.Ptime = codec.Frame
	}
	p.Ptime = min(max(p.Ptime, minPtime), maxPtime).Truncate(10 * time.Millisecond)
	if p.EventClock == 0 {
		p.EventClock = c.Clock
	}
	if c.Bytes == 0 {
		p.Ptime = codec.Frame
	}
	// A packet has to fit into one datagram of an Ethernet: wide linear audio gets less of it.
	perMS := c.Bytes / int(codec.Frame/time.Millisecond)
	for perMS*int(p.Ptime/time.Millisecond) > rtp.BufferSize-200 {
		p.Ptime -= 10 * time.Millisecond
	}
	return &plan{
		Params:     p,
		packet:     perMS * int(p.Ptime/time.Millisecond),
		frameUnits: uint32(c.Clock / int(time.Second/codec.Frame)),
		sends:      p.Direction == sdp.SendRecv || p.Direction == sdp.SendOnly,
		hears:      p.Direction == sdp.SendRecv || p.Direction == sdp.RecvOnly,
	}, nil
}

// unmapped is the address as sockets show it: IPv4 never wrapped into IPv6.
func unmapped(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// units is how much audio a payload holds, in units of the RTP clock.
func (p *plan) units(payload []byte) uint32 { return uint32(p.Codec.Units(payload)) }

// agreed is where a payload number stands among the codecs that the peer may send, or -1.
func (p *plan) agreed(payload uint8) int {
	return slices.IndexFunc(p.Hears, func(f sdp.Format) bool { return f.Payload == payload })
}

// following is the plan for a peer that sends another of the agreed codecs; nil when there is none.
// It is sent the same: many can only do one at a time.
func (p *plan) following(payload uint8) *plan {
	i := p.agreed(payload)
	if i < 0 || payload == p.RecvPayload {
		return nil
	}
	params := p.Params
	params.Codec, params.RecvPayload, params.Payload = p.Hears[i].Codec, payload, payload
	for _, theirs := range p.Formats {
		if theirs.Codec == params.Codec {
			params.Payload = theirs.Payload
		}
	}
	next, err := newPlan(params)
	if err != nil {
		return nil
	}
	return next
}

// relays tells that packets of p can be sent as q without touching the payload.
func (p *plan) relays(q *plan) bool {
	return p.Codec == q.Codec && p.Ptime == q.Ptime
}
