package hatch

import (
	"cmp"
	"time"

	"tandem/actors/msg"
	"tandem/signal"
	"tandem/web"
	"tandem/ximss/ami"
)

// ends are the reasons for which conversations end, as AgentComplete has them.
var ends = map[msg.QueueFact_What]string{
	msg.QueueFact_COMPLETED_BY_CALLER: "caller", msg.QueueFact_COMPLETED_BY_AGENT: "agent",
	msg.QueueFact_BLIND_TRANSFERRED: "transfer", msg.QueueFact_ATTENDED_TRANSFERRED: "transfer",
}

// queueEvents are the events of a fact of a queue, in which count callers wait now.
func (f *Feed) queueEvents(q *msg.QueueFact, count int) []ami.Event {
	c := f.caller(q)
	ring := ami.Ring{Caller: c, Member: q.Agent, Location: f.hatch.location(q.Agent)}
	rang, up := milliseconds(q.Rang), ring
	up.Up = true
	switch {
	case q.What == msg.QueueFact_ENTERED:
		return []ami.Event{ami.CallerJoins(c, count)}
	case q.What == msg.QueueFact_OFFERED:
		return []ami.Event{ami.AgentCalled(ring)}
	case q.What == msg.QueueFact_JOINED:
		up.ID = q.Text
		return []ami.Event{ami.CallerLeaves(c, count), ami.AgentConnects(up, rang)}
	case q.What == msg.QueueFact_DUMPED:
		return []ami.Event{ami.AgentDumps(up)}
	case q.What == msg.QueueFact_RUNG_IN_VAIN || q.What == msg.QueueFact_RING_CANCELLED:
		return []ami.Event{ami.AgentRingsInVain(ring, rang)}
	case ends[q.What] != "":
		return []ami.Event{ami.AgentCompletes(up, milliseconds(q.Talked), ends[q.What])}
	case q.What.Exits():
		return []ami.Event{ami.CallerAbandons(c, int(q.Original)), ami.CallerLeaves(c, count)}
	}
	return nil
}

func (f *Feed) caller(q *msg.QueueFact) ami.Caller {
	c := ami.Caller{ID: q.Caller, Number: q.Number, Name: q.Name, Queue: q.Queue, Position: int(q.Position), Priority: int(q.Priority),
		Waited: milliseconds(q.Waited)}
	if def, ok := f.hatch.Books.Queue(q.Queue); ok && len(def.Numbers) > 0 {
		c.Exten = def.Numbers[0]
	}
	return c
}

// location is where an agent is rung as a rule: his own phone. Where he works elsewhere the fact of that says so.
func (l *Hatch) location(agent string) string {
	if def, ok := l.Books.Agent(agent); ok {
		return "SIP/" + cmp.Or(signal.AOR(def.Account).User(), agent)
	}
	return "SIP/" + agent
}

// memberEvents are the facts of an agent that are one of a queue of his.
var memberEvents = map[msg.AgentFact_What]string{
	msg.AgentFact_ADDED_TO: "QueueMemberAdded", msg.AgentFact_REMOVED_FROM: "QueueMemberRemoved",
	msg.AgentFact_PAUSED_IN: "QueueMemberPause", msg.AgentFact_RESUMED_IN: "QueueMemberPause",
	msg.AgentFact_PENALTY_SET: "QueueMemberPenalty", msg.AgentFact_RING_IN_USE_SET: "QueueMemberRinginuse",
}

// tellable tells whether a fact of an agent becomes an event.
func tellable(what msg.AgentFact_What) bool {
	return memberEvents[what] != "" || what == msg.AgentFact_BECAME || what == msg.AgentFact_LOGGED_ON || what == msg.AgentFact_LOGGED_OFF
}

// agentEvents are the events of a fact of an agent who stands so.
func (f *Feed) agentEvents(a *msg.AgentFact, agent web.Agent) (events []ami.Event) {
	if !tellable(a.What) {
		return nil
	}
	members := f.hatch.membersOf(agent)
	name, one := memberEvents[a.What]
	switch {
	case one:
	case a.What == msg.AgentFact_BECAME:
		for _, m := range members {
			events = append(events, ami.MemberEvent("QueueMemberStatus", m))
		}
		return events
	default:
		return []ami.Event{f.seatEvent(a, members)}
	}
	m := ami.Member{Queue: a.Queue, Name: a.Agent, Location: f.hatch.location(a.Agent), Dynamic: true, Status: statusOf(agent)}
	for _, have := range members {
		if have.Queue == a.Queue {
			m = have
		}
	}
	changed(&m, a)
	return []ami.Event{ami.MemberEvent(name, m)}
}

// seatEvent is that an agent begins to work, or works no more, for those who watch one of his queues.
func (f *Feed) seatEvent(a *msg.AgentFact, members []ami.Member) ami.Event {
	var queues []string
	for _, m := range members {
		queues = append(queues, m.Queue)
	}
	if a.What == msg.AgentFact_LOGGED_ON {
		return ami.AgentLogsOn(a.Agent, cmp.Or(a.Text, f.hatch.location(a.Agent)), queues)
	}
	return ami.AgentLogsOff(a.Agent, f.hatch.location(a.Agent), queues, milliseconds(a.Time))
}

// changed is what a fact says of a member: what was asked for a moment later may be newer than that.
func changed(m *ami.Member, a *msg.AgentFact) {
	switch a.What {
	case msg.AgentFact_PAUSED_IN:
		m.Paused, m.Reason, m.LastPause = true, a.Text, time.Unix(0, a.At)
	case msg.AgentFact_RESUMED_IN:
		m.Paused, m.Reason = false, ""
	case msg.AgentFact_PENALTY_SET:
		m.Penalty = int(a.Number)
	case msg.AgentFact_RING_IN_USE_SET:
		m.RingInUse = a.Number != 0
	}
}

func milliseconds(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }
