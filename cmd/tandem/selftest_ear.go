package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// The audio of selftest is G.711 mu-law, 20 ms a packet. Its codec is written apart from the
// member's: a witness must not share the mistakes of the accused.
const (
	rate        = 8000 // samples a second
	perPacket   = 160  // samples
	packetEvery = 20 * time.Millisecond
	rtpHeader   = 12         // bytes of a plain RTP header (RFC 3550 section 5.1)
	window      = rate / 2   // samples that are judged at once: half a second
	pure        = 0.9        // share of the power that must be at the frequency
	sendLevel   = 8031.0     // amplitude of about -9 dBm0
	fullScale   = 32124.0    // amplitude of +3.17 dBm0 in mu-law (ITU-T G.711)
	overload    = 3.17       // dBm0 of a sine at full scale
	silentPower = 50.0 * 50. // below it there is nothing to judge
)

// ear is the media of one call: it sends a tone and recognises one.
type ear struct {
	conn *net.UDPConn
	at   netip.AddrPort
	send float64 // Hz, 0 silence
}

func newEar(local netip.Addr, send float64) (*ear, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(local, 0)))
	if err != nil {
		return nil, err
	}
	return &ear{conn: conn, at: conn.LocalAddr().(*net.UDPAddr).AddrPort(), send: send}, nil
}

func (e *ear) close() { _ = e.conn.Close() }

// offer is the SDP offer of the call.
func (e *ear) offer() string {
	addr, family := e.at.Addr().Unmap(), "IP4"
	if addr.Is6() {
		family = "IP6"
	}
	return strings.Join([]string{"v=0",
		fmt.Sprintf("o=- %d 1 IN %s %s", time.Now().Unix(), family, addr), "s=-",
		fmt.Sprintf("c=IN %s %s", family, addr), "t=0 0",
		fmt.Sprintf("m=audio %d RTP/AVP 0", e.at.Port()), "a=rtpmap:0 PCMU/8000", "a=ptime:20", ""}, "\r\n")
}

// listen sends the tone to where the SDP answer says until it hears one of hear Hz, and says how
// well.
func (e *ear) listen(ctx context.Context, answer string, hear float64) (string, error) {
	to, err := audioAddress(answer)
	if err != nil {
		return "", err
	}
	speaking, quiet := context.WithCancel(ctx)
	defer quiet()
	go e.speak(speaking, to)
	deadline, _ := ctx.Deadline()
	_ = e.conn.SetReadDeadline(deadline)

	var heard []float64
	share, packets := 0.0, 0
	buffer := make([]byte, 2048)
	for {
		n, err := e.conn.Read(buffer)
		if err != nil {
			return "", fmt.Errorf("%d packets came, of the last half second %.0f %% was %.0f Hz", packets, share*100, hear)
		}
		payload, err := audioOf(buffer[:n])
		if err != nil {
			return "", err
		}
		packets++
		for _, b := range payload {
			heard = append(heard, mulawToLinear(b))
		}
		if len(heard) < window {
			continue
		}
		heard = heard[len(heard)-window:]
		if level := loudness(heard); hear == speech && level > whisper {
			return fmt.Sprintf("something at %.1f dBm0, %d packets", level, packets), nil
		}
		var level float64
		if share, level = tone(heard, hear); hear != speech && share >= pure {
			return fmt.Sprintf("%.0f Hz at %.1f dBm0, %d packets", hear, level, packets), nil
		}
	}
}

// speech is what to listen for where no tone is expected; a whisper in dBm0 is what counts as none.
const (
	speech  = 0
	whisper = -40
)

// loudness is the level of all that is heard, in dBm0.
func loudness(samples []float64) float64 {
	power := 0.0
	for _, s := range samples {
		power += s * s / float64(len(samples))
	}
	return overload + 10*math.Log10(max(2*power, 1e-9)/(fullScale*fullScale))
}

// audioAddress reads where to send from an SDP answer (RFC 8866 sections 5.7 and 5.14).
func audioAddress(answer string) (netip.AddrPort, error) {
	var host string
	port := 0
	for line := range strings.SplitSeq(answer, "\n") {
		f := strings.Fields(line)
		switch {
		case len(f) == 3 && f[0] == "c=IN":
			host = f[2]
		case len(f) > 3 && f[0] == "m=audio":
			port, _ = strconv.Atoi(f[1])
			if f[3] != "0" {
				return netip.AddrPort{}, fmt.Errorf("the SDP answer takes payload %s, only 0 was offered", f[3])
			}
		}
	}
	addr, err := netip.ParseAddr(host)
	if err != nil || port <= 0 || port > math.MaxUint16 {
		return netip.AddrPort{}, errors.New("the SDP answer names no address for audio")
	}
	return netip.AddrPortFrom(addr, uint16(port)), nil
}

// speak sends the tone until ctx ends.
func (e *ear) speak(ctx context.Context, to netip.AddrPort) {
	packet := make([]byte, rtpHeader+perPacket)
	packet[0] = 2 << 6 // version 2, payload type 0
	sequence, stamp := uint16(rand.Uint32()), rand.Uint32()
	binary.BigEndian.PutUint32(packet[8:], rand.Uint32())
	tick := time.NewTicker(packetEvery)
	defer tick.Stop()
	for sample := 0; ; sample += perPacket {
		binary.BigEndian.PutUint16(packet[2:], sequence)
		binary.BigEndian.PutUint32(packet[4:], stamp)
		for i := range perPacket {
			angle := 2 * math.Pi * e.send * float64(sample+i) / rate
			packet[rtpHeader+i] = linearToMulaw(sendLevel * math.Sin(angle))
		}
		_, _ = e.conn.WriteToUDPAddrPort(packet, to)
		sequence++
		stamp += perPacket
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// audioOf returns the payload of an RTP packet.
func audioOf(packet []byte) ([]byte, error) {
	if len(packet) < rtpHeader || packet[0]>>6 != 2 {
		return nil, fmt.Errorf("a packet came that is no RTP: % x", packet[:min(len(packet), rtpHeader)])
	}
	if pt := packet[1] & 0x7f; pt != 0 {
		return nil, fmt.Errorf("payload type %d came, only 0 was offered", pt)
	}
	start := rtpHeader + 4*int(packet[0]&0x0f)
	if packet[0]&0x10 != 0 && len(packet) >= start+4 { // header extension
		start += 4 + 4*int(binary.BigEndian.Uint16(packet[start+2:]))
	}
	end := len(packet)
	if packet[0]&0x20 != 0 { // padding
		end -= int(packet[len(packet)-1])
	}
	if start > end {
		return nil, errors.New("an RTP packet came that is shorter than its own header")
	}
	return packet[start:end], nil
}

// tone tells which share of the samples' power lies at the frequency, by one term of a Fourier
// sum, and its level in dBm0.
func tone(samples []float64, hz float64) (share, dBm0 float64) {
	var sum, power, re, im float64
	n := float64(len(samples))
	for _, s := range samples {
		sum += s
	}
	for i, s := range samples {
		s -= sum / n
		power += s * s / n
		sin, cos := math.Sincos(2 * math.Pi * hz * float64(i) / rate)
		re += s * cos
		im += s * sin
	}
	if power < silentPower {
		return 0, math.Inf(-1)
	}
	amplitude := 2 * math.Hypot(re, im) / n
	return amplitude * amplitude / 2 / power, overload + 20*math.Log10(amplitude/fullScale)
}

// mulawToLinear decodes one byte of ITU-T G.711 mu-law.
func mulawToLinear(b byte) float64 {
	b = ^b
	magnitude := float64((int(b&0x0f)<<3+0x84)<<(b>>4&7) - 0x84)
	if b&0x80 != 0 {
		return -magnitude
	}
	return magnitude
}

// linearToMulaw encodes one sample: the code whose value is nearest from below.
func linearToMulaw(sample float64) byte {
	sign := byte(0)
	if sample < 0 {
		sign, sample = 0x80, -sample
	}
	biased := int(min(sample, fullScale)) + 0x84
	segment := byte(0)
	for biased>>(segment+8) != 0 {
		segment++
	}
	return ^(sign | segment<<4 | byte(biased>>(segment+3))&0x0f)
}
