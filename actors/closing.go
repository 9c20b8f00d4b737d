package actors

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"sync/atomic"
	"time"

	"tandem/actors/cluster/slot"
	"tandem/actors/cluster/view"
	"tandem/actors/keeper"
	"tandem/actors/life"
	"tandem/actors/msg"
	"tandem/actors/store"
)

// closing has what dead members left open closed, while this member is the Controller: one goroutine's work.
type closing struct {
	house   *House
	leads   atomic.Bool   // this member is the Controller
	wake    chan struct{} // something changed; holds one token
	unknown map[string]sighting
	heard   map[string]time.Time // when lives were heard last that are not over
	left    []*keeper.Left       // what names without an owner are to be told
	weeded  time.Time            // when old graves were last looked for
}

// sighting is what the store shows of a life that nobody has heard of.
type sighting struct {
	session uint64 // revision of its member's
	last    time.Time
	silent  time.Duration // so long, without the time in which this process stood still
}

// Times of the Controller's look at lives.
const (
	closeEvery = time.Second
	weedEvery  = time.Hour
	// leftTime is how long a life that went in order may take to put its last records away and to take its mark with it.
	leftTime = 5 * time.Second
	// heardTime is how long it is known when a life was heard last.
	heardTime = time.Hour
)

func newClosing(h *House) *closing {
	return &closing{house: h, wake: make(chan struct{}, 1), unknown: map[string]sighting{}, heard: map[string]time.Time{}}
}

// control hears that this member begins or ends to be the Controller.
func (c *closing) control(is bool) {
	c.leads.Store(is)
	c.nudge()
}

func (c *closing) nudge() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// run closes until the house ends.
func (c *closing) run() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	tick := time.NewTicker(closeEvery)
	defer tick.Stop()
	go func() {
		select {
		case <-c.house.ending:
			cancel()
		case <-ctx.Done():
		}
	}()
	for {
		select {
		case <-tick.C:
		case <-c.wake:
		case <-ctx.Done():
			return
		}
		c.hear(time.Now())
		if c.leads.Load() {
			c.look(ctx, time.Now())
			c.weed(ctx, time.Now())
		} else {
			clear(c.unknown)
			c.left = nil // the next Controller finds it
		}
	}
}

// hear remembers when lives were heard.
func (c *closing) hear(now time.Time) {
	for _, r := range c.house.member.Society().Rows {
		c.heard[slot.BootText(r.Member.Boot)] = r.Heard
	}
	maps.DeleteFunc(c.heard, func(_ string, at time.Time) bool { return now.Sub(at) > heardTime })
}

// weed takes old graves away, now and then.
func (c *closing) weed(ctx context.Context, now time.Time) {
	if now.Sub(c.weeded) < weedEvery {
		return
	}
	c.weeded = now
	if n, err := c.house.keeper.Weed(ctx, now); err != nil {
		c.house.log.Warn("old graves are not taken away", "err", err)
	} else if n > 0 {
		c.house.log.Info("old graves are taken away", "graves", n)
	}
}

// look closes the lives that are over.
func (c *closing) look(ctx context.Context, now time.Time) {
	h := c.house
	marks, err := life.Marks(h.store.Bucket(store.Registrations))
	if err != nil {
		h.log.Error("what dead members left open is not closed", "err", err)
		return
	}
	rows := h.member.Society().Rows
	for _, m := range marks {
		if m.Boot == h.member.Boot() || c.closed(m.Boot) {
			continue
		}
		why, heard, over := c.over(m, rows, now)
		if !over || !c.leads.Load() {
			continue
		}
		left, err := h.keeper.Close(ctx, m, why, heard)
		if err != nil {
			h.log.Warn("what a dead member left open is not closed yet", "name", m.Member, "boot", m.Boot, "err", err)
			continue // one that can not be closed keeps no other one open
		}
		delete(c.unknown, m.Boot)
		c.left = append(c.left, left)
	}
	c.tellOwners(ctx)
}

// closed tells that the legs of a life are closed, and only names are to be told.
func (c *closing) closed(boot string) bool {
	for _, l := range c.left {
		if l.Boot() == boot {
			return true
		}
	}
	return false
}

func (c *closing) tellOwners(ctx context.Context) {
	rest := c.left[:0]
	for _, l := range c.left {
		done, err := l.Done(ctx)
		if err != nil {
			c.house.log.Warn("a dead member's mark is not taken away yet", "boot", l.Boot(), "err", err)
		}
		if !done || err != nil {
			rest = append(rest, l)
		}
	}
	clear(c.left[len(rest):])
	c.left = rest
}

// over tells whether a life is over, why, and when it was heard last.
func (c *closing) over(m life.Mark, rows view.Rows, now time.Time) (why string, heard time.Time, over bool) {
	boot, err := strconv.ParseUint(m.Boot, 16, 32)
	if err != nil {
		return "its mark is none", heard, true
	}
	if r, ok := rows.ByBoot(uint32(boot)); ok {
		delete(c.unknown, m.Boot)
		switch r.State {
		case msg.MemberState_DEAD:
			return r.Why, r.Heard, true
		case msg.MemberState_LEFT:
			return r.Why, r.Heard, now.Sub(r.Since) > leftTime
		}
		return "", heard, false
	}
	session, _ := c.house.store.Bucket(store.Leases).Get(slot.SessionKey(m.Member))
	if r, ok := rows.ByName(m.Member); ok && r.Up() {
		at, was := c.heard[m.Boot]
		return fmt.Sprintf("%s lives anew", m.Member), at, was || c.silent(m, session.Revision, true, now)
	}
	return "nobody has heard of it", heard, c.silent(m, session.Revision, false, now)
}

// silent tells of a life that this member never heard of whether it is over. A mark is written before its life is heard,
// and this member may hear late, since it stood still: so it is not over at the first look, even where another life of
// that name is up, which may be an earlier one. After a while it is the later one. Where none is up, the session must
// not have been renewed for so long that nothing is that life's own any more, either.
func (c *closing) silent(m life.Mark, session uint64, anew bool, now time.Time) bool {
	settings := c.house.live.Conf().Cluster
	limit := 2 * settings.DeadAfter
	s, seen := c.unknown[m.Boot]
	if !anew {
		limit += settings.Lease
		seen = seen && s.session == session
	}
	if !seen {
		s = sighting{session: session, last: now}
	}
	s.silent, s.last = s.silent+min(now.Sub(s.last), 2*closeEvery), now
	c.unknown[m.Boot] = s
	return s.silent > limit
}
