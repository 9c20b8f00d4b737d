package queuelog

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"time"

	"tandem/actors/queuelog/line"
)

// entry is a line with the second that it is compared in: its own, or, where it can not be read, that of the line before
// it, so that it is always found at the same place; 0 where there is none.
type entry struct {
	at   int64
	text []byte // without its end
	bad  bool
}

// entries takes a text apart. Blank lines are none. before is the time of the last line in front of the text that can be
// read.
func entries(text []byte, before int64) (all []entry) {
	var row line.Row
	for part := range bytes.SplitSeq(text, []byte("\n")) {
		part = bytes.TrimRight(part, "\r")
		if len(bytes.TrimSpace(part)) == 0 {
			continue
		}
		bad := len(part) > maxLine || !row.Read(part)
		if !bad {
			before = row.At
		}
		all = append(all, entry{before, part, bad})
	}
	return all
}

// HashOf is what a position says of a line, without its end.
func HashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// span are the smallest and the greatest second of entries, of which there is one at least. One that is beyond far stands
// where the line before it does; near is that of the first.
func span(all []entry, far, near int64) (low, high int64) {
	low, high = math.MaxInt64, math.MinInt64
	for _, e := range all {
		if e.at <= far {
			near = e.at
		}
		low, high = min(low, near), max(high, near)
	}
	return low, high
}

// farFrom is the greatest second that can be believed: a clock beyond it is wrong.
func farFrom(now time.Time) int64 { return now.Add(farAhead).Unix() }

// counts says how often a line is there in a second.
type counts map[second]int

// second is a line in its second.
type second struct {
	at   int64
	text string
}

// Sought are the lines of a text, and how often each of them is there already. It keeps nothing of what else is read.
type Sought struct {
	n     counts
	bytes int // that were read
}

func soughtOf(all []entry) *Sought {
	s := &Sought{n: counts{}}
	for _, e := range all {
		s.n[second{e.at, string(e.text)}] = 0
	}
	return s
}

// Count takes a piece of lines that is there. before is the time of the last line in front of it that can be read.
func (s *Sought) Count(before int64, lines [][]byte) {
	for _, text := range lines {
		s.bytes += len(text)
		for _, e := range entries(text, before) {
			before = e.at
			k := second{e.at, string(e.text)}
			if n, wanted := s.n[k]; wanted {
				s.n[k] = n + 1
			}
		}
	}
}

// Full tells whether more was read than may be.
func (s *Sought) Full() bool { return s.bytes > maxRead }
