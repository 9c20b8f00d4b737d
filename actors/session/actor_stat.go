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
	stream StatStream    // nil until it has opened one, or asked for names
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
	switch e := e.(type) {
	case FollowStat:
		if err := a.followStat(ctx.Self(), e); err != nil {
			a.machine.StatFailed(e.ID, err, time.Now())
		}
		return
	case HearNames:
		if err := a.openStats(ctx.Self()); err != nil {
			a.log.Warn("a session is not told when names of statistics change", "err", err.Text)
			return
		}
		a.stats.stream.HearNames()
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
	if err := a.openStats(self); err != nil {
		return err
	}
	return a.stats.stream.Follow(f.ID, f.How)
}

// openStats has the session hear of statistics, unless it does.
func (a *sessionActor) openStats(self *actor.PID) *ximss.Error {
	if a.stats.stream != nil {
		return nil
	}
	if a.floor.Stats == nil {
		return ximss.ErrUnavailable
	}
	stream := a.floor.Stats()
	a.stats = heardStats{stream, make(chan struct{}, 1), make(chan struct{})}
	go a.hearStats(self, stream, a.stats.taken, a.stats.done)
	return nil
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
