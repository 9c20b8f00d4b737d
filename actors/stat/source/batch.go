package source

import (
	"encoding/json"
	"fmt"
)

// Kind is that of the journal's facts about sources. Their body is a Batch.
const Kind = "source.told"

// What says what a Batch is.
type What string

// Batches.
const (
	Lines What = "lines" // it was heard of: lines, or nothing but that
	Lost  What = "lost"  // it is not heard of any more
	Stuck What = "stuck" // calls of which nothing was heard for too long, and which the source does not know
	Gone  What = "gone"  // it is a source no more
)

// Batch is what the journal keeps of a source.
type Batch struct {
	Source     string            `json:"source"`
	What       What              `json:"what"`
	Arrived    int64             `json:"arrived"` // ms since 1970, by the clock of the member that took it
	Member     string            `json:"member,omitempty"`
	Rules      Rules             `json:"rules,omitzero"`
	Lines      []json.RawMessage `json:"lines,omitempty"`
	Last       uint64            `json:"last,omitempty"` // number of the last line that is done with
	Duplicates uint64            `json:"duplicates,omitempty"`
	Malformed  uint64            `json:"malformed,omitempty"`
	Conns      []string          `json:"conns,omitempty"` // of Stuck
}

// Encode is a Batch as the journal has it.
func (b *Batch) Encode() ([]byte, error) { return json.Marshal(b) }

// MaxBatch is how many bytes of lines a Batch has: a fact of the journal must fit into a frame.
const MaxBatch = 32 << 10

// Parts cuts an offer into batches. The counts are those of the last one.
func (s *Sifted) Parts(b Batch) (all []Batch) {
	size, from := 0, 0
	for i, line := range s.Lines {
		if size += len(line) + 1; size > MaxBatch && i > from {
			part := b
			part.Lines = s.Lines[from:i]
			part.Last = 0 // what its lines say
			all = append(all, part)
			size, from = len(line)+1, i
		}
	}
	b.Lines, b.Last, b.Duplicates, b.Malformed = s.Lines[from:], s.Last, s.Duplicates, s.Malformed
	return append(all, b)
}

func decode(body []byte) (b Batch, err error) {
	if err := json.Unmarshal(body, &b); err != nil {
		return b, fmt.Errorf("what a source has told can not be read: %w", err)
	}
	switch b.What {
	case Lines, Lost, Stuck, Gone:
		if b.Source != "" {
			return b, nil
		}
	}
	return b, fmt.Errorf("what a source has told can not be read: %q is unknown", cut(string(b.What)))
}
