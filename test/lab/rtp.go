package lab

import (
	"encoding/binary"
	"fmt"
	"math"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	audioRate  = 8000
	frame      = 20 * time.Millisecond
	perFrame   = 160
	rtpHeader  = 12
	eventType  = 101
	keyTime    = 100 * time.Millisecond // a key is down, and up again for as long
	maxHeard   = 10 * time.Minute       // older audio is not kept
	sendVolume = -12                    // dB of a tone
)

// keypad is the row and the column frequency of each key (ITU-T Q.23).
var keypad = map[rune][2]float64{
	'1': {697, 1209}, '2': {697, 1336}, '3': {697, 1477}, '4': {770, 1209}, '5': {770, 1336}, '6': {770, 1477},
	'7': {852, 1209}, '8': {852, 1336}, '9': {852, 1477}, '*': {941, 1209}, '0': {941, 1336}, '#': {941, 1477},
}

const eventCodes = "0123456789*#ABCD" // RFC 4733 section 3.2

// Ear is the audio of a call: G.711 mu-law and telephone events, 20 ms a packet.
type Ear struct {
	conn   *net.UDPConn
	events bool // whether it offers telephone events
	deaf   bool // it counts packets and keeps no audio

	mu       sync.Mutex
	traffic  Traffic
	span     span
	to       *net.UDPAddr
	tone     float64   // Hz, 0 is silence
	sung     []float64 // audio that goes out before the tone goes on
	keys     []keyed   // packets that go out instead of audio
	heard    []float64
	arrivals []time.Duration // of packets, since the first
	first    time.Time
	done     chan struct{}
	started  bool
	sequence uint16
	stamp    uint32
}

// keyed is one packet of a key: nil is audio, for the time that the key is up again.
type keyed struct {
	payload []byte
	since   uint32 // samples since the key went down
}

func (p *Phone) newEar() *Ear {
	p.t.Helper()
	t := p.t
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: here})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &Ear{conn: conn, events: !p.NoEvents, deaf: p.Deaf, done: make(chan struct{})}
}

// Listen opens an ear that belongs to no call: it keeps the G.711 audio that comes to its port, and sends nothing.
func Listen(t testing.TB) (e *Ear, port int) {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: here})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	e = &Ear{conn: conn, done: make(chan struct{})}
	go e.listen()
	return e, conn.LocalAddr().(*net.UDPAddr).Port
}

func (e *Ear) sdp() string {
	formats, lines := "0", []string{"a=rtpmap:0 PCMU/8000"}
	if e.events {
		formats = fmt.Sprint("0 ", eventType)
		lines = append(lines, fmt.Sprintf("a=rtpmap:%d telephone-event/8000", eventType), fmt.Sprintf("a=fmtp:%d 0-15", eventType))
	}
	head := []string{"v=0", "o=- 1 1 IN IP4 " + here.String(), "s=-", "c=IN IP4 " + here.String(), "t=0 0",
		fmt.Sprintf("m=audio %d RTP/AVP %s", e.conn.LocalAddr().(*net.UDPAddr).Port, formats)}
	return strings.Join(append(append(head, lines...), "a=ptime:20", "a=sendrecv", ""), "\r\n")
}

// Offer is an SDP offer of the audio with a direction, "sendonly" where the other side is put on hold.
func (e *Ear) Offer(direction string) string {
	return strings.Replace(e.sdp(), "a=sendrecv", "a="+direction, 1)
}

// connect begins to send and to keep audio, or sends to elsewhere from now on.
func (e *Ear) connect(to *net.UDPAddr) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.to = to
	if !e.started {
		e.started = true
		go e.listen()
		go e.speak()
	}
}

func (e *Ear) close() {
	e.mu.Lock()
	started := e.started
	e.started = true
	e.mu.Unlock()
	close(e.done)
	if started {
		_ = e.conn.SetReadDeadline(time.Now())
	}
}

// Say sends a tone from now on, 0 silence.
func (e *Ear) Say(hz float64) { e.mu.Lock(); e.tone = hz; e.mu.Unlock() }

// SayFor sends a tone for so long, and then silence. It returns when that has gone out.
func (e *Ear) SayFor(t testing.TB, hz float64, length time.Duration) {
	t.Helper()
	e.mu.Lock()
	e.sung = append(e.sung, Tone(audioRate, length, sendVolume, hz).Channels[0]...)
	e.mu.Unlock()
	e.AwaitSent(t)
}

// AwaitSent waits until all keys and all sound but the lasting tone have gone out.
func (e *Ear) AwaitSent(t testing.TB) {
	t.Helper()
	Wait(t, patience, "the sound has gone out", func() bool {
		e.mu.Lock()
		defer e.mu.Unlock()
		return len(e.sung) == 0 && len(e.keys) == 0
	})
}

// Press presses keys by events in the RTP stream (RFC 4733).
func (e *Ear) Press(keys string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, key := range keys {
		code := byte(strings.IndexRune(eventCodes, key))
		frames := int(keyTime / frame)
		for i := range frames + 2 { // the end is said three times
			payload := []byte{code, 10, 0, 0}
			binary.BigEndian.PutUint16(payload[2:], uint16(min(i+1, frames)*perFrame))
			if i+1 >= frames {
				payload[1] |= 0x80
			}
			e.keys = append(e.keys, keyed{payload, uint32(i) * perFrame})
		}
		e.keys = append(e.keys, make([]keyed, frames)...)
	}
}

// Throw sends the payload of a telephone event at once, whatever it is, as a new event: packets of a
// flood, in no order with the audio.
func (e *Ear) Throw(payload []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	packet := append(make([]byte, rtpHeader), payload...)
	packet[0], packet[1] = 0x80, 0x80|eventType
	e.sequence++
	e.stamp++ // two events have two times
	binary.BigEndian.PutUint16(packet[2:], e.sequence)
	binary.BigEndian.PutUint32(packet[4:], e.stamp)
	binary.BigEndian.PutUint32(packet[8:], uint32(e.conn.LocalAddr().(*net.UDPAddr).Port))
	if e.to != nil {
		_, _ = e.conn.WriteToUDP(packet, e.to)
	}
}

// Keys are the two tones of each key, with a silence behind each.
func Keys(keys string) Sound {
	all := Silence(audioRate, keyTime)
	for _, key := range keys {
		tones := keypad[key]
		all = all.Then(Tone(audioRate, keyTime, sendVolume, tones[0], tones[1])).Then(Silence(audioRate, keyTime))
	}
	return all
}

// Mulaw is the first channel of a sound in ITU-T G.711 mu-law.
func (s Sound) Mulaw() []byte {
	out := make([]byte, len(s.Channels[0]))
	for i, v := range s.Channels[0] {
		out[i] = toMulaw(v * 32767)
	}
	return out
}

// Sing presses keys in the audio itself, as their two tones.
func (e *Ear) Sing(keys string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sung = append(e.sung, Keys(keys).Channels[0]...)
}

// speak sends a packet every 20 ms.
func (e *Ear) speak() {
	tick := time.NewTicker(frame)
	defer tick.Stop()
	for n := 0; ; n++ {
		e.mu.Lock()
		packet, to := e.next(n), e.to
		e.mu.Unlock()
		if to != nil {
			if _, err := e.conn.WriteToUDP(packet, to); err == nil {
				e.mu.Lock()
				e.traffic.Sent++
				e.mu.Unlock()
			}
		}
		select {
		case <-e.done:
			return
		case <-tick.C:
		}
	}
}

// next is the packet that is due.
func (e *Ear) next(n int) []byte {
	packet := make([]byte, rtpHeader, rtpHeader+perFrame)
	packet[0], packet[1] = 0x80, 0
	stamp := e.stamp
	e.sequence++
	e.stamp += perFrame
	if len(e.keys) > 0 {
		key := e.keys[0]
		e.keys = e.keys[1:]
		if key.payload != nil {
			packet[1] = eventType
			if key.since == 0 {
				packet[1] |= 0x80 // the marker, where it begins
			}
			stamp -= key.since // all packets of a key have the time of its beginning
			packet = append(packet, key.payload...)
		}
	}
	if len(packet) == rtpHeader {
		packet = append(packet, e.audio(n)...)
	}
	binary.BigEndian.PutUint16(packet[2:], e.sequence)
	binary.BigEndian.PutUint32(packet[4:], stamp)
	binary.BigEndian.PutUint32(packet[8:], uint32(e.conn.LocalAddr().(*net.UDPAddr).Port))
	return packet
}

func (e *Ear) audio(n int) []byte {
	out := make([]byte, perFrame)
	sung := min(len(e.sung), perFrame)
	for i := range out {
		v := 0.0
		switch {
		case i < sung:
			v = e.sung[i]
		case e.tone != 0:
			v = math.Pow(10, sendVolume/20.0) * math.Sin(2*math.Pi*e.tone*float64(n*perFrame+i)/audioRate)
		}
		out[i] = toMulaw(v * 32767)
	}
	e.sung = e.sung[sung:]
	return out
}

// listen keeps what comes.
func (e *Ear) listen() {
	buffer := make([]byte, 2048)
	for {
		n, from, err := e.conn.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return
		}
		if n <= rtpHeader {
			continue
		}
		e.count(buffer[:n], from)
		if buffer[1]&0x7f == 0 && !e.deaf {
			e.keep(buffer[rtpHeader:n])
		}
	}
}

func (e *Ear) keep(payload []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.first.IsZero() {
		e.first = time.Now()
	}
	e.arrivals = append(e.arrivals, time.Since(e.first))
	for _, b := range payload {
		e.heard = append(e.heard, fromMulaw(b)/32767)
	}
	if most := count(audioRate, maxHeard); len(e.heard) > most {
		e.heard = e.heard[len(e.heard)-most/2:]
	}
}

// Heard is what the call has heard so far.
func (e *Ear) Heard() Sound {
	e.mu.Lock()
	defer e.mu.Unlock()
	return Sound{audioRate, [][]float64{append([]float64(nil), e.heard...)}}
}

// Latest is the end of what the call has heard.
func (e *Ear) Latest(length time.Duration) Sound {
	s := e.Heard()
	n := min(len(s.Channels[0]), count(audioRate, length))
	s.Channels[0] = s.Channels[0][len(s.Channels[0])-n:]
	return s
}

// AwaitTones waits until these tones, and they alone, have been heard for so long from now on.
func (e *Ear) AwaitTones(t testing.TB, length time.Duration, hz ...float64) {
	t.Helper()
	past := len(e.Heard().Channels[0])
	Wait(t, patience, fmt.Sprintf("to hear %v Hz for %v", hz, length), func() bool {
		s := e.Heard()
		past = min(past, len(s.Channels[0]))
		s.Channels[0] = s.Channels[0][past:]
		return s.Heard(0, hz...) >= length
	})
}

// Gap is the longest time between two packets that came since a moment before now.
func (e *Ear) Gap(since time.Duration) (longest time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.first.IsZero() {
		return since
	}
	now := time.Since(e.first)
	last := now
	for i := len(e.arrivals) - 1; i >= 0 && last > now-since; i-- {
		longest = max(longest, last-e.arrivals[i])
		last = e.arrivals[i]
	}
	return longest
}

// fromMulaw decodes one byte of ITU-T G.711 mu-law.
func fromMulaw(b byte) float64 {
	b = ^b
	magnitude := float64((int(b&0x0f)<<3+0x84)<<(b>>4&7) - 0x84)
	if b&0x80 != 0 {
		return -magnitude
	}
	return magnitude
}

// toMulaw encodes one sample of 16 bits.
func toMulaw(sample float64) byte {
	sign := byte(0)
	if sample < 0 {
		sign, sample = 0x80, -sample
	}
	biased := int(min(sample, 32124)) + 0x84
	segment := byte(0)
	for biased>>(segment+8) != 0 {
		segment++
	}
	return ^(sign | segment<<4 | byte(biased>>(segment+3))&0x0f)
}
