package queue

import (
	"maps"
	"slices"
	"time"
)

// Standing is all that an agent tells a queue that he belongs to, each time that some of it has changed. It is whole,
// so that one that came twice or was lost before does no harm.
type Standing struct {
	Agent AgentName
	Epoch uint64 // of his owner's lease
	Turn  uint64 // counts his changes; what is older is not heard

	Interface  string   // where he is rung, for the records
	Devices    []string // AORs of the devices that are there
	Penalty    int
	Level      int // his tier, from 0
	Position   int // in the order of the settings
	Skills     map[string]int
	Ready      bool       // he can be reserved
	Choosing   bool       // he wants to hear Pass where nobody is for him
	Asks       bool       // he wants to hear Progress or Pass: whether he is held here
	Conditions Conditions // why he is not there
	Offer      OfferID    // of this queue, for which he is held, rung or talking; zero: none

	Calls, CallsAnywhere                  int
	LastCall, LastCallAnywhere, LastOffer time.Time // when his last call ended; when this queue has rung him last
}

// agent is one agent as the queue knows him.
type agent struct {
	stands Standing
	number uint64 // order of coming
	offer  *offer // that is under way
	open   bool   // he is in the pools
	level  int    // as he is counted in the tiers
	works  bool   // counted as working there
	counts bool   // he is counted there
	closed uint64 // he has refused under this turn
	rests  alarm  // he is left alone for a while
	lost   alarm  // his actor has ended; then he is there no more
}

// cut keeps what comes from outside within its limits: of too many skills the first ones by name are his.
func (s Standing) cut() Standing {
	s.Interface = cut(s.Interface)
	s.Devices = s.Devices[:min(len(s.Devices), maxDevices)]
	if len(s.Skills) > maxSkills {
		skills := make(map[string]int, maxSkills)
		for _, name := range slices.Sorted(maps.Keys(s.Skills))[:maxSkills] {
			skills[name] = s.Skills[name]
		}
		s.Skills = skills
	}
	return s
}

// working tells that an agent is there in the sense of tiers.
func (s *Standing) working() bool { return s.Conditions&(Paused|Unavailable|Invalid) == 0 }

// available tells whether an agent can be reserved.
func (a *agent) available() bool {
	return a.stands.Ready && a.offer == nil && a.rests.index == 0 && a.stands.Turn > a.closed
}

// Stand takes how an agent stands. One who is ready is given a caller at once, if there is one for him.
func (q *Queue) Stand(s Standing, now time.Time) []Effect {
	q.begin()
	s = s.cut()
	a := q.agents[s.Agent]
	switch {
	case s.Agent == "" || a == nil && len(q.agents) >= maxAgents:
		return nil
	case a == nil:
		a = q.addAgent(s)
	case s.Epoch < a.stands.Epoch || s.Epoch == a.stands.Epoch && s.Turn < a.stands.Turn:
		return nil
	default:
		q.update(a, s, now)
	}
	if s.LastOffer.After(q.rung) {
		q.rung, q.pointer = s.LastOffer, q.cursorOf(a)
	}
	if q.gathering {
		return q.out
	}
	q.hear(a, now)
	return q.end(now)
}

// hear answers what an agent has said, and gives him a caller, if he is ready.
func (q *Queue) hear(a *agent, now time.Time) {
	q.reconcile(a)
	taken := q.offerAgent(a, now)
	switch s := &a.stands; {
	case s.Asks && a.offer != nil:
		q.progress(a.offer)
	case s.Asks || !taken && s.Choosing && a.available():
		q.emit(Pass{s.Agent, s.Turn})
	}
}

func (q *Queue) addAgent(s Standing) *agent {
	q.come++
	a := &agent{stands: s, number: q.come, closed: 0, rests: alarm{what: alarmAgent}, lost: alarm{what: alarmLost}}
	a.rests.who, a.lost.who = a, a
	before := q.penaltiesCount()
	q.agents[s.Agent] = a
	if o := q.orphans[s.Agent]; o != nil { // a caller has told of him before he did himself
		delete(q.orphans, s.Agent)
		o.agent, a.offer = a, o
	}
	q.show(a)
	if before != q.penaltiesCount() {
		q.rebuild()
		return a
	}
	q.count(a, 1)
	return a
}

// update takes over what an agent says now. A new owner of his name knows nothing of what his last one was asked.
func (q *Queue) update(a *agent, s Standing, now time.Time) {
	q.alarms.clear(&a.lost)
	q.shut(a)
	q.count(a, -1)
	lost := a.offer != nil && a.offer.stage == StageAsked && s.Epoch > a.stands.Epoch
	if s.Epoch > a.stands.Epoch {
		a.closed = 0
	}
	a.stands = s
	q.count(a, 1)
	q.show(a)
	if lost {
		c := a.offer.caller
		q.drop(a.offer)
		a.closed = 0
		q.again(c, now)
	}
}

// count counts an agent in all classes.
func (q *Queue) count(a *agent, by int) {
	for _, c := range q.order {
		before := c.there[1]
		q.countIn(c, a, by)
		if before > 0 && c.there[1] == 0 && c.callers > 0 {
			q.emptied = q.settings.LeaveEmpty != 0
		}
	}
}

// show keeps the tiers up to date.
func (q *Queue) show(a *agent) { q.tiers.set(a, a.stands.Level, a.stands.working()) }

// Vanished: the actor of an agent has ended, and he has not said that he goes: his member is dead, or his name has another
// owner. That one is made a moment later; until it speaks, or does not for a while, he is as much there as he was, and
// is asked nothing.
func (q *Queue) Vanished(name AgentName, epoch uint64, now time.Time) []Effect {
	q.begin()
	a := q.agents[name]
	if a == nil || epoch < a.stands.Epoch {
		return nil
	}
	q.shut(a)
	a.stands.Ready, a.stands.Asks, a.stands.Choosing = false, false, false
	q.alarms.set(&a.lost, now.Add(ownerWait))
	if o := a.offer; o != nil && o.stage == StageAsked {
		q.drop(o)
		q.again(o.caller, now)
	}
	return q.end(now)
}

// Await: agents may belong to the queue whose owners are made after its own, as after a member's death. For a while nobody
// is refused or sent away because nobody is there. To be called before Gathered.
func (q *Queue) Await(now time.Time) {
	q.awaits = true
	q.alarms.set(&q.awaited, now.Add(ownerWait))
}

// awaitedLong: who is there is there. Those who were let in meanwhile for whom nobody has come leave.
func (q *Queue) awaitedLong(now time.Time) {
	q.awaits, q.emptied = false, true
	var alone []*caller
	q.line.all(func(c *caller) {
		if c.early && q.settings.JoinEmpty != 0 && c.class.there[0] == 0 && (c.state == waiting || c.state == resting) && !c.absent() {
			alone = append(alone, c)
		}
		c.early = false
	})
	for _, c := range alone {
		q.leaveEmpty(c, now)
	}
}

// Unstand: an agent belongs to the queue no more, or is not there any more. Who is rung is rung on: his phone tells.
func (q *Queue) Unstand(name AgentName, epoch uint64, now time.Time) []Effect {
	q.begin()
	a := q.agents[name]
	if a == nil || epoch < a.stands.Epoch {
		return nil
	}
	q.lose(a, now)
	return q.end(now)
}

// lose forgets an agent.
func (q *Queue) lose(a *agent, now time.Time) {
	q.shut(a)
	before := q.penaltiesCount()
	q.count(a, -1)
	delete(q.agents, a.stands.Agent)
	q.tiers.remove(a)
	q.alarms.clear(&a.rests)
	q.alarms.clear(&a.lost)
	if o := a.offer; o != nil {
		if o.stage == StageAsked {
			c := o.caller
			q.drop(o)
			q.again(c, now)
		} else {
			q.orphan(o)
		}
	}
	if before != q.penaltiesCount() {
		q.rebuild()
	}
}

// orphan keeps an offer for an agent who is not known now, but whose phone may ring.
func (q *Queue) orphan(o *offer) {
	o.agent = nil
	if q.orphans[o.name] == nil {
		q.orphans[o.name] = o
	}
}

// openUp puts an agent in the pools of all callers whom he fits; shut takes him out.
func (q *Queue) openUp(a *agent) {
	if a.open {
		return
	}
	a.open = true
	for _, c := range q.order {
		if penalty, ok := q.fit(c, a); ok {
			c.ready.insert(q.entry(c, a, penalty))
		}
	}
}

func (q *Queue) shut(a *agent) {
	if !a.open {
		return
	}
	a.open = false
	for _, c := range q.order {
		if penalty, ok := q.fit(c, a); ok {
			c.ready.delete(q.entry(c, a, penalty))
		}
	}
}

// back: an agent who has not answered is rung again.
func (q *Queue) back(a *agent, now time.Time) { q.offerAgent(a, now) }

// offerAgent gives an agent who is available the first caller whom he fits, or puts him in the pools.
func (q *Queue) offerAgent(a *agent, now time.Time) (taken bool) {
	if q.gathering || !a.available() {
		return false
	}
	q.openUp(a)
	return q.serve(a, now)
}

// Doubt: an agent asks what has become of an offer for which he is held. He is told how it stands, or set free.
func (q *Queue) Doubt(name AgentName, id OfferID, now time.Time) []Effect {
	q.begin()
	if q.gathering {
		if len(q.unsure) < maxAgents {
			q.unsure = append(q.unsure, doubt{name, id})
		}
		return nil
	}
	q.confirm(doubt{name, id})
	return q.end(now)
}

type doubt struct {
	agent AgentName
	offer OfferID
}

func (q *Queue) confirm(d doubt) {
	if o := q.offers[d.offer]; o != nil && o.name == d.agent {
		q.progress(o)
		return
	}
	q.emit(Release{d.agent, d.offer, "it is not known"})
}

// reconcile compares what an agent says with what the queue knows: he is set free from what is over, and told of what
// he has forgotten.
func (q *Queue) reconcile(a *agent) {
	o, held := a.offer, a.stands.Offer
	if held != (OfferID{}) && (o == nil || o.id != held) && q.offers[held] == nil {
		q.emit(Release{a.stands.Agent, held, "it is over"})
	}
	if o != nil && o.stage > StageAsked && o.id != held && (a.stands.Epoch > o.era || a.stands.Turn > o.turn) {
		q.progress(o)
	}
}
