package mixer

import (
	"encoding/binary"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/acttest"
	"tandem/actors/msg"
	"tandem/media/codec"
	"tandem/media/tone"
)

// party is a leg of another member, with its end of a junction.
type party struct {
	lab   *lab
	leg   *acttest.Probe
	mixer *actor.PID
	conn  *net.UDPConn
	to    *net.UDPAddr
	word  *msg.LegJunction
}

// party lets one take part in the mixer by a junction; false: it was refused.
func (l *lab) party(mixer *actor.PID) (*party, bool) {
	l.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		l.Fatal(err)
	}
	l.Cleanup(func() { _ = conn.Close() })
	p := &party{lab: l, leg: l.probe(), mixer: mixer, conn: conn}
	here := conn.LocalAddr().(*net.UDPAddr)
	p.word = &msg.LegJunction{Leg: p.leg.PID, Junction: 1, Address: "127.0.0.1", Port: uint32(here.Port), Codec: "PCMA/8000",
		PacketMs: 20, Knows: []string{"PCMU/8000", "PCMA/8000"}}
	l.member.Send(mixer, &msg.MixerJoined{Leg: p.leg.PID})
	l.member.Send(mixer, p.word)
	for {
		m := acttest.Await[*msg.LegJunction](l, p.leg)
		if m.Over {
			if m.Status != 486 || m.Seen != 1 {
				l.Errorf("refused so: %v", m)
			}
			return nil, false
		}
		if m.Seen == 1 {
			p.to = net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(m.Address), uint16(m.Port)))
			p.word.Seen = m.Junction
			return p, true
		}
	}
}

// says sends a tone until the test ends or stop is called.
func (p *party) says(hz float64, from *net.UDPConn) (stop func()) {
	pcma, _ := codec.ByName("PCMA")
	source, encoder := tone.Sine(8000, hz, -10), pcma.NewEncoder()
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		beat := time.NewTicker(codec.Frame)
		defer beat.Stop()
		pcm := make([]int16, 160)
		for n := uint32(0); ; n++ {
			source.Read(pcm)
			header := make([]byte, 12, 200)
			header[0], header[1] = 0x80, 8
			binary.BigEndian.PutUint16(header[2:], uint16(n))
			binary.BigEndian.PutUint32(header[4:], n*160)
			binary.BigEndian.PutUint32(header[8:], uint32(hz))
			_, _ = from.WriteToUDP(encoder.Encode(header, pcm), p.to) // the mixer may be gone
			select {
			case <-beat.C:
			case <-over:
				return
			}
		}
	}()
	stop = sync.OnceFunc(func() { close(over); <-ended })
	p.lab.Cleanup(stop)
	return stop
}

// hears waits for the tone, or for silence where hz is 0, for a fifth of a second without a break.
func (p *party) hears(hz float64) {
	p.lab.Helper()
	pcma, _ := codec.ByName("PCMA")
	detector, decoder := tone.NewDetector(8000, hz), pcma.NewDecoder()
	if err := p.conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		p.lab.Fatal(err)
	}
	buffer := make([]byte, 1500)
	for run := time.Duration(0); run < 200*time.Millisecond; {
		n, _, err := p.conn.ReadFrom(buffer)
		if err != nil {
			p.lab.Fatalf("%g Hz did not come: %v", hz, err)
		}
		if n < 13 || buffer[1]&0x7f != 8 {
			continue
		}
		pcm := decoder.Decode(nil, buffer[12:n])
		is := quiet(pcm)
		if hz > 0 {
			detector.Hear(pcm)
			is = detector.Present()
		}
		if run += codec.Frame; !is {
			run = 0
		}
	}
}

func quiet(pcm []int16) bool {
	for _, x := range pcm {
		if x > 100 || x < -100 {
			return false
		}
	}
	return true
}

// Three parties of other members are in a mixer: they hear each other as their roles are, and nobody hears a stranger.
func TestJunctions(t *testing.T) {
	l := newLab(t)
	mixer := l.mixer(l.probe())
	a, _ := l.party(mixer)
	b, _ := l.party(mixer)
	c, ok := l.party(mixer)
	if !ok {
		t.Fatal("the third party was refused")
	}
	if _, ok := l.party(mixer); ok {
		t.Fatal("the fourth party was taken")
	}
	acttest.Until(t, "there are three junctions", func() bool { return l.engine.Snapshot().PortsInUse == 3 })
	silent := a.says(600, a.conn)
	b.hears(600)
	c.hears(600)
	a.hears(0)
	a.word.Role = &msg.MixRole{Muted: true}
	l.member.Send(mixer, a.word)
	b.hears(0)
	b.says(900, b.conn)
	a.hears(900)
	a.word.Role = &msg.MixRole{Deaf: true}
	l.member.Send(mixer, a.word)
	a.hears(0)
	silent()
	thief, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = thief.Close() }()
	stop := a.says(600, thief)
	c.hears(900)
	stop()

	l.member.Send(mixer, &msg.MixerJoined{Leg: a.leg.PID, Left: true})
	if m := acttest.Await[*msg.LegJunction](t, a.leg); !m.Over || m.Status != 0 {
		t.Errorf("left so: %v", m)
	}
	b.leg.Stop(t)
	acttest.Until(t, "one junction is left", func() bool { return l.engine.Snapshot().PortsInUse == 1 })
	l.member.Send(mixer, &msg.LegHangup{})
	acttest.Await[*msg.LegParted](t, c.leg)
	if m := acttest.Await[*msg.LegJunction](t, c.leg); !m.Over {
		t.Errorf("ended so: %v", m)
	}
	l.gone()
	if s := l.engine.Snapshot(); s.PortsInUse != 0 || s.Streams != 0 {
		t.Errorf("left over: %+v", s)
	}
}

// A mixer that has ended takes nobody, and neither does one without a port.
func TestJunctionRefused(t *testing.T) {
	l := newLab(t)
	owner := l.probe()
	mixer := l.mixer(owner)
	leg := l.probe()
	word := &msg.LegJunction{Leg: leg.PID, Junction: 1, Address: "::1", Port: 4000, Codec: "PCMU/8000"}
	l.member.Send(mixer, word) // we have no address that faces it
	if m := acttest.Await[*msg.LegJunction](t, leg); !m.Over || m.Status != 503 || m.Seen != 1 {
		t.Errorf("refused so: %v", m)
	}
	l.member.Send(mixer, &msg.LegTape{Record: 1})
	l.member.Send(mixer, &msg.LegJunction{}) // of nobody
	acttest.Until(t, "it is recorded", func() bool { return l.engine.Snapshot().Recordings == 1 })
	l.member.Send(mixer, &msg.LegHangup{})
	acttest.Await[*msg.LegEnded](t, owner)
	word.Address = "127.0.0.1"
	l.member.Send(mixer, word)
	if m := acttest.Await[*msg.LegJunction](t, leg); !m.Over || m.Status != 481 {
		t.Errorf("refused so: %v", m)
	}
	l.member.Send(mixer, &msg.LegKept{})
	l.gone()
}
