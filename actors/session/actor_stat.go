package session

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/ximss"
)

// statsWait tells a session that there is something to tell of its statistics. It never leaves the member.
type statsWait struct{}

// heardStats is what a session hears of statistics.
type heardStats struct {
	stream StatStream    // nil until it has opened one
	taken  chan struct{} // it has taken what there was
	done   chan struct{}
}

func (h *heardStats) close() {
	if h.stream != nil {
		close(h.done)
		h.stream.Close()
		h.stream = nil
	}
}

// statEffect does what the session wants of statistics.
func (a *sessionActor) statEffect(ctx actor.Context, e Effect) {
	if f, ok := e.(FollowStat); ok {
		if err := a.followStat(ctx.Self(), f); err != nil {
			a.machine.StatFailed(f.ID, err, time.Now())
		}
		return
	}
	h := &a.stats
	if h.stream == nil {
		return
	}
	switch e := e.(type) {
	case LeaveStat:
		h.stream.Leave(e.ID)
	case SuspendStat:
		h.stream.Suspend(e.ID, e.Suspended)
	case RenewStats:
		h.stream.Renew()
	case TakeStats:
		a.machine.StatsTold(h.stream.Next(), time.Now())
		select {
		case h.taken <- struct{}{}:
		default:
		}
	}
}

func (a *sessionActor) followStat(self *actor.PID, f FollowStat) *ximss.Error {
	h := &a.stats
	if h.stream == nil {
		if a.floor.Stats == nil {
			return ximss.ErrUnavailable
		}
		stream, err := a.floor.Stats()
		if err != nil {
			return err
		}
		*h = heardStats{stream, make(chan struct{}, 1), make(chan struct{})}
		go a.hearStats(self, stream, h.taken, h.done)
	}
	return h.stream.Follow(f.ID, f.How)
}

// hearStats wakes the session when there is something to tell; not again before it has taken that.
func (a *sessionActor) hearStats(self *actor.PID, stream StatStream, taken, done <-chan struct{}) {
	for {
		select {
		case <-stream.Wake():
			a.floor.Member.Send(self, &statsWait{})
		case <-done:
			return
		}
		select {
		case <-taken:
		case <-done:
			return
		}
	}
}
