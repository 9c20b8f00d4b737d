package srtp

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tandem/media/sdp"
)

// No two packets are encrypted under one number, whatever numbers the stream has that is passed on; one that is late or
// was lost costs no other.
func TestSealerUsesNoNumberTwice(t *testing.T) {
	for _, suite := range sdp.Suites {
		out, err := NewSealer(suite, strings.Repeat("k", suite.KeySize()))
		if err != nil {
			t.Fatal(err)
		}
		var l line
		for i, c := range []struct {
			source   uint32
			sequence uint16
			used     bool
		}{
			{7, 2, false},
			{7, 2, true},     // another payload under the number
			{7, 65535, true}, // from before the first: it would be of the end of the numbers
			{7, 4, false},
			{7, 3, false}, // late
			{7, 3, true},
			{9, 3, false}, // another source
			{7, 30000, false},
			{7, 60000, false},
			{7, 10, false}, // over the end of the numbers
			{7, 65535, false},
			{7, 65535, true},
			{7, 10, true},
			{7, 11, false},
			{7, 11 + windowSize, false},
			{7, 12, false},
			{7, 11, true}, // too old to be known
			{9, 4, false},
		} {
			err := out.Send(packet(c.source, c.sequence, strings.Repeat("x", i)), &l, netip.AddrPort{})
			if errors.Is(err, ErrUsed) != c.used {
				t.Errorf("%s, step %d, number %d: %v", suite, i, c.sequence, err)
			}
		}
	}
}

// Whatever is passed on, and however it is numbered: what goes out can be opened, each once, which the opener would not
// do with two of one number, nor with one whose rollover it takes for another.
func TestSealerAgreesWithItsPeer(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		out, err := NewSealer(sdp.GCM, strings.Repeat("k", sdp.GCM.KeySize()))
		if err != nil {
			r.Fatal(err)
		}
		in, err := NewOpener(sdp.GCM, strings.Repeat("k", sdp.GCM.KeySize()))
		if err != nil {
			r.Fatal(err)
		}
		step := rapid.OneOf(rapid.Int16Range(-3, 3), rapid.Int16Range(-100, 100), rapid.Int16())
		var l line
		sequence := rapid.Uint16().Draw(r, "first")
		for range rapid.IntRange(1, 200).Draw(r, "packets") {
			sent := len(l.sent)
			err := out.Send(packet(7, sequence, "x"), &l, netip.AddrPort{})
			if err != nil && !errors.Is(err, ErrUsed) || (err == nil) != (len(l.sent) == sent+1) {
				r.Fatalf("number %d: %v", sequence, err)
			}
			if err == nil {
				if _, ok := in.Open(l.sent[sent], time.Unix(0, 0)); !ok {
					r.Fatalf("number %d is not opened", sequence)
				}
			}
			sequence += uint16(step.Draw(r, "step"))
		}
	})
}
