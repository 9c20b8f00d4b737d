package store

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func drawFact(t *rapid.T) Fact {
	return Fact{
		Kind:    rapid.StringN(1, 40, 40).Draw(t, "kind"),
		Subject: rapid.StringN(0, 300, 300).Draw(t, "subject"),
		At: time.Unix(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "sec"),
			rapid.Int64Range(0, 999999999).Draw(t, "nsec")).UTC(),
		Body: rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "body"),
	}
}

func TestFrameRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := rapid.SliceOfN(rapid.Custom(drawFact), 1, 20).Draw(t, "facts")
		b := newFrame(nil)
		for i := range facts {
			before := len(b)
			b = appendFact(b, &facts[i])
			if len(b)-before > factSize(&facts[i]) {
				t.Fatal("a fact is larger than factSize says")
			}
		}
		sealFrame(b)
		got, err := decodeFrame(b, 7)
		if err != nil || len(got) != len(facts) {
			t.Fatalf("%d facts, %v", len(got), err)
		}
		for i, f := range got {
			w := facts[i]
			if f.Kind != w.Kind || f.Subject != w.Subject || !f.At.Equal(w.At) ||
				!bytes.Equal(f.Body, w.Body) || f.Position != position(7, i) {
				t.Fatalf("%+v became %+v", w, f)
			}
		}
		b[rapid.IntRange(0, len(b)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if _, err := decodeFrame(b, 7); !errors.Is(err, ErrBadFrame) {
			t.Fatalf("a flipped bit was accepted: %v", err)
		}
	})
}

func TestZeroTimeSurvives(t *testing.T) {
	b := appendFact(newFrame(nil), &Fact{Kind: "k"})
	sealFrame(b)
	if f, err := decodeFrame(b, 1); err != nil || !f[0].At.IsZero() {
		t.Errorf("%+v %v", f, err)
	}
}

func TestPositionsGrow(t *testing.T) {
	if !(position(0, maxFrameFacts-1) < position(1, 0) && position(1, 0) < position(1, 1)) {
		t.Error("positions do not grow")
	}
	if sequence(position(12345, 678)) != 12345 {
		t.Error("sequence is not what position took")
	}
}

func FuzzFrame(f *testing.F) {
	b := appendFact(newFrame(nil), &Fact{Kind: "leg.started", Subject: "1", At: time.Unix(1, 2), Body: []byte("x")})
	f.Add(b[frameHeader:])
	f.Add(appendFact(b, &Fact{Kind: "k"})[frameHeader:])
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Add([]byte{4, 2, 0, 1, 'k', 0})
	f.Fuzz(func(t *testing.T, body []byte) {
		frame := append(newFrame(nil), body...)
		sealFrame(frame) // else every input would end at the checksum
		facts, err := decodeFrame(frame, 1)
		if err != nil {
			if !errors.Is(err, ErrBadFrame) {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		again := newFrame(nil)
		for i := range facts {
			again = appendFact(again, &facts[i])
		}
		sealFrame(again)
		if more, err := decodeFrame(again, 1); err != nil || len(more) != len(facts) {
			t.Fatalf("%d facts became %d: %v", len(facts), len(more), err)
		}
		if _, err := decodeFrame(body, 1); err == nil && len(body) < frameHeader {
			t.Fatal("accepted without a header")
		}
	})
}
