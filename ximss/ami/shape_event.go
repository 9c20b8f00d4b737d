package ami

import (
	"cmp"
	"strconv"
	"time"
)

// unknown is what is written where a name or number is not known.
const unknown = "<unknown>"

// channelOf names the channel of a leg: whose it is, and which of his.
func channelOf(of, id string) string { return "SIP/" + cmp.Or(of, "unknown") + "-" + id }

// states of channels, as Asterisk counts them.
var states = map[string]int{"Down": 0, "Ring": 4, "Ringing": 5, "Up": 6}

// channel writes what all events of a channel begin with. pre is "" or "Dest".
func channel(pre, name, state, num, who, otherNum, otherWho, context, exten, id, linked string) Packet {
	return Packet{
		{pre + "Channel", name},
		{pre + "ChannelState", strconv.Itoa(states[state])},
		{pre + "ChannelStateDesc", state},
		{pre + "CallerIDNum", cmp.Or(num, unknown)},
		{pre + "CallerIDName", cmp.Or(who, unknown)},
		{pre + "ConnectedLineNum", cmp.Or(otherNum, unknown)},
		{pre + "ConnectedLineName", cmp.Or(otherWho, unknown)},
		{pre + "Language", "en"},
		{pre + "AccountCode", ""},
		{pre + "Context", context},
		{pre + "Exten", exten},
		{pre + "Priority", "1"},
		{pre + "Uniqueid", id},
		{pre + "Linkedid", linked},
	}
}

func (c Caller) channel() Packet {
	return channel("", channelOf(c.Number, c.ID), "Up", c.Number, c.Name, "", "", "queues", cmp.Or(c.Exten, c.Queue), c.ID, c.ID)
}

func (r Ring) channels() Packet {
	state := "Ringing"
	if r.Up {
		state = "Up"
	}
	c := r.Caller
	id := cmp.Or(r.ID, c.ID+"."+r.Member) // the leg is named when he has answered
	p := append(c.channel(), channel("Dest", r.Location+"-"+id, state, r.Member, "", c.Number, c.Name, "agents", r.Member, id, c.ID)...)
	return append(p, Header{"Queue", c.Queue}, Header{"Interface", r.Location}, Header{"MemberName", r.Member})
}

// CallerJoins is that a caller has entered; count callers wait now.
func CallerJoins(c Caller, count int) Event {
	return Event{"QueueCallerJoin", Agents, []string{c.Queue}, append(c.channel(),
		Header{"Queue", c.Queue}, Header{"Position", number(c.Position)}, Header{"Count", number(count)})}
}

// CallerLeaves is that a caller waits no more.
func CallerLeaves(c Caller, count int) Event {
	return Event{"QueueCallerLeave", Agents, []string{c.Queue}, append(c.channel(),
		Header{"Queue", c.Queue}, Header{"Position", number(c.Position)}, Header{"Count", number(count)})}
}

// CallerAbandons is that a caller leaves without an answer, for any reason.
func CallerAbandons(c Caller, original int) Event {
	return Event{"QueueCallerAbandon", Agents, []string{c.Queue}, append(c.channel(),
		Header{"Queue", c.Queue}, Header{"Position", number(c.Position)},
		Header{"OriginalPosition", number(original)}, Header{"HoldTime", seconds(c.Waited)})}
}

// AgentCalled is that an agent is rung.
func AgentCalled(r Ring) Event {
	return Event{"AgentCalled", Agents, []string{r.Caller.Queue}, r.channels()}
}

// AgentConnects is that an agent and a caller talk, after he was rung for so long.
func AgentConnects(r Ring, rang time.Duration) Event {
	return Event{"AgentConnect", Agents, []string{r.Caller.Queue}, append(r.channels(),
		Header{"HoldTime", seconds(r.Caller.Waited)}, Header{"RingTime", seconds(rang)})}
}

// AgentCompletes is that they talk no more; reason is caller, agent or transfer.
func AgentCompletes(r Ring, talked time.Duration, reason string) Event {
	return Event{"AgentComplete", Agents, []string{r.Caller.Queue}, append(r.channels(),
		Header{"HoldTime", seconds(r.Caller.Waited)}, Header{"TalkTime", seconds(talked)}, Header{"Reason", reason})}
}

// AgentDumps is that an agent has hung up before he was joined with the caller.
func AgentDumps(r Ring) Event {
	return Event{"AgentDump", Agents, []string{r.Caller.Queue}, r.channels()}
}

// AgentRingsInVain is that an agent has not answered; the time is in milliseconds here.
func AgentRingsInVain(r Ring, rang time.Duration) Event {
	return Event{"AgentRingNoAnswer", Agents, []string{r.Caller.Queue},
		append(r.channels(), Header{"RingTime", number(max(0, rang).Milliseconds())})}
}

// AgentLogsOn is that an agent of these queues begins to work.
func AgentLogsOn(agent, location string, queues []string) Event {
	return Event{"AgentLogin", Agents, queues, append(agentChannel(agent, location), Header{"Agent", agent})}
}

// AgentLogsOff is that he works no more, after so long.
func AgentLogsOff(agent, location string, queues []string, worked time.Duration) Event {
	return Event{"AgentLogoff", Agents, queues,
		append(agentChannel(agent, location), Header{"Agent", agent}, Header{"Logintime", seconds(worked)})}
}

func agentChannel(agent, location string) Packet {
	return channel("", location, "Up", agent, "", "", "", "agents", agent, agent, agent)
}

// MemberEvent is an event about an agent in one of his queues: QueueMemberAdded, QueueMemberRemoved, QueueMemberPause,
// QueueMemberPenalty, QueueMemberRinginuse or QueueMemberStatus.
func MemberEvent(name string, m Member) Event {
	return Event{name, Agents, []string{m.Queue}, Packet{
		{"Queue", m.Queue},
		{"MemberName", m.Name},
		{"Interface", m.Location},
		{"StateInterface", m.Location},
		{"Membership", m.membership()},
		{"Penalty", number(m.Penalty)},
		{"CallsTaken", number(m.CallsTaken)},
		{"LastCall", moment(m.LastCall)},
		{"LastPause", moment(m.LastPause)},
		{"LoginTime", moment(m.LoginTime)},
		{"InCall", flag(m.InCall)},
		{"Status", number(int(m.Status))},
		{"Paused", flag(m.Paused)},
		{"PausedReason", m.Reason},
		{"Ringinuse", flag(m.RingInUse)},
		{"Wrapuptime", seconds(m.WrapUp)},
	}}
}

func (m Member) membership() string {
	if m.Dynamic {
		return "dynamic"
	}
	return "static"
}

// entry is a queue's member in the answer to QueueStatus.
func (m Member) entry() Packet {
	return Packet{
		{"Queue", m.Queue},
		{"Name", m.Name},
		{"Location", m.Location},
		{"StateInterface", m.Location},
		{"Membership", m.membership()},
		{"Penalty", number(m.Penalty)},
		{"CallsTaken", number(m.CallsTaken)},
		{"LastCall", moment(m.LastCall)},
		{"LastPause", moment(m.LastPause)},
		{"LoginTime", moment(m.LoginTime)},
		{"InCall", flag(m.InCall)},
		{"Status", number(int(m.Status))},
		{"Paused", flag(m.Paused)},
		{"PausedReason", m.Reason},
		{"Wrapuptime", seconds(m.WrapUp)},
	}
}

func (q Queue) parameters() Packet {
	return Packet{
		{"Queue", q.Name},
		{"Max", number(q.Max)},
		{"Strategy", q.Strategy},
		{"Calls", number(q.Waiting)},
		{"Holdtime", seconds(q.Hold)},
		{"TalkTime", seconds(q.Talk)},
		{"Completed", number(q.Completed)},
		{"Abandoned", number(q.Abandoned)},
		{"ServiceLevel", seconds(q.ServiceLevel)},
		{"ServicelevelPerf", percent(q.AnsweredInTime, q.Answered)},
		{"ServicelevelPerf2", percent(q.AnsweredInTime+q.AbandonedInTime, q.Answered+q.Abandoned)},
		{"Weight", number(q.Weight)},
	}
}

func (q Queue) summary() Packet {
	on, available := 0, 0
	for _, m := range q.Members {
		if m.Status != Unavailable {
			on++
			if m.Status == NotInUse && !m.Paused {
				available++
			}
		}
	}
	return Packet{
		{"Queue", q.Name},
		{"LoggedIn", number(on)},
		{"Available", number(available)},
		{"Callers", number(q.Waiting)},
		{"HoldTime", seconds(q.Hold)},
		{"TalkTime", seconds(q.Talk)},
		{"LongestHoldTime", seconds(q.Longest)},
	}
}

func (c Caller) entry() Packet {
	return Packet{
		{"Queue", c.Queue},
		{"Position", number(c.Position)},
		{"Channel", channelOf(c.Number, c.ID)},
		{"Uniqueid", c.ID},
		{"CallerIDNum", cmp.Or(c.Number, unknown)},
		{"CallerIDName", cmp.Or(c.Name, unknown)},
		{"ConnectedLineNum", unknown},
		{"ConnectedLineName", unknown},
		{"Wait", seconds(c.Waited)},
		{"Priority", number(c.Priority)},
	}
}

// channel is a call leg as lists have it.
func (c Call) channel() Packet {
	return channel("", c.name(), cmp.Or(c.State, "Down"), c.Number, c.Name, c.Peer, c.PeerName, "calls", c.Exten,
		cmp.Or(c.Unique, c.ID), cmp.Or(c.Of, c.Unique, c.ID))
}

// name is that of its channel.
func (c Call) name() string { return channelOf(c.Number, cmp.Or(c.Unique, c.ID)) }

// is tells whether a client means it by a name.
func (c Call) is(name string) bool {
	return name != "" && (name == c.ID || name == c.Unique || name == c.name())
}

func seconds(d time.Duration) string { return number(int64(max(0, d) / time.Second)) }

// moment is a time in seconds since 1970, 0 for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return "0"
	}
	return number(t.Unix())
}

func percent(part, of int) string {
	if of <= 0 {
		return "0.0"
	}
	return strconv.FormatFloat(100*float64(part)/float64(of), 'f', 1, 64)
}
