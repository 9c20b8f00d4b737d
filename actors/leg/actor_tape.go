package leg

import (
	"path/filepath"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/media"
)

// tape is a recording of the call, with the party on the left channel and the partner on the right. A leg may have
// two: that which its account wants, and that which its Task wants (actor_keep.go).
type tape struct {
	reel   *reel
	making chan *reel    // brings it, or nil, when the file is open; whoever ends has it
	of     string        // the partner's stream, by its name
	other  *media.Stream // it, or the junction to it
}

// reel is the file of a tape.
type reel struct {
	recorder *media.Recorder
	close    func() // makes it whole, and waits for that
}

// reelMade tells that a tape's file is open, or can not be; it never leaves the member.
type reelMade struct{ making chan *reel }

// recordRate is enough for telephone speech.
const recordRate = 8000

// tapes are all of the leg.
func (a *legActor) tapes() []*tape { return []*tape{&a.tape, &a.kept.tape} }

// record begins the recording of the account, or goes on with a new partner.
func (a *legActor) record(ctx actor.Context, partner string) {
	a.retape(&a.tape, partner)
	if a.tape.running() {
		return
	}
	engine := a.floor.Engine
	path := recordingPath(time.UnixMilli(a.machine.record.Started), a.machine.record.Call)
	a.thread(ctx, &a.tape, func() (*reel, error) {
		r, err := engine.Recorder(path, 2, recordRate)
		if err != nil {
			return nil, err
		}
		return &reel{r, func() { _ = r.Close() }}, nil
	})
}

// recordingPath is where the recording of a call lies, below the directory of recordings.
func recordingPath(began time.Time, call string) string {
	return filepath.Join(began.UTC().Format("2006/01/02"), call+".wav")
}

// running tells whether there is a file, or will be.
func (t *tape) running() bool { return t.reel != nil || t.making != nil }

// retape goes on with a partner, by its stream.
func (a *legActor) retape(t *tape, partner string) {
	t.part()
	t.of = partner
	t.other, _ = a.floor.Engine.Find(partner)
	a.tapeJunction()
	a.turnOn(t)
}

// thread has the file of a tape opened elsewhere: a mailbox does not wait for a disk.
func (a *legActor) thread(ctx actor.Context, t *tape, open func() (*reel, error)) {
	making := make(chan *reel, 1)
	t.making = making
	member, self, log := a.floor.Member, ctx.Self(), a.log
	go func() {
		r, err := open()
		if err != nil {
			log.Error("call is not recorded", "err", err)
		}
		making <- r
		member.Send(self, &reelMade{making})
	}()
}

// onReel: a file is open. A tape that has ended meanwhile has it closed already.
func (a *legActor) onReel(m *reelMade) {
	for _, t := range a.tapes() {
		if t.making != m.making {
			continue
		}
		t.reel, t.making = <-t.making, nil
		switch {
		case t == &a.kept.tape:
			a.onKeepMade()
		case t.reel != nil:
			a.machine.record.Recording = t.reel.recorder.Path()
		default:
			a.machine.TapeFailed(time.Now())
		}
		a.turnOn(t)
	}
}

// turnOn lets the recorder hear both parties.
func (a *legActor) turnOn(t *tape) {
	if t.reel == nil || a.stream == nil {
		return
	}
	if err := a.stream.Record(t.reel.recorder, 0); err != nil {
		a.log.Warn("party is not recorded", "err", err)
	}
	if t.other != nil {
		if err := t.other.Record(t.reel.recorder, 1); err != nil {
			a.log.Warn("partner is not recorded", "err", err)
		}
	}
}

// part goes on without the partner.
func (t *tape) part() {
	if t.other != nil && t.reel != nil {
		t.other.StopRecord(t.reel.recorder)
	}
	t.other, t.of = nil, ""
}

// end ends the recording of a stream; the file is made whole behind the leg's back.
func (t *tape) end(own *media.Stream) {
	t.part()
	if r := t.reel; r != nil {
		if own != nil {
			own.StopRecord(r.recorder)
		}
		go r.close()
	}
	if making := t.making; making != nil {
		go func() {
			if r := <-making; r != nil {
				r.close()
			}
		}()
	}
	*t = tape{}
}
