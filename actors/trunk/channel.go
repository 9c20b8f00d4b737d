package trunk

import (
	"time"

	"tandem/actors/msg"
)

// channel is one call over the trunk: it lives as long as anybody holds it.
type channel struct {
	incoming bool
	holders  map[string]bool
}

// channels are the calls of the moment, over the whole cluster.
type channels struct {
	open     map[uint64]*channel
	of       map[string]uint64 // by holder; each holds one at most, but for Signals that ask again
	last     uint64
	peak     int
	incoming int
	refused  uint64
	tokens   float64 // of the rate: calls that may begin now
	filled   time.Time
	second   int64 // that begun counts
	begun    int
	before   int // in the second before
}

// Seize gives a call a channel, or refuses it. holder is the Signal that asks.
func (t *Trunk) Seize(m *msg.TrunkSeize, holder string, now time.Time) []Effect {
	out := &msg.TrunkSeized{Ask: m.Ask, Trunk: t.name}
	status, reason := t.mayBegin(m, now)
	if status == 0 && !m.Incoming {
		if out.Targets = t.order(m.Emergency); len(out.Targets) == 0 {
			status, reason = 503, "No target of the trunk is up"
		}
		out.Routes, out.Registered = t.serviceRoutes(now)
	}
	if status != 0 {
		t.channels.refused++
		out.Status, out.Reason = int32(status), reason
		return []Effect{Tell{holder, out}}
	}
	c := &t.channels
	c.last++
	out.Channel = c.last
	t.hold(c.last, holder, m.Incoming)
	t.channels.count(now)
	return []Effect{Tell{holder, out}}
}

// mayBegin looks at the limits; 0: one more call may begin.
func (t *Trunk) mayBegin(m *msg.TrunkSeize, now time.Time) (status int, reason string) {
	c := &t.channels
	if !t.known {
		return 503, "The trunk is not in the settings"
	}
	if t.set.Rate > 0 {
		c.fill(float64(t.set.Rate), now)
	}
	switch {
	case m.Emergency: // is counted, and never refused
	case t.set.Channels > 0 && len(c.open) >= t.set.Channels:
		return 503, "All channels of the trunk are taken"
	case t.set.Rate > 0 && c.tokens < 1:
		return 503, "Too many calls a second for the trunk"
	}
	c.tokens = max(c.tokens-1, 0)
	return 0, ""
}

// fill lets calls begin as time goes by: at most those of one second at once.
func (c *channels) fill(rate float64, now time.Time) {
	if c.filled.IsZero() {
		c.tokens = rate
	} else {
		c.tokens = min(rate, c.tokens+rate*max(now.Sub(c.filled).Seconds(), 0))
	}
	c.filled = now
}

// count notes that a call begins.
func (c *channels) count(now time.Time) {
	c.turn(now)
	c.begun++
}

func (c *channels) turn(now time.Time) {
	s := now.Unix()
	if s == c.second {
		return
	}
	c.before = 0
	if s == c.second+1 {
		c.before = c.begun
	}
	c.second, c.begun = s, 0
}

// Held notes that somebody more uses a channel; one that is not known was given by the owner before.
func (t *Trunk) Held(number uint64, holder string, incoming bool) {
	if was, ok := t.channels.of[holder]; ok && was != number {
		t.Gone(holder)
	}
	t.hold(number, holder, incoming)
}

// Uses notes that a leg uses the trunk, where that is not known.
func (t *Trunk) Uses(holder string, incoming bool) {
	if _, ok := t.channels.of[holder]; !ok {
		t.channels.last++
		t.hold(t.channels.last, holder, incoming)
	}
}

func (t *Trunk) hold(number uint64, holder string, incoming bool) {
	c := &t.channels
	if len(c.of) >= maxHolders {
		return
	}
	one := c.open[number]
	if one == nil {
		one = &channel{incoming: incoming, holders: map[string]bool{}}
		c.open[number] = one
		if incoming {
			c.incoming++
		}
		c.peak = max(c.peak, len(c.open))
	}
	one.holders[holder] = true
	c.of[holder] = number
}

// Gone notes that a holder is no more.
func (t *Trunk) Gone(holder string) {
	c := &t.channels
	delete(c.of, holder)
	for number, one := range c.open { // a Signal may hold several
		if one.holders[holder] {
			delete(one.holders, holder)
			if len(one.holders) == 0 {
				delete(c.open, number)
				if one.incoming {
					c.incoming--
				}
			}
		}
	}
}
