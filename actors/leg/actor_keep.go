package leg

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/msg"
	"tandem/media"
	"tandem/media/spool"
)

// Archive keeps the recordings of calls that Tasks want. Both methods wait for the disk.
type Archive interface {
	// Begin says by which name in which directory a recording is to be made.
	Begin(spool.Note) (name, dir string, err error)
	// Keep takes one that is whole, with what is known of it by then.
	Keep(name string, n spool.Note) error
	// File is what its file will be called in the files of its account. It does not wait.
	File(spool.Note) string
}

// keeping is the recording of the call for a Task.
type keeping struct {
	tape
	operation uint64 // whose LegDone waits for the file
	note      *note
}

// note is what is known of the recording; the goroutine that closes it reads it too.
type note struct {
	mu     sync.Mutex
	spool  spool.Note
	paused bool // before the file was open
}

// What a note says of a recording that is whole; the names are those of actors/files.
const (
	metaLength = "length"
	metaCuts   = "cuts"
)

// keep begins the recording for a Task, or goes on with a new partner.
func (a *legActor) keep(ctx actor.Context, e keepCall) {
	k := &a.kept
	if e.m == nil {
		a.retape(&k.tape, e.partner)
		return
	}
	k.operation = e.m.Operation
	k.note = &note{spool: spool.Note{Account: e.m.Account, From: clip(a.machine.record.From), Program: e.m.Program,
		Call: a.machine.record.Call, Started: time.Now(), Meta: maps.Clone(e.m.Meta)}}
	n, archive, engine, log := k.note, a.floor.Archive, a.floor.Engine, a.log
	a.retape(&k.tape, e.partner)
	a.thread(ctx, &k.tape, func() (*reel, error) {
		name, dir, err := archive.Begin(n.now())
		if err != nil {
			return nil, err
		}
		path, err := filepath.Abs(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		r, err := engine.Recorder(path, 2, recordRate)
		if err != nil {
			_ = archive.Keep(name, n.now()) // a note without a sound is removed
			return nil, err
		}
		return &reel{r, func() {
			n.whole(r)
			if err := archive.Keep(name, n.now()); err != nil {
				log.Error("what is known of a recording is not written", "file", path, "err", err)
			}
		}}, nil
	})
}

// onKeepMade: the file for the Task is open, or can not be.
func (a *legActor) onKeepMade() {
	k := &a.kept
	if k.reel == nil {
		a.machine.RecordFailed(time.Now())
		a.tellTask(&msg.LegDone{Operation: k.operation, Status: 503, Reason: "The call can not be recorded"})
		return
	}
	if k.note.paused {
		k.reel.recorder.Pause()
	}
	a.tellTask(&msg.LegDone{Operation: k.operation, Status: 200, Reason: "OK"})
}

// turnKept pauses the recording, takes it up, ends it, or notes something of it.
func (a *legActor) turnKept(m *msg.LegRecordCall) {
	k := &a.kept
	if k.note == nil {
		return
	}
	k.note.add(m.Meta)
	switch m.Action {
	case "pause", "resume":
		k.note.paused = m.Action == "pause"
		switch {
		case k.reel == nil: // it begins so
		case k.note.paused:
			k.reel.recorder.Pause()
		default:
			k.reel.recorder.Resume()
		}
	case "stop":
		a.endKept()
	}
}

// onRecordingFind tells somebody how the call is recorded, and turns that.
func (a *legActor) onRecordingFind(ctx actor.Context, m *msg.LegRecordingFind) {
	state := a.machine.TurnRecording(m.Turn, time.Now())
	if m.Turn != "" {
		a.log.Info("recording turned", "turn", m.Turn, "state", state)
	}
	if ctx.Sender() != nil {
		ctx.Respond(&msg.LegRecordingFound{State: state})
	}
}

// endKept ends the recording. The record of the leg says where the last one is.
func (a *legActor) endKept() {
	k := &a.kept
	if k.reel != nil && a.machine != nil {
		n := k.note.now()
		a.machine.record.Recording = "~" + n.Account + "/" + a.floor.Archive.File(n)
	}
	k.end(a.stream)
	*k = keeping{}
}

func (n *note) now() spool.Note {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := n.spool
	out.Meta = maps.Clone(n.spool.Meta)
	return out
}

// add notes more; beyond the limit it is not noted.
func (n *note) add(meta map[string]string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.spool.Meta == nil {
		n.spool.Meta = map[string]string{}
	}
	for _, key := range slices.Sorted(maps.Keys(meta)) {
		if _, known := n.spool.Meta[key]; known || len(n.spool.Meta) < maxMeta {
			n.spool.Meta[key] = meta[key]
		}
	}
}

// whole ends a recorder and notes how long the recording is, and what was cut out of it.
func (n *note) whole(r *media.Recorder) {
	_ = r.Close() // which has logged it
	cuts := []string{}
	for _, c := range r.Cuts() {
		cuts = append(cuts, fmt.Sprint(c.At.Milliseconds(), "+", c.Long.Milliseconds()))
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.spool.Meta == nil {
		n.spool.Meta = map[string]string{}
	}
	n.spool.Meta[metaLength] = fmt.Sprint(r.Length().Milliseconds())
	if len(cuts) > 0 {
		n.spool.Meta[metaCuts] = strings.Join(cuts, " ")
	}
}
