package report

import (
	"maps"
	"slices"

	"tandem/actors/queuelog/line"
)

// presence is what is open of one agent in one partition.
type presence struct {
	since  int64           // of his session, if there is one
	here   bool            // there is one
	device string          // at which it began
	logged bool            // he has logged on himself
	queues map[string]bool // to which he was added
	pauses map[string]*Pause
}

// agentRow takes a line about an agent's session or pauses; false: it is none.
func (f *Fold) agentRow(r *line.Row) bool {
	var act func(*Fold, *line.Row, string)
	switch string(r.Verb) {
	case "AGENTLOGIN", "AGENTCALLBACKLOGIN":
		act = (*Fold).logOn
	case "AGENTLOGOFF", "AGENTCALLBACKLOGOFF":
		act = (*Fold).logOff
	case "ADDMEMBER", "ADDMEMBER2":
		act = (*Fold).added
	case "REMOVEMEMBER":
		act = (*Fold).removed
	case "PAUSE":
		act = (*Fold).paused
	case "UNPAUSE":
		act = (*Fold).resumed
	case "PAUSEALL":
		act = (*Fold).pausedAll
	case "UNPAUSEALL":
		act = (*Fold).resumedAll
	case "PAUSEREASON":
		act = (*Fold).reason
		f.count(string(r.Verb))
	case "HOTDESK":
		f.names.desk(string(r.Arg(1)), string(r.Agent))
		return true
	default:
		return false
	}
	agent := f.agent(r.Agent)
	if agent != "" && !f.callsOnly {
		act(f, r, agent)
	}
	if agent != "" && logsOff(r.Verb) { // calls are told by the same names, whether sessions are followed or not
		f.names.leave(agent)
	}
	return true
}

// of is what is open of an agent; nil: there are too many.
func (f *Fold) of(agent string) *presence {
	p := f.agents[agent]
	if p == nil && len(f.agents) < maxAgents {
		p = &presence{queues: map[string]bool{}, pauses: map[string]*Pause{}}
		f.agents[agent] = p
	}
	return p
}

// begin opens a session, if there is none.
func (p *presence) begin(at int64, device string) {
	if !p.here {
		p.here, p.since, p.device = true, at, device
	}
}

func (f *Fold) logOn(r *line.Row, agent string) {
	if p := f.of(agent); p != nil {
		p.begin(r.At, f.word(r.Arg(1)))
		p.logged = true
	}
}

func (f *Fold) added(r *line.Row, agent string) {
	p := f.of(agent)
	if p == nil {
		return
	}
	p.begin(r.At, f.device(r))
	if len(p.queues) < maxQueues {
		p.queues[f.word(r.Queue)] = true
	}
	if string(r.Arg(1)) == "PAUSED" {
		f.pause(p, r, agent, f.word(r.Queue), nil)
	}
}

// device is where somebody who is added to a queue works: the interface that was added, where it has a name of its own.
func (f *Fold) device(r *line.Row) string {
	if string(r.Verb) == "ADDMEMBER2" {
		return f.word(r.Arg(1))
	}
	if f.names.plain(string(r.Agent)) == string(r.Agent) {
		return ""
	}
	return f.word(r.Agent)
}

func (f *Fold) removed(r *line.Row, agent string) {
	p := f.agents[agent]
	if p == nil {
		return
	}
	f.resume(p, string(r.Queue), r.At)
	delete(p.queues, string(r.Queue))
	if len(p.queues) == 0 && !p.logged {
		f.leave(p, agent, r.At, f.word(r.Verb))
	}
}

// logOff: he works no more. If he was never seen to begin, the line says for how long he has worked.
func (f *Fold) logOff(r *line.Row, agent string) {
	p := f.agents[agent]
	if p == nil || !p.here {
		if length, ok := line.Number(r.Arg(2)); ok {
			f.sink.Session(&Session{f.partition, agent, r.At - length, r.At, f.word(r.Verb), f.word(r.Arg(1))})
		}
	}
	if p != nil {
		f.leave(p, agent, r.At, f.word(r.Verb))
	}
}

func logsOff(verb []byte) bool {
	return string(verb) == "AGENTLOGOFF" || string(verb) == "AGENTCALLBACKLOGOFF"
}

// leave ends all that is open of an agent.
func (f *Fold) leave(p *presence, agent string, at int64, cause string) {
	for queue := range p.pauses {
		f.resume(p, queue, at)
	}
	if p.here {
		f.sink.Session(&Session{f.partition, agent, p.since, at, cause, p.device})
	}
	delete(f.agents, agent)
}

func (f *Fold) leaveAll(at int64, cause string) {
	for agent, p := range f.agents {
		f.leave(p, agent, at, cause)
	}
}

func (f *Fold) paused(r *line.Row, agent string) {
	if p := f.of(agent); p != nil {
		f.pause(p, r, agent, f.word(r.Queue), r.Arg(1))
	}
}

func (f *Fold) pausedAll(r *line.Row, agent string) {
	if p := f.of(agent); p != nil {
		f.pause(p, r, agent, AllQueues, r.Arg(1))
	}
}

// pause opens one; where one is open only its reason is new.
func (f *Fold) pause(p *presence, r *line.Row, agent, queue string, reason []byte) {
	if open := p.pauses[queue]; open != nil {
		open.Reason = f.word(reason)
		return
	}
	if len(p.pauses) >= maxQueues {
		return
	}
	p.pauses[queue] = &Pause{Partition: f.partition, Agent: agent, Queue: queue, Reason: f.word(reason), Start: r.At}
}

func (f *Fold) resumed(r *line.Row, agent string) {
	if p := f.agents[agent]; p != nil {
		f.resume(p, string(r.Queue), r.At)
		f.forget(p, agent)
	}
}

func (f *Fold) resumedAll(r *line.Row, agent string) {
	if p := f.agents[agent]; p != nil {
		f.resume(p, AllQueues, r.At)
		f.forget(p, agent)
	}
}

func (f *Fold) resume(p *presence, queue string, at int64) {
	if open := p.pauses[queue]; open != nil {
		open.End = at
		delete(p.pauses, queue)
		f.sink.Pause(open)
	}
}

// forget drops an agent of whom nothing is open.
func (f *Fold) forget(p *presence, agent string) {
	if !p.here && len(p.pauses) == 0 {
		delete(f.agents, agent)
	}
}

// reason says why he pauses, after he has begun to.
func (f *Fold) reason(r *line.Row, agent string) {
	if p := f.agents[agent]; p != nil {
		for _, open := range p.pauses {
			open.Reason = f.word(r.Arg(1))
		}
	}
}

// show hands on what is open of an agent as if it ended with the last line.
func (p *presence) show(f *Fold, agent string, sink Sink) {
	if p.here {
		sink.Session(&Session{f.partition, agent, p.since, f.now, "", p.device})
	}
	for _, open := range p.pauses {
		shown := *open
		shown.End = f.now
		sink.Pause(&shown)
	}
}

// Present is an agent who is logged on, or pauses, at the end of what was read.
type Present struct {
	Agent, Device string
	Here          bool  // he is logged on, since
	Since         int64 // then
	Queues        []string
	Pauses        []Pause
}

// Present tells who is there, by name.
func (f *Fold) Present() []Present {
	all := make([]Present, 0, len(f.agents))
	for _, agent := range slices.Sorted(maps.Keys(f.agents)) {
		p := f.agents[agent]
		one := Present{Agent: agent, Device: p.device, Here: p.here, Since: p.since, Queues: slices.Sorted(maps.Keys(p.queues))}
		for _, queue := range slices.Sorted(maps.Keys(p.pauses)) {
			one.Pauses = append(one.Pauses, *p.pauses[queue])
		}
		all = append(all, one)
	}
	return all
}
