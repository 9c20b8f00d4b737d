package queue

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
)

// TestStories acts out the stories of testdata. Events:
//
//	settings [NAME=VALUE ...]     those named, the others as by default; see (*player).set
//	gathered      open            the queue begins; open is settings and gathered in one, without more
//	join ID [NAME=VALUE ...]      a caller comes: priority wish wants=SKILL:LEVEL,.. min max raise waited stay number once
//	agent NAME [NAME=VALUE ...]   an agent stands: penalty level position skills is=CONDITIONS calls last=AGO busy choosing devices
//	gone NAME     vanished NAME   he does not; his actor has ended
//	await                         agents may come whose owners are new
//	manual     auto               agents grant what they are asked, and are ready when they are free, by themselves or not
//	granted|refused|answered|dumped|mismatched AGENT    unanswered AGENT [WHY]    connected AGENT
//	ended AGENT [caller|agent|blind|attended] [ARGS]    dialled AGENT    failed AGENT WHY
//	hangup ID    key ID DIGITS    confirmed ID NUMBER    withdraw ID TEXT    move ID POSITION    promote ID PRIORITY
//	doubt AGENT OFFER             wait DURATION      line     counters     why ID     show
//	orphan ID AGO EPOCH           the records have it in line, since AGO, by the owner of EPOCH; a member has died now
//	takeover                      another owner: callers and agents tell it where they stand
func TestStories(t *testing.T) {
	acttest.Play(t, "testdata", func(t *testing.T) acttest.Player {
		p := &player{t: t, now: time.Unix(1e9, 0), auto: true, agents: map[AgentName]*Standing{}, asked: map[AgentName]Reserve{},
			offers: map[AgentName]Held{}, callers: map[CallerID]*Arrival{},
			caller: map[OfferID]CallerID{}}
		p.start(1, testSettings())
		return p
	})
}

func testSettings() Settings {
	s := Default()
	s.Strategy = "leastrecent"
	s.Announce.Every = 0
	return s
}

type player struct {
	t        *testing.T
	queue    *Queue
	settings Settings
	now      time.Time
	auto     bool
	agents   map[AgentName]*Standing
	names    []AgentName
	asked    map[AgentName]Reserve
	offers   map[AgentName]Held // that are under way, as their callers know them
	callers  map[CallerID]*Arrival
	caller   map[OfferID]CallerID
	ids      []CallerID
	out      []string
}

func (p *player) start(epoch uint64, s Settings) {
	p.settings = s
	p.queue = New("sales", epoch, s, rand.NewPCG(1, 2), nil)
}

func (p *player) Do(event string) []string {
	p.out = nil
	words := strings.Fields(event)
	if do := plays[words[0]]; do != nil {
		do(p, append(words[1:], "", "", ""))
	} else {
		p.t.Fatalf("no such event: %s", event)
	}
	if p.queue.faults > 0 {
		p.t.Errorf("after %q: an illegal transition", event)
	}
	return p.out
}

var plays map[string]func(p *player, w []string)

func init() {
	offer := func(do func(q *Queue, id OfferID, now time.Time) []Effect) func(p *player, w []string) {
		return func(p *player, w []string) { p.perform(do(p.queue, p.offers[AgentName(w[0])].Offer, p.now)) }
	}
	plays = map[string]func(p *player, w []string){
		"settings": func(p *player, w []string) {
			p.settings = testSettings()
			p.set(w)
			p.perform(p.queue.Set(p.settings, p.now))
		},
		"gathered": func(p *player, _ []string) { p.perform(p.queue.Gathered(p.now)) },
		"open": func(p *player, w []string) {
			p.settings = testSettings()
			p.set(w)
			p.perform(p.queue.Set(p.settings, p.now))
			p.perform(p.queue.Gathered(p.now))
		},
		"join":       (*player).join,
		"agent":      (*player).agent,
		"manual":     func(p *player, _ []string) { p.auto = false },
		"auto":       func(p *player, _ []string) { p.auto = true },
		"granted":    func(p *player, w []string) { p.grant(AgentName(w[0])) },
		"answered":   offer((*Queue).Answered),
		"dumped":     offer((*Queue).Dumped),
		"mismatched": offer((*Queue).Mismatched),
		"dialled":    offer((*Queue).Dialled),
		"refused": func(p *player, w []string) {
			p.perform(p.queue.Refused(AgentName(w[0]), p.asked[AgentName(w[0])].Offer, p.now))
		},
		"gone": func(p *player, w []string) {
			delete(p.agents, AgentName(w[0]))
			p.perform(p.queue.Unstand(AgentName(w[0]), 1, p.now))
		},
		"vanished": func(p *player, w []string) {
			p.perform(p.queue.Vanished(AgentName(w[0]), p.queue.epochOf(AgentName(w[0])), p.now))
		},
		"await": func(p *player, _ []string) { p.queue.Await(p.now) },
		"failed": func(p *player, w []string) {
			p.perform(p.queue.DialFailed(p.offers[AgentName(w[0])].Offer, w[1], p.now))
		},
		"unanswered": func(p *player, w []string) {
			why := NoAnswer
			if w[1] != "" {
				why = Failure(w[1])
			}
			p.perform(p.queue.Unanswered(p.offers[AgentName(w[0])].Offer, why, p.now))
		},
		"connected": func(p *player, w []string) {
			o := p.offers[AgentName(w[0])]
			p.perform(p.queue.Connected(o.Offer, "leg-"+w[0], p.now.Sub(o.At), p.now))
		},
		"ended": func(p *player, w []string) {
			by := max(0, slices.Index([]string{"caller", "agent", "blind", "attended"}, w[1]))
			p.perform(p.queue.Ended(p.offers[AgentName(w[0])].Offer, End{Party(by), strings.Fields(strings.Join(w[2:], " "))}, p.now))
		},
		"hangup": func(p *player, w []string) { p.perform(p.queue.Hangup(CallerID(w[0]), p.now)) },
		"key": func(p *player, w []string) {
			for _, digit := range w[1] {
				p.perform(p.queue.Key(CallerID(w[0]), string(digit), p.now))
			}
		},
		"confirmed": func(p *player, w []string) { p.perform(p.queue.Confirmed(CallerID(w[0]), w[1], p.now)) },
		"withdraw":  func(p *player, w []string) { p.perform(p.queue.Withdraw(CallerID(w[0]), w[1], p.now)) },
		"send":      func(p *player, w []string) { p.perform(p.queue.SendTo(CallerID(w[0]), w[1], p.now)) },
		"move":      func(p *player, w []string) { p.perform(p.queue.Move(CallerID(w[0]), number(w[1]), p.now)) },
		"promote":   func(p *player, w []string) { p.perform(p.queue.Promote(CallerID(w[0]), number(w[1]), p.now)) },
		"doubt": func(p *player, w []string) {
			p.perform(p.queue.Doubt(AgentName(w[0]), OfferID{1, uint64(number(w[1]))}, p.now))
		},
		"orphan": func(p *player, w []string) {
			p.perform(p.queue.Orphaned([]Orphan{{Caller: CallerID(w[0]), Original: 4, Entered: p.now.Add(-p.duration(w[1])), Died: p.now,
				By: uint64(number(w[2]))}}, p.now))
		},
		"wait":     (*player).wait,
		"takeover": (*player).takeover,
		"line": func(p *player, _ []string) {
			p.queue.line.all(func(c *caller) {
				p.say("%d %s %s, %d s", p.queue.positionOf(c), c.id, c.state, c.waited(p.now)/time.Second)
			})
		},
		"why": func(p *player, w []string) {
			for _, r := range p.queue.Explain(CallerID(w[0]), p.now) {
				p.say("%s %s", r.Agent, r.Why)
			}
		},
		"show": func(p *player, _ []string) {
			v := p.queue.Show(p.now)
			v.Callers = p.queue.List(0, 0, "", p.now)
			p.say("%+v", v)
		},
		"counters": func(p *player, _ []string) { p.say("%+v", p.queue.counters) },
	}
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

func (p *player) say(format string, args ...any) { p.out = append(p.out, fmt.Sprintf(format, args...)) }

// values reads words of the form NAME=VALUE; a word alone has the value "yes".
func values(words []string) map[string]string {
	all := map[string]string{}
	for _, w := range words {
		if name, value, ok := strings.Cut(w, "="); ok {
			all[name] = value
		} else if w != "" {
			all[w] = "yes"
		}
	}
	return all
}

func (p *player) duration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		p.t.Error(err)
	}
	return d
}

// set changes settings.
func (p *player) set(words []string) {
	s := &p.settings
	conditions := func(v string, leaving bool) Conditions {
		c, err := ParseConditions(v, leaving)
		if err != nil {
			p.t.Error(err)
		}
		return c
	}
	for _, word := range words {
		if word == "" {
			continue
		}
		name, v, _ := strings.Cut(word, "=")
		switch name {
		case "strategy":
			s.Strategy = v
		case "ring":
			s.Ring = p.duration(v)
		case "retry":
			s.Retry = p.duration(v)
		case "rests":
			s.CallerRests = true
		case "full":
			s.RingInFull = true
		case "one":
			s.OneByOne = true
		case "closed":
			s.Closed = true
		case "max":
			s.MaxWaiting = number(v)
		case "stay":
			s.MaxStay = p.duration(v)
		case "weight":
			s.Weight = number(v)
		case "wrapup":
			s.WrapUp = p.duration(v)
		case "level":
			s.ServiceLevel = p.duration(v)
		case "few":
			s.FewAgents = number(v)
		case "hears":
			s.AgentHears, s.AgentDelay = v, time.Second
		case "join":
			s.JoinEmpty = conditions(v, false)
		case "leave":
			s.LeaveEmpty = conditions(v, true)
		case "tiers":
			s.Tiers = Tiers{Apply: true, Wait: p.duration(v), Multiply: s.Tiers.Multiply, NoAgentNoWait: s.Tiers.NoAgentNoWait}
		case "multiply":
			s.Tiers.Multiply = true
		case "nowait":
			s.Tiers.NoAgentNoWait = true
		case "autopause":
			s.AutoPause = AutoPause{On: true, All: v == "all", Busy: v == "busy", Delay: time.Minute}
		case "announce":
			s.Announce.Every = p.duration(v)
		case "limit":
			s.Announce.PositionLimit = number(v)
		case "onlyup":
			s.Announce.OnlyUp = true
		case "once":
			s.Announce.HoldTimeOnce = true
		case "tofirst":
			s.Announce.ToFirst = true
		case "round":
			s.Announce.RoundSeconds = number(v)
		case "periodic":
			s.Announce.Periodic, s.Announce.PeriodicEvery = strings.Split(v, ","), 30*time.Second
		case "exit":
			for e := range strings.SplitSeq(v, ",") {
				key, to, _ := strings.Cut(e, ":")
				s.Exits = append(s.Exits, Exit{key, to})
			}
		case "overflow":
			s.Overflow = Overflow{Queue: "other", After: p.duration(v), WhenFull: true, WhenEmpty: true}
		case "callback":
			s.Callback.Key, s.Callback.After = v, 20*time.Second
		case "rule":
			s.Rules = p.rules(v)
		case "relax":
			after, by, _ := strings.Cut(v, ",")
			s.Relax = append(s.Relax, Step{After: p.duration(after), By: number(by)})
		default:
			p.t.Errorf("no such setting: %s", name)
		}
	}
}

// rules reads "10s,max,min,raise;20s,...": numbers with a sign are relative, "-" is no change.
func (p *player) rules(text string) (all []Rule) {
	for part := range strings.SplitSeq(text, ";") {
		w := append(strings.Split(part, ","), "-", "-", "-")
		change := func(v string) Change {
			if v == "-" {
				return Change{}
			}
			return Change{true, v[0] == '+' || v[0] == '-', number(v)}
		}
		all = append(all, Rule{p.duration(w[0]), change(w[2]), change(w[1]), change(w[3])})
	}
	return all
}

func (p *player) join(w []string) {
	j := Join{Caller: CallerID(w[0]), Number: "555" + w[0]}
	for name, v := range values(w[1:]) {
		switch bound := (Bound{true, number(v)}); name {
		case "priority":
			j.Priority = number(v)
		case "wish":
			j.Wish = number(v)
		case "wants":
			for skill, level := range levels(v) {
				j.Wants = append(j.Wants, Want{skill, level})
			}
			slices.SortFunc(j.Wants, func(a, b Want) int { return strings.Compare(a.Skill, b.Skill) })
		case "min":
			j.Bounds.Min = bound
		case "max":
			j.Bounds.Max = bound
		case "raise":
			j.Bounds.Raise = bound
		case "waited":
			j.Waited = p.duration(v)
		case "stay":
			j.MaxStay = p.duration(v)
		case "number":
			j.Number = v
		case "once":
			j.Once = true
		}
	}
	p.callers[j.Caller] = &Arrival{Join: j}
	p.ids = append(p.ids, j.Caller)
	p.perform(p.queue.Join(j, p.now))
}

func levels(text string) map[string]int {
	all := map[string]int{}
	for part := range strings.SplitSeq(text, ",") {
		skill, level, _ := strings.Cut(part, ":")
		all[skill] = number(level)
	}
	return all
}

func (p *player) agent(w []string) {
	name := AgentName(w[0])
	s := p.agents[name]
	if s == nil {
		s = &Standing{Agent: name, Epoch: 1}
		p.agents[name] = s
		p.names = append(p.names, name)
	}
	s.Turn++
	s.Ready, s.Conditions, s.Choosing = true, 0, false
	for name, v := range values(w[1:]) {
		switch name {
		case "penalty":
			s.Penalty = number(v)
		case "level":
			s.Level = number(v)
		case "devices":
			s.Devices = strings.Split(v, ",")
		case "position":
			s.Position = number(v)
		case "skills":
			s.Skills = levels(v)
		case "is":
			s.Conditions, _ = ParseConditions(v, false)
			s.Ready = false
		case "calls":
			s.Calls = number(v)
		case "last":
			s.LastCall = p.now.Add(-p.duration(v))
		case "busy":
			s.Ready, s.Conditions = false, InUse
		case "choosing":
			s.Choosing = true
		case "epoch":
			s.Epoch, s.Turn = uint64(number(v)), 1
		}
	}
	p.perform(p.queue.Stand(*s, p.now))
}

func (p *player) grant(name AgentName) {
	s := p.agents[name]
	if s == nil { // he was asked before he went
		s = &Standing{Agent: name, Turn: 99}
	}
	s.Turn++
	s.Ready, s.Offer = false, p.asked[name].Offer
	p.perform(p.queue.Granted(name, s.Offer, s.Turn, p.now))
}

// freed: an agent who grants by himself is ready again when he is set free.
func (p *player) freed(name AgentName, offer OfferID) {
	s := p.agents[name]
	delete(p.offers, name)
	if s == nil || !p.auto || s.Offer != offer {
		return
	}
	s.Turn++
	s.Ready, s.Offer, s.Conditions = true, OfferID{}, 0
	p.perform(p.queue.Stand(*s, p.now))
}

func (p *player) wait(w []string) {
	end := p.now.Add(p.duration(w[0]))
	for {
		next := p.queue.Next()
		if next.IsZero() || next.After(end) {
			p.now = end
			return
		}
		if next.After(p.now) {
			p.now = next
		}
		p.perform(p.queue.Elapsed(p.now))
	}
}

// takeover has another owner: those who live tell it where they stand, the last ones first.
func (p *player) takeover([]string) {
	p.start(p.queue.epoch+1, p.settings)
	for _, id := range slices.Backward(p.ids) {
		a := p.callers[id]
		if a == nil {
			continue
		}
		a.Offers = nil
		for _, name := range p.names {
			if o, ok := p.offers[name]; ok && p.rungFor(name) == id {
				a.Offers = append(a.Offers, o)
			}
		}
		p.perform(p.queue.Rejoin(*a, p.now))
	}
	for _, name := range p.names {
		if s := p.agents[name]; s != nil {
			p.perform(p.queue.Stand(*s, p.now))
		}
	}
}

// perform plays the others' part, and writes down what the queue does.
func (p *player) perform(effects []Effect) {
	for _, e := range slices.Clone(effects) {
		p.follow(e)
		if line := printed(e); line != "" {
			p.say("%s", line)
		}
		switch e := e.(type) {
		case Reserve:
			p.asked[e.Agent] = e
			if p.auto {
				p.grant(e.Agent)
			}
		case Release:
			p.freed(e.Agent, e.Offer)
		case Progress:
			if e.Stage == StageEnded {
				s := p.agents[e.Agent]
				if s != nil {
					s.LastCall = p.now
					s.Calls++
				}
				p.freed(e.Agent, e.Offer)
			}
		}
	}
}

// rungFor is the caller for whom an agent is rung.
func (p *player) rungFor(name AgentName) CallerID { return p.caller[p.offers[name].Offer] }
