package queue

import (
	"cmp"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"
)

// Queue is the pure machine of one queue: who waits, who is ready, and who is joined with whom. Its methods are the
// events; each returns what is to be done for it, in a slice that is good until the next event.
type Queue struct {
	name     string
	epoch    uint64 // of the owner's lease
	settings Settings
	strategy *strategy
	log      *slog.Logger
	dice     *rand.Rand

	gathering bool // it is still told who is there, and joins nobody
	arrived   []*caller
	unsure    []doubt // agents who have asked about an offer meanwhile

	callers map[CallerID]*caller
	line    *tree[*caller] // those in line
	agents  map[AgentName]*agent
	offers  map[OfferID]*offer
	orphans map[AgentName]*offer // of agents who are not known
	classes map[needs]*class
	order   []*class // the same in the order of coming, so that all runs are alike
	tiers   tiers
	alarms  alarms
	awaits  bool  // agents may come yet whose owners are new
	awaited alarm // until then

	offered uint64 // number of the last offer
	come    uint64 // number of the last agent who came
	trying  int    // callers for whom somebody is asked or rung
	pointer cursor // who was rung last, for those strategies that go round
	rung    time.Time
	emptied bool     // for some class nobody is there any more
	freed   []*agent // whose offers have ended, and who may have said meanwhile that they are ready
	renewed bool     // the pools were made anew
	lowest  int      // the first tier, when it was looked at last

	counters Counters
	faults   int // illegal transitions, which tests want to see none of
	out      []Effect
	chosen   []*agent
}

// New makes a queue whose owner has that epoch. It gathers until Gathered is called. dice decides where a strategy
// draws; log may be nil.
func New(name string, epoch uint64, s Settings, dice rand.Source, log *slog.Logger) *Queue {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Queue{name: name, epoch: epoch, awaited: alarm{what: alarmAwaited}, settings: s, strategy: strategyOf(s.Strategy), gathering: true,
		log: log.With("kind", "queue", "id", name), dice: rand.New(dice),
		callers: map[CallerID]*caller{}, agents: map[AgentName]*agent{}, offers: map[OfferID]*offer{},
		orphans: map[AgentName]*offer{},
		classes: map[needs]*class{}, line: newTree(lessCaller)}
}

// begin and end are around every event.
func (q *Queue) begin() { q.out = q.out[:0] }

func (q *Queue) end(now time.Time) []Effect {
	if q.gathering {
		return q.out
	}
	for len(q.freed) > 0 {
		a := q.freed[len(q.freed)-1]
		q.freed = q.freed[:len(q.freed)-1]
		if q.agents[a.stands.Agent] == a {
			q.offerAgent(a, now)
		}
	}
	if q.emptied {
		q.emptied = false
		q.sendAway(now)
	}
	if lowest := q.tiers.lowest(q.settings.Tiers.NoAgentNoWait); q.renewed || q.settings.Tiers.Apply && lowest != q.lowest {
		q.lowest, q.renewed = lowest, false
		q.seekAll(now)
	}
	if q.settings.OneByOne {
		if first, ok := q.line.first(); ok && first.state == waiting {
			q.seek(first, now)
		}
	}
	return q.out
}

func (q *Queue) emit(e Effect) { q.out = append(q.out, e) }

// Gathered ends the time in which callers and agents only tell where they stand: all have. Now those are joined who
// were not, and those set free who are held for nothing.
func (q *Queue) Gathered(now time.Time) []Effect {
	q.begin()
	if !q.gathering {
		return nil
	}
	q.gathering = false
	for _, a := range q.byNumber() {
		q.hear(a, now)
	}
	for _, d := range q.unsure {
		q.confirm(d)
	}
	q.unsure = nil
	for _, c := range q.waiting() {
		q.settle(c, now)
	}
	for _, c := range q.arrived {
		if c.state == arriving {
			q.enter(c, now)
		}
	}
	q.arrived = nil
	return q.end(now)
}

// byNumber are the agents in the order of their coming.
func (q *Queue) byNumber() (all []*agent) {
	for _, a := range q.agents {
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b *agent) int { return cmp.Compare(a.number, b.number) })
	return all
}

// waiting are the callers that wait, in order.
func (q *Queue) waiting() (all []*caller) {
	q.line.all(func(c *caller) {
		if c.state == waiting {
			all = append(all, c)
		}
	})
	return all
}

// Set gives the queue other settings. Who is in line keeps the rules with which it has entered.
func (q *Queue) Set(s Settings, now time.Time) []Effect {
	q.begin()
	q.settings, q.strategy = s, strategyOf(s.Strategy)
	q.rebuild()
	q.emptied = true
	return q.end(now)
}

// Empty tells that the queue has nothing that would be lost with it.
func (q *Queue) Empty() bool { return len(q.callers) == 0 && len(q.agents) == 0 }
