package writer

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"tandem/actors/msg"
	"tandem/actors/store"
)

// Limits of the writer.
const (
	flushAt  = 256 << 10        // bytes of lines that are written at once
	saveIdle = 10 * time.Second // after which the mark moves on though no line was written
)

// Options are what a Writer works with.
type Options struct {
	Journal  Journal
	Name     string      // of the journal: another one is not gone on with
	Path     string      // of the file; "": none is written
	Refusals func() bool // whether refused callers have a line
	Size     int64       // bytes after which the file is moved aside; 0: never
	Keep     int         // files moved aside that are kept
	Every    time.Duration
	Heard    func(Fact) // is told the facts that are appended from now on; it must not wait. Nil: nobody
	Log      *slog.Logger
}

// Writer follows the journal.
type Writer struct {
	Options
	file     *file // nil: none
	rest     *rest
	sieve    *Sieve
	position uint64 // of the last fact taken
	news     uint64 // facts behind this position are told
	lines    []byte // not written yet
	dirty    bool   // the mark is behind
	saved    time.Time
	failing  bool
}

// Open opens the file and finds out where to go on. The journal is not read yet.
func Open(o Options) (*Writer, error) {
	w := &Writer{Options: o, sieve: NewSieve(0, o.Log), rest: &rest{}, news: o.Journal.Last()}
	w.position = w.news
	if o.Path == "" {
		return w, nil
	}
	f, err := openFile(o.Path, o.Size, o.Keep, o.Log)
	if err != nil {
		return nil, err
	}
	w.file = f
	m, err := readMark(f.markPath())
	if err != nil {
		return nil, errors.Join(err, f.close())
	}
	switch {
	case m == nil && f.size() > 0:
		o.Log.Warn("there is a queue_log without a mark of its position: what comes from now on is added to it", "file", o.Path)
		w.rest, err = f.foreign()
	case m == nil:
		w.position = 0
	case m.Journal != o.Name:
		o.Log.Warn("the queue_log is of another journal: all of this one is added to it", "file", o.Path)
		w.position = 0
		w.rest, err = f.foreign()
	default:
		w.position, w.sieve = m.Position, NewSieve(m.Window, o.Log)
		w.rest, err = f.behind(m)
	}
	if err != nil {
		return nil, errors.Join(err, f.close())
	}
	return w, nil
}

// Run follows the journal until ctx ends, and closes the file.
func (w *Writer) Run(ctx context.Context) {
	tick := time.NewTicker(w.Every)
	defer tick.Stop()
	for {
		w.say(w.Round(ctx))
		select {
		case <-tick.C:
		case <-ctx.Done():
			w.Close()
			return
		}
	}
}

// Close writes down where the file stands. What the journal has beyond that is for the next start.
func (w *Writer) Close() {
	if w.file != nil {
		w.say(errors.Join(w.flush(), w.save(), w.file.close()))
	}
}

// say logs the first failure of a row, and the end of it.
func (w *Writer) say(err error) {
	switch {
	case errors.Is(err, context.Canceled):
	case err != nil && !w.failing:
		w.failing = true
		w.Log.Warn("the queue_log can not be written; it will be made good from the journal", "file", w.Path, "err", err)
	case err == nil && w.failing:
		w.failing = false
		w.Log.Info("the queue_log is written again", "file", w.Path)
	}
}

// Round takes all that the journal has by now.
func (w *Writer) Round(ctx context.Context) error {
	if err := w.sieve.Warm(ctx, w.Journal, w.position); err != nil {
		return err
	}
	if err := w.flush(); err != nil {
		return err
	}
	var failed error
	err := w.Journal.Read(ctx, w.position+1, func(f store.Fact) bool {
		w.take(f)
		if len(w.lines) >= flushAt {
			failed = w.flush()
		}
		return failed == nil
	})
	if failed == nil {
		failed = w.flush()
	}
	if failed == nil && w.dirty && time.Since(w.saved) >= saveIdle {
		failed = w.save()
	}
	return errors.Join(err, failed)
}

// take makes a fact a line, and tells it to those who listen.
func (w *Writer) take(f store.Fact) {
	w.position, w.dirty = f.Position, true
	told, l, ok := w.sieve.Take(f)
	if !ok {
		return
	}
	w.write(f.At, l)
	if w.Heard != nil && f.Position > w.news && f.Kind != LineKind {
		w.Heard(told)
	}
}

// write adds a line to those that are to be written, unless a crash came behind it.
func (w *Writer) write(at time.Time, l *msg.FactLine) {
	if w.file == nil || l == nil || l.Verb == "" || l.Refusal && (w.Refusals == nil || !w.Refusals()) {
		return
	}
	w.lines = append(w.lines, w.rest.left([]byte(Text(at, l)+"\n"))...)
}

// flush writes the lines and moves the mark.
func (w *Writer) flush() error {
	if len(w.lines) == 0 {
		return nil
	}
	n, err := w.file.write(w.lines)
	w.lines = append(w.lines[:0], w.lines[n:]...)
	if err != nil {
		return err
	}
	return w.save()
}

func (w *Writer) save() error {
	if w.file == nil || !w.dirty {
		return nil
	}
	err := w.file.save(mark{Journal: w.Name, Position: w.position, Window: w.sieve.Oldest()})
	if err == nil {
		w.dirty, w.saved = false, time.Now()
	}
	return err
}
