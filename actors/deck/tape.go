package deck

import (
	"cmp"
	"errors"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/media"
	"tandem/media/spool"
)

const (
	// tapeRate is enough for telephone speech, and lets an hour stay below what is handed over.
	tapeRate = 8000
	// maxSpooled is how many recordings a Task may leave in the spool without a word about them.
	maxSpooled = 100
)

// Why nothing is recorded.
var (
	errTaping  = errors.New("a recording is being made")
	errSpooled = errors.New("too many recordings wait for LegKept")
)

// taped is a recording.
type taped struct {
	number   uint64
	limit    time.Duration
	skip     time.Duration       // of silence; 0 keeps all
	level    int                 // that is silence
	tell     func(proto.Message) // to the Task that wants it
	name     string              // in the spool, once it is open
	recorder *media.Recorder
	ended    bool  // before it was open
	err      error // nothing could be recorded
	timer    *time.Timer
}

// What the goroutines of a recording bring.
type (
	opened struct {
		tape     *taped
		name     string
		recorder *media.Recorder
		err      error
	}
	// over: its time is over, or the disk failed.
	over   struct{ tape *taped }
	closed struct {
		tape   *taped
		octets []byte
		err    error
	}
)

// Tape begins a recording. LegRecorded follows. call is whose it is.
func (d *Deck) Tape(m *msg.LegTape, call string) {
	var refused error
	switch {
	case d.taped != nil:
		refused = errTaping
	case len(d.spool)+len(d.closes) >= maxSpooled:
		refused = errSpooled
	}
	if refused != nil {
		d.tell(&msg.LegRecorded{Record: m.Record, Error: refused.Error()})
		return
	}
	limit := span(cmp.Or(max(m.LimitMs, 0), spool.MaxLength.Milliseconds()))
	t := &taped{number: m.Record, limit: min(limit, spool.MaxLength), tell: d.tell,
		skip: span(max(m.SkipMs, 0)), level: int(m.SilenceLevel)}
	d.taped = t
	note := spool.Note{Account: m.Account, From: m.From, Program: m.Program, Call: call, Started: time.Now()}
	floor, back := d.floor, d.back
	go func() { back(floor.open(t, note)) }()
}

// open makes the files of a recording.
func (f Floor) open(t *taped, note spool.Note) *opened {
	o := &opened{tape: t}
	if o.name, o.err = spool.Begin(f.Spool, note); o.err != nil {
		return o
	}
	path, err := filepath.Abs(filepath.Join(f.Spool, o.name))
	if err == nil {
		o.recorder, err = f.Engine.Recorder(path, 1, tapeRate)
	}
	if err != nil {
		o.err = errors.Join(err, spool.Remove(f.Spool, o.name))
		return o
	}
	o.recorder.SkipSilence(t.skip, t.level)
	return o
}

func (d *Deck) onOpened(o *opened) {
	t := o.tape
	if o.err != nil {
		d.log.Warn("nothing is recorded for a Task", "err", o.err)
		if d.taped == t {
			d.taped = nil
		}
		delete(d.closes, t)
		t.tell(&msg.LegRecorded{Record: t.number, Error: o.err.Error()})
		return
	}
	t.name, t.recorder = o.name, o.recorder
	if t.ended {
		d.whole(t)
		return
	}
	if err := d.line.Record(t.recorder); err != nil {
		t.err = err
		d.endTape()
		return
	}
	back := d.back
	t.timer = time.AfterFunc(t.limit, func() { back(&over{t}) })
	go func() {
		<-t.recorder.Done()
		back(&over{t})
	}()
}

// endTape ends the recording that is made; its file is made whole and read elsewhere.
func (d *Deck) endTape() {
	t := d.taped
	if t == nil {
		return
	}
	d.taped = nil
	d.closes[t] = true
	if t.recorder == nil {
		t.ended = true
		return
	}
	if t.timer != nil {
		t.timer.Stop()
	}
	d.line.StopRecord(t.recorder)
	d.whole(t)
}

// whole ends the file and brings what is in it. One in which nothing is goes.
func (d *Deck) whole(t *taped) {
	dir, back := d.floor.Spool, d.back
	go func() {
		c := &closed{tape: t, err: errors.Join(t.err, t.recorder.Close())}
		if t.recorder.Length() == 0 {
			c.err = errors.Join(c.err, spool.Remove(dir, t.name))
			t.name = ""
		} else {
			octets, err := spool.Read(dir, t.name)
			c.octets, c.err = octets, errors.Join(c.err, err)
		}
		back(c)
	}()
}

func (d *Deck) onClosed(c *closed) {
	t := c.tape
	delete(d.closes, t)
	told := &msg.LegRecorded{Record: t.number, Data: c.octets, Spool: t.name}
	if c.err != nil {
		d.log.Error("recording for a Task has failed", "spool", t.name, "err", c.err)
		told.Error = c.err.Error()
	}
	if t.name != "" && !d.alone {
		d.spool[t.name] = true
	}
	t.tell(told)
}

// Kept lets a recording go that was handed over, or all of them. Names that are not of this deck mean
// nothing: they come from outside of the member.
func (d *Deck) Kept(m *msg.LegKept) {
	var gone []string
	for name := range d.spool {
		if m.Spool == "" || m.Spool == name {
			gone = append(gone, name)
			delete(d.spool, name)
		}
	}
	dir, log := d.floor.Spool, d.log
	go func() {
		for _, name := range gone {
			if err := spool.Remove(dir, name); err != nil {
				log.Warn("recording stays in the spool", "name", name, "err", err)
			}
		}
	}()
}
