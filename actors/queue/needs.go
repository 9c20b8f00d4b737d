package queue

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Want is a skill that a caller wants, at this level at least.
type Want struct {
	Skill string
	Level int
}

// Bound is one bound of penalties, if it is set.
type Bound struct {
	Set   bool
	Value int
}

// Bounds say which penalties an agent may have for a caller (QUEUE_MIN_PENALTY, QUEUE_MAX_PENALTY and
// QUEUE_RAISE_PENALTY). Rules change only those that are set when the caller enters.
type Bounds struct {
	Min, Max, Raise Bound
	RespectMin      bool // what is below Min is not raised
}

// weigh is the penalty that counts, and whether it is within the bounds.
func (b Bounds) weigh(penalty int) (counts int, ok bool) {
	if b.Raise.Set && penalty < b.Raise.Value && !(b.RespectMin && b.Min.Set && penalty < b.Min.Value) {
		penalty = b.Raise.Value
	}
	return penalty, !(b.Max.Set && penalty > b.Max.Value || b.Min.Set && penalty < b.Min.Value)
}

// needs is what decides which agents fit a caller at a moment. It is a key: callers with equal needs form a class.
type needs struct {
	bounds Bounds
	reach  int    // the highest tier
	wants  string // skills and levels, in order
}

// everyTier is the reach of those who reach all.
const everyTier = math.MaxInt32

// needsOf computes a caller's needs after it has waited so long, and when they will change next: zero is never.
func (q *Queue) needsOf(c *caller, waited time.Duration) (n needs, wants []Want, next time.Duration) {
	later := func(at time.Duration) bool {
		if at <= waited {
			return false
		}
		if next == 0 || at < next {
			next = at
		}
		return true
	}
	n.bounds = c.join.Bounds
	for _, r := range c.rules {
		if !later(r.After) {
			n.bounds = n.bounds.after(r)
		}
	}
	wants = c.join.Wants
	if len(wants) > 0 && len(c.relax) > 0 {
		wants = slices.Clone(wants)
	}
	for _, s := range c.relax {
		if len(wants) > 0 && !later(s.After) {
			wants = s.relax(wants)
		}
	}
	n.wants = wantsText(wants)
	n.reach = q.reachAfter(waited, later)
	return n, wants, next
}

// after is what a rule makes of bounds: never negative, and Min not above Max.
func (b Bounds) after(r Rule) Bounds {
	b.Min, b.Max, b.Raise = b.Min.after(r.Min), b.Max.after(r.Max), b.Raise.after(r.Raise)
	if b.Min.Set && b.Max.Set {
		b.Min.Value = min(b.Min.Value, b.Max.Value)
	}
	return b
}

func (b Bound) after(c Change) Bound {
	switch {
	case !b.Set || !c.Set:
		return b
	case c.Relative:
		b.Value = max(0, b.Value+c.Value)
	default:
		b.Value = max(0, c.Value)
	}
	return b
}

func (s Step) relax(wants []Want) []Want {
	for i := range wants {
		if s.Skill == "" || s.Skill == wants[i].Skill {
			wants[i].Level -= s.By
		}
	}
	return slices.DeleteFunc(wants, func(w Want) bool { return w.Level <= 0 })
}

// reachAfter is the highest tier that a caller reaches after it has waited so long.
func (q *Queue) reachAfter(waited time.Duration, later func(time.Duration) bool) int {
	t := q.settings.Tiers
	switch {
	case !t.Apply || t.Wait <= 0:
		return everyTier
	case !t.Multiply:
		if later(t.Wait) {
			return 0
		}
		return everyTier
	}
	level := int(waited / t.Wait)
	if level >= maxTier {
		return everyTier
	}
	later(time.Duration(level+1) * t.Wait)
	return level
}

func wantsText(wants []Want) string {
	if len(wants) == 0 {
		return ""
	}
	var text strings.Builder
	for _, w := range wants {
		fmt.Fprintf(&text, "%q%d ", w.Skill, w.Level)
	}
	return text.String()
}

// has tells whether an agent's skills are what is wanted.
func has(skills map[string]int, wants []Want) bool {
	for _, w := range wants {
		if skills[w.Skill] < w.Level {
			return false
		}
	}
	return true
}
