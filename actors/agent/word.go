package agent

import (
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
)

// What is said in the words of package msg, in those of the machine, and the other way round.

func ms(d time.Duration) int64     { return d.Milliseconds() }
func fromMS(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

func offerOf(id *msg.QueueOfferID) OfferID { return OfferID{id.GetEpoch(), id.GetNumber()} }
func offerWord(id OfferID) *msg.QueueOfferID {
	return &msg.QueueOfferID{Epoch: id.Epoch, Number: id.Number}
}

func bidOf(m *msg.AgentReserve) Bid {
	return Bid{Queue: m.Queue, Offer: offerOf(m.Offer), Turn: m.Turn, Weight: int(m.Weight), Priority: int(m.Priority),
		Longest: Longest(m.Longest), Since: msg.Moment(m.Since)}
}

func progressOf(m *msg.AgentProgress) Word {
	return Word{Queue: m.Queue, By: m.By, Offer: offerOf(m.Offer), Caller: m.Caller, Stage: Stage(m.Stage), WrapUp: fromMS(m.WrapUp),
		Number: m.Number, Name: m.Name, Since: msg.Moment(m.CallerSince)}
}

func releaseOf(m *msg.AgentRelease) Word {
	return Word{Queue: m.Queue, By: m.By, Offer: offerOf(m.Offer), Why: m.Why}
}

func membershipOf(m *msg.AgentMembership) Membership {
	return Membership{Queue: cut(m.GetQueue()), Penalty: int(m.GetPenalty()), Level: int(m.GetLevel()), Position: int(m.GetPosition()),
		Weight: int(m.GetWeight()), Longest: m.GetLongest(), RingInUse: m.GetRingInUse(), Dynamic: m.GetDynamic(),
		Paused: m.GetPaused(), Reason: cut(m.GetReason())}
}

func membershipWord(m *Membership) *msg.AgentMembership {
	return &msg.AgentMembership{Queue: m.Queue, Penalty: int32(m.Penalty), Level: int32(m.Level), Position: int32(m.Position),
		Weight: int32(m.Weight), Longest: m.Longest, RingInUse: m.RingInUse, Dynamic: m.Dynamic, Paused: m.Paused, Reason: m.Reason,
		Calls: int32(m.Calls), LastCall: msg.Nanos(m.LastCall)}
}

// bits are an agent's conditions as queues have them.
func (c Conditions) bits() (n uint32) {
	for i, is := range [...]bool{c.Paused, false, c.InUse, c.Ringing, c.Unavailable, false, false, c.WrapUp} {
		if is {
			n |= 1 << i
		}
	}
	return n
}

// standWord is what a queue is told; who announces it puts his address in.
func standWord(name string, s *Stand) *msg.QueueStand {
	m := &msg.QueueStand{Agent: name, Epoch: s.Epoch, Turn: s.Turn, Interface: s.Interface, Devices: s.Devices,
		Penalty: int32(s.Penalty), Level: int32(s.Level), Position: int32(s.Position), Ready: s.Ready, Choosing: s.Choosing,
		Asks: s.Asks, Conditions: s.Conditions.bits(), Calls: int32(s.Calls), CallsAnywhere: int32(s.CallsAnywhere),
		LastCall: msg.Nanos(s.LastCall), LastCallAnywhere: msg.Nanos(s.LastCallAnywhere), LastOffer: msg.Nanos(s.LastOffer)}
	if s.Offer != (OfferID{}) {
		m.Offer = offerWord(s.Offer)
	}
	if len(s.Skills) > 0 {
		m.Skills = skillsWord(s.Skills)
	}
	return m
}

func skillsWord(skills map[string]int) map[string]int32 {
	out := make(map[string]int32, len(skills))
	for skill, level := range skills {
		out[skill] = int32(level)
	}
	return out
}

// queueWord is what a queue is answered; "": the effect is for somebody else.
func queueWord(e Effect, name string) (queue string, m proto.Message) {
	switch e := e.(type) {
	case Granted:
		return e.Queue, &msg.QueueGranted{Agent: name, Offer: offerWord(e.Offer), Turn: e.Turn}
	case Refused:
		return e.Queue, &msg.QueueDeclined{Agent: name, Offer: offerWord(e.Offer), Why: e.Why}
	case Doubt:
		return e.Queue, &msg.QueueDoubt{Agent: name, Offer: offerWord(e.Offer)}
	}
	return "", nil
}

// changed says how an agent stands. refused is why what was asked can not be.
func (a *Agent) changed(refused string) *msg.AgentChanged {
	v, r := a.View(), &a.record
	m := &msg.AgentChanged{Agent: a.name, State: v.State.String(), Since: msg.Nanos(v.Since), Reachable: v.Reachable, Reason: v.Reason,
		Next: v.Next.String(), Queue: v.Queue, Caller: v.Caller, WrapUpUntil: msg.Nanos(v.WrapUpUntil), Outside: int32(v.Outside),
		Refused: refused, Device: r.Device, Number: v.Number, Name: v.Name, CallerSince: msg.Nanos(v.CallerSince), Day: dayWord(&r.Day)}
	if r.LoggedOn {
		m.LoggedOn = msg.Nanos(r.Since)
	}
	for i := range r.Queues {
		m.Queues = append(m.Queues, membershipWord(&r.Queues[i]))
	}
	return m
}

func dayWord(d *Day) *msg.AgentDay {
	return &msg.AgentDay{Begun: msg.Nanos(d.Begun), Calls: int32(d.Calls), Worked: ms(d.Worked), Talk: ms(d.Talk), WrapUp: ms(d.WrapUp),
		Paused: ms(d.Paused)}
}

var whats = map[Kind]msg.AgentFact_What{
	LoggedOnFact: msg.AgentFact_LOGGED_ON, LoggedOffFact: msg.AgentFact_LOGGED_OFF, HotDesked: msg.AgentFact_HOT_DESKED,
	AddedTo: msg.AgentFact_ADDED_TO, RemovedFrom: msg.AgentFact_REMOVED_FROM, PausedInAll: msg.AgentFact_PAUSED_IN_ALL,
	PausedIn: msg.AgentFact_PAUSED_IN, ResumedInAll: msg.AgentFact_RESUMED_IN_ALL, ResumedIn: msg.AgentFact_RESUMED_IN,
	ReasonGiven: msg.AgentFact_REASON_GIVEN, PenaltySet: msg.AgentFact_PENALTY_SET, RingInUseSet: msg.AgentFact_RING_IN_USE_SET,
}

// factWord is a fact for the journal, with its line of a queue_log.
func factWord(f *Fact, by uint64) *msg.AgentFact {
	l := f.Line()
	return &msg.AgentFact{What: whats[f.Kind], At: msg.Nanos(f.At), Agent: f.Agent, By: by, Queue: f.Queue, Source: f.Source,
		Text: f.Text, Number: int32(f.Number), Time: ms(f.Time),
		Line: &msg.FactLine{Call: l.CallID, Queue: l.Queue, Agent: l.Agent, Verb: l.Verb, Args: l.Args}}
}

// becameWord is the fact that an agent's state has changed.
func becameWord(name string, before, v View, queues []Membership, by uint64) *msg.AgentFact {
	m := &msg.AgentFact{What: msg.AgentFact_BECAME, At: msg.Nanos(v.Since), Agent: name, By: by, Queue: v.Queue, Text: v.Because,
		Time: ms(v.Since.Sub(before.Since)), State: v.State.String(), Before: before.State.String(), Caller: v.Caller}
	for i := range queues {
		m.Queues = append(m.Queues, queues[i].Queue)
	}
	return m
}

// found is all that an agent is.
func (a *Agent) found() *msg.AgentFound {
	r := &a.record
	now := a.changed("")
	m := &msg.AgentFound{Agent: now, LoggedOn: now.LoggedOn, Queues: now.Queues, Calls: int32(r.Calls), LastCall: msg.Nanos(r.LastCall),
		Skills: skillsWord(a.settings.Skills)}
	for i := range r.Queues {
		q := &r.Queues[i]
		m.Reasons = append(m.Reasons, &msg.QueueReason{Agent: q.Queue, Why: a.why(q)})
	}
	for device := range a.devices {
		m.Devices = append(m.Devices, device)
	}
	for leg := range a.outside {
		m.Legs = append(m.Legs, leg)
	}
	slices.Sort(m.Devices)
	slices.Sort(m.Legs)
	return m
}

// why says what keeps an agent from the callers of a queue; "": nothing.
func (a *Agent) why(m *Membership) string {
	switch {
	case a.state == Paused && a.record.Reason != "":
		return "he is paused: " + a.record.Reason
	case a.state != Ready:
		return "he is " + a.state.String()
	case a.gathering || len(a.unsure) > 0:
		return "his owner is new, and hears whether he is held"
	case len(a.devices) == 0:
		return "none of his devices is there"
	case m.Paused && m.Reason != "":
		return "he is paused there: " + m.Reason
	case m.Paused:
		return "he is paused there"
	case a.busyFor(m):
		return "he has a call outside of queues"
	}
	return ""
}
