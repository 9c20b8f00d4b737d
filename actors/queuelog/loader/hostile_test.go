package loader

import (
	"bytes"
	"compress/gzip"
	"testing"
)

// What is squeezed is offered bit by bit, however large it is when it is unpacked: a line without an end as one that
// nobody can read, blank lines as none.
func TestGzipBombIsOfferedBitByBit(t *testing.T) {
	for part, want := range map[string]int{"0": 1, "\n": 0} {
		var packed bytes.Buffer
		z, _ := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
		for range 8 {
			_, _ = z.Write(bytes.Repeat([]byte(part), 1<<20))
		}
		_ = z.Close()
		in, err := unpack(&packed)
		if err != nil {
			t.Fatal(err)
		}
		s := &source{in: in, whole: true}
		lines := 0
		for {
			text, from, to, _, err := s.next(100)
			if err != nil || len(text) > maxText || cap(s.part) > 4*maxLine {
				t.Fatalf("%d bytes of text, %d of a line: %v", len(text), cap(s.part), err)
			}
			if lines += bytes.Count(text, []byte("\n")); from == to {
				break
			}
		}
		if lines != want {
			t.Errorf("%q: %d lines", part, lines)
		}
	}
}
