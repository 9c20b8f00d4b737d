package loader

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// Offer is what is sent: lines, and where they stand.
type Offer struct {
	File     string // what the file is known by
	From, To uint64 // bytes in front of the text, and up to its end
	Hash     string // of the last line in front; "": there is none
	After    string // file that was read to its end before this one; "": not known
	Text     []byte // whole lines; none: we live
	Size     uint64 // bytes of the file
	Late     bool   // much older lines than those of the server are meant to be new
	Ends     bool   // nothing follows for a time
}

// Answer is what the server says: what became of the lines, and where it is.
type Answer struct {
	Refusal   string `json:"refusal"` // a word; "": taken
	Why       string `json:"why"`
	File      string `json:"file"`
	Offset    uint64 `json:"offset"`
	Hash      string `json:"hash"`
	Lines     uint64 `json:"lines"` // that the partition has
	High      int64  `json:"high"`  // newest second of them; 0: not told
	Added     uint64 `json:"added"`
	Present   uint64 `json:"present"`
	Malformed uint64 `json:"malformed"`
	Late      uint64 `json:"late"`
}

// Refusals that a loader does something about.
const (
	refusedPosition = "position"
	refusedLate     = "late"
)

// passes tells of refusals that pass by themselves.
func passes(word string) bool { return word == "busy" || word == "unavailable" }

// Send sends an offer. An error means that there was no answer; whether the lines have arrived is not known.
type Send func(context.Context, Offer) (Answer, error)

// ErrPermanent marks an error of Send that does not pass: a right is missing, for example.
var ErrPermanent = errors.New("this will not pass")

// Waiting times between attempts.
const (
	waitFirst = 200 * time.Millisecond
	waitLast  = 5 * time.Second
)

// Load loads files that are complete as one, in their order.
type Load struct {
	Name  string // of the files, as they are shown
	Open  func() (io.ReadCloser, error)
	Lines int  // sent at once
	Late  bool // see Offer
	Whole bool // the last line is one even if it has no end
	Send  Send
	Wait  time.Duration // after a first failure; then longer each time; 0: 200 ms
	// Troubled is told why something has to be sent again; nil: nobody wants to know.
	Troubled func(error)
	// Rest is the part of a line that was left, because nothing ends it.
	Rest []byte
}

// Run loads, and returns what became of all. Counts are of the last pass over the files.
func (l *Load) Run(ctx context.Context) (sum Answer, err error) {
	var at Answer // where to begin
	for again := 0; ; again++ {
		next, done, err := l.pass(ctx, at, &sum)
		if done || err != nil {
			return sum, err
		}
		if again == 100 {
			return sum, errors.New("the server has never been where these files are: is somebody else loading them?")
		}
		if at = next; next.File != l.Name { // it is in another file: this one is compared from its beginning
			at = Answer{}
		}
	}
}

// pass reads the files once, from a position on. It is done, or goes on at another position.
func (l *Load) pass(ctx context.Context, at Answer, sum *Answer) (next Answer, done bool, err error) {
	file, err := l.Open()
	if err != nil {
		return next, false, err
	}
	defer func() { _ = file.Close() }()
	in, err := unpack(file)
	if err != nil {
		return next, false, err
	}
	s := &source{in: in, whole: l.Whole}
	found, err := s.skipTo(at.Offset, at.Hash)
	if err != nil || !found {
		return next, false, err // from the beginning
	}
	if at.Offset == 0 {
		*sum = Answer{}
	}
	for {
		o := Offer{File: l.Name, Late: l.Late}
		if o.Text, o.From, o.To, o.Hash, err = s.next(l.Lines); err != nil {
			return next, false, err
		}
		if len(o.Text) == 0 {
			l.Rest = s.part
			return next, true, nil
		}
		a, err := insist(ctx, l.Send, o, l.Wait, l.Troubled)
		switch {
		case err != nil:
			return next, false, err
		case a.Refusal == refusedPosition && a.File == l.Name && a.Offset == o.To && a.Hash == s.hash:
			a = Answer{Lines: a.Lines} // it had arrived, and its answer had not
		case a.Refusal == refusedPosition:
			return a, false, nil
		case a.Refusal != "":
			return next, false, errors.New(a.Why)
		}
		sum.Lines = a.Lines
		sum.Added += a.Added
		sum.Present += a.Present
		sum.Malformed += a.Malformed
		sum.Late += a.Late
	}
}

// insist sends until there is an answer.
func insist(ctx context.Context, send Send, o Offer, first time.Duration, troubled func(error)) (Answer, error) {
	for wait := cmp.Or(first, waitFirst); ; wait = min(2*wait, waitLast) {
		a, err := send(ctx, o)
		if err == nil && !passes(a.Refusal) || errors.Is(err, ErrPermanent) {
			return a, err
		}
		if err == nil {
			err = errors.New(a.Why)
		}
		if ctx.Err() != nil {
			return a, fmt.Errorf("given up: %w", err)
		}
		if troubled != nil {
			troubled(err)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}
