package queuelog

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"

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

// span are the smallest and the greatest second of entries, of which there is one at least.
func span(all []entry) (low, high int64) {
	low, high = all[0].at, all[0].at
	for _, e := range all {
		low, high = min(low, e.at), max(high, e.at)
	}
	return low, high
}

// counts says how often a line is there in a second.
type counts map[second]int

// second is a line in its second.
type second struct {
	at   int64
	text string
}

// Stored is a piece of lines that is there already.
type Stored struct {
	Before int64
	Lines  [][]byte
}

// countStored counts the lines of some seconds.
func countStored(pieces []Stored, low, high int64) counts {
	n := counts{}
	for _, p := range pieces {
		for _, e := range entries(bytes.Join(p.Lines, []byte("\n")), p.Before) {
			if low <= e.at && e.at <= high {
				n[second{e.at, string(e.text)}]++
			}
		}
	}
	return n
}
