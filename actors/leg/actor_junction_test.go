package leg

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/acttest"
	"tandem/actors/acttest/company"
	"tandem/actors/msg"
	"tandem/conf"
	"tandem/media/codec"
	"tandem/media/sdp"
	"tandem/media/tone"
	"tandem/media/wav"
	"tandem/signal"
)

// twoLabs are two members that know each other, each with its engine on an address of its own.
func twoLabs(t *testing.T, change ...func(*conf.Media)) (near, far *lab) {
	t.Helper()
	near = bareLab(t, "m1", netip.MustParseAddr("127.0.0.1"), change...)
	far = bareLab(t, "m2", netip.MustParseAddr("127.0.0.2"), change...)
	company.Meet(t, near.member, far.member)
	near.edge, far.edge = near.probe("edge"), far.probe("edge")
	return near, far
}

// elsewhere is an actor's address as another process has it: one remembers the process that it led to.
func elsewhere(pid *actor.PID) *actor.PID { return actor.NewPID(pid.Address, pid.Id) }

// joins tells a call's leg, as its Task does, who its partner is.
func (c *call) joins(other *call) {
	c.tell(&msg.LegAccept{Partner: elsewhere(other.leg), Stream: other.lab.member.Handler(other.leg), Codec: c.lab.talks})
}

// talk lets the phone send a tone until the test ends, or stop is called.
func (c *call) talk(hz float64) (stop func()) {
	source, encoder := tone.Sine(c.params.Codec.Rate, hz, -10), c.params.Codec.NewEncoder()
	to := net.UDPAddrFromAddrPort(c.params.Remote)
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		beat := time.NewTicker(codec.Frame)
		defer beat.Stop()
		pcm := make([]int16, c.params.Codec.Samples)
		for n := uint32(c.cseq) << 12; ; n++ { // another phone's numbers never come again
			source.Read(pcm)
			header := make([]byte, 12, 200)
			header[0], header[1] = 0x80, c.params.Payload
			binary.BigEndian.PutUint16(header[2:], uint16(n))
			binary.BigEndian.PutUint32(header[4:], n*160)
			binary.BigEndian.PutUint32(header[8:], 77)
			_, _ = c.phone.WriteTo(encoder.Encode(header, pcm), to) // the leg may be gone
			select {
			case <-beat.C:
			case <-over:
				return
			}
		}
	}()
	stop = sync.OnceFunc(func() { close(over); <-ended })
	c.lab.Cleanup(stop)
	return stop
}

// hears waits until the phone hears a tone for a while without a break, and nothing but that.
func (c *call) hears(hz float64) {
	c.lab.Helper()
	if !c.listens(hz, 10*time.Second) {
		c.lab.Fatalf("%s: %g Hz did not come", c.id, hz)
	}
}

// listens tells whether the tone comes for a fifth of a second within the time.
func (c *call) listens(hz float64, most time.Duration) bool {
	c.lab.Helper()
	detector, decoder := tone.NewDetector(c.params.Codec.Rate, hz), c.params.Codec.NewDecoder()
	run := time.Duration(0)
	for deadline := time.Now().Add(most); time.Now().Before(deadline); {
		packet, ok := c.packet(deadline)
		if !ok {
			return false
		}
		if packet[1]&0x7f != c.params.RecvPayload {
			continue
		}
		detector.Hear(decoder.Decode(nil, packet[12:]))
		if run += codec.Frame; !detector.Present() {
			run = 0
		}
		if run >= 200*time.Millisecond {
			return true
		}
	}
	return false
}

// packet is the next one that comes.
func (c *call) packet(deadline time.Time) ([]byte, bool) {
	c.lab.Helper()
	if err := c.phone.SetReadDeadline(deadline); err != nil {
		c.lab.Fatal(err)
	}
	buffer := make([]byte, 1500)
	n, _, err := c.phone.ReadFrom(buffer)
	return buffer[:n], err == nil && n > 12
}

// presses sends a key as telephone-events, and hearsKey waits for one.
func (c *call) presses(event byte) {
	c.lab.Helper()
	for i := range 4 {
		end := byte(10)
		if i == 3 {
			end |= 0x80
		}
		packet := []byte{0x80, c.params.Event, 0xf0, byte(i), 9, 0, 0, 160, 0, 0, 0, 77, event, end, byte(800 >> 8), byte(800 & 0xff)}
		if i == 0 {
			packet[1] |= 0x80
		}
		if _, err := c.phone.WriteTo(packet, net.UDPAddrFromAddrPort(c.params.Remote)); err != nil {
			c.lab.Fatal(err)
		}
	}
}

func (c *call) hearsKey(event byte) {
	c.lab.Helper()
	for deadline := time.Now().Add(5 * time.Second); ; {
		packet, ok := c.packet(deadline)
		if !ok {
			c.lab.Fatalf("key %d did not come", event)
		}
		if packet[1]&0x7f == c.params.RecvEvent && packet[12] == event {
			return
		}
	}
}

// reinvites lets the phone offer anew.
func (c *call) reinvites(d sdp.Direction) {
	c.lab.Helper()
	offer, err := c.side.Offer(d, nil)
	if err != nil {
		c.lab.Fatal(err)
	}
	r := c.request(signal.INVITE, offer)
	r.ContentType = "application/sdp"
	c.tell(&msg.SignalRequest{Edge: c.lab.edge.PID, Request: msg.FromRequest(r)})
	for {
		answer := acttest.Await[*msg.SignalRespond](c.lab, c.lab.edge).Response
		if answer.Request != r.ID || answer.Status != 200 {
			continue
		}
		if c.params, err = c.side.Accept(answer.Body); err != nil {
			c.lab.Fatal(err)
		}
		break
	}
	c.send(signal.ACK)
}

// streams waits until a member has so many of them, and as many pairs of ports.
func (l *lab) streams(n int) {
	l.Helper()
	acttest.Until(l, "the streams are counted", func() bool {
		s := l.engine.Snapshot()
		return s.Streams == n && s.PortsInUse == s.Streams
	})
}

// Two parties on two members hear each other, by packets that nobody decodes; they hold, press keys, part, are joined
// anew and hang up.
func TestJunction(t *testing.T) {
	t.Parallel()
	near, far := twoLabs(t)
	a, b := near.incoming().answered(), far.incoming().answered()
	a.joins(b)
	b.joins(a)
	silent := a.talk(600)
	b.talk(900)
	a.hears(900)
	b.hears(600)
	if x, y := near.engine.Snapshot(), far.engine.Snapshot(); x.Relayed == 0 || y.Relayed == 0 {
		t.Errorf("relayed %d and %d packets", x.Relayed, y.Relayed)
	}
	near.streams(2)
	far.streams(2)
	silent()
	a.presses(5)
	if m := acttest.Await[*msg.LegDigit](t, a.task); m.Key != "5" {
		t.Errorf("the key is %v", m)
	}
	b.hearsKey(5)

	a.reinvites(sdp.SendOnly)
	acttest.Until(t, "the other party hears music", func() bool {
		return far.engine.Snapshot().Relayed > 0 && !b.listens(600, 300*time.Millisecond)
	})
	a.reinvites(sdp.SendRecv)
	a.talk(600)
	b.hears(600)
	a.hears(900)

	a.tell(&msg.LegPart{})
	if m := acttest.Await[*msg.LegParted](t, b.task); !m.Partner.Equal(a.leg) || m.Status != 200 {
		t.Errorf("parted so: %v", m)
	}
	near.streams(1)
	far.streams(1)
	b.joins(a) // in the other order
	a.joins(b)
	a.hears(900)
	b.hears(600)
	a.send(signal.BYE)
	acttest.Await[*msg.LegEnded](t, a.task)
	if m := acttest.Await[*msg.LegParted](t, b.task); !m.Partner.Equal(a.leg) {
		t.Errorf("left so: %v", m)
	}
	near.streams(0)
	far.streams(1)
}

// Where the phones have no codec in common one of both members makes the other one's audio of it, and a codec that
// changes in the call is followed.
func TestJunctionOfTwoCodecs(t *testing.T) {
	t.Parallel()
	near, far := twoLabs(t)
	far.talks = "G722"
	a, b := near.incoming().answered(), far.incoming().answered()
	a.joins(b)
	b.joins(a)
	a.talk(600)
	b.talk(900)
	a.hears(900)
	b.hears(600)
}

// Who does not answer for its audio is parted from: by its Task, and if there is none the call ends.
func TestJunctionNotAnswered(t *testing.T) {
	t.Parallel()
	near, far := twoLabs(t)
	a := near.incoming().answered()
	silent := far.probe("task")
	a.tell(&msg.LegAccept{Partner: elsewhere(silent.PID), Stream: far.member.Handler(silent.PID), Codec: "PCMU"})
	asked := acttest.Await[*msg.LegJunction](t, silent)
	if asked.Junction == 0 || asked.Seen != 0 || asked.Address != "127.0.0.1" || asked.Codec != "PCMU/8000" || asked.Over {
		t.Errorf("asked so: %v", asked)
	}
	near.streams(2)
	if m := acttest.Await[*msg.LegParted](t, a.task); m.Status != 504 || !m.Partner.Equal(silent.PID) {
		t.Errorf("parted so: %v", m)
	}
	if m := acttest.Await[*msg.LegParted](t, silent); m.Status != 504 || !m.Leg.Equal(a.leg) {
		t.Errorf("the partner was told %v", m)
	}
	near.streams(1)
	// A mixer likewise, and one that refuses.
	mixer := far.probe("mixer")
	mix := &msg.LegMix{Mixer: elsewhere(mixer.PID), Room: "room", Rate: 8000, Role: &msg.MixRole{Muted: true}}
	a.tell(mix)
	if m := acttest.Await[*msg.MixerJoined](t, mixer); m.Left {
		t.Errorf("joined so: %v", m)
	}
	if m := acttest.Await[*msg.LegJunction](t, mixer); !m.Role.GetMuted() {
		t.Errorf("asked so: %v", m)
	}
	if m := acttest.Await[*msg.LegParted](t, a.task); m.Status != 504 || !m.Partner.Equal(mixer.PID) {
		t.Errorf("parted so: %v", m)
	}
	a.tell(mix)
	asked = acttest.Await[*msg.LegJunction](t, mixer)
	for asked.Over {
		asked = acttest.Await[*msg.LegJunction](t, mixer)
	}
	far.member.Send(elsewhere(a.leg), &msg.LegJunction{Leg: mixer.PID, Seen: asked.Junction, Over: true, Status: 486, Reason: "full"})
	if m := acttest.Await[*msg.LegParted](t, a.task); m.Status != 486 || m.Reason != "full" {
		t.Errorf("parted so: %v", m)
	}
	near.streams(1)
}

// A member that is gone takes nothing with it that is not its own.
func TestJunctionMemberGone(t *testing.T) {
	t.Parallel()
	near, far := twoLabs(t)
	a, b := near.incoming().answered(), far.incoming().answered()
	a.joins(b)
	b.joins(a)
	b.talk(900)
	a.hears(900)
	far.stop()
	if m := acttest.Await[*msg.LegParted](t, a.task); !m.Partner.Equal(b.leg) {
		t.Errorf("parted so: %v", m)
	}
	near.streams(1)
	a.send(signal.BYE)
	acttest.Await[*msg.LegEnded](t, a.task)
	near.streams(0)
}

// called is a call to a phone, which responds when it is told to.
type called struct {
	*call
	respond func(status int)
}

// outgoing is a leg that rings a phone, made for the Signal of a call on another member.
func (l *lab) outgoing(owner *actor.PID) *called {
	l.Helper()
	l.calls++
	phone, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		l.Fatal(err)
	}
	l.Cleanup(func() { _ = phone.Close() })
	c := &called{call: &call{lab: l, phone: phone, id: "called"}}
	c.side = sdp.New(sdp.Capability{Address: netip.MustParseAddr("127.0.0.1"), Name: "phone",
		Port: phone.LocalAddr().(*net.UDPAddr).Port, Codecs: prefer(l.talks)})
	c.leg, err = l.member.Spawn("leg", &msg.LegStart{Owner: elsewhere(owner), Branch: 1, Call: "call1",
		Outgoing: &msg.LegCall{Contact: msg.FromURI(somebody("phone", "").URI), Flow: msg.FromFlow(flow),
			From: msg.FromParty(somebody("1000", "")), To: msg.FromParty(somebody("1001", "")), Codecs: []string{"PCMU"}}})
	if err != nil {
		l.Fatal(err)
	}
	invite := acttest.Await[*msg.SignalSend](l, l.edge).Request
	answer, params, err := c.side.Answer(invite.Body, sdp.SendRecv, nil)
	if err != nil {
		l.Fatal(err)
	}
	c.params = params
	c.respond = func(status int) {
		c.tell(&msg.SignalResponse{Response: msg.FromResponse(&signal.Response{Request: invite.Id, Method: signal.INVITE,
			Status: status, To: invite.To.Signal().WithTag("called-tag"), Contacts: []signal.Party{somebody("phone", "")},
			ContentType: "application/sdp", Body: answer})})
	}
	return c
}

// A caller of one member hears the early media of a phone that another one rings, and then talks with it; the call is
// recorded, one party a channel.
func TestJunctionOfACall(t *testing.T) {
	t.Parallel()
	recordings := t.TempDir()
	near, far := twoLabs(t, func(c *conf.Media) { c.Recordings = recordings })
	a := near.ringing(&msg.LegStart{Record: true})
	b := far.outgoing(a.owner.PID)
	b.respond(183)
	p := acttest.Await[*msg.LegProgressed](t, a.owner)
	if !p.Early || !p.Leg.Equal(b.leg) {
		t.Fatalf("progress is %v", p)
	}
	a.tell(&msg.LegProgress{Status: 183, Partner: p.Leg, Stream: p.Stream, Codec: p.Codec, By: a.owner.PID})
	a.agrees(183)
	b.talk(900)
	a.hears(900)

	b.respond(200)
	w := acttest.Await[*msg.LegAnswered](t, a.owner)
	b.tell(&msg.LegBridge{Partner: elsewhere(a.leg)})
	a.tell(&msg.LegAccept{Partner: w.Leg, Stream: w.Stream, Codec: w.Codec, By: a.owner.PID})
	acttest.Await[*msg.LegAnswered](t, a.owner)
	a.send(signal.ACK)
	a.talk(600)
	b.hears(600)
	a.hears(900)
	near.streams(2)
	acttest.Until(t, "the call is recorded for a while", func() bool {
		rows := near.table.Live()
		return len(rows) == 1 && near.engine.Snapshot().Recordings == 1
	})
	a.hears(900)
	a.hears(900)
	b.hears(600)
	a.send(signal.BYE)
	acttest.Until(t, "the recording is whole", func() bool { return near.engine.Snapshot().Recordings == 0 })
	near.streams(0)
	far.streams(1) // its phone has not answered the BYE yet
	b.tell(&msg.LegHangup{Last: true})
	far.streams(0)

	files, err := filepath.Glob(filepath.Join(recordings, "*/*/*/*.wav"))
	if err != nil || len(files) != 1 {
		t.Fatalf("recordings %v, %v", files, err)
	}
	octets, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for channel, hz := range []float64{600, 900} {
		if heard := toneIn(t, octets, channel, hz); heard < 200*time.Millisecond {
			t.Errorf("channel %d has %g Hz for %v", channel, hz, heard)
		}
	}
}

// toneIn is how long a channel of two of a recording has a tone.
func toneIn(t *testing.T, octets []byte, channel int, hz float64) time.Duration {
	t.Helper()
	r, err := wav.NewReader(bytes.NewReader(octets))
	if err != nil {
		t.Fatal(err)
	}
	d, both := tone.NewDetector(recordRate, hz), make([]int16, 512)
	for {
		n, err := r.Read(both)
		if err == io.EOF {
			present, _ := d.Heard()
			return present
		}
		if err != nil {
			t.Fatal(err)
		}
		for at := channel; at < n; at += 2 {
			d.Hear(both[at : at+1])
		}
	}
}
