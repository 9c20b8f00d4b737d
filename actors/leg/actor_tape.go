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
	making   chan *media.Recorder // brings it, or nil, when the file is open; whoever ends has it
	of       string               // the partner's stream, by its name
	partner  *media.Stream        // it, or the trunk to it
}

// recorderMade tells that tape.making has something; it never leaves the member.
type recorderMade struct{}

// recordRate is enough for telephone speech.
const recordRate = 8000

// record begins the recording, or goes on with a new partner. The file is opened elsewhere: a mailbox
// does not wait for a disk.
func (a *legActor) record(ctx actor.Context, partner string) {
	if old := a.tape.partner; old != nil {
		old.StopRecord(a.tape.recorder)
	}
	a.tape.of = partner
	a.tape.partner, _ = a.floor.Engine.Find(partner)
	a.tapeTrunk()
	if a.tape.recorder != nil || a.tape.making != nil {
		a.turnOn()
		return
	}
	made := make(chan *media.Recorder, 1)
	a.tape.making = made
	engine, member, self, log := a.floor.Engine, a.floor.Member, ctx.Self(), a.log
	path := recordingPath(time.UnixMilli(a.machine.record.Started), a.machine.record.Call)
	go func() {
		r, err := engine.Recorder(path, 2, recordRate)
		if err != nil {
			log.Error("call is not recorded", "err", err)
		}
		made <- r
		member.Send(self, &recorderMade{})
	}()
}

// recordingPath is where the recording of a call lies, below the directory of recordings.
func recordingPath(began time.Time, call string) string {
	return filepath.Join(began.UTC().Format("2006/01/02"), call+".wav")
}

func (a *legActor) onRecorder() {
	if a.tape.making == nil {
		return // the call is over
	}
	a.tape.recorder, a.tape.making = <-a.tape.making, nil
	if r := a.tape.recorder; r != nil {
		a.machine.record.Recording = r.Path()
		a.turnOn()
	}
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

// part goes on without the partner.
func (t *tape) part() {
	if t.partner != nil {
		t.partner.StopRecord(t.recorder)
	}
	t.partner, t.of = nil, ""
}

// end ends the recording; the file is made whole behind the leg's back.
func (t *tape) end() {
	if t.partner != nil {
		t.partner.StopRecord(t.recorder)
	}
	if r := t.recorder; r != nil {
		go func() { _ = r.Close() }()
	}
	if made := t.making; made != nil {
		go func() {
			if r := <-made; r != nil {
				_ = r.Close()
			}
		}()
	}
}
