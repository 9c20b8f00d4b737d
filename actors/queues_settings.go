package actors

import (
	"strconv"
	"strings"

	"tandem/actors/agent"
	"tandem/actors/ledger"
	"tandem/actors/queue"
)

// queueSettings are what the machine of a queue is told of its definition, which the ledger has checked.
func queueSettings(q *ledger.Queue) queue.Settings {
	s := queue.Settings{
		Strategy: q.Strategy, Ring: q.Timeout.Duration(), Retry: q.Retry.Duration(), CallerRests: q.CallerRests,
		RingInFull: q.TimeoutPriority == "conf", OneByOne: !q.Autofill,
		MaxWaiting: q.MaxLen, MaxStay: q.MaxStay.Duration(), Closed: q.Closed,
		Weight: q.Weight, Longest: longestOf(q.ForceLongest),
		WrapUp: q.WrapUpTime.Duration(), ServiceLevel: q.ServiceLevel.Duration(), Shared: q.SharedLastCall,
		Music: q.MusicClass, AgentHears: q.Announce, AgentDelay: q.MemberDelay.Duration(), FewAgents: q.PenaltyMembersLimit,
		Tiers: queue.Tiers{Apply: q.Tiers.Apply, Wait: q.Tiers.Wait.Duration(), Multiply: q.Tiers.Multiply,
			NoAgentNoWait: q.Tiers.NoAgentNoWait},
		AutoPause: queue.AutoPause{On: q.AutoPause != "no", All: q.AutoPause == "all", Busy: q.AutoPauseBusy,
			Unavailable: q.AutoPauseUnavail, Delay: q.AutoPauseDelay.Duration()},
		Announce: announcements(q),
		Overflow: queue.Overflow{Queue: q.Overflow.Queue, After: q.Overflow.After.Duration(), WhenFull: q.Overflow.WhenFull,
			WhenEmpty: q.Overflow.WhenEmpty},
		Callback: queue.CallbackSettings{Key: q.Callback.Key, After: q.Callback.After.Duration(), Tries: q.Callback.Tries,
			Again: q.Callback.Again.Duration(), Ring: q.Callback.Ring.Duration(), Life: q.Callback.Life.Duration()},
	}
	s.JoinEmpty, _ = queue.ParseConditions(q.JoinEmpty, false)
	s.LeaveEmpty, _ = queue.ParseConditions(q.LeaveWhenEmpty, true)
	for _, r := range q.Rules {
		s.Rules = append(s.Rules, queue.Rule{After: r.After.Duration(), Min: changeOf(r.Min), Max: changeOf(r.Max), Raise: changeOf(r.Raise)})
	}
	for _, r := range q.Relax {
		s.Relax = append(s.Relax, queue.Step{After: r.After.Duration(), Skill: r.Skill, By: r.By})
	}
	for _, x := range q.Exits {
		s.Exits = append(s.Exits, queue.Exit{Key: x.Key, To: x.To})
	}
	return s
}

// announcements are what its callers are told while they wait.
func announcements(q *ledger.Queue) queue.Announce {
	a := queue.Announce{Every: q.AnnounceFrequency.Duration(), Least: q.AnnounceLeast.Duration(),
		Position: q.AnnouncePosition != "no", OnlyUp: q.PositionOnlyUp,
		HoldTime: q.AnnounceHoldTime != "no", HoldTimeOnce: q.AnnounceHoldTime == "once", RoundSeconds: q.RoundSeconds,
		Periodic: q.Periodic, PeriodicEvery: q.PeriodicFrequency.Duration(), PeriodicDelay: q.PeriodicDelay.Duration(),
		PeriodicRandom: q.PeriodicRandom, ToFirst: q.ToFirstUser}
	if q.AnnouncePosition == "more" {
		a.PositionLimit = q.PositionLimit
	}
	return a
}

func longestOf(word string) queue.Longest {
	switch word {
	case "yes":
		return queue.LongestYes
	case "prio":
		return queue.LongestPriority
	}
	return queue.LongestOff
}

// changeOf reads one number of a penalty rule: 5, +1, -1, or "" for none.
func changeOf(text string) queue.Change {
	n, err := strconv.Atoi(text)
	if err != nil {
		return queue.Change{}
	}
	return queue.Change{Set: true, Relative: strings.HasPrefix(text, "+") || strings.HasPrefix(text, "-"), Value: n}
}

// agentSettings are what the machine of an agent is told of him.
func agentSettings(a *ledger.Agent) agent.Settings {
	return agent.Settings{Skills: a.Skills, WrapUp: a.WrapUpTime.Duration(), CountOutside: a.CountOutside}
}
