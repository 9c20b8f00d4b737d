package block

import (
	"maps"
	"slices"

	"tandem/actors/queuelog/report"
)

// ofStaff is a block about agents: it is made of the staff when all has been read.
type ofStaff struct {
	f    *staff
	make func(*staff) ([]Column, [][]Cell)
}

func (*ofStaff) call(*call)                    {}
func (o *ofStaff) table() ([]Column, [][]Cell) { return o.make(o.f) }

func staffed(make func(*staff) ([]Column, [][]Cell)) func(*run, *Block) maker {
	return func(r *run, _ *Block) maker { return &ofStaff{r.staff, make} }
}

const needTimes = needSessions | needPauses

var agentBlocks = []Block{
	{"AgentsDO.ReportAgents", "Agents together", "", nothing, staffed((*staff).together), needTimes},
	{"AgentsDO.SessionPauseDur", "Sessions and pauses", "", nothing, staffed((*staff).durations), needTimes},
	{"AgentsDO.AgentAvail", "Availability", "", nothing, staffed((*staff).availability), needTimes},
	{"AgentsDO.AnsCallsQueues", "Answered calls by agent and queue", "", nothing, staffed((*staff).queues), needTimes},
	{"AgentsDO.AnsCallsCG", "Answered calls by agent group", "group", answeredCalls, by(answerCols, isAnswered), 0},
	{"AgentsDO.AnsCallsLocation", "Answered calls by location", "location", answeredCalls, by(answerCols, isAnswered), 0},
	{"AgentsDO.AnsCallsSG", "Answered calls by level", "level", answeredCalls, by(answerCols, isAnswered), 0},
	{"AgentsDO.PerformanceAcdGroups", "Attempts by agent group", "", nothing, acd(func(r *run, a report.Attempt) string {
		return sorted(r.ask.Groups, a.Agent)
	}, "Agent group"), needAttempts},
	{"AgentsDO.AgentOccupancy", "Occupancy", "", nothing, staffed((*staff).occupancy), needTimes},
	{"AgentsDO.AgentSessionTimeByHour", "Session time by hour", "", nothing, hourly(nil), needTimes | needHours},
	{"AgentsDO.AgentPayableTimeByHour", "Paid time by hour", "", nothing, hourly(func(f *staff, s *report.Pause) bool {
		return !slices.Contains(f.r.ask.Payable, s.Reason)
	}), needTimes | needHours},
	{"AgentsDO.AgentBillableTimeByHour", "Working time by hour", "", nothing, hourly(func(f *staff, s *report.Pause) bool {
		return !f.billable(s)
	}), needTimes | needHours},
}

// whereAgent are the answered calls of an agent in one direction.
func whereAgent(name, direction string) Where {
	return Where{isAnswered, {"agent", name}, {"direction", direction}}
}

// together are the figures of all agents.
func (f *staff) together() ([]Column, [][]Cell) {
	var all times
	present := int64(0)
	for _, p := range f.agents {
		t := f.times(p)
		all.sessions, all.pauses = all.sessions+t.sessions, all.pauses+t.pauses
		all.session, all.paused = all.session+t.session, all.paused+t.paused
		if t.sessions > 0 {
			present++
		}
	}
	sessions, pauses := int64(all.sessions), int64(all.pauses)
	return pairHeads, [][]Cell{
		{text("Agents seen"), count(int64(len(f.agents)))}, {text("Agents with a session"), count(present)},
		{text("Sessions"), count(sessions)}, {text("Session time"), seconds(all.session)}, {text("Avg session"), average(all.session, sessions)},
		{text("Pauses"), count(pauses)}, {text("Pause time"), seconds(all.paused)}, {text("Avg pause"), average(all.paused, pauses)},
		{text("Available time"), seconds(all.available())},
		{text("N. Calls"), count(f.calls.answered).where(Where{isAnswered, {"direction", In}})}, {text("Total talk"), f.calls.talk.total()},
	}
}

func (f *staff) durations() (heads []Column, rows [][]Cell) {
	heads = []Column{{"Agent", Text}, {"Sessions", Count}, {"Session time", Seconds}, {"Avg session", Seconds}, {"Pauses", Count},
		{"Pause time", Seconds}, {"Avg pause", Seconds}, {"Pauses per session", Ratio}}
	for _, p := range f.sorted() {
		t := f.times(p)
		rows = append(rows, []Cell{text(p.name), count(int64(t.sessions)), seconds(t.session), average(t.session, int64(t.sessions)),
			count(int64(t.pauses)), seconds(t.paused), average(t.paused, int64(t.pauses)), ratio(int64(t.pauses), int64(t.sessions))})
	}
	return heads, rows
}

func (f *staff) availability() (heads []Column, rows [][]Cell) {
	heads = []Column{{"Level", Text}, {"Agent", Text}, {"Time", Seconds}, {"On pause", Seconds}, {"Billable", Seconds},
		{"Non bill.", Seconds}, {"Overlapping", Seconds}, {"%", Percent}}
	for _, p := range f.sorted() {
		t := f.times(p)
		rows = append(rows, []Cell{text(sorted(f.r.ask.Levels, p.name)), text(p.name), told(Seconds, t.session, t.sessions > 0),
			seconds(t.paused), seconds(t.billable), seconds(t.paused - t.billable), seconds(t.overlaps), percent(t.available(), t.session)})
	}
	return heads, rows
}

func (f *staff) queues() (heads []Column, rows [][]Cell) {
	heads = []Column{{"Agent", Text}, {"Queue", Text}, {"N. Calls", Count}, {"% of queue", Percent}, {"Total talk", Seconds},
		{"Avg talk", Seconds}, {"Avg wait", Seconds}}
	all := map[string]int64{}
	for _, p := range f.agents {
		for queue, s := range p.queues {
			all[queue] += s.answered
		}
	}
	for _, p := range f.sorted() {
		for _, queue := range slices.Sorted(maps.Keys(p.queues)) {
			s := p.queues[queue]
			rows = append(rows, []Cell{text(p.name), text(queue), count(s.answered).where(whereAgent(p.name, In).and(Term{"queue", queue})),
				percent(s.answered, all[queue]), s.talk.total(), s.talk.average(), s.waited.average()})
		}
	}
	return heads, rows
}

func (f *staff) occupancy() (heads []Column, rows [][]Cell) {
	heads = []Column{{"Agent", Text}, {"N. Calls", Count}, {"Outbound", Count}, {"Talk", Seconds}, {"Session", Seconds}, {"Pause", Seconds},
		{"Available", Seconds}, {"Occupancy %", Percent}}
	for _, p := range f.sorted() {
		t := f.times(p)
		talk := p.in.talk.sum + p.out.talk.sum
		rows = append(rows, []Cell{text(p.name), count(p.in.answered).where(whereAgent(p.name, In)),
			count(p.out.answered).where(whereAgent(p.name, Out)), seconds(talk), told(Seconds, t.session, t.sessions > 0),
			seconds(t.paused), seconds(t.available()), percent(talk, t.available())})
	}
	return heads, rows
}

// hourly makes agents by slots: how long each was there, but for some of his pauses.
func hourly(without func(*staff, *report.Pause) bool) func(*run, *Block) maker {
	return staffed(func(f *staff) (heads []Column, rows [][]Cell) {
		slots := map[string]bool{}
		time := map[string]map[string]int64{}
		for key, b := range f.buckets {
			slots[key.slot] = true
			for name, length := range b.agents {
				if time[name] == nil {
					time[name] = map[string]int64{}
				}
				time[name][key.slot] += length
			}
		}
		if without != nil {
			f.subtract(time, without)
		}
		heads = []Column{{"Agent", Text}, {"All", Seconds}}
		columns := slices.Sorted(maps.Keys(slots))
		for _, slot := range columns {
			heads = append(heads, Column{slot, Seconds})
		}
		for _, name := range slices.Sorted(maps.Keys(time)) {
			cells, all := make([]Cell, 2, 2+len(columns)), int64(0)
			for _, slot := range columns {
				all += time[name][slot]
				cells = append(cells, seconds(time[name][slot]))
			}
			cells[0], cells[1] = text(name), seconds(all)
			rows = append(rows, cells)
		}
		return heads, rows
	})
}

// subtract takes pauses off, where they fall into a session.
func (f *staff) subtract(time map[string]map[string]int64, without func(*staff, *report.Pause) bool) {
	for name, of := range time {
		p := f.agents[name]
		there, _ := report.Union(p.session(nil))
		rests, _ := report.Union(p.paused(func(s *report.Pause) bool { return without(f, s) }))
		for _, rest := range rests {
			for at := rest.Start; at < rest.End; {
				next := min(rest.End, f.r.clock.until(at))
				of[f.r.clock.at(at).slot] -= overlap([]report.Interval{{Start: at, End: next}}, there)
				at = next
			}
		}
	}
}
