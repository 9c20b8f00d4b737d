package store

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"tandem/conf"
)

// pieceAt is a piece with one line of a second.
func pieceAt(partition string, from uint64, at int64) Piece {
	return Piece{Partition: partition, From: from, Before: at - 1, Low: at, High: at,
		Lines: [][]byte{fmt.Appendf(nil, "%d|NONE|NONE|NONE|QUEUESTART|", at)}, Note: []byte("note")}
}

func appendPiece(t testing.TB, l *Lines, p Piece, after uint64) uint64 {
	t.Helper()
	seq, err := l.Append(t.Context(), p, after)
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

func TestLinesAreKeptInOrder(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir)
	told := make(chan struct{}, 10)
	stop, err := s.Lines().Watch(func() { told <- struct{}{} })
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if _, ok, err := s.Lines().Last(t.Context(), "A"); ok || err != nil {
		t.Errorf("nothing is there: %v %v", ok, err)
	}
	a1 := appendPiece(t, s.Lines(), pieceAt("A", 0, 100), 0)
	<-told
	b1 := appendPiece(t, s.Lines(), pieceAt("front-1.b", 0, 50), 0)
	a2 := appendPiece(t, s.Lines(), pieceAt("A", 1, 101), a1)
	closeStore(t, s)
	s = openStore(t, dir)
	last, ok, err := s.Lines().Last(t.Context(), "A")
	want := pieceAt("A", 1, 101)
	if want.Sequence = a2; err != nil || !ok || !reflect.DeepEqual(last, want) {
		t.Errorf("last: %+v %v %v", last, ok, err)
	}
	var all []uint64
	for from := uint64(0); ; {
		p, ok, err := s.Lines().Next(t.Context(), "", from)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		all, from = append(all, p.Sequence), p.Sequence+1
	}
	if !reflect.DeepEqual(all, []uint64{a1, b1, a2}) {
		t.Errorf("all: %v", all)
	}
	if p, ok, err := s.Lines().Next(t.Context(), "front-1.b", 0); !ok || err != nil || p.Partition != "front-1.b" || p.High != 50 {
		t.Errorf("of one partition: %+v %v %v", p, ok, err)
	}
	if end, err := s.Lines().End(t.Context()); end != a2 || err != nil {
		t.Errorf("end: %d %v", end, err)
	}
}

func TestOfTwoWritersOneFails(t *testing.T) {
	l := openStore(t, t.TempDir()).Lines()
	first := appendPiece(t, l, pieceAt("A", 0, 100), 0)
	for _, after := range []uint64{0, first + 1} {
		if _, err := l.Append(t.Context(), pieceAt("A", 0, 100), after); !errors.Is(err, ErrConflict) {
			t.Errorf("after %d: %v", after, err)
		}
	}
	appendPiece(t, l, pieceAt("B", 0, 100), 0)
	appendPiece(t, l, pieceAt("A", 1, 100), first)
}

func TestLinesThatDoNotFit(t *testing.T) {
	l := openStore(t, t.TempDir(), func(c *conf.Store) { c.MaxLines = 1 << 20 }).Lines()
	p := pieceAt("A", 0, 100)
	p.Lines[0] = bytes.Repeat([]byte("x"), maxPiece)
	if _, err := l.Append(t.Context(), p, 0); !errors.Is(err, ErrTooLarge) {
		t.Errorf("one piece: %v", err)
	}
	p.Lines[0] = p.Lines[0][:maxPiece*2/3]
	first := appendPiece(t, l, p, 0)
	if _, err := l.Append(t.Context(), p, first); !errors.Is(err, ErrNoRoom) {
		t.Errorf("all: %v", err)
	}
}

func TestSeekFindsASecond(t *testing.T) {
	l := openStore(t, t.TempDir()).Lines()
	var pieces []Piece
	after := map[string]uint64{}
	at := int64(1000)
	for i := range 200 {
		p := pieceAt([]string{"A", "B"}[rand.IntN(2)], uint64(i), at)
		p.Sequence = appendPiece(t, l, p, after[p.Partition])
		after[p.Partition] = p.Sequence
		pieces = append(pieces, p)
		at += rand.Int64N(3)
	}
	for want := int64(999); want <= at+1; want++ {
		found, ok, err := l.Seek(t.Context(), "A", want)
		if err != nil {
			t.Fatal(err)
		}
		expect := uint64(0)
		for _, p := range pieces {
			if p.Partition == "A" && p.High >= want {
				expect = p.Sequence
				break
			}
		}
		if found.Sequence != expect || ok != (expect != 0) {
			t.Errorf("second %d: piece %d, want %d", want, found.Sequence, expect)
		}
	}
}

func FuzzPiece(f *testing.F) {
	p := pieceAt("A", 7, 1700000000)
	f.Add(p.encode())
	f.Add([]byte{pieceV1, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := decodePiece(b)
		if err != nil {
			return
		}
		if again, err := decodePiece(p.encode()); err != nil || !reflect.DeepEqual(p, again) {
			t.Fatalf("%+v, again %+v %v", p, again, err)
		}
	})
}
