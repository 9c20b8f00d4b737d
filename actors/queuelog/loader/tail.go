package loader

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Tail follows a file that grows, and goes on behind it when it was rotated.
type Tail struct {
	Path  string
	Lines int           // sent at once
	Every time.Duration // the file is looked at
	Beat  time.Duration // between signs of life
	Wait  time.Duration // after a first failure; then longer each time; 0: 200 ms
	Send  Send
	// Place asks the server for the position of the newest lines that this loader has sent; ok is false if there is none.
	Place func(context.Context) (a Answer, ok bool, err error)
	// Troubled is told why something does not go on; nil: nobody wants to know.
	Troubled func(error)

	*reading        // nil: no file is open
	after    string // file that was read to its end before this one
	said     time.Time
	seen     time.Time // when the log was written last, as it was looked at last from this file
}

// reading is a file that is read.
type reading struct {
	file *os.File
	s    *source
	id   string
}

// read opens the file that had a name when it was known by its first line. By now another one may have that name: that is
// errRenamed.
func read(path, id string) (*reading, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	in, err := unpack(file)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	r := &reading{file, &source{in: in}, id}
	if !r.same() {
		return nil, errors.Join(errRenamed, file.Close())
	}
	return r, nil
}

// same tells whether the file begins with the line that it is known by: it may have been emptied in place, and have grown
// again.
func (r *reading) same() bool {
	first, err := firstOf(io.NewSectionReader(r.file, 0, 1<<62))
	return err == nil && first != nil && hashOf(first) == r.id
}

// errAgain sends the loader to where the server is.
var errAgain = errors.New("the server is elsewhere")

// Run follows until ctx ends, and says so to the server then. The error is one that does not pass.
func (t *Tail) Run(ctx context.Context) error {
	defer t.close()
	t.Path = filepath.Clean(t.Path)
	first := cmp.Or(t.Wait, waitFirst)
	for again := first; ; {
		err := t.settle(ctx)
		for err == nil {
			if err = t.step(ctx); err == nil {
				again = first
			}
		}
		switch {
		case ctx.Err() != nil:
			return t.farewell()
		case errors.Is(err, ErrPermanent):
			return err
		case !errors.Is(err, errAgain):
			t.trouble(err)
		}
		t.wait(ctx, again)
		again = min(2*again, waitLast)
	}
}

func (t *Tail) trouble(err error) {
	if t.Troubled != nil {
		t.Troubled(err)
	}
}

func (t *Tail) wait(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

func (t *Tail) close() { t.takes(nil) }

// takes goes on with another file.
func (t *Tail) takes(r *reading) {
	if t.reading != nil {
		_ = t.file.Close()
	}
	t.reading, t.seen = r, time.Time{}
}

// step sends what has come, or goes on to the next file, or waits.
func (t *Tail) step(ctx context.Context) error {
	if t.reading == nil {
		if id, _, err := identify(t.Path); err == nil && id != "" {
			r, err := read(t.Path, id)
			t.takes(r)
			return err
		}
		t.wait(ctx, t.Every)
		return ctx.Err()
	}
	o := Offer{File: t.id, After: t.after}
	var err error
	if o.Text, o.From, o.To, o.Hash, err = t.s.next(t.Lines); err != nil {
		return err
	}
	if len(o.Text) > 0 && !t.same() {
		if moved, err := t.emptied(o.From, o.Hash); moved || err != nil {
			return err
		}
		return errAgain
	}
	if len(o.Text) > 0 || time.Since(t.said) >= t.Beat {
		return t.say(ctx, o)
	}
	if o.To > o.From {
		return nil // blank lines alone
	}
	if moved, err := t.move(); moved || err != nil {
		return err
	}
	t.wait(ctx, t.Every)
	return ctx.Err()
}

// say sends, until there is an answer.
func (t *Tail) say(ctx context.Context, o Offer) error {
	if info, err := t.file.Stat(); err == nil {
		o.Size = max(uint64(info.Size()), o.To)
	}
	a, err := insist(ctx, t.Send, o, t.Wait, t.Troubled)
	t.said = time.Now()
	switch {
	case err != nil:
		return err
	case a.Refusal == refusedPosition && a.File == o.File && a.Offset == o.To && a.Hash == t.s.hash:
	case a.Refusal == refusedPosition:
		return errAgain
	case a.Refusal == refusedLate:
		return t.skip(a.Why)
	case a.Refusal != "":
		return errors.New(a.Why)
	}
	t.after = ""
	return nil
}

// farewellTime is how long a last word may take.
const farewellTime = 2 * time.Second

// farewell tells the server that nobody follows any more, so that another one may at once.
func (t *Tail) farewell() error {
	if t.reading == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), farewellTime)
	defer cancel()
	at := t.s.here()
	_, _ = t.Send(ctx, Offer{File: t.id, From: at, To: at, Hash: t.s.hash, After: t.after, Ends: true}) // it hears of our silence, else
	return nil
}
