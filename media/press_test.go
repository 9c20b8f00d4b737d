package media

import (
	"encoding/binary"
	"testing"
	"time"

	"tandem/media/codec"
	"tandem/media/dtmf"
	"tandem/media/tone"
)

// press sends a key as an event of three packets and three ends, one of each lost.
func (p *phone) press(code byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	began := p.header.Timestamp
	audio := p.header.PayloadType
	p.header.PayloadType = p.params.RecvEvent
	for i := range 6 {
		payload := []byte{code, 10, 0, 0}
		if i >= 3 {
			payload[1] |= 0x80
		}
		binary.BigEndian.PutUint16(payload[2:], uint16(160*min(i+1, 4)))
		p.header.Timestamp, p.header.Marker = began, i == 0
		if packet := p.packet(payload); i != 1 && i != 3 {
			p.write(packet)
		}
	}
	p.header.Timestamp, p.header.PayloadType, p.header.Marker = began+6*160, audio, false
}

// keys waits for so many keys, however they come, and returns them with those that follow at once.
func (p *phone) keys(count int) (keys string) {
	p.t.Helper()
	events, audio := dtmf.NewReceiver(p.params.EventClock), dtmf.NewDetector(p.params.Codec.Rate)
	var got []dtmf.Press
	const grace = 10 * codec.Frame
	for deadline, enough := time.Now().Add(patience), false; ; {
		if !enough && len(got) >= count {
			deadline, enough = time.Now().Add(grace), true
		}
		packet, ok := p.tryNext(deadline)
		if !ok {
			break
		}
		if packet.PayloadType == p.params.Event && p.params.Event != 0 {
			got = events.Receive(got, time.Now(), packet.Timestamp, packet.Payload)
			continue
		}
		got = audio.Hear(got, p.decode.Decode(nil, packet.Payload))
	}
	for _, press := range got {
		keys += string(press.Key)
	}
	return keys
}

func TestKeysIn(t *testing.T) {
	t.Parallel()
	p, c := newPhone(t, "PCMU"), newEvents()
	p.call(newTestEngine(t, testConf()), Options{OnEvent: c.on})
	for code, key := range []byte("0123456789*#ABCD") {
		p.press(byte(code))
		if d := wait[Digit](t, c); d.Key != key || d.InBand || d.Duration != 80*time.Millisecond {
			t.Errorf("key %c came as %+v", key, d)
		}
	}
	p.press(16) // flash is no key
	p.press(5)
	if d := wait[Digit](t, c); d.Key != '5' {
		t.Errorf("key 5 came as %+v", d)
	}
}

// A key whose end never comes is let go all the same.
func TestKeyWithoutEnd(t *testing.T) {
	t.Parallel()
	p, c := newPhone(t, "PCMU"), newEvents()
	p.call(newTestEngine(t, testConf()), Options{OnEvent: c.on})
	p.header.PayloadType = 101
	p.send([]byte{7, 10, 0, 160})
	if d := wait[Digit](t, c); d.Key != '7' || d.Duration != 20*time.Millisecond {
		t.Errorf("key 7 came as %+v", d)
	}
}

func TestKeysInBand(t *testing.T) {
	t.Parallel()
	p, c := newPhone(t, "PCMU"), newEvents()
	p.params.Event, p.params.RecvEvent = 0, 0
	p.call(newTestEngine(t, testConf()), Options{OnEvent: c.on})
	p.say(tone.Digits(8000, "19#", 100*time.Millisecond, 80*time.Millisecond), p.write)
	for _, key := range []byte("19#") {
		if d := wait[Digit](t, c); d.Key != key || !d.InBand {
			t.Errorf("key %c came as %+v", key, d)
		}
	}
}

func TestSendDigits(t *testing.T) {
	for name, event := range map[string]uint8{"events": 101, "in band": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPhone(t, "PCMU")
			p.params.Event = event
			s := p.call(newTestEngine(t, testConf()), Options{})
			s.Play(tone.Sine(8000, 440, -10)) // gives way to the keys
			if err := s.SendDigits("12a", 100*time.Millisecond, 80*time.Millisecond); err != nil {
				t.Fatal(err)
			}
			if keys := p.keys(3); keys != "12A" {
				t.Errorf("keys %q came", keys)
			}
			p.hear(440, 100*time.Millisecond)
		})
	}
}

func TestSendDigitsRefuses(t *testing.T) {
	s := newPhone(t, "PCMU").call(newTestEngine(t, testConf()), Options{})
	long := make([]byte, maxDigits+1)
	for i := range long {
		long[i] = '1'
	}
	for _, c := range []struct {
		digits    string
		each, gap time.Duration
	}{
		{"1x", minDigit, 0}, {"1", 0, 0}, {"1", time.Minute, 0}, {"1", minDigit, -1}, {string(long), minDigit, 0},
	} {
		if s.SendDigits(c.digits, c.each, c.gap) == nil {
			t.Errorf("%v was accepted", c)
		}
	}
}

// Keys cross a bridge in the form the other side takes, and go up as events in any case.
func TestKeysThroughBridge(t *testing.T) {
	for _, c := range []struct {
		name, codec string
		event       uint8
	}{
		{"relay, other number", "PCMU", 97},
		{"relay, in band", "PCMU", 0},
		{"transcoded", "G722", 97},
		{"transcoded, in band", "PCMA", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a, b, told := newPhone(t, "PCMU"), newPhone(t, c.codec), newEvents()
			b.params.Event, b.params.RecvEvent = c.event, c.event
			e := newTestEngine(t, testConf())
			sa, sb := a.call(e, Options{OnEvent: told.on}), b.call(e, Options{})
			if err := Bridge(sa, sb); err != nil {
				t.Fatal(err)
			}
			a.press(4)
			a.send(make([]byte, 160))
			if d := wait[Digit](t, told); d.Key != '4' {
				t.Errorf("key 4 came as %+v", d)
			}
			if keys := b.keys(1); keys != "4" {
				t.Errorf("keys %q came to the other side", keys)
			}
		})
	}
}

func TestSilentAndHeard(t *testing.T) {
	t.Parallel()
	c := testConf()
	c.Silence = 200 * time.Millisecond
	p, told := newPhone(t, "PCMU"), newEvents()
	p.call(newTestEngine(t, c), Options{OnEvent: told.on})
	p.send(make([]byte, 160))
	if h := wait[Heard](t, told); h.From != p.addr() {
		t.Errorf("heard from %v", h.From)
	}
	if s := wait[Silent](t, told); s.Since < c.Silence {
		t.Errorf("silent since %v", s.Since)
	}
	p.send(make([]byte, 160))
	wait[Heard](t, told)
}
