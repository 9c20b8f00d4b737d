package stat

import (
	"context"
	"sync"
	"time"
)

// keep looks after the pool until ctx ends. Each work has a loop of its own: a backup that is slow keeps nobody from taking
// statistics over.
func (h *Hall) keep(ctx context.Context) {
	var beside sync.WaitGroup
	for _, work := range []func(context.Context){h.takeOvers, h.checkpointing, h.backingUp, h.expiring} {
		beside.Go(func() { work(ctx) })
	}
	beside.Wait()
}

// takeOvers brings statistics here whose owner this member has come to be, and gives up others.
func (h *Hall) takeOvers(ctx context.Context) {
	look := time.NewTicker(settleEvery)
	defer look.Stop()
	var again, swept time.Time // again: not before it, where it has failed
	for held := uint64(0); ; {
		var now time.Time
		select {
		case now = <-look.C:
		case <-ctx.Done():
			return
		}
		holdings := h.standing()
		moved, stale := holdings != held, h.stale.Swap(false)
		if now.Before(again) {
			h.stale.CompareAndSwap(false, stale)
			continue
		}
		if moved || stale {
			h.stale.CompareAndSwap(false, !h.define(ctx))
		}
		if !moved && !h.lacks() && now.Sub(swept) < sweepEvery {
			continue
		}
		done, taken := h.settle(ctx)
		if swept = now; done {
			held = holdings
		} else {
			again = now.Add(settleAgain)
		}
		if taken {
			h.hasten(writeSoon)
		}
	}
}

// hasten has a checkpoint written after some time at the latest.
func (h *Hall) hasten(after time.Duration) {
	select {
	case h.soon <- after:
	default:
	}
}

// checkpointing writes checkpoints, sooner after a take-over, and clears away what is old.
func (h *Hall) checkpointing(ctx context.Context) {
	due := time.Now().Add(CheckpointEvery)
	write := time.NewTimer(CheckpointEvery)
	defer write.Stop()
	for {
		select {
		case after := <-h.soon:
			if soon := time.Now().Add(after); soon.Before(due) {
				due = soon
				write.Reset(after)
			}
			continue
		case <-write.C:
		case <-ctx.Done():
			return
		}
		h.dropOld(ctx)
		if err := h.Checkpoint(ctx); err != nil {
			h.Log.Warn("statistics write no checkpoint; the one before it stays", "err", err)
		}
		h.weed(ctx)
		due = time.Now().Add(CheckpointEvery)
		write.Reset(CheckpointEvery)
	}
}

// backingUp writes backups where that is this member's to do.
func (h *Hall) backingUp(ctx context.Context) {
	look := time.NewTicker(backupLook)
	defer look.Stop()
	for {
		select {
		case <-look.C:
		case <-ctx.Done():
			return
		}
		if err := h.autoBackup(ctx); err != nil {
			h.Log.Warn("no backup of the statistics is written", "err", err)
		}
	}
}

// lacks tells whether a statistic of ours that was opened lately has no meter. Those whose owner changes are found by that.
func (h *Hall) lacks() bool {
	h.mu.Lock()
	var some []*pooled
	left := h.doubtful[:0]
	for _, id := range h.doubtful {
		if p := h.pool[id]; p != nil && !p.here {
			some, left = append(some, p), append(left, id)
		}
	}
	clear(h.doubtful[len(left):])
	h.doubtful = left
	h.mu.Unlock()
	for _, p := range some {
		if h.mine(p) {
			return true
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(some) > 0 { // they are others'
		h.doubtful = append([]string(nil), h.doubtful[len(some):]...)
	}
	return false
}

// place is a statistic of the pool as it was at some moment.
type place struct {
	id    string
	p     *pooled // but for its object and its request it may have changed since
	here  bool
	asked int64
}

// places are all statistics of the pool, to be looked at while the hall goes on.
func (h *Hall) places() []place {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.allPlaces()
}

// allPlaces is places for who has the lock.
func (h *Hall) allPlaces() []place {
	all := make([]place, 0, len(h.pool))
	for id, p := range h.pool {
		all = append(all, place{id, p, p.here, p.Asked})
	}
	return all
}

// once asks something of each object once, as many statistics are about one.
func once[V any](ask func(*pooled) V) func(*pooled) V {
	type object struct{ solution, name string }
	known := map[object]V{}
	return func(p *pooled) V {
		o := object{p.Request.Solution, p.name}
		v, ok := known[o]
		if !ok {
			v = ask(p)
			known[o] = v
		}
		return v
	}
}
