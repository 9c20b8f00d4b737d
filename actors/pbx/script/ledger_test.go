package script

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/actors/msg"
	"tandem/actors/pbx/task"
)

// ledger keeps account of what Tasks hold: legs, tickets, mixers. What is wrong with it is found at once, or
// when all is quiet, or when all Tasks have ended.
type ledger struct {
	player  *Player
	fault   string // the first one
	legs    map[string]*heldLeg
	tickets map[string]*heldTicket
	mixers  map[string]bool // by the name of the owner: it lives
	known   map[string]bool // and its owner knows it: one that is not known yet ends with its owner
	ended   map[string]time.Time
	stops   map[int]int
	handed  map[int]bool    // whose party was joined with another one for good
	dead    map[string]bool // of those that are not played
}

// heldLeg is a leg that was given to a Task.
type heldLeg struct {
	task   *played
	over   bool
	joined string // whom it is joined with
}

// heldTicket is a TaskBridge on its way, until it is decided or taken back.
type heldTicket struct {
	of, to    string
	sent      time.Time
	decided   int
	withdrawn bool
}

func newLedger(p *Player) *ledger {
	l := &ledger{player: p, legs: map[string]*heldLeg{}, tickets: map[string]*heldTicket{}, mixers: map[string]bool{}, known: map[string]bool{}, ended: map[string]time.Time{},
		stops: map[int]int{}, handed: map[int]bool{}, dead: map[string]bool{}}
	p.witness = l.effect
	return l
}

func (l *ledger) fail(format string, args ...any) {
	if l.fault == "" {
		l.fault = fmt.Sprintf(format, args...)
	}
}

// effect looks at one.
func (l *ledger) effect(t *played, e task.Effect) {
	if t.over && !lastWords(e) {
		l.fail("%s has ended, and wants %T %v", t.name(), e, e)
	}
	switch e := e.(type) {
	case task.ToLeg:
		l.toLeg(t, e)
	case task.ToTask:
		l.toTask(t, e)
	case task.MakeMixer:
		if l.mixers[t.name()] {
			l.fail("%s makes a second mixer", t.name())
		}
		l.mixers[t.name()], l.known[t.name()] = true, false
	case task.ToMixer:
		if !l.mixers[t.name()] && !isRest(e.Message) {
			l.fail("%s tells a mixer that has ended %T", t.name(), e.Message)
		}
		l.known[t.name()] = true
		if _, ends := e.Message.(*msg.LegHangup); ends {
			l.mixers[t.name()] = false
		}
	case task.Stop:
		l.ended[t.name()] = l.player.now
		if l.stops[t.number]++; l.stops[t.number] > 1 {
			l.fail("%s ends twice", t.name())
		}
	}
}

// lastWords are what a Task that has ended may still say: no to those who did not know.
func lastWords(e task.Effect) bool {
	switch e := e.(type) {
	case task.ToLeg:
		_, ok := e.Message.(*msg.LegHangup)
		return ok
	case task.ToTask:
		switch m := e.Message.(type) {
		case *msg.TaskBridged:
			return m.Error != ""
		case *msg.TaskUnbridged:
			return true
		}
	}
	return false
}

// isRest are messages about recordings, which outlive a party.
func isRest(m any) bool {
	switch m.(type) {
	case *msg.LegStop, *msg.LegKept:
		return true
	}
	return false
}

func (l *ledger) toLeg(t *played, e task.ToLeg) {
	h := l.legs[e.Leg]
	switch {
	case e.Leg == "":
		l.fail("%s tells nobody %T", t.name(), e.Message)
		return
	case h == nil: // one that came too late, or a party of its mixer that is not played
		return
	case h.over && h.task == t && !isRest(e.Message):
		l.fail("%s tells a leg that is over %T", t.name(), e.Message)
	}
	switch m := e.Message.(type) {
	case *msg.LegReject, *msg.LegHangup:
		h.over = true
	case *msg.LegServe:
		h.over, l.handed[t.number] = true, true
	case *msg.LegFind:
		h.over = h.over || !m.Fork && t.task.Row().Leg != e.Leg
	case *msg.LegTransferred:
		h.over = h.over || m.Status == 200
	case *msg.LegAccept, *msg.LegMix:
		if e.Partner == "" {
			l.fail("%s joins its leg with nobody", t.name())
		}
		h.joined = e.Partner
	case *msg.LegPart:
		h.joined = ""
	}
}

func (l *ledger) toTask(t *played, e task.ToTask) {
	switch m := e.Message.(type) {
	case *msg.TaskBridge:
		if e.Leg == "" {
			l.fail("%s offers no leg", t.name())
		}
		l.asked(t.name(), e.Task, m.Ticket)
	case *msg.TaskBridged:
		l.known[t.name()] = l.known[t.name()] || e.Mixer != ""
		h := l.tickets[ticketName(e.Task, m.Ticket)]
		if h == nil || h.to != t.name() {
			l.fail("%s decides what it was not asked", t.name())
			return
		}
		if h.decided++; h.decided > 1 {
			l.fail("%s decides twice what %s asked", t.name(), e.Task)
		}
	case *msg.TaskUnbridged:
		if h := l.tickets[ticketName(t.name(), m.Ticket)]; h != nil && h.to == e.Task {
			h.withdrawn = true
		}
	}
}

func ticketName(of string, number uint64) string { return fmt.Sprintf("%s/%d", of, number) }

func (l *ledger) asked(of, to string, number uint64) {
	l.tickets[ticketName(of, number)] = &heldTicket{of: of, to: to, sent: l.player.now}
}

// given notes that a Task got a leg.
func (l *ledger) given(t *played, leg string) {
	if h := l.legs[leg]; h != nil {
		h.task = t
		return
	}
	l.legs[leg] = &heldLeg{task: t}
}

// legOver notes that a party ended by itself.
func (l *ledger) legOver(leg string) {
	if h := l.legs[leg]; h != nil {
		h.over = true
	}
}

// quiet checks what must be so when nobody has anything to do.
func (l *ledger) quiet() {
	if l.player.flying > 0 {
		return
	}
	for _, t := range l.player.tasks {
		if t.over {
			continue
		}
		r := t.task.Row()
		l.joins(t, r)
		if h := l.legs[r.Leg]; r.Leg != "" && (h == nil || h.task != t || h.over) {
			l.fail("%s has a leg that is over", t.name())
		}
		if (r.Parties > 0) != l.mixers[t.name()] {
			l.fail("%s has %d parties, and its mixer lives: %v", t.name(), r.Parties, l.mixers[t.name()])
		}
		if up := r.Mode == "connected" || r.Mode == "incoming" || r.Mode == "provisioned"; r.Leg != "" && r.Mode == "disconnected" ||
			up && r.Leg == "" && !l.handed[t.number] {
			l.fail("%s is %s with the leg %q", t.name(), r.Mode, r.Leg)
		}
	}
}

// came tells whether a request came to a Task that was there.
func (l *ledger) came(h *heldTicket) bool {
	ended, ok := l.ended[h.to]
	return !ok || ended.After(h.sent.Add(l.player.lag))
}

// joins checks that both sides of a bridge know of it, and that the leg does.
func (l *ledger) joins(t *played, r task.Row) {
	leg := l.legs[r.Leg]
	switch other := l.player.find(r.With); {
	case r.With != "" && r.Leg == "":
		l.fail("%s is joined with %s, and has no leg", t.name(), r.With)
	case r.With != "" && other != nil:
		if o := other.task.Row(); o.With != t.name() && o.Parties == 0 {
			l.fail("%s is joined with %s, which knows nothing of it", t.name(), r.With)
		}
	case r.With != "" && (l.dead[r.With] || strings.HasPrefix(r.With, "task")):
		l.fail("%s is joined with %s, which is no more", t.name(), r.With)
	}
	if leg == nil {
		return
	}
	apart := r.With == "" && r.Parties == 0
	early := r.Mode == "incoming" || r.Mode == "waiting" // its channel is not there yet, or it waits
	if apart && leg.joined != "" || !apart && leg.joined == "" && !early {
		l.fail("%s is joined with %q and %d parties, its leg with %q", t.name(), r.With, r.Parties, leg.joined)
	}
}

// idle checks that whoever waits though the clock went on has reason to: what it waits for can come.
func (l *ledger) idle() {
	for _, t := range l.player.tasks {
		if t.over {
			continue
		}
		switch w := t.task.Waiting(); {
		case slices.Contains([]string{"StartBridge", "StartTransfer"}, w):
			h := l.tickets[ticketName(t.name(), t.asked)]
			if h == nil || h.decided > 0 || h.withdrawn || l.dead[h.to] || strings.HasPrefix(h.to, "task") && l.player.find(h.to) == nil {
				l.fail("%s waits in %s for nobody", t.name(), w)
			}
		case slices.Contains([]string{"PlayFile", "PlayFileInLoop", "Play", "PlayTone"}, w):
			if len(t.sounds) == 0 {
				l.fail("%s waits in %s for the end of nothing", t.name(), w)
			}
		default:
			l.fail("%s waits in %q for nothing, %s", t.name(), w, t.task.Mode())
		}
	}
}

// closed checks that nothing is left when all Tasks have ended.
func (l *ledger) closed() {
	for _, t := range l.player.tasks {
		if !t.over || l.stops[t.number] != 1 {
			l.fail("%s has not ended: it waits in %q, %s", t.name(), t.task.Waiting(), t.task.Mode())
		}
	}
	for name, h := range l.legs {
		if !h.over {
			l.fail("%s of %s is left behind", name, h.task.name())
		}
	}
	for name, h := range l.tickets {
		if strings.HasPrefix(h.to, "task") && h.decided == 0 && !h.withdrawn && l.came(h) && !l.dead[h.of] {
			l.fail("the ticket %s for %s is not decided", name, h.to)
		}
	}
	for owner, lives := range l.mixers {
		if lives && l.known[owner] {
			l.fail("the mixer of %s is left behind", owner)
		}
	}
}
