package view

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"tandem/actors/msg"
)

// What the world keeps to.
const (
	step      = 20 * time.Millisecond
	slowest   = 60 * time.Millisecond // longest way of a message
	heartbeat = 500 * time.Millisecond
	deadAfter = 2500 * time.Millisecond
	renewal   = 500 * time.Millisecond // between two tries to write the store
)

// plan is what a world is like.
type plan struct {
	members  int
	store    int     // 0: kept by all together, 1: by the first member, 2: outside of the cluster
	loss     float64 // of messages, 0 to 1
	refuses  bool    // hosts live on when a process ends: who calls there is refused, and connections break
	oneSeed  bool    // all know the first member only
	patience int     // renewals that may fail before quorum is gone
}

// world is a cluster of views with a clock, a network and a store. It watches that nobody is wronged, and says so
// by fail.
type world struct {
	plan
	random *rand.Rand
	fail   func(format string, args ...any)
	now    time.Time
	boots  uint32

	nodes    []*node
	cut      map[[2]int]bool // from, to
	outage   bool            // of the store
	flying   []letter
	ended    map[uint32]time.Time // lives that are over
	declared map[uint32][]uint32  // lives, by whom with quorum they were declared dead
	quiet    bool                 // nothing happens any more but deaths of those that ended
	log      []string
}

// node is a place where one life follows another.
type node struct {
	at       int
	boot     uint32
	view     *View
	running  bool
	paused   bool
	resumed  time.Time
	restart  time.Time // when the next life begins, if one does
	renewed  time.Time
	inbox    []func()
	states   map[uint32]msg.MemberState
	hasStore bool
}

// letter is something on its way to a node.
type letter struct {
	due  time.Time
	to   *node
	boot uint32 // of the life it is for; another one does not get it
	open func(*View, time.Time) []Effect
}

func newWorld(p plan, seed uint64, fail func(string, ...any)) *world {
	w := &world{plan: p, random: rand.New(rand.NewPCG(seed, 1)), fail: fail, now: epoch, cut: map[[2]int]bool{},
		ended: map[uint32]time.Time{}, declared: map[uint32][]uint32{}}
	for i := range p.members {
		w.nodes = append(w.nodes, &node{at: i})
	}
	for _, n := range w.nodes {
		w.start(n)
	}
	return w
}

func (w *world) note(format string, args ...any) {
	w.log = append(w.log, fmt.Sprintf("%6d ", w.now.Sub(epoch).Milliseconds())+fmt.Sprintf(format, args...))
}

func (w *world) wrong(format string, args ...any) {
	text := ""
	for _, line := range w.log[max(0, len(w.log)-60):] {
		text += line + "\n"
	}
	w.fail("%sat %d: %s", text, w.now.Sub(epoch).Milliseconds(), fmt.Sprintf(format, args...))
}

func address(at int) string { return fmt.Sprintf("127.0.0.%d:7010", at+1) }

// start begins a life.
func (w *world) start(n *node) {
	w.boots++
	n.boot = w.random.Uint32()&^0xff | w.boots&0xff // in no order, and none twice
	var seeds []string
	for i := range w.nodes {
		if i != n.at && (!w.oneSeed || i == 0) {
			seeds = append(seeds, address(i))
		}
	}
	n.view = New(Options{Heartbeat: heartbeat, DeadAfter: deadAfter, Seeds: seeds,
		Self: &msg.Member{Name: fmt.Sprint("m", n.at), Boot: n.boot, Address: address(n.at), Cluster: "c"}}, w.now)
	n.running, n.paused, n.inbox, n.restart, n.renewed, n.hasStore = true, false, nil, time.Time{}, time.Time{}, false
	n.resumed = w.now
	n.states = map[uint32]msg.MemberState{}
	w.note("m%d starts as %08x", n.at, n.boot)
}

// kill ends a life without a word. after is how long until the next one, 0: none follows.
func (w *world) kill(n *node, why string, after time.Duration) {
	if !n.running {
		return
	}
	w.note("m%d %08x ends: %s", n.at, n.boot, why)
	n.running, n.paused = false, false
	w.ended[n.boot] = w.now
	if after > 0 {
		n.restart = w.now.Add(after)
	}
	if !w.refuses {
		return
	}
	for _, other := range w.nodes {
		if other != n {
			w.post(n.at, other, func(v *View, now time.Time) []Effect { return v.Broke(address(n.at), now) })
		}
	}
}

func (w *world) pause(n *node) {
	if n.running && !n.paused {
		w.note("m%d is paused", n.at)
		n.paused = true
	}
}

func (w *world) resume(n *node) {
	if !n.running || !n.paused {
		return
	}
	w.note("m%d goes on", n.at)
	n.paused, n.resumed = false, w.now
	waiting := n.inbox
	n.inbox = nil
	if w.random.IntN(2) == 0 { // the tick may come first, or what waited
		w.does(n, n.view.Tick(w.now))
	}
	for _, open := range waiting {
		open()
	}
}

// post sends something on its way, if there is one.
func (w *world) post(from int, to *node, open func(*View, time.Time) []Effect) {
	if w.cut[[2]int{from, to.at}] || w.random.Float64() < w.loss {
		return
	}
	way := time.Duration(w.random.Int64N(int64(slowest)))
	w.flying = append(w.flying, letter{w.now.Add(way), to, to.boot, open})
}

// pass lets time pass.
func (w *world) pass(d time.Duration) {
	for end := w.now.Add(d); w.now.Before(end); {
		w.now = w.now.Add(step)
		w.deliver()
		for _, n := range w.nodes {
			w.turn(n)
		}
		w.watch()
	}
}

func (w *world) deliver() {
	due := slices.DeleteFunc(slices.Clone(w.flying), func(l letter) bool { return l.due.After(w.now) })
	w.flying = slices.DeleteFunc(w.flying, func(l letter) bool { return !l.due.After(w.now) })
	for _, l := range due {
		open := func() {
			if l.to.running && l.to.boot == l.boot {
				w.does(l.to, l.open(l.to.view, w.now))
			}
		}
		switch {
		case l.to.paused && l.to.boot == l.boot:
			l.to.inbox = append(l.to.inbox, open)
		default:
			open()
		}
	}
}

// turn is what a node does by itself.
func (w *world) turn(n *node) {
	passed := w.now.Sub(epoch) + time.Duration(n.at)*step // not all at the same moment
	if !n.restart.IsZero() && !w.now.Before(n.restart) {
		w.start(n)
	}
	if !n.running || n.paused {
		return
	}
	if passed%renewal == 0 {
		if w.writable(n) {
			n.renewed = w.now
		}
		n.hasStore = !n.renewed.IsZero() && w.now.Sub(n.renewed) <= time.Duration(w.patience)*renewal
		w.does(n, n.view.Quorum(n.hasStore, w.now))
	}
	if n.running && passed%tick == 0 {
		w.does(n, n.view.Tick(w.now))
	}
}

// writable says whether the store can be written from a node.
func (w *world) writable(n *node) bool {
	reaches := func(m *node) bool {
		return m == n || m.running && !m.paused && !w.cut[[2]int{n.at, m.at}] && !w.cut[[2]int{m.at, n.at}]
	}
	switch {
	case w.outage:
		return false
	case w.store == 0:
		near := 0
		for _, m := range w.nodes {
			if reaches(m) {
				near++
			}
		}
		return 2*near > len(w.nodes)
	case w.store == 1:
		return reaches(w.nodes[0])
	}
	return true
}

// does does what a view wants, and checks that it may.
func (w *world) does(n *node, effects []Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case Beat:
			w.beat(n, e)
		case Goodbye:
			if to := w.node(e.Address); to != nil {
				w.post(n.at, to, func(v *View, now time.Time) []Effect { return v.Left(e.Leaves, now) })
			}
		case Changed:
			w.changed(n, e)
		case Cut:
			if living(n.states[e.Boot]) {
				w.wrong("m%d cuts %08x off, which lives for it", n.at, e.Boot)
			}
		case Fence:
			w.note("m%d %08x fence: %s", n.at, n.boot, e.Why)
			if len(w.declared[n.boot]) == 0 {
				w.wrong("m%d is fenced, and nobody with quorum had declared it dead", n.at)
			}
			w.kill(n, "fenced", time.Duration(200+w.random.IntN(4000))*time.Millisecond)
		case Stranger:
			w.wrong("m%d refuses %v: %s", n.at, e.Member, e.Why)
		}
	}
	if c := n.view.Counts(); c.Illegal+c.Hostile+c.Refused > 0 {
		w.wrong("m%d counts %+v", n.at, c)
	}
}

func (w *world) node(a string) *node {
	for _, n := range w.nodes {
		if address(n.at) == a {
			return n
		}
	}
	return nil
}

// beat carries a heartbeat to whoever lives at its address; where nobody does the caller may hear that.
func (w *world) beat(n *node, b Beat) {
	to := w.node(b.Address)
	if to.running {
		w.post(n.at, to, func(v *View, now time.Time) []Effect { return v.Heard(b.Heartbeat, now) })
		return
	}
	if r := n.view.at(b.Address); r != nil && w.refuses {
		boot := r.member.Boot
		w.post(to.at, n, func(v *View, now time.Time) []Effect { return v.Refused(b.Address, boot, now) })
	}
}

func (w *world) changed(n *node, e Changed) {
	m := e.Row.Member
	w.note("m%d: %s %08x %s -> %s: %s", n.at, m.Name, m.Boot, e.From, e.Row.State, e.Why)
	if n.states[m.Boot] != e.From {
		w.wrong("m%d: %08x was %s", n.at, m.Boot, n.states[m.Boot])
	}
	if _, over := w.ended[m.Boot]; w.quiet && !over {
		w.wrong("it is quiet, and yet this happened")
	}
	n.states[m.Boot] = e.Row.State
	if e.Row.State == dead && n.view.quorum {
		w.declared[m.Boot] = append(w.declared[m.Boot], n.boot)
	}
}

// watch checks what must hold at every moment.
func (w *world) watch() {
	for _, n := range w.nodes {
		if !n.running || n.paused {
			continue
		}
		ups := map[string]uint32{}
		for boot, s := range n.states {
			if s == up {
				name := n.view.rows[boot].member.Name
				if ups[name] != 0 {
					w.wrong("m%d has two lives of %s up", n.at, name)
				}
				ups[name] = boot
			}
			end, over := w.ended[boot]
			if late := later(end, n.resumed).Add(deadAfter + heartbeat); over && living(s) && w.now.After(late) {
				w.wrong("m%d takes %08x for a running one, which ended long ago", n.at, boot)
			}
		}
	}
}

// agreed says that all that run see each other and nobody else.
func (w *world) agreed() bool {
	for _, n := range w.nodes {
		if !n.running {
			continue
		}
		seen := 0
		for _, r := range n.view.Rows() {
			if !living(r.State) {
				continue
			}
			seen++
			runs := func(m *node) bool { return m.running && m.boot == r.Member.Boot }
			if r.State != up || !slices.ContainsFunc(w.nodes, runs) {
				return false
			}
		}
		if seen != w.alive() {
			return false
		}
	}
	return true
}

// heal makes all well again.
func (w *world) heal() {
	w.note("all is well")
	clear(w.cut)
	w.outage, w.loss = false, 0
	for _, n := range w.nodes {
		w.resume(n)
	}
	for i, n := range w.nodes {
		needed := i == 0 && (w.oneSeed || w.store == 1) || w.store == 0 && 2*w.alive() <= w.members
		if needed && !n.running {
			w.start(n) // without it nobody finds anybody, or the store can be written from nowhere
		}
	}
	w.pass(2 * slowest) // what was sent before arrives
}

// settle waits until all agree, for which the pause between two calls of a silent address is the measure, and then
// that they go on doing so.
func (w *world) settle() {
	since := w.now
	for end := w.now.Add(3 * maxWaitDead * heartbeat); w.now.Sub(since) < deadAfter; w.pass(tick) {
		if !w.agreed() || w.starting() {
			since = w.now
		}
		if w.now.After(end) {
			w.wrong("no agreement: %s", w.picture())
		}
	}
	w.note("all agree")
	w.quiet = true
	w.pass(5 * deadAfter)
	w.quiet = false
	for _, n := range w.nodes {
		for _, by := range w.declared[n.boot] {
			if _, over := w.ended[by]; n.running && !over { // else the one of two that declared each other
				w.wrong("m%d was declared dead by %08x, and both run on", n.at, by)
			}
		}
	}
}

func (w *world) alive() (count int) {
	for _, n := range w.nodes {
		if n.running {
			count++
		}
	}
	return count
}

func (w *world) starting() bool {
	return slices.ContainsFunc(w.nodes, func(n *node) bool { return !n.restart.IsZero() })
}

func (w *world) picture() (text string) {
	for _, n := range w.nodes {
		text += fmt.Sprintf("\nm%d %08x running=%v quorum=%v:", n.at, n.boot, n.running, n.hasStore)
		for _, r := range n.view.Rows() {
			text += fmt.Sprintf(" %s/%08x=%s", r.Member.Name, r.Member.Boot, r.State)
		}
	}
	return text
}
