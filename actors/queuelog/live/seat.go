package live

import (
	"cmp"
	"maps"
	"slices"

	"tandem/actors/msg"
	"tandem/actors/queuelog/report"
	"tandem/web"
)

// States of an agent at a server, the one that counts most first.
var seatStates = []string{"talking", "ringing", "busy", "paused", "ready", "unreachable"}

// Device states, as manager interfaces number them (reference queuelog.md 4.8).
const (
	deviceInUse       = 2
	deviceBusy        = 3
	deviceInvalid     = 4
	deviceUnavailable = 5
	deviceRinging     = 6
	deviceRingInUse   = 7
	deviceOnHold      = 8
)

// seats are the agents at a server, by name. live: its manager interface is heard; calls are those of the server.
func (s *Server) seats(live bool, calls []web.LiveCall, source report.Source, names report.Names) map[string]*web.LiveSeat {
	all := map[string]*web.LiveSeat{}
	of := func(agent string) *web.LiveSeat {
		seat := all[agent]
		if seat == nil {
			seat = &web.LiveSeat{Server: s.Name, State: "ready", Known: live || heard(s.LogFeed), Queues: []string{}}
			all[agent] = seat
		}
		return seat
	}
	if s.Log != nil && !s.CallsOnly {
		for _, p := range s.Log.Present {
			sit(of(source.Agent(s.Name, p.Agent)), p, live)
		}
	}
	if live && !s.CallsOnly {
		s.members(func(name string) *web.LiveSeat { return of(source.Agent(s.Name, names.Of(name))) })
	}
	for _, c := range calls {
		if c.State == "talking" && c.Agent != "" {
			seat := of(c.Agent)
			seat.State, seat.Since, seat.On = "talking", c.Connect, c.Queue
		}
	}
	return all
}

// sit fills in what the log says of an agent. Where the manager interface is heard, that says what pauses there are.
func sit(seat *web.LiveSeat, p report.Present, live bool) {
	seat.Queues, seat.Device = slices.Clone(p.Queues), p.Device
	if p.Here {
		seat.Login, seat.Since = p.Since, p.Since
	}
	for _, pause := range p.Pauses {
		seat.Reason = cmp.Or(pause.Reason, seat.Reason)
		if live {
			continue
		}
		if pause.Queue != report.AllQueues {
			seat.PausedIn = append(seat.PausedIn, pause.Queue)
		}
		if pause.Queue == report.AllQueues || !slices.ContainsFunc(p.Queues, func(q string) bool { return !slices.Contains(seat.PausedIn, q) }) {
			seat.State, seat.Since = "paused", max(pause.Start, 0)
		}
	}
	if seat.State != "paused" && len(seat.PausedIn) == 0 {
		seat.Reason = ""
	}
}

// members fills in what the manager interface says of agents.
func (s *Server) members(of func(name string) *web.LiveSeat) {
	byName := map[string][]*msg.ExchangeMember{}
	for _, m := range s.Told.Members {
		byName[m.Name] = append(byName[m.Name], m)
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		seat := of(name)
		paused := 0
		seat.PausedIn, seat.Queues = nil, nil // those that the log has not seen end are no more
		since := seat.Since
		for _, m := range byName[name] {
			if !slices.Contains(seat.Queues, m.Queue) {
				seat.Queues = append(seat.Queues, m.Queue)
			}
			seat.Device = m.Interface
			seat.LastCall = max(seat.LastCall, m.LastCallAt)
			since = max(since, m.LastCallAt)
			if m.Paused {
				paused++
				seat.PausedIn = append(seat.PausedIn, m.Queue)
				seat.Reason = cmp.Or(m.Reason, seat.Reason)
				seat.Since = max(seat.Since, m.PausedAt)
			}
		}
		slices.Sort(seat.Queues)
		state := deviceState(byName[name])
		switch {
		case state != "ready" && (state != "unreachable" || paused == 0):
			seat.State, seat.Since = state, 0
		case paused == len(byName[name]):
			seat.State = "paused"
		default:
			seat.State, seat.Since = "ready", since
		}
		if paused == 0 {
			seat.Reason = ""
		}
	}
}

// deviceState is what the device of an agent does.
func deviceState(all []*msg.ExchangeMember) string {
	state := "ready"
	for _, m := range all {
		switch m.Status {
		case deviceRinging, deviceRingInUse:
			return "ringing"
		case deviceInUse, deviceBusy, deviceOnHold:
			state = "busy"
		case deviceInvalid, deviceUnavailable:
			state = "unreachable"
		}
	}
	return state
}
