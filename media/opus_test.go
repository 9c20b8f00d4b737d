package media

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"os"
	"strings"
	"testing"
	"time"

	"tandem/media/codec"
	wire "tandem/media/rtp"
	"tandem/media/tone"
)

// recited is a codec's encoder in tests that has only this to say: payload of a tone of 1004 Hz, made elsewhere.
type recited struct {
	payloads [][]byte
	at       int
}

func (r *recited) Encode(dst []byte, _ []int16) []byte {
	r.at++
	return append(dst, r.payloads[r.at%len(r.payloads)]...)
}

// newOpusPhone is a phone that talks Opus in every build, though always the same.
func newOpusPhone(t testing.TB) *phone {
	t.Helper()
	p := newPhone(t, "opus")
	text, err := os.ReadFile("codec/testdata/opus-silk.txt")
	if err != nil {
		t.Fatal(err)
	}
	said := &recited{}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		payload, err := hex.DecodeString(lines.Text())
		if err != nil {
			t.Fatal(err)
		}
		said.payloads = append(said.payloads, payload)
	}
	p.encode, p.params.EventClock = said, 48000
	return p
}

// Packets go through as they are between two who both talk Opus, whatever this build can encode.
func TestOpusIsPassedOn(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	a, b := newOpusPhone(t), newOpusPhone(t)
	b.params.Ptime = 60 * time.Millisecond // what is asked for is not what comes
	join(t, e, a, b)
	a.talk(1004)
	b.hear(1004, 200*time.Millisecond)
	one, next := b.next(), b.next()
	if next.Timestamp-one.Timestamp != 960 || next.SequenceNumber != one.SequenceNumber+1 {
		t.Errorf("%v after %v", next, one)
	}
	if e.Snapshot().Relayed == 0 {
		t.Error("no packet was relayed")
	}
}

// Somebody who talks Opus is heard by one who does not, in a conference, and in recordings, in every build.
func TestOpusIsHeard(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	a, b := newOpusPhone(t), newPhone(t, "PCMU")
	sa, sb := join(t, e, a, b)
	a.talk(1004)
	b.hear(1004, 300*time.Millisecond)
	room := e.Mixer("room", 16000)
	for _, s := range []*Stream{sa, sb} {
		if err := s.Join(room); err != nil {
			t.Fatal(err)
		}
	}
	b.hear(1004, 300*time.Millisecond)
}

// A recording hears Opus that goes through, and it goes on through.
func TestOpusIsRecorded(t *testing.T) {
	t.Parallel()
	c := testConf()
	c.Recordings = t.TempDir()
	e := newTestEngine(t, c)
	a, b := newOpusPhone(t), newOpusPhone(t)
	sa, _ := join(t, e, a, b)
	r, err := e.Recorder("opus.wav", 1, 16000)
	if err != nil {
		t.Fatal(err)
	}
	if err := sa.Record(r, 0); err != nil {
		t.Fatal(err)
	}
	a.talk(1004)
	b.hear(1004, 300*time.Millisecond) // the phone repeats itself, which breaks the tone off twice a second
	b.hearPackets(50)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if pcm, _, f := channels(t, r.Path()); f.Rate != 16000 || len(pcm) < 8000 || share(pcm, 16000, 1004) < 0.3 {
		t.Errorf("%d samples at %d Hz, %.2f of them the tone", len(pcm), f.Rate, share(pcm, 16000, 1004))
	}
	if e.Snapshot().Relayed == 0 {
		t.Error("no packet was relayed")
	}
}

// Where this build can not encode what was agreed on, the owner is told as soon as there is something to say, and the
// peer hears it once another codec is agreed on.
func TestSpeechless(t *testing.T) {
	t.Parallel()
	if codecOf(t, "opus").Encodes() {
		t.Skip("this build encodes Opus")
	}
	e := newTestEngine(t, testConf())
	for what, begin := range map[string]func(s *Stream) error{
		"a source":     func(s *Stream) error { s.Play(tone.Sine(16000, 1004, -10)); return nil },
		"a conference": func(s *Stream) error { return s.Join(e.Mixer("room", 8000)) },
		"a bridge":     func(s *Stream) error { return Bridge(s, newPhone(t, "PCMU").call(e, Options{})) },
		"one who listens in": func(s *Stream) error {
			if err := Bridge(s, newOpusPhone(t).call(e, Options{})); err != nil {
				return err
			}
			return newPhone(t, "PCMU").call(e, Options{}).Attend(s, Listen)
		},
	} {
		told, p := newEvents(), newOpusPhone(t)
		s := p.call(e, Options{ID: what, OnEvent: told.on})
		if err := begin(s); err != nil {
			t.Fatal(err)
		}
		wait[Speechless](t, told)
		if sent := s.Stats().Sent; sent > 0 {
			t.Errorf("%s: %d packets of a codec that can not be encoded", what, sent)
		}
		pcmu := newPhone(t, "PCMU").params
		pcmu.Remote, pcmu.RemoteRTCP = p.params.Remote, p.params.RemoteRTCP
		p.params, p.decode = pcmu, pcmu.Codec.NewDecoder()
		if err := s.Apply(pcmu); err != nil {
			t.Fatal(err)
		}
		s.Play(tone.Sine(16000, 600, -10))
		p.hear(600, 200*time.Millisecond)
	}
}

// Silence before a party is joined is nothing to say.
func TestSilenceIsNotSpeech(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	told, p := newEvents(), newOpusPhone(t)
	s := p.manual(e, Options{OnEvent: told.on})
	at := time.Now()
	for range 20 {
		at = at.Add(codec.Frame)
		s.tick(at)
	}
	if s.mute.Load() != nil {
		t.Error("speechless in silence")
	}
}

// Keys keep their length where the two sides count it by different clocks, as they may with Opus.
func TestKeysOfOtherClocks(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	a, b := newOpusPhone(t), newOpusPhone(t)
	b.params.EventClock = 8000
	join(t, e, a, b)
	a.mu.Lock()
	a.header.PayloadType = a.params.Event
	a.mu.Unlock()
	a.send([]byte{5, 10, 4800 >> 8, 4800 & 255})
	if got := b.next(); got.PayloadType != b.params.Event || !bytes.Equal(got.Payload, []byte{5, 10, 800 >> 8, 800 & 255}) {
		t.Errorf("number %d: %v", got.PayloadType, got.Payload)
	}
}

// FuzzOpusStream gives a stream whatever may come as Opus, for somebody who talks something else: nothing panics, and what
// goes on is steady.
func FuzzOpusStream(f *testing.F) {
	f.Add([]byte{31 << 3}, []byte{31<<3 | 3, 6})
	f.Add([]byte{3<<3 | 3, 2, 0, 0}, []byte{})
	e := newTestEngine(f, testConf())
	f.Fuzz(func(t *testing.T, first, second []byte) {
		a, b := fuzzStream(t, e, "opus"), fuzzStream(t, e, "PCMU")
		e.topology.Lock()
		a.peer, b.peer = b, a
		a.rewire()
		e.topology.Unlock()
		from, at := a.plan.Load().Remote, time.Now()
		for i := range 12 {
			payload := first
			if i%3 == 1 {
				payload = second
			}
			datagram := make([]byte, wire.HeaderSize, wire.HeaderSize+len(payload))
			wire.PutHeader(datagram, wire.Header{SSRC: 1, Sequence: uint16(i + i/5), Timestamp: uint32(960 * i)})
			a.receive(append(datagram, payload...), from)
			at = at.Add(codec.Frame)
			a.tick(at)
			b.tick(at)
		}
		if sent := len(b.sender.conn.(*sink).sent); sent != 12 {
			t.Fatalf("%d packets in 12 frames", sent)
		}
	})
}

// What somebody says in Opus is in the copy that a recording server gets in another codec, in every build.
func TestOpusIsCopied(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	a, b, server := newOpusPhone(t), newOpusPhone(t), newPhone(t, "PCMU")
	sa, _ := join(t, e, a, b)
	if err := server.call(e, Options{Call: "c"}).Copy(sa); err != nil {
		t.Fatal(err)
	}
	a.talk(1004)
	server.hear(1004, 300*time.Millisecond)
	if e.Snapshot().Relayed == 0 {
		t.Error("no packet was relayed")
	}
}

// Keys for a party that takes no events, in a codec that can not be encoded, wait until another one is agreed on. Until
// then they keep nothing from it, and they do not wait for ever.
func TestKeysWaitForACodec(t *testing.T) {
	t.Parallel()
	if codecOf(t, "opus").Encodes() {
		t.Skip("this build encodes Opus")
	}
	e := newTestEngine(t, testConf())
	told, a, b := newEvents(), newOpusPhone(t), newOpusPhone(t)
	b.params.Event = 0
	sa, sb := a.call(e, Options{}), b.call(e, Options{OnEvent: told.on})
	if err := Bridge(sa, sb); err != nil {
		t.Fatal(err)
	}
	if err := sb.SendDigits("12", 100*time.Millisecond, 80*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	wait[Speechless](t, told)
	a.talk(1004)
	b.hear(1004, 200*time.Millisecond)
	pcmu := newPhone(t, "PCMU").params
	pcmu.Remote, pcmu.RemoteRTCP, pcmu.Event = b.params.Remote, b.params.RemoteRTCP, 0
	b.params, b.decode = pcmu, pcmu.Codec.NewDecoder()
	if err := sb.Apply(pcmu); err != nil {
		t.Fatal(err)
	}
	if keys := b.keys(2); keys != "12" {
		t.Errorf("keys %q came", keys)
	}
}

func TestKeysDoNotWaitForEver(t *testing.T) {
	t.Parallel()
	if codecOf(t, "opus").Encodes() {
		t.Skip("this build encodes Opus")
	}
	p := newOpusPhone(t)
	p.params.Event = 0
	s := p.manual(newTestEngine(t, testConf()), Options{})
	if err := s.SendDigits("1", minDigit, 0); err != nil {
		t.Fatal(err)
	}
	at := time.Now()
	for range maxHeld {
		at = at.Add(codec.Frame)
		s.tick(at)
	}
	if !s.sender.dials.Load() {
		t.Error("the key did not wait")
	}
	s.tick(at.Add(codec.Frame))
	if s.sender.dials.Load() {
		t.Error("the key still waits")
	}
}
