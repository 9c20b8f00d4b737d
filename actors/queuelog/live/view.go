package live

import (
	"slices"
	"strings"
	"time"

	"tandem/actors/queuelog/report"
	"tandem/web"
)

// Ask says of what a View is made.
type Ask struct {
	Now    time.Time
	From   int64         // counts touch the time from then on, seconds since 1970
	Within int64         // service level, seconds
	Quiet  time.Duration // for so long nothing happens where a server is not yet quiet
	Queues []string      // these alone; none: all
	Names  report.Names
	Sees   func(queue string) bool // who asks supervises it; nil: he supervises all
}

// Make makes the view of some servers, in the order of the source.
func Make(source report.Source, servers []Server, a Ask) web.LiveView {
	v := web.LiveView{Source: source.String(), At: a.Now, Within: a.Within, Queues: []web.LiveQueue{}, Calls: []web.LiveCall{},
		Agents: []web.LiveAgent{}, Servers: []web.LiveServer{}}
	if a.From > 0 {
		v.From = time.Unix(a.From, 0).UTC()
	}
	hall := newHall(a)
	for i := range servers {
		s := &servers[i]
		shown := s.show(a)
		live := heard(shown.Manager)
		calls := s.calls(live, source, a.Names)
		seats := s.seats(live, calls, source, a.Names) // who talks in a queue that is not shown is not ready
		calls = slices.DeleteFunc(calls, func(c web.LiveCall) bool { return !a.takes(c.Queue) })
		hall.add(s, &shown, calls, seats)
		v.Servers, v.Calls = append(v.Servers, shown), append(v.Calls, calls...)
		v.All = plus(v.All, shown.Counts)
	}
	slices.SortStableFunc(v.Calls, func(x, y web.LiveCall) int {
		return compare(x.Enter, y.Enter, strings.Compare(x.Key(), y.Key()))
	})
	v.Agents = append(v.Agents, hall.agents()...)
	v.Queues = append(v.Queues, hall.queues(v.Agents)...)
	return v
}

func compare(a, b int64, other int) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return other
}

func (a *Ask) takes(queue string) bool {
	return (len(a.Queues) == 0 || slices.Contains(a.Queues, queue)) && (a.Sees == nil || a.Sees(queue))
}

// seen is a seat as far as who asks may see it: by his queues alone. A call of another queue makes an agent busy; false: he
// serves no queue of his.
func (a *Ask) seen(s web.LiveSeat) (web.LiveSeat, bool) {
	if a.Sees == nil {
		return s, true
	}
	hidden := func(queue string) bool { return !a.Sees(queue) }
	s.Queues = slices.DeleteFunc(slices.Clone(s.Queues), hidden)
	s.PausedIn = slices.DeleteFunc(slices.Clone(s.PausedIn), hidden)
	here := len(s.Queues) > 0
	switch {
	case s.On != "" && hidden(s.On):
		s.State, s.On = "busy", ""
	case s.On != "":
		here = true
	}
	return s, here
}

// show is a server with the ages of its feeds.
func (s *Server) show(a Ask) web.LiveServer {
	out := web.LiveServer{Name: s.Name, CallsOnly: s.CallsOnly, Log: s.LogFeed, Manager: s.managerFeed(a.Now, a.Quiet),
		Ahead: web.InSeconds(s.Ahead), Restarts: []int64{}}
	if heard(out.Manager) {
		out.Ahead = web.InSeconds(time.Duration(s.Told.AheadMs) * time.Millisecond)
	}
	out.State = stateOf(out.Log, out.Manager)
	if s.Log == nil {
		return out
	}
	out.Restarts = append(out.Restarts, s.Log.Restarts...)
	for name, q := range s.Log.Queues {
		if a.takes(name) {
			out.Counts = plus(out.Counts, counts(q))
		}
	}
	return out
}

// stateOf is that of the feed which says most.
func stateOf(feeds ...web.LiveFeed) string {
	for _, state := range []string{web.LiveOn, web.LiveBehind, web.LiveQuiet} {
		for _, f := range feeds {
			if f.State == state {
				return state
			}
		}
	}
	return web.LiveCut
}

func counts(q report.Queue) web.LiveCounts {
	return web.LiveCounts{Offered: q.Offered, Answered: q.Answered, Lost: q.Lost, InTime: q.AnsWithin, WaitAnswered: q.WaitAnswered,
		Talks: q.TalkCalls, Talk: q.Talk}
}

func plus(a, b web.LiveCounts) web.LiveCounts {
	return web.LiveCounts{Offered: a.Offered + b.Offered, Answered: a.Answered + b.Answered, Lost: a.Lost + b.Lost, InTime: a.InTime + b.InTime,
		WaitAnswered: a.WaitAnswered + b.WaitAnswered, Talks: a.Talks + b.Talks, Talk: a.Talk + b.Talk}
}
