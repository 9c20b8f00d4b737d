package live

import (
	"maps"
	"slices"

	"tandem/web"
)

// hall puts queues and agents of many servers together.
type hall struct {
	ask   Ask
	parts map[string][]web.LiveQueue // by queue, in the order of the servers
	seats map[string][]web.LiveSeat  // by agent, likewise
	calls map[string][]web.LiveCall  // by queue
}

func newHall(a Ask) *hall {
	return &hall{ask: a, parts: map[string][]web.LiveQueue{}, seats: map[string][]web.LiveSeat{}, calls: map[string][]web.LiveCall{}}
}

// add adds a server.
func (h *hall) add(s *Server, shown *web.LiveServer, calls []web.LiveCall, seats map[string]*web.LiveSeat) {
	queues := map[string]*web.LiveQueue{}
	of := func(name string) *web.LiveQueue {
		q := queues[name]
		if q == nil {
			q = &web.LiveQueue{Name: name, Server: s.Name, State: shown.State, Servers: 1}
			queues[name] = q
		}
		return q
	}
	if s.Log != nil {
		for name, figures := range s.Log.Queues {
			if h.ask.takes(name) {
				of(name).Counts = counts(figures)
			}
		}
	}
	for _, c := range calls {
		enter(of(c.Queue), c)
		h.calls[c.Queue] = append(h.calls[c.Queue], c)
	}
	for _, agent := range slices.Sorted(maps.Keys(seats)) {
		seat, here := h.ask.seen(*seats[agent])
		if !here {
			continue
		}
		for _, name := range seat.Queues {
			if h.ask.takes(name) {
				staff(of(name), seat.State, seat.On, slices.Contains(seat.PausedIn, name))
			}
		}
		h.seats[agent] = append(h.seats[agent], seat)
	}
	for _, c := range calls {
		if c.State == "talking" && c.Agent != "" && !slices.Contains(seats[c.Agent].Queues, c.Queue) {
			of(c.Queue).Unknown++
		}
	}
	for name, q := range queues {
		if shown.State == web.LiveCut {
			*q = web.LiveQueue{Name: q.Name, Server: q.Server, State: q.State, Servers: 1, Cut: 1, Counts: q.Counts}
		}
		h.parts[name] = append(h.parts[name], *q)
	}
}

// enter counts a call of a queue.
func enter(q *web.LiveQueue, c web.LiveCall) {
	switch {
	case c.Outbound:
		q.Outbound++
	case c.State == "talking":
		q.Talking++
	default:
		q.Waiting++
		if q.Longest == 0 || c.Enter < q.Longest {
			q.Longest = c.Enter
		}
	}
}

// staff counts an agent of a queue, who is in a state, on a call of some queue, and paused in this one or not.
func staff(q *web.LiveQueue, state, on string, paused bool) {
	q.Agents++
	switch {
	case state == "talking" && on == q.Name || state == "ringing":
	case state == "talking" || state == "busy":
		q.Busy++
	case paused || state == "paused":
		q.Paused++
	case state == "ready":
		q.Ready++
	}
}

// agents are all of them, by name.
func (h *hall) agents() (all []web.LiveAgent) {
	for _, name := range slices.SortedFunc(maps.Keys(h.seats), natural) {
		all = append(all, agentOf(name, h.seats[name]))
	}
	return all
}

// agentOf is an agent over all his servers: what counts most of what is known.
func agentOf(name string, seats []web.LiveSeat) web.LiveAgent {
	a := web.LiveAgent{Name: name, State: "not known", Seats: seats}
	best := -1
	for i, s := range seats {
		switch {
		case best < 0, s.Known && !seats[best].Known,
			s.Known == seats[best].Known && slices.Index(seatStates, s.State) < slices.Index(seatStates, seats[best].State):
			best = i
		}
	}
	chosen := seats[best]
	a.Since, a.Reason = chosen.Since, chosen.Reason
	if chosen.Known {
		a.State = chosen.State
	} else {
		a.Was = chosen.State
	}
	return a
}

// queues are all of them, by name: on each server, and over those that are heard.
func (h *hall) queues(agents []web.LiveAgent) (all []web.LiveQueue) {
	for _, name := range slices.Sorted(maps.Keys(h.parts)) {
		q := web.LiveQueue{Name: name, Parts: h.parts[name]}
		for _, p := range q.Parts {
			q.Servers, q.Cut = q.Servers+p.Servers, q.Cut+p.Cut
			q.Unknown += p.Unknown
			q.Counts = plus(q.Counts, p.Counts)
		}
		for _, c := range h.calls[name] {
			if c.Known {
				enter(&q, c)
			}
		}
		for _, a := range agents {
			h.staff(&q, a)
		}
		all = append(all, q)
	}
	return all
}

// staff counts an agent once, at however many servers he serves a queue.
func (h *hall) staff(q *web.LiveQueue, a web.LiveAgent) {
	serves, ready, on := false, false, ""
	for _, s := range a.Seats {
		if !s.Known {
			continue
		}
		if s.On != "" && (on == "" || s.On == q.Name) {
			on = s.On
		}
		if slices.Contains(s.Queues, q.Name) {
			serves = true
			ready = ready || s.State != "paused" && !slices.Contains(s.PausedIn, q.Name)
		}
	}
	if serves {
		staff(q, a.State, on, !ready)
	}
}

// natural puts 9 before 10.
func natural(a, b string) int {
	if len(a) != len(b) && trimmed(a) == trimmed(b) {
		return len(a) - len(b)
	}
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

// trimmed is a name without the digits at its end.
func trimmed(name string) string {
	for len(name) > 0 && name[len(name)-1] >= '0' && name[len(name)-1] <= '9' {
		name = name[:len(name)-1]
	}
	return name
}
