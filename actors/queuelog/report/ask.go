package report

import "slices"

// Ask says of what a Summary is made. The zero value: of all there is, answered within 0 s.
type Ask struct {
	Within int64 // service level, in seconds: up to and with it
	From   int64 // seconds since 1970; what touches the time from here on
	To     int64 // before this; 0: without end
	Whole  bool  // calls that begin and end in that time alone
	Queues []string
	Agents []string
}

// touches tells whether a stretch of time is asked for; its end is Unknown where it goes on.
func (a *Ask) touches(start, end int64) bool {
	after := a.To == 0 || start < a.To
	if a.Whole {
		return start >= a.From && after && end != Unknown && (a.To == 0 || end < a.To)
	}
	return after && (end == Unknown || end >= a.From)
}

// Clip cuts a stretch to what is asked for; false: nothing is left.
func (a *Ask) Clip(start, end int64) (Interval, bool) {
	if start = max(start, a.From); a.To != 0 {
		end = min(end, a.To)
	}
	return Interval{start, end}, start <= end
}

func among(name string, asked []string) bool { return len(asked) == 0 || slices.Contains(asked, name) }

// Takes tells whether a stint is asked for: by its time, its queue and its agent.
func (a *Ask) Takes(c *Stint) bool {
	end := c.End
	if c.State == Waiting || c.State == Talking {
		end = Unknown
	}
	return a.touches(c.Enter, end) && among(c.Queue, a.Queues) && among(c.Agent, a.Agents)
}

// TakesAttempt tells whether an attempt is asked for.
func (a *Ask) TakesAttempt(t Attempt) bool {
	return a.touches(t.At, t.At) && among(t.Queue, a.Queues) && t.Agent != "" && among(t.Agent, a.Agents)
}

// TakesStay tells whether a part of a session or pause of an agent is asked for.
func (a *Ask) TakesStay(agent string, start, end int64) bool {
	_, ok := a.Clip(start, end)
	return ok && among(agent, a.Agents)
}
