package leg

import (
	"path/filepath"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/media"
)

// tape is the recording of a call, kept by the caller's leg: its party on the left channel, the
// partner's on the right.
type tape struct {
	recorder *media.Recorder
	making   bool
	partner  *media.Stream
}

// recorderMade tells that the file is open, or why not; it never leaves the member.
type recorderMade struct {
	recorder *media.Recorder
	err      error
}

// recordRate is enough for telephone speech.
const recordRate = 8000

// record begins the recording, or goes on with a new partner. The file is opened elsewhere: a mailbox
// does not wait for a disk.
func (a *legActor) record(ctx actor.Context, partner string) {
	if old := a.tape.partner; old != nil {
		old.StopRecord()
	}
	a.tape.partner, _ = a.floor.Engine.Find(partner)
	if a.tape.recorder != nil || a.tape.making {
		a.turnOn()
		return
	}
	a.tape.making = true
	engine, member, self := a.floor.Engine, a.floor.Member, ctx.Self()
	path := recordingPath(time.UnixMilli(a.machine.record.Started), a.machine.record.Call)
	go func() {
		r, err := engine.Recorder(path, 2, recordRate)
		if member.Offer(self, &recorderMade{r, err}) != nil && err == nil {
			_ = r.Close() // the call is over already: an empty file tells so
		}
	}()
}

// recordingPath is where the recording of a call lies, below the directory of recordings.
func recordingPath(began time.Time, call string) string {
	return filepath.Join(began.UTC().Format("2006/01/02"), call+".wav")
}

func (a *legActor) onRecorder(m *recorderMade) {
	a.tape.making = false
	if m.err != nil {
		a.log.Error("call is not recorded", "err", m.err)
		return
	}
	if a.stream == nil { // the call is over already
		go func() { _ = m.recorder.Close() }()
		return
	}
	a.tape.recorder = m.recorder
	a.machine.record.Recording = m.recorder.Path()
	a.turnOn()
}

// turnOn lets the recorder hear both parties.
func (a *legActor) turnOn() {
	r := a.tape.recorder
	if r == nil {
		return
	}
	if err := a.stream.Record(r, 0); err != nil {
		a.log.Warn("party is not recorded", "err", err)
	}
	if p := a.tape.partner; p != nil {
		if err := p.Record(r, 1); err != nil {
			a.log.Warn("partner is not recorded", "err", err)
		}
	}
}

// end ends the recording; the file is made whole behind the leg's back.
func (t *tape) end() {
	if t.recorder == nil {
		return
	}
	if t.partner != nil {
		t.partner.StopRecord()
	}
	r := t.recorder
	go func() { _ = r.Close() }()
}
