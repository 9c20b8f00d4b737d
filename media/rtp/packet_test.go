package rtp

import (
	"bytes"
	"errors"
	"testing"

	pion "github.com/pion/rtp"
)

func TestParse(t *testing.T) {
	packet := pion.Packet{
		Header: pion.Header{
			Version: 2, Marker: true, PayloadType: 101, SequenceNumber: 65535, Timestamp: 1 << 31, SSRC: 7,
			CSRC: []uint32{1, 2},
		},
		Payload: []byte("audio"),
	}
	if err := packet.SetExtension(1, []byte{1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	packet.Header.Padding, packet.PaddingSize = true, 4
	datagram, err := packet.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse(datagram)
	if err != nil {
		t.Fatal(err)
	}
	want := Header{Payload: 101, Marker: true, Sequence: 65535, Timestamp: 1 << 31, SSRC: 7}
	if got.Header != want {
		t.Errorf("header %+v, want %+v", got.Header, want)
	}
	if payload := datagram[got.Start:got.End]; string(payload) != "audio" {
		t.Errorf("payload %q", payload)
	}
	out := datagram[got.Start-HeaderSize : got.End]
	PutHeader(out, want)
	var back pion.Packet
	if err := back.Unmarshal(out); err != nil || back.SequenceNumber != 65535 || !bytes.Equal(back.Payload, packet.Payload) {
		t.Errorf("written header reads as %+v, %v", back, err)
	}
}

func TestParseRefuses(t *testing.T) {
	head := func(first byte, rest ...byte) []byte {
		return append(append([]byte{first}, make([]byte, HeaderSize-1)...), rest...)
	}
	for name, datagram := range map[string][]byte{
		"nothing":            nil,
		"short":              make([]byte, HeaderSize-1),
		"version 1":          head(0x40),
		"missing sources":    head(0x8f, 1, 2, 3, 4),
		"missing extension":  head(0x90, 0, 0),
		"endless extension":  head(0x90, 0xbe, 0xde, 0xff, 0xff),
		"padding of nothing": head(0xa0, 0),
		"padding over all":   head(0xa0, 200),
		"cut off":            head(0x80, make([]byte, BufferSize)...),
	} {
		if _, err := Parse(datagram); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte{0x80, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9, 9})
	f.Add([]byte{0xb1, 0x80, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 1, 9, 9, 9, 9, 5, 1})
	f.Fuzz(func(t *testing.T, datagram []byte) {
		p, err := Parse(datagram)
		if err != nil {
			return
		}
		if p.Start < HeaderSize || p.Start > p.End || p.End > len(datagram) {
			t.Fatalf("payload %d to %d of %d", p.Start, p.End, len(datagram))
		}
		out := datagram[p.Start-HeaderSize : p.End]
		PutHeader(out, p.Header)
		if again, err := Parse(out); err != nil || again.Header != p.Header {
			t.Fatalf("%+v becomes %+v, %v", p.Header, again.Header, err)
		}
	})
}
