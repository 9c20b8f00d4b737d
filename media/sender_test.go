package media

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tandem/media/codec"
	"tandem/media/rtp"
	"tandem/media/sdp"
)

// sink is a port that keeps what is sent.
type sink struct{ sent []rtp.Header }

func (s *sink) Serve(rtp.Handler) {}
func (s *sink) Close() error      { return nil }
func (s *sink) Send(datagram []byte, _ netip.AddrPort) error {
	p, err := rtp.Parse(datagram)
	s.sent = append(s.sent, p.Header)
	return err
}

func testPlan(t testing.TB, name string) *plan {
	t.Helper()
	p, err := newPlan(sdp.Params{
		Remote: netip.MustParseAddrPort("192.0.2.1:4000"), Codec: codecOf(t, name), Event: 101,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Whatever feeds a sender, in whatever order and with whatever pauses: one SSRC, sequence numbers
// without a gap, timestamps that never step back and a marker wherever they jump.
func TestSenderIsOneStream(t *testing.T) {
	plans := []*plan{testPlan(t, "PCMU"), testPlan(t, "G722")}
	rapid.Check(t, func(r *rapid.T) {
		var out sink
		now := time.Unix(1000, 0)
		s := newSender(&out, now)
		plan := plans[0]
		s.apply(plan, plan.Remote, now)
		sources := [2]*Stream{{id: "a"}, {id: "b"}}
		theirs := rtp.Header{SSRC: 1}
		for range rapid.IntRange(1, 60).Draw(r, "steps") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{20, 20, 20, 19, 21, 500, 9000}).Draw(r, "pause")) * time.Millisecond)
			switch rapid.SampledFrom([]string{"frame", "frame", "relay", "relay", "adopt", "jump", "apply", "key"}).Draw(r, "step") {
			case "frame":
				s.dial(now, plan)
				s.frame(now, plan, make([]int16, plan.Codec.Samples))
			case "relay":
				theirs.Sequence++
				theirs.Timestamp += 160
				datagram := make([]byte, 172)
				rtp.PutHeader(datagram, theirs)
				p, _ := rtp.Parse(datagram)
				s.relay(sources[0], datagram, p, false, now)
			case "adopt":
				s.adopt(rapid.SampledFrom(sources[:]).Draw(r, "source"))
			case "jump":
				theirs.SSRC++
				theirs.Sequence = rapid.Uint16().Draw(r, "sequence")
				theirs.Timestamp = rapid.Uint32().Draw(r, "timestamp")
			case "apply":
				plan = rapid.SampledFrom(plans).Draw(r, "plan")
				s.apply(plan, plan.Remote, now)
			case "key":
				if err := s.enqueue("5", 60*time.Millisecond, 1); err != nil {
					r.Fatal(err)
				}
			}
		}
		oneStream(r, out.sent)
	})
}

func oneStream(r *rapid.T, sent []rtp.Header) {
	var audio rtp.Header // the last packet that was no event
	for i, h := range sent {
		if i > 0 && (h.SSRC != sent[0].SSRC || h.Sequence != sent[i-1].Sequence+1) {
			r.Fatalf("packet %d is %+v after %+v", i, h, sent[i-1])
		}
		if h.Payload == 101 {
			continue
		}
		step := int32(h.Timestamp - audio.Timestamp)
		if audio.SSRC != 0 && (step < 160 || step > 160 && !h.Marker) {
			r.Fatalf("packet %d is %+v after %+v", i, h, audio)
		}
		audio = h
	}
}

// A clock that the peer's source runs by is followed; frames of our own go on behind it.
func TestSenderAfterFastRelay(t *testing.T) {
	var out sink
	now := time.Unix(1000, 0)
	s, plan, from := newSender(&out, now), testPlan(t, "PCMU"), &Stream{}
	s.apply(plan, plan.Remote, now)
	s.adopt(from)
	for i := range 10 { // all at once
		datagram := make([]byte, 172)
		rtp.PutHeader(datagram, rtp.Header{Sequence: uint16(i), Timestamp: uint32(160 * i)})
		p, _ := rtp.Parse(datagram)
		s.relay(from, datagram, p, false, now)
	}
	s.frame(now.Add(codec.Frame), plan, make([]int16, 160))
	last := out.sent[len(out.sent)-1]
	if step := last.Timestamp - out.sent[9].Timestamp; step != 160 {
		t.Errorf("the frame after the relay steps by %d", step)
	}
}

// What a relay does not pass on (comfort noise, keys for a side that takes none) is no loss to the
// peer.
func TestRelayClosesGaps(t *testing.T) {
	var out sink
	now := time.Unix(1000, 0)
	s, plan, from := newSender(&out, now), testPlan(t, "PCMU"), &Stream{}
	plan.Event = 0
	s.apply(plan, plan.Remote, now)
	s.adopt(from)
	for i := range 12 {
		datagram := make([]byte, 172)
		rtp.PutHeader(datagram, rtp.Header{Sequence: uint16(i + 65530), Timestamp: uint32(160 * i)})
		p, _ := rtp.Parse(datagram)
		switch i {
		case 3, 4:
			s.skip(from, p)
		case 8:
			s.relay(from, datagram, p, true, now)
		default:
			s.relay(from, datagram, p, false, now)
		}
	}
	if len(out.sent) != 9 {
		t.Fatalf("%d packets were relayed", len(out.sent))
	}
	for i, h := range out.sent[1:] {
		if h.Sequence != out.sent[i].Sequence+1 {
			t.Errorf("packet %d has number %d after %d", i+1, h.Sequence, out.sent[i].Sequence)
		}
	}
	if passed := out.sent[8].Timestamp - out.sent[0].Timestamp; passed != 11*160 {
		t.Errorf("timestamps went on by %d", passed)
	}
}

// sized is an encoder whose frames have these sizes, one after the other.
type sized []int

func (s *sized) Encode(dst []byte, _ []int16) []byte {
	n := (*s)[0]
	*s = (*s)[1:]
	return append(dst, make([]byte, n)...)
}

// Where frames differ in size each is a packet of its own, and one that has nothing to say is none: the clock goes on.
func TestFramesOfAnySize(t *testing.T) {
	p := &plan{
		Params: sdp.Params{
			Remote: netip.MustParseAddrPort("192.0.2.1:4000"), Payload: 96,
			Codec: codec.Codec{Name: "any size", Clock: 48000, Rate: 16000, Samples: 320},
		},
		frameUnits: 960, sends: true,
	}
	var out sink
	now := time.Unix(1000, 0)
	s := newSender(&out, now)
	s.apply(p, p.Remote, now)
	s.encoder = &sized{70, 3, 0, p.Codec.Room(), 1}
	for range 5 {
		s.frame(now, p, nil)
		now = now.Add(codec.Frame)
	}
	if len(out.sent) != 4 {
		t.Fatalf("%d packets of four frames", len(out.sent))
	}
	first := out.sent[0]
	for i, frame := range []uint32{0, 1, 3, 4} {
		h := out.sent[i]
		if h.Timestamp != first.Timestamp+960*frame || h.Sequence != first.Sequence+uint16(i) {
			t.Errorf("packet %d: %+v after %+v", i, h, first)
		}
		if h.Marker != (i == 0 || frame == 3) { // the one before had nothing to say
			t.Errorf("packet %d: marker %v", i, h.Marker)
		}
	}
}

// quietly is an encoder that has something to say of loud frames alone.
type quietly struct{}

func (quietly) Encode(dst []byte, pcm []int16) []byte {
	if pcm[0] == 0 {
		return dst
	}
	return append(dst, 0x08, 1, 2, 3)
}

// After frames of which an encoder says nothing (DTX) a talkspurt begins (RFC 3551 section 4.1).
func TestMarkerAfterNothing(t *testing.T) {
	for name, frame := range map[string]func(s *sender, at time.Time, p *plan, pcm []int16){
		"our own": func(s *sender, at time.Time, p *plan, pcm []int16) { s.frame(at, p, pcm) },
		"shared": func(s *sender, at time.Time, p *plan, pcm []int16) {
			s.payload(at, p, quietly{}.Encode(nil, pcm))
		},
	} {
		var out sink
		now := time.Unix(1000, 0)
		s, plan := newSender(&out, now), testPlan(t, "opus")
		s.apply(plan, plan.Remote, now)
		s.encoder = quietly{}
		for _, loud := range []int16{1, 1, 0, 0, 1, 1} {
			now = now.Add(codec.Frame)
			pcm := make([]int16, plan.Codec.Samples)
			pcm[0] = loud
			frame(s, now, plan, pcm)
		}
		var marks []bool
		for _, h := range out.sent {
			marks = append(marks, h.Marker)
		}
		if !slices.Equal(marks, []bool{true, false, true, false}) {
			t.Errorf("%s: markers %v", name, marks)
		}
	}
}
