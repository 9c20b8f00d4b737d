package udptl

import (
	"bytes"
	"encoding/hex"
	"testing"
)

func TestPackets(t *testing.T) {
	long := bytes.Repeat([]byte{7}, 200)
	for text, want := range map[string]Packet{
		// An indicator of no signal, with nothing before it.
		"0000" + "0100" + "0000": {Primary: []byte{0}},
		// CNG with the one before it.
		"0001" + "0102" + "0001" + "0100": {Sequence: 1, Primary: []byte{2}, Older: [][]byte{{0}}},
		// Parity over three.
		"ffff" + "03c00180" + "800103" + "01" + "02aa55": {Sequence: 65535, Primary: []byte{0xc0, 1, 0x80}, Span: 3, Parity: [][]byte{{0xaa, 0x55}}},
		// A length of two octets.
		"0102" + "80c8" + hex.EncodeToString(long) + "0000": {Sequence: 258, Primary: long},
	} {
		datagram, _ := hex.DecodeString(text)
		p, err := Parse(datagram)
		if err != nil || p.Sequence != want.Sequence || !bytes.Equal(p.Primary, want.Primary) || p.Span != want.Span ||
			!alike(p.Older, want.Older) || !alike(p.Parity, want.Parity) {
			t.Errorf("%s: %+v, %v", text, p, err)
		}
		if written := Append(nil, want); !bytes.Equal(written, datagram) {
			t.Errorf("%s: written as %x", text, written)
		}
		for n := range datagram {
			if _, ok := Valid(datagram[:n]); ok {
				t.Errorf("%s: taken though cut off after %d octets", text, n)
			}
		}
		if _, ok := Valid(append(datagram, 0)); ok {
			t.Errorf("%s: taken with an octet behind it", text)
		}
	}
}

func alike(a, b [][]byte) bool {
	return bytes.Equal(bytes.Join(a, []byte{0xee}), bytes.Join(b, []byte{0xee}))
}

func TestNoPackets(t *testing.T) {
	rtp := append([]byte{0x80, 0, 0, 9, 0, 0, 0, 160, 1, 2, 3, 4}, bytes.Repeat([]byte{0xff}, 160)...)
	for name, datagram := range map[string][]byte{
		"nothing": nil, "RTP": rtp, "a length in parts": {0, 1, 0xc1, 0, 0}, "a number of two octets": {0, 1, 1, 0, 0x80, 2, 0, 3, 0},
		"a span of too many": {0, 1, 1, 0, 0x80, 1, maxSpan + 1, 0}, "too long": Append(nil, Packet{Primary: make([]byte, MaxSize)}),
	} {
		if _, err := Parse(datagram); err != ErrMalformed {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte{0, 1, 1, 2, 0, 1, 1, 0})
	f.Add([]byte{0, 1, 1, 2, 0x80, 1, 3, 1, 2, 0xaa, 0x55})
	f.Fuzz(func(t *testing.T, datagram []byte) {
		p, err := Parse(datagram)
		if sequence, ok := Valid(datagram); ok != (err == nil) || ok && sequence != p.Sequence {
			t.Fatalf("valid %v, parsed %v", ok, err)
		}
		if err != nil {
			return
		}
		again, err := Parse(Append(nil, p))
		if err != nil || again.Sequence != p.Sequence || !bytes.Equal(again.Primary, p.Primary) || !alike(again.Older, p.Older) ||
			!alike(again.Parity, p.Parity) {
			t.Fatalf("%+v became %+v, %v", p, again, err)
		}
	})
}
