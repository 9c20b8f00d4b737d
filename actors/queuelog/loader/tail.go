package loader

import (
	"context"
	"errors"
	"io"
	"os"
	"time"
)

// Tail follows a file that grows, and goes on behind it when it was rotated.
type Tail struct {
	Path  string
	Lines int           // sent at once
	Every time.Duration // the file is looked at
	Beat  time.Duration // between signs of life
	Send  Send
	// Place asks the server for the position of the newest lines that this loader has sent; ok is false if there is none.
	Place func(context.Context) (a Answer, ok bool, err error)
	// Troubled is told why something does not go on; nil: nobody wants to know.
	Troubled func(error)

	file  *os.File
	s     *source
	id    string
	after string // file that was read to its end before this one
	said  time.Time
}

// errAgain sends the loader to where the server is.
var errAgain = errors.New("the server is elsewhere")

// Run follows until ctx ends, and says so to the server then. The error is one that does not pass.
func (t *Tail) Run(ctx context.Context) error {
	defer t.close()
	for again := waitFirst; ; {
		err := t.settle(ctx)
		for err == nil {
			if err = t.step(ctx); err == nil {
				again = waitFirst
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

func (t *Tail) close() {
	if t.file != nil {
		_ = t.file.Close()
		t.file = nil
	}
}

// settle opens the file in which the server is, at that place, or the log at its beginning.
func (t *Tail) settle(ctx context.Context) error {
	t.close()
	t.after = ""
	place, ok, err := t.Place(ctx)
	if err != nil {
		return err
	}
	if ok {
		for _, p := range pieces(t.Path) {
			if p.id != place.File {
				continue
			}
			if err := t.open(p.path, p.id); err != nil {
				return err
			}
			if found, err := t.s.skipTo(place.Offset, place.Hash); err != nil || found {
				return err
			}
		}
	}
	t.close()
	return nil // the log is opened when it is there
}

func (t *Tail) open(path, id string) (err error) {
	t.close()
	if t.file, err = os.Open(path); err != nil {
		t.file = nil
		return err
	}
	in, err := unpack(t.file)
	if err != nil {
		return err
	}
	t.s, t.id = &source{in: in}, id
	return nil
}

// step sends what has come, or goes on to the next file, or waits.
func (t *Tail) step(ctx context.Context) error {
	if t.file == nil {
		if id, err := identify(t.Path); err == nil && id != "" {
			return t.open(t.Path, id)
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
		return t.anew(o.Hash)
	}
	if len(o.Text) > 0 || time.Since(t.said) >= t.Beat {
		return t.say(ctx, o)
	}
	if o.To > o.From {
		return nil // blank lines alone
	}
	next, ends, err := t.following()
	switch {
	case err != nil:
		return err
	case ends:
		return t.next(next)
	}
	t.wait(ctx, t.Every)
	return ctx.Err()
}

// say sends, until there is an answer.
func (t *Tail) say(ctx context.Context, o Offer) error {
	if info, err := t.file.Stat(); err == nil {
		o.Size = max(uint64(info.Size()), o.To)
	}
	a, err := insist(ctx, t.Send, o, 0, t.Troubled)
	t.said = time.Now()
	switch {
	case err != nil:
		return err
	case a.Refusal == refusedPosition && a.File == o.File && a.Offset == o.To && a.Hash == t.s.hash:
	case a.Refusal == refusedPosition:
		return errAgain
	case a.Refusal != "":
		return errors.New(a.Why)
	}
	t.after = ""
	return nil
}

// following is the file that is read behind this one. It is asked for at the end of this one: ends tells that this one
// grows no more, because the log is another file by now.
func (t *Tail) following() (next piece, ends bool, err error) {
	log, err := os.Stat(t.Path)
	if errors.Is(err, os.ErrNotExist) {
		return next, false, nil // it is being rotated
	}
	if err != nil {
		return next, false, err
	}
	here, err := t.file.Stat()
	if err != nil {
		return next, false, err
	}
	if os.SameFile(log, here) && uint64(here.Size()) >= t.s.here() {
		return next, false, nil
	}
	all := pieces(t.Path)
	for i, p := range all {
		if p.id == t.id && i+1 < len(all) {
			return all[i+1], true, nil
		}
	}
	if n := len(all); n > 0 && all[n-1].id != t.id && all[n-1].path == t.Path {
		return all[n-1], true, nil // this one is gone, or was emptied in place
	}
	return next, false, nil
}

// next goes on in another file, when this one has been read to its very end: it may have grown until it was renamed.
func (t *Tail) next(p piece) error {
	if one, err := t.s.in.Peek(1); len(one) > 0 {
		return nil
	} else if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	before, hash := t.id, t.s.hash
	if err := t.open(p.path, p.id); err != nil {
		return err
	}
	t.after, t.s.hash = before, hash
	return nil
}

// same tells whether the file still begins as it did: it may have been emptied in place, and have grown again.
func (t *Tail) same() bool {
	in, err := unpack(io.NewSectionReader(t.file, 0, 1<<62))
	if err != nil {
		return false
	}
	id, err := firstOf(in)
	return err == nil && id == t.id
}

// anew begins a file that was emptied; hash is of the last line that was read before.
func (t *Tail) anew(hash string) error {
	before := t.id
	id, err := identify(t.Path)
	if err != nil {
		return err
	}
	if err := t.open(t.Path, id); err != nil {
		return err
	}
	t.after, t.s.hash = before, hash
	return nil
}

// farewellTime is how long a last word may take.
const farewellTime = 2 * time.Second

// farewell tells the server that nobody follows any more, so that another one may at once.
func (t *Tail) farewell() error {
	if t.file == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), farewellTime)
	defer cancel()
	at := t.s.here()
	_, _ = t.Send(ctx, Offer{File: t.id, From: at, To: at, Hash: t.s.hash, After: t.after, Ends: true}) // it hears of our silence, else
	return nil
}
