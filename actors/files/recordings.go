package files

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"

	"tandem/actors/store"
	"tandem/media/spool"
)

// Recordings are those of calls that Tasks want: on the disk of the member while a call goes on, in the files of an
// account of the whole cluster when it is over. One goroutine brings them there, one after the other, so that many calls
// that end at once do not get in the way of others; what can not be kept waits on the disk and is tried again, by the next
// start too. All methods may be called from any goroutine.
type Recordings struct {
	dir   string
	files *store.Files
	most  int64 // bytes of a file in the store
	log   *slog.Logger

	shelf  *shelf
	failed map[string]bool // of which the log has a line; of the goroutine alone
	wake   chan struct{}
	close  func()

	mu   sync.Mutex
	busy map[string]bool // recordings that are being made, by name
}

// retryRecording is how soon a recording is tried again that could not be kept.
const retryRecording = time.Minute

// OpenRecordings begins to bring recordings from a directory into the store, those of before the last stop first. most is
// how large a file may be there, in bytes.
func OpenRecordings(ctx context.Context, dir string, files *store.Files, most int64, log *slog.Logger) *Recordings {
	r := &Recordings{dir: dir, files: files, most: most, log: log, busy: map[string]bool{},
		failed: map[string]bool{}, wake: make(chan struct{}, 1)}
	r.wake <- struct{}{}
	shelf, unfollow := followShelf(files)
	r.shelf = shelf
	r.close = background(ctx, unfollow, r.run)
	return r
}

// Close ends it; what is left waits for the next start.
func (r *Recordings) Close(context.Context) error {
	r.close()
	return nil
}

// Begin makes the note of a recording, and says by which name and where it is to be made. It waits for the disk.
func (r *Recordings) Begin(n spool.Note) (name, dir string, err error) {
	r.mu.Lock() // or the note without a sound might be taken for what a crash left
	defer r.mu.Unlock()
	if name, err = spool.Begin(r.dir, n); err != nil {
		return "", "", err
	}
	r.busy[name] = true
	return name, r.dir, nil
}

// Keep takes a recording that is whole, with what its note says by now, and tells what its file will be called. It waits
// for the disk, but not for the store.
func (r *Recordings) Keep(name string, n spool.Note) error {
	err := spool.Amend(r.dir, name, n)
	r.mu.Lock()
	delete(r.busy, name)
	r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default:
	}
	return err
}

// File is the name that a recording will have in the files of its account.
func (r *Recordings) File(n spool.Note) string { return CallFile(n) }

func (r *Recordings) run(life context.Context) {
	again := time.NewTicker(retryRecording)
	defer again.Stop()
	for {
		select {
		case <-r.wake:
		case <-again.C:
		case <-life.Done():
			return
		}
		r.bring(life)
	}
}

// bring brings what is whole into the store.
func (r *Recordings) bring(ctx context.Context) {
	left, err := r.left()
	if err != nil {
		r.log.Error("recordings of calls can not be looked for", "dir", r.dir, "err", err)
	}
	for _, one := range left {
		if ctx.Err() != nil {
			return
		}
		err := r.take(ctx, one)
		switch {
		case err == nil, errors.Is(err, os.ErrNotExist), ctx.Err() != nil:
			delete(r.failed, one.Name)
		case !r.failed[one.Name]:
			r.failed[one.Name] = true
			r.log.Error("a recording stays on this member, and is tried again", "file", one.Name, "call", one.Call,
				"account", one.Account, "err", err)
		}
	}
}

// left are the recordings that are whole.
func (r *Recordings) left() ([]spool.Orphan, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return spool.Left(r.dir, func(name string) bool { return r.busy[name] })
}
