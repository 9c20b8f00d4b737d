package srtp

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tandem/media/rtp"
	"tandem/media/sdp"
)

// sink takes what is sent, and keeps the last of it.
type sink struct{ last []byte }

func (s *sink) Send(datagram []byte, _ netip.AddrPort) error {
	s.last = append(s.last[:0], datagram...)
	return nil
}

// BenchmarkSeal and BenchmarkOpen are what encryption adds to a packet of G.711.
func BenchmarkSeal(b *testing.B) {
	for _, suite := range sdp.Suites {
		b.Run(string(suite), func(b *testing.B) {
			say := sayer(b, suite)
			b.ReportAllocs()
			for b.Loop() {
				say()
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, suite := range sdp.Suites {
		b.Run(string(suite), func(b *testing.B) {
			say := sayer(b, suite)
			in, err := NewOpener(suite, strings.Repeat("k", suite.KeySize()))
			if err != nil {
				b.Fatal(err)
			}
			now := time.Now()
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				datagram := say()
				now = now.Add(time.Millisecond)
				b.StartTimer()
				if _, ok := in.Open(datagram, now); !ok {
					b.Fatal("not opened")
				}
			}
		})
	}
}

// sayer seals one packet after the other.
func sayer(b *testing.B, suite sdp.Suite) func() []byte {
	out, err := NewSealer(suite, strings.Repeat("k", suite.KeySize()))
	if err != nil {
		b.Fatal(err)
	}
	to, seq := &sink{}, uint16(0)
	plain := packet(7, 0, strings.Repeat("s", 160))
	return func() []byte {
		seq++
		rtp.PutHeader(plain, rtp.Header{Sequence: seq, Timestamp: uint32(seq) * 160, SSRC: 7})
		if err := out.Send(plain, to, netip.AddrPort{}); err != nil {
			b.Fatal(fmt.Errorf("packet %d: %w", seq, err))
		}
		return to.last
	}
}
