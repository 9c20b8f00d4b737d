package writer

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/actors/queuelog/line"
	"tandem/actors/store"
)

// Kinds of facts that are followed. Those of LineKind are lines as somebody wants them, with a msg.FactLine as body.
const (
	QueueKind = "queue.fact"
	AgentKind = "agent.fact"
	LineKind  = "queuelog.line"
)

// Limits of the writer.
const (
	flushAt  = 256 << 10        // bytes of lines that are written at once
	saveIdle = 10 * time.Second // after which the mark moves on though no line was written
)

// Journal is what is followed.
type Journal interface {
	Read(ctx context.Context, from uint64, f func(store.Fact) bool) error
	Last() uint64
}

// Fact is a fact as those hear it who listen: one of the two is there.
type Fact struct {
	Position uint64
	Queue    *msg.QueueFact
	Agent    *msg.AgentFact
}

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
	window   *window
	position uint64 // of the last fact taken
	news     uint64 // facts behind this position are told
	lines    []byte // not written yet
	dirty    bool   // the mark is behind
	saved    time.Time
	failing  bool
}

// Open opens the file and finds out where to go on. The journal is not read yet.
func Open(o Options) (*Writer, error) {
	w := &Writer{Options: o, window: newWindow(), rest: &rest{}, news: o.Journal.Last()}
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
		w.position, w.window.from = m.Position, m.Window
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
	if err := w.warm(ctx); err != nil {
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

// warm reads what the window must know of the time before the mark.
func (w *Writer) warm(ctx context.Context) error {
	from := w.window.from
	if from == 0 {
		return nil
	}
	w.window = newWindow()
	err := w.Journal.Read(ctx, from, func(f store.Fact) bool {
		if f.Position > w.position {
			return false
		}
		if q := w.queueFact(f); q != nil {
			w.window.double(f.Position, q)
		}
		return true
	})
	if err != nil {
		w.window.from = from
	}
	return err
}

// take makes a fact a line, and tells it to those who listen.
func (w *Writer) take(f store.Fact) {
	w.position, w.dirty = f.Position, true
	told := Fact{Position: f.Position}
	var l *msg.FactLine
	switch f.Kind {
	case QueueKind:
		told.Queue = w.queueFact(f)
		if told.Queue == nil || w.window.double(f.Position, told.Queue) {
			return
		}
		l = told.Queue.Line
	case AgentKind:
		if told.Agent = read(w.Log, f, &msg.AgentFact{}); told.Agent == nil {
			return
		}
		l = told.Agent.Line
	case LineKind:
		l = read(w.Log, f, &msg.FactLine{})
	default:
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
	text := line.Line{At: at, CallID: l.Call, Queue: l.Queue, Agent: l.Agent, Verb: l.Verb, Args: l.Args}.String()
	w.lines = append(w.lines, w.rest.left([]byte(text+"\n"))...)
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
	err := w.file.save(mark{Journal: w.Name, Position: w.position, Window: w.window.oldest()})
	if err == nil {
		w.dirty, w.saved = false, time.Now()
	}
	return err
}

func (w *Writer) queueFact(f store.Fact) *msg.QueueFact {
	if f.Kind != QueueKind {
		return nil
	}
	return read(w.Log, f, &msg.QueueFact{})
}

// read decodes a fact's body; nil where it can not be read.
func read[M proto.Message](log *slog.Logger, f store.Fact, m M) M {
	if err := proto.Unmarshal(f.Body, m); err != nil {
		log.Error("a fact of the journal can not be read and has no line", "kind", f.Kind, "position", f.Position, "err", err)
		var none M
		return none
	}
	return m
}
