package desk

import (
	"slices"
	"sync"
	"time"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/web"
)

// Limits of the chronicle. Older entries go.
const (
	maxEvents   = 200
	maxChanges  = 200
	maxShown    = 100 // of each, on a page
	maxForgot   = 1000
	maxNewsText = 512 // bytes of each text that another member says
)

// Chronicle is what happened to the members of the cluster, as each of them saw it, and what administrators changed,
// since this member's start.
type Chronicle struct {
	Self    string                  // name of this member
	Publish func(news cluster.News) // tells all other members

	mu         sync.Mutex
	events     []web.ClusterEvent   // oldest first
	changes    []web.ClusterHistory // oldest first
	forgotten  map[uint32]bool      // lives that are not shown any more
	controller web.Controller
}

// Saw notes what happened to a member, and tells the others.
func (c *Chronicle) Saw(e cluster.Event) {
	if what := wordOf(e); what != "" {
		c.note(e.At, e.Member, what, e.Why)
	}
}

// Note notes what happened to this member itself, and tells the others.
func (c *Chronicle) Note(what, why string) { c.note(time.Now(), c.Self, what, why) }

// wordOf is what an event is called; "": it is of no interest.
func wordOf(e cluster.Event) string {
	switch e.To {
	case web.MemberUp:
		if e.From == web.MemberSuspect || e.From == web.MemberLost {
			return "healed"
		}
		return "joined"
	case web.MemberLost:
		return "split"
	case web.MemberSuspect, web.MemberDead, web.MemberLeft:
		return e.To
	}
	return ""
}

func (c *Chronicle) note(at time.Time, member, what, why string) {
	c.add(web.ClusterEvent{Time: at, Member: member, What: what, By: c.Self, Why: why})
	c.Publish(&msg.MemberNews{At: at.UnixMilli(), Member: member, What: what, By: c.Self, Why: why})
}

// Changed notes a change that an administrator made here, and tells the others. boot is the life that was forgotten.
func (c *Chronicle) Changed(h web.ClusterHistory, boot uint32) {
	c.addChange(h, boot)
	c.Publish(&msg.MemberChange{At: h.Time.UnixMilli(), Member: h.Member, Key: h.Key, Old: h.Old, New: h.New,
		Author: h.Author, Boot: boot})
}

// Hear takes what another member tells.
func (c *Chronicle) Hear(news cluster.News) {
	switch n := news.(type) {
	case *msg.MemberNews:
		c.add(web.ClusterEvent{Time: time.UnixMilli(n.At), Member: clip(n.Member), What: clip(n.What), By: clip(n.By), Why: clip(n.Why)})
	case *msg.MemberChange:
		c.addChange(web.ClusterHistory{Time: time.UnixMilli(n.At), Member: clip(n.Member), Key: clip(n.Key), Old: clip(n.Old),
			New: clip(n.New), Author: clip(n.Author)}, n.Boot)
	}
}

func clip(text string) string { return msg.Cut(text, maxNewsText) }

func (c *Chronicle) add(e web.ClusterEvent) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.events = append(c.events, e); len(c.events) > maxEvents {
		c.events = slices.Delete(c.events, 0, len(c.events)-maxEvents)
	}
}

func (c *Chronicle) addChange(h web.ClusterHistory, boot uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changes = append(c.changes, h); len(c.changes) > maxChanges {
		c.changes = slices.Delete(c.changes, 0, len(c.changes)-maxChanges)
	}
	if h.Key == changeForget && boot != 0 {
		if c.forgotten == nil || len(c.forgotten) >= maxForgot {
			c.forgotten = map[uint32]bool{}
		}
		c.forgotten[boot] = true
	}
}

// Look follows who is the Controller. It is told what the member knows now, again and again.
func (c *Chronicle) Look(s *cluster.Society, now time.Time) {
	c.mu.Lock()
	was := c.controller
	if was.Member == s.Controller.Member && was.Epoch == s.Controller.Epoch {
		c.mu.Unlock()
		return
	}
	c.controller = web.Controller{Member: s.Controller.Member, Epoch: s.Controller.Epoch, Since: now}
	c.mu.Unlock()
	if s.Controller.Mine {
		c.note(now, s.Controller.Member, "controller", "")
	}
}

// view adds what is known to the view of the cluster, the newest first.
func (c *Chronicle) view(v *web.ClusterView) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v.Controller = c.controller
	v.Events = slices.Clone(c.events)
	slices.SortStableFunc(v.Events, func(a, b web.ClusterEvent) int { return a.Time.Compare(b.Time) })
	slices.Reverse(v.Events)
	v.Events = v.Events[:min(len(v.Events), maxShown)]
	v.Changes = slices.Clone(c.changes)
	slices.SortStableFunc(v.Changes, func(a, b web.ClusterHistory) int { return a.Time.Compare(b.Time) })
	slices.Reverse(v.Changes)
	v.Changes = v.Changes[:min(len(v.Changes), maxShown)]
}

func (c *Chronicle) forgot(boot uint32) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.forgotten[boot]
}
