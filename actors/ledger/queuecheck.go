package ledger

import (
	"slices"
	"time"

	"tandem/signal"
)

// checkQueue refuses a queue that can not be meant, with all that is wrong.
func (l *Ledger) checkQueue(q *Queue) error {
	f := &faults{what: "queue " + clip(q.Name)}
	q.Numbers, q.Exits, q.Rules = some(q.Numbers), some(q.Exits), some(q.Rules)
	q.Relax, q.Periodic = some(q.Relax), some(q.Periodic)
	f.word("name", q.Name)
	f.text("display", q.Display)
	f.few("numbers", len(q.Numbers), MaxNumbers)
	for i, n := range q.Numbers {
		f.digits("numbers", n, 32)
		if slices.Contains(q.Numbers[:i], n) {
			f.add("numbers: %s is there twice", n)
		}
	}
	if _, err := signal.ParseProgram(q.Application, signal.AOR("@"+l.Conf().Routing.Domain)); err != nil {
		f.add("application %s is no program such as queue#pbx", clip(q.Application))
	}
	f.number("target", q.Target, 0, 100)
	q.QueueEntry.check(f)
	q.QueueChoice.check(f)
	q.QueueTalk.check(f)
	q.QueueMusic.check(f)
	if to := q.Overflow.Queue; to == q.Name && to != "" {
		f.add("overflow.queue is the queue itself")
	} else if _, ok := l.Queue(to); to != "" && !ok {
		f.add("overflow.queue: there is no queue %s", clip(to))
	}
	return f.refusal()
}

func (e *QueueEntry) check(f *faults) {
	f.number("maxlen", e.MaxLen, 0, maxQueued)
	f.span("max_stay", &e.MaxStay, 24*time.Hour)
	f.conditions("joinempty", e.JoinEmpty)
	f.conditions("leavewhenempty", e.LeaveWhenEmpty)
	f.few("exits", len(e.Exits), maxSteps)
	for _, x := range e.Exits {
		f.digits("exits: key", x.Key, maxKey)
		if f.text("exits: to", x.To); x.To == "" {
			f.add("exits: key %s leads nowhere: say to", clip(x.Key))
		}
	}
	f.span("overflow.after", &e.Overflow.After, 24*time.Hour)
	if e.Overflow.Queue == "" && (e.Overflow.WhenFull || e.Overflow.WhenEmpty || e.Overflow.After.Duration() > 0) {
		f.add("overflow leads nowhere: say overflow.queue")
	}
	if e.Callback.Key != "" {
		f.digits("callback.key", e.Callback.Key, maxKey)
	}
	f.span("callback.after", &e.Callback.After, 24*time.Hour)
	f.number("callback.tries", e.Callback.Tries, 1, 100)
	f.span("callback.again", &e.Callback.Again, 24*time.Hour)
	f.span("callback.ring", &e.Callback.Ring, 10*time.Minute)
	f.span("callback.life", &e.Callback.Life, longest)
}

func (c *QueueChoice) check(f *faults) {
	f.oneOf("strategy", c.Strategy, QueueStrategies)
	f.span("timeout", &c.Timeout, 10*time.Minute)
	f.oneOf("timeoutpriority", c.TimeoutPriority, priorityWords)
	f.span("retry", &c.Retry, 10*time.Minute)
	f.number("weight", c.Weight, 0, 1000)
	f.oneOf("force_longest_waiting_caller", c.ForceLongest, longestWords)
	f.number("penaltymemberslimit", c.PenaltyMembersLimit, 0, maxQueued)
	f.few("rules", len(c.Rules), maxSteps)
	for i := range c.Rules {
		r := &c.Rules[i]
		f.span("rules: after", &r.After, 24*time.Hour)
		f.change("rules: max", r.Max)
		f.change("rules: min", r.Min)
		f.change("rules: raise", r.Raise)
	}
	f.few("relax", len(c.Relax), maxSteps)
	for i := range c.Relax {
		s := &c.Relax[i]
		f.span("relax: after", &s.After, 24*time.Hour)
		if s.Skill != "" {
			f.word("relax: skill", s.Skill)
		}
		f.number("relax: by", s.By, 1, maxLevel)
	}
	f.span("tiers.wait", &c.Tiers.Wait, 24*time.Hour)
}

func (t *QueueTalk) check(f *faults) {
	f.span("wrapuptime", &t.WrapUpTime, time.Hour)
	f.span("servicelevel", &t.ServiceLevel, 24*time.Hour)
	f.text("announce", t.Announce)
	f.span("memberdelay", &t.MemberDelay, 10*time.Minute)
	f.oneOf("autopause", t.AutoPause, autoPauseWords)
	f.span("autopausedelay", &t.AutoPauseDelay, 24*time.Hour)
}

func (m *QueueMusic) check(f *faults) {
	f.text("musicclass", m.MusicClass)
	f.span("announce_frequency", &m.AnnounceFrequency, 24*time.Hour)
	f.span("min_announce_frequency", &m.AnnounceLeast, 24*time.Hour)
	f.oneOf("announce_position", m.AnnouncePosition, positionWords)
	f.number("announce_position_limit", m.PositionLimit, 0, maxQueued)
	f.oneOf("announce_holdtime", m.AnnounceHoldTime, holdWords)
	f.number("announce_round_seconds", m.RoundSeconds, 0, 60)
	f.few("periodic_announce", len(m.Periodic), maxSteps)
	for _, p := range m.Periodic {
		if f.text("periodic_announce", p); p == "" {
			f.add("periodic_announce: one is empty")
		}
	}
	f.span("periodic_announce_frequency", &m.PeriodicFrequency, 24*time.Hour)
	f.span("periodic_announce_startdelay", &m.PeriodicDelay, 24*time.Hour)
}
