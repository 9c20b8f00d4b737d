package source

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Limits of an offer.
const (
	// MaxOffer is how many bytes of lines are taken at once.
	MaxOffer = 256 << 10
	// MaxLines is how many lines are.
	MaxLines  = 1000
	maxFaults = 100 // that are told one by one
)

// Fault is a line that means nothing.
type Fault struct {
	Line   int    `json:"line"`          // its place in the offer, from 1
	Seq    uint64 `json:"seq,omitempty"` // its number, where that can be read
	Reason string `json:"reason"`
}

// Sifted is what an offer comes to.
type Sifted struct {
	Lines      []json.RawMessage // to be taken
	Last       uint64            // number of the last one that is done with, taken or not
	Duplicates uint64
	Malformed  uint64
	Faults     []Fault // the first ones of them
	Gap        bool    // what follows Last was not looked at, because a number is missing
}

// Sift finds what is good in an offer of lines, of which the one numbered next is wanted. A line that is malformed is done
// with all the same: it would be so again. One whose number can not be read stands for the number that is missing where it
// stands.
func Sift(text []byte, next uint64, ranges []Range) (s Sifted, err error) {
	if len(text) > MaxOffer {
		return s, fmt.Errorf("it has %d bytes; at most %d are taken at once", len(text), MaxOffer)
	}
	s.Last = next - 1
	blind := uint64(0) // malformed lines without a number since the last one with a number
	place, n := 0, 0
	for line := range bytes.SplitSeq(text, []byte("\n")) {
		place++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if n++; n > MaxLines {
			return s, fmt.Errorf("it has more than %d lines, of which at most so many are taken at once", MaxLines)
		}
		l, err := Parse(line)
		if err == nil {
			err = allow(&l, ranges)
		}
		switch {
		case err != nil && l.Seq == 0:
			blind++
			s.fault(Fault{place, 0, err.Error()})
		case l.Seq <= s.Last:
			s.Duplicates++
		case l.Seq > s.Last+1+blind:
			s.Gap = true
			return s, nil
		default:
			s.Last, blind = l.Seq, 0
			if err != nil {
				s.fault(Fault{place, l.Seq, err.Error()})
			} else {
				s.Lines = append(s.Lines, json.RawMessage(line))
			}
		}
	}
	return s, nil
}

// Add adds what an offer behind this one comes to; its faults stay with it.
func (s *Sifted) Add(behind Sifted) {
	s.Lines, s.Last = append(s.Lines, behind.Lines...), behind.Last
	s.Duplicates, s.Malformed = s.Duplicates+behind.Duplicates, s.Malformed+behind.Malformed
}

func (s *Sifted) fault(f Fault) {
	if s.Malformed++; len(s.Faults) < maxFaults {
		s.Faults = append(s.Faults, f)
	}
}
