package loader

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// settle opens the file in which the server is, at that place. Where that can not be found, a file is compared from its
// beginning: the one that has the newest second of the server, so that nothing that was rotated meanwhile is passed over; or
// the log, where the server has nothing yet.
func (t *Tail) settle(ctx context.Context) error {
	t.close()
	t.after = ""
	place, ours, err := t.Place(ctx)
	if err != nil {
		return err
	}
	all, err := pieces(t.Path)
	if err != nil {
		return err
	}
	if ours {
		r, err := at(all, place.File, place.Offset, place.Hash)
		if r != nil || err != nil {
			t.takes(r)
			return err
		}
	}
	p := holding(all, place.High)
	if p == nil {
		return nil // the log is opened when it is there
	}
	r, err := read(p.path, p.id)
	t.takes(r)
	return err
}

// holding is the piece that has a second in it, or the first one behind; nil: it can not be told.
func holding(all []piece, second int64) *piece {
	if len(all) == 0 || second == 0 {
		return nil
	}
	found := &all[0]
	for i, p := range all {
		if p.at == 0 {
			return nil
		}
		if p.at <= second {
			found = &all[i]
		}
	}
	return found
}

// at opens that one of some files that has a line at a position; nil: there is none. One that can not be read, while it is
// being squeezed or renamed, hides no other; there is an error if no other has it.
func at(all []piece, id string, offset uint64, hash string) (*reading, error) {
	var failed error
	for _, p := range all {
		if p.id != id {
			continue
		}
		r, err := read(p.path, id)
		if err != nil {
			failed = err
			continue
		}
		found, err := r.s.skipTo(offset, hash)
		if found {
			return r, nil
		}
		failed = errors.Join(failed, err, r.file.Close())
	}
	return nil, failed
}

// move goes on in another file, at the end of this one: this one was renamed and the log is another one by now, or the log
// was emptied in place.
func (t *Tail) move() (moved bool, err error) {
	log, err := os.Stat(t.Path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil // it is being rotated
	}
	if err != nil {
		return false, err
	}
	here, err := t.file.Stat()
	if err != nil {
		return false, err
	}
	unseen := !log.ModTime().Equal(t.seen)
	t.seen = log.ModTime()
	switch {
	case !os.SameFile(log, here):
		if log.Size() == 0 && !unseen {
			return false, nil
		}
		return t.onward()
	case uint64(here.Size()) < t.s.here() && (unseen || here.Size() > 0), unseen && !t.same():
		return t.emptied(t.s.here(), t.s.hash)
	}
	return false, nil
}

// onward goes on in the file that follows this one, which is the log no more.
func (t *Tail) onward() (moved bool, err error) {
	all, err := pieces(t.Path)
	if err != nil {
		return false, err
	}
	here := -1
	for i, p := range all {
		if p.id == t.id {
			here = i
		}
	}
	switch {
	case here < 0:
		return false, errAgain // it is gone, and so may be others
	case all[here].path == t.Path: // this is a copy of the log that was being made
		r, err := at(all[here:], t.id, t.s.here(), t.s.hash)
		if r == nil {
			return false, errors.Join(err, errAgain)
		}
		t.takes(r)
		return true, nil
	case here+1 == len(all):
		return false, nil
	}
	if one, err := t.s.in.Peek(1); len(one) > 0 {
		return true, nil // it has grown until it was renamed
	} else if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return true, t.follow(all[here+1])
}

// follow begins a file of which all lines are new: this one was read to its end.
func (t *Tail) follow(p piece) error {
	before, hash := t.id, t.s.hash
	r, err := read(p.path, p.id)
	if err != nil {
		return err
	}
	t.takes(r)
	t.after, t.s.hash = before, hash
	return nil
}

// skip goes on behind a file that has lines older than what the server takes without being told to, in the next one. Its
// other lines are for whoever loads it.
func (t *Tail) skip(why string) error {
	all, err := pieces(t.Path)
	if err != nil {
		return err
	}
	for i, p := range all {
		if p.id != t.id || i+1 == len(all) || all[i+1].id == t.id {
			continue
		}
		t.trouble(fmt.Errorf("%s is passed over: %s", p.path, why))
		r, err := read(all[i+1].path, all[i+1].id)
		t.takes(r)
		t.after = ""
		return err
	}
	return errors.New(why)
}

// emptied goes on behind a position when the log was emptied in place: in the copy that was made of it before, if there is
// one, for lines that came just before it was made; else in the log, when it has a line again.
func (t *Tail) emptied(offset uint64, hash string) (moved bool, err error) {
	all, err := pieces(t.Path)
	if err != nil {
		return false, err
	}
	r, err := at(all, t.id, offset, hash)
	if r != nil {
		t.takes(r)
		return true, nil
	}
	if err != nil {
		return false, err
	}
	n := len(all)
	if n == 0 || all[n-1].path != t.Path {
		return false, nil // it is empty still
	}
	if all[n-1].id == t.id {
		return false, errAgain // it begins as before, but has not our line: the server compares
	}
	t.s.hash = hash
	return true, t.follow(all[n-1])
}
