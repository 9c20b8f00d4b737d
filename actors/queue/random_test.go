package queue

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestRandomStories lets anything happen in any order. After each event the machine is compared with what looking at
// everybody says: the pools and lines of the classes are what they must be, nobody waits beside an agent who fits, and
// nobody was passed over.
func TestRandomStories(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &watched{T: t, now: time.Unix(1e9, 0), turns: map[AgentName]uint64{}, asked: map[OfferID]AgentName{}}
		w.queue = New("q", 5, w.settings(), rand.NewPCG(1, 2), nil)
		for range rapid.IntRange(1, 80).Draw(t, "events") {
			w.event()
			w.check()
		}
	})
}

type watched struct {
	*rapid.T
	queue *Queue
	now   time.Time
	turns map[AgentName]uint64
	asked map[OfferID]AgentName
	ids   []OfferID
	come  int
}

func (w *watched) pick(n int, what string) int { return rapid.IntRange(0, n-1).Draw(w.T, what) }
func (w *watched) flip(what string) bool       { return rapid.Bool().Draw(w.T, what) }

func (w *watched) settings() Settings {
	s := Default()
	s.Strategy = rapid.SampledFrom(Strategies()).Draw(w.T, "strategy")
	s.Ring, s.Retry = 15*time.Second, time.Duration(w.pick(3, "retry"))*time.Second
	s.CallerRests, s.RingInFull, s.OneByOne = w.flip("rests"), w.flip("full"), w.pick(4, "one") == 0
	s.MaxWaiting, s.MaxStay = w.pick(3, "max")*4, time.Duration(w.pick(3, "stay"))*20*time.Second
	s.FewAgents = w.pick(4, "few")
	s.Rules = []Rule{{After: 5 * time.Second, Max: Change{true, true, 1}}, {After: 12 * time.Second, Raise: Change{true, false, 2}}}
	s.Relax = []Step{{After: 10 * time.Second, By: 1}}
	s.Tiers = Tiers{Apply: w.flip("tiers"), Wait: 5 * time.Second, Multiply: w.flip("multiply"), NoAgentNoWait: w.flip("nowait")}
	s.JoinEmpty = Conditions(w.pick(256, "join")) * Conditions(w.pick(2, "joinempty"))
	s.LeaveEmpty = Conditions(w.pick(256, "leave")) * Conditions(w.pick(2, "leaveempty"))
	s.Callback = CallbackSettings{Key: "5", Tries: 2, Again: 7 * time.Second, Life: time.Minute}
	s.Exits = []Exit{{"1", "front"}, {"23", "back"}}
	s.Announce.Every, s.Announce.Periodic, s.Announce.PeriodicEvery = 20*time.Second, []string{"sorry"}, 30*time.Second
	s.Overflow = Overflow{Queue: "other", After: time.Duration(w.pick(3, "overflow")) * 25 * time.Second}
	return s
}

func (w *watched) caller() CallerID { return CallerID(fmt.Sprint(w.pick(w.come+1, "caller"))) }

func (w *watched) offer() OfferID {
	if len(w.ids) == 0 {
		return OfferID{}
	}
	return w.ids[max(0, len(w.ids)-1-w.pick(6, "offer"))]
}

func (w *watched) event() {
	q := w.queue
	switch w.pick(24, "event") {
	case 0, 1, 2, 3:
		w.come++
		w.took(q.Join(w.join(CallerID(fmt.Sprint(w.come))), w.now))
	case 4, 5, 6, 7, 8:
		s := w.standing()
		w.took(q.Stand(s, w.now))
		w.inOrder()
	case 9, 10, 11, 12:
		id := w.offer()
		name := w.asked[id]
		w.turns[name]++
		w.took(q.Granted(name, id, w.turns[name], w.now))
	case 13:
		w.took(q.Refused(w.asked[w.offer()], w.offer(), w.now))
	case 14:
		w.took(q.Unanswered(w.offer(), Busy, w.now))
	case 15:
		w.took(q.Answered(w.offer(), w.now))
	case 16:
		w.took(q.Connected(w.offer(), "leg", 0, w.now))
	case 17:
		w.took(q.Ended(w.offer(), End{By: ByAgent}, w.now))
		w.took(q.Dumped(w.offer(), w.now))
	case 18:
		w.took(q.Hangup(w.caller(), w.now))
	case 19:
		w.took(q.Key(w.caller(), rapid.SampledFrom([]string{"1", "2", "3", "5"}).Draw(w.T, "key"), w.now))
		w.took(q.Confirmed(w.caller(), "555", w.now))
	case 20:
		w.took(q.Dialled(w.offer(), w.now))
		w.took(q.DialFailed(w.offer(), "busy", w.now))
	case 21:
		w.supervise()
	case 22:
		w.now = w.now.Add(time.Duration(w.pick(12, "seconds")) * time.Second)
		w.took(q.Elapsed(w.now))
	case 23:
		w.rare()
	}
}

func (w *watched) supervise() {
	w.took(w.queue.Move(w.caller(), 1+w.pick(5, "position"), w.now))
	w.took(w.queue.Promote(w.caller(), w.pick(3, "priority"), w.now))
	if w.pick(5, "withdraw") == 0 {
		w.took(w.queue.Withdraw(w.caller(), "no reason", w.now))
	}
}

func (w *watched) rare() {
	q := w.queue
	switch w.pick(6, "rare") {
	case 0:
		w.took(q.Gathered(w.now))
	case 1:
		w.took(q.Set(w.settings(), w.now))
	case 2:
		w.took(q.Unstand(w.name(), 9, w.now))
	case 3:
		w.took(q.Doubt(w.name(), w.offer(), w.now))
	case 5:
		w.took(q.Vanished(w.name(), 9, w.now))
	case 4:
		w.come++
		a := Arrival{Join: w.join(CallerID(fmt.Sprint(w.come))), Since: w.now.Add(-time.Minute), Place: Place{Rank: Rank{At: w.now.UnixNano() - 5}}}
		if w.flip("callback") {
			a.Callback = &Callback{Number: "555", Asked: w.now, Present: w.flip("present")}
		}
		if w.flip("held") {
			id := OfferID{4, uint64(w.come)}
			a.Offers = []Held{{id, w.name(), Stage(w.pick(6, "stage")), w.now}}
			w.ids = append(w.ids, id)
			w.asked[id] = a.Offers[0].Agent
		}
		w.took(q.Rejoin(a, w.now))
	}
}

func (w *watched) join(id CallerID) Join {
	j := Join{Caller: id, Number: "555", Priority: w.pick(2, "priority"), Wish: w.pick(3, "wish"), Once: w.pick(9, "once") == 0,
		Waited: time.Duration(w.pick(2, "waited")) * 3 * time.Second}
	if w.flip("wants") {
		j.Wants = []Want{{"french", 1 + w.pick(2, "level")}}
	}
	if w.flip("bounds") {
		j.Bounds = Bounds{Max: Bound{true, w.pick(3, "max")}, Raise: Bound{w.flip("raises"), 0}}
	}
	return j
}

func (w *watched) name() AgentName { return AgentName(rune('a' + w.pick(5, "agent"))) }

func (w *watched) standing() Standing {
	s := Standing{Agent: w.name(), Epoch: 1, Penalty: w.pick(3, "penalty"), Level: w.pick(3, "level"), Position: w.pick(5, "position"),
		Skills: map[string]int{"french": w.pick(3, "french")}, Ready: w.pick(3, "ready") > 0, Calls: w.pick(5, "calls")}
	if !s.Ready {
		s.Conditions = 1 << w.pick(8, "condition") &^ Penalty
	}
	w.turns[s.Agent]++
	s.Turn = w.turns[s.Agent]
	return s
}

// took notes whom the machine wants to reserve.
func (w *watched) took(effects []Effect) {
	for _, e := range effects {
		if r, ok := e.(Reserve); ok {
			w.ids = append(w.ids, r.Offer)
			w.asked[r.Offer] = r.Agent
		}
	}
}

// inOrder: an agent who has become ready has the first caller whom he fits.
func (w *watched) inOrder() {
	q := w.queue
	for _, e := range q.out {
		r, ok := e.(Reserve)
		if !ok || q.gathering || q.settings.OneByOne || q.offers[r.Offer] == nil {
			continue
		}
		o := q.offers[r.Offer]
		q.line.all(func(c *caller) {
			if c.state == waiting && lessCaller(c, o.caller) && w.suits(c, o.agent) {
				w.Fatalf("%s was passed over by %s", c.id, o.caller.id)
			}
		})
	}
}

// suits looks at everything.
func (w *watched) suits(c *caller, a *agent) bool {
	_, ok := w.queue.fit(c.class, a)
	return ok && (!w.queue.settings.Tiers.Apply || a.stands.Level <= w.queue.reach(c.class))
}

func (w *watched) check() {
	q := w.queue
	if q.faults > 0 {
		w.Fatal("an illegal transition")
	}
	for i, a := range q.alarms {
		if a.index != i+1 {
			w.Fatal("the alarms are mixed up")
		}
	}
	lines := map[*class]int{}
	callers := map[*class]int{}
	q.line.all(func(c *caller) {
		callers[c.class]++
		if c.state == waiting {
			lines[c.class]++
		}
		if !c.state.inLine() || q.callers[c.id] != c || (c.state >= asking) != (len(c.offers) > 0) {
			w.Fatalf("%s is %s with %d offers", c.id, c.state, len(c.offers))
		}
		w.beside(c)
	})
	for _, cl := range q.order {
		w.checkClass(cl, lines[cl], callers[cl])
	}
	for _, o := range q.offers {
		if q.callers[o.caller.id] != o.caller || o.agent != nil && (o.agent.offer != o || o.agent.open) {
			w.Fatalf("offer %v has lost somebody", o.id)
		}
	}
}

// beside: nobody waits while an agent is free who fits.
func (w *watched) beside(c *caller) {
	q := w.queue
	if c.state != waiting || q.gathering || q.settings.OneByOne {
		return
	}
	for _, a := range q.agents {
		if a.available() && w.suits(c, a) {
			w.Fatalf("%s waits beside %s", c.id, a.stands.Agent)
		}
	}
	if q.settings.LeaveEmpty != 0 && c.class.there[1] == 0 && !c.absent() {
		w.Fatalf("%s waits where nobody is there", c.id)
	}
}

func (w *watched) checkClass(cl *class, waiting, callers int) {
	q := w.queue
	ready, there := 0, [2]int{}
	for _, a := range q.agents {
		if penalty, ok := q.fit(cl, a); ok && a.open {
			ready++
			if at := cl.ready.rank(q.entry(cl, a, penalty)); !w.at(cl, at, a) {
				w.Fatalf("%s is not in his place", a.stands.Agent)
			}
		}
		if a.open && !a.available() {
			w.Fatalf("%s is in the pools", a.stands.Agent)
		}
		is := a.stands.Conditions
		if _, ok := cl.needs.bounds.weigh(a.stands.Penalty); !ok && q.penaltiesCount() {
			is |= Penalty
		}
		for i, listed := range []Conditions{q.settings.JoinEmpty, q.settings.LeaveEmpty} {
			if is&listed == 0 {
				there[i]++
			}
		}
	}
	if cl.ready.Len() != ready || cl.waiting.Len() != waiting || cl.callers != callers || cl.there != there {
		w.Fatalf("class %+v: %d of %d ready, %d of %d waiting, %d of %d callers, %v of %v there", cl.needs, cl.ready.Len(), ready,
			cl.waiting.Len(), waiting, cl.callers, callers, cl.there, there)
	}
}

func (w *watched) at(cl *class, i int, a *agent) bool {
	e, ok := cl.ready.at(i)
	return ok && e.agent == a
}
