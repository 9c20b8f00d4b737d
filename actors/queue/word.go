package queue

import (
	"time"

	"tandem/actors/msg"
)

// What is said in the words of package msg, in those of the machine, and the other way round. What comes from outside
// is cut to its limits by the machine.

func ms(d time.Duration) int64     { return d.Milliseconds() }
func fromMS(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

func offerOf(id *msg.QueueOfferID) OfferID { return OfferID{id.GetEpoch(), id.GetNumber()} }
func offerWord(id OfferID) *msg.QueueOfferID {
	return &msg.QueueOfferID{Epoch: id.Epoch, Number: id.Number}
}

func joinOf(m *msg.QueueJoin) Join {
	j := Join{Caller: CallerID(m.GetCaller()), Number: m.GetNumber(), Name: m.GetName(), URL: m.GetUrl(),
		Priority: int(m.GetPriority()), Wish: int(m.GetWish()), Bounds: boundsOf(m.GetBounds()), Waited: fromMS(m.GetWaited()),
		MaxStay: fromMS(m.GetMaxStay()), Once: m.GetOnce(), Music: m.GetMusic()}
	for _, w := range m.GetWants() {
		j.Wants = append(j.Wants, Want{w.Skill, int(w.Level)})
	}
	if m.GetOwnRules() {
		j.Rules = []Rule{}
	}
	for _, r := range m.GetRules() {
		j.Rules = append(j.Rules, Rule{fromMS(r.After), changeOf(r.Min), changeOf(r.Max), changeOf(r.Raise)})
	}
	return j
}

func boundsOf(m *msg.QueueBounds) Bounds {
	bound := func(n *int32) Bound {
		if n == nil {
			return Bound{}
		}
		return Bound{true, int(*n)}
	}
	if m == nil {
		return Bounds{}
	}
	return Bounds{bound(m.Min), bound(m.Max), bound(m.Raise), m.RespectMin}
}

func changeOf(m *msg.QueueChange) Change {
	if m == nil {
		return Change{}
	}
	return Change{Set: true, Relative: m.Relative, Value: int(m.Value)}
}

func joinWord(j Join) *msg.QueueJoin {
	m := &msg.QueueJoin{Caller: string(j.Caller), Number: j.Number, Name: j.Name, Url: j.URL, Priority: int32(j.Priority),
		Wish: int32(j.Wish), Bounds: boundsWord(j.Bounds), OwnRules: j.Rules != nil, Waited: ms(j.Waited), MaxStay: ms(j.MaxStay),
		Once: j.Once, Music: j.Music}
	for _, w := range j.Wants {
		m.Wants = append(m.Wants, &msg.QueueWant{Skill: w.Skill, Level: int32(w.Level)})
	}
	for _, r := range j.Rules {
		m.Rules = append(m.Rules, &msg.QueueRule{After: ms(r.After), Min: changeWord(r.Min), Max: changeWord(r.Max), Raise: changeWord(r.Raise)})
	}
	return m
}

func boundsWord(b Bounds) *msg.QueueBounds {
	word := func(b Bound) *int32 {
		if !b.Set {
			return nil
		}
		n := int32(b.Value)
		return &n
	}
	if b == (Bounds{}) {
		return nil
	}
	return &msg.QueueBounds{Min: word(b.Min), Max: word(b.Max), Raise: word(b.Raise), RespectMin: b.RespectMin}
}

func changeWord(c Change) *msg.QueueChange {
	if !c.Set {
		return nil
	}
	return &msg.QueueChange{Value: int32(c.Value), Relative: c.Relative}
}

func placeOf(m *msg.QueuePlace) Place {
	return Place{int(m.GetPriority()), Rank{m.GetAt(), m.GetSub()}}
}

func placeWord(p Place) *msg.QueuePlace {
	return &msg.QueuePlace{Priority: int32(p.Priority), At: p.Rank.At, Sub: p.Rank.Sub}
}

func arrivalOf(m *msg.QueueRejoin) Arrival {
	a := Arrival{Join: joinOf(m.GetJoin()), Place: placeOf(m.Place), Since: msg.Moment(m.Since), Original: int(m.Original),
		Tries: int(m.Tries)}
	if b := m.Callback; b != nil {
		a.Callback = &Callback{Number: cut(b.Number), Tries: int(b.Tries), Asked: msg.Moment(b.Asked), Present: b.Present}
	}
	for _, h := range m.Offers {
		a.Offers = append(a.Offers, Held{offerOf(h.Offer), AgentName(h.Agent), Stage(h.Stage), msg.Moment(h.At)})
	}
	return a
}

func arrivalWord(a Arrival) *msg.QueueRejoin {
	m := &msg.QueueRejoin{Join: joinWord(a.Join), Place: placeWord(a.Place), Since: msg.Nanos(a.Since), Original: int32(a.Original),
		Tries: int32(a.Tries)}
	if b := a.Callback; b != nil {
		m.Callback = &msg.QueueCallback{Number: b.Number, Tries: int32(b.Tries), Asked: msg.Nanos(b.Asked), Present: b.Present}
	}
	for _, h := range a.Offers {
		m.Offers = append(m.Offers, &msg.QueueHeld{Offer: offerWord(h.Offer), Agent: string(h.Agent), Stage: msg.QueueStage(h.Stage),
			At: msg.Nanos(h.At)})
	}
	return m
}

func standingOf(m *msg.QueueStand) Standing {
	s := Standing{Agent: AgentName(m.Agent), Epoch: m.Epoch, Turn: m.Turn, Interface: cut(m.Interface), Devices: m.Devices,
		Penalty: int(m.Penalty), Level: int(m.Level), Position: int(m.Position), Ready: m.Ready, Choosing: m.Choosing, Asks: m.Asks,
		Conditions: Conditions(m.Conditions), Offer: offerOf(m.Offer), Calls: int(m.Calls), CallsAnywhere: int(m.CallsAnywhere),
		LastCall: msg.Moment(m.LastCall), LastCallAnywhere: msg.Moment(m.LastCallAnywhere), LastOffer: msg.Moment(m.LastOffer)}
	if len(m.Skills) > 0 {
		s.Skills = make(map[string]int, len(m.Skills))
		for skill, level := range m.Skills {
			s.Skills[skill] = int(level)
		}
	}
	return s
}

// outcome has the machine hear how an offer went on.
func (q *Queue) outcome(m *msg.QueueOutcome, now time.Time) []Effect {
	id := offerOf(m.Offer)
	switch m.What {
	case msg.QueueOutcome_UNANSWERED:
		return q.Unanswered(id, failureOf(m.Why), now)
	case msg.QueueOutcome_ANSWERED:
		return q.Answered(id, now)
	case msg.QueueOutcome_CONNECTED:
		return q.Connected(id, m.Leg, fromMS(m.Rang), now)
	case msg.QueueOutcome_DUMPED:
		return q.Dumped(id, now)
	case msg.QueueOutcome_MISMATCHED:
		return q.Mismatched(id, now)
	case msg.QueueOutcome_ENDED:
		return q.Ended(id, End{partyOf(m.By), m.Args}, now)
	case msg.QueueOutcome_DIALLED:
		return q.Dialled(id, now)
	case msg.QueueOutcome_DIAL_FAILED:
		return q.DialFailed(id, m.Why, now)
	}
	return nil
}

// failureOf reads why an agent has not taken a call; what is not known is no answer.
func failureOf(word string) Failure {
	switch f := Failure(word); f {
	case Busy, Declined, Unreachable:
		return f
	}
	return NoAnswer
}

func partyOf(word string) Party {
	switch word {
	case "agent":
		return ByAgent
	case "blind":
		return ByBlindTransfer
	case "attended":
		return ByAttendedTransfer
	}
	return ByCaller
}

// whats are the kinds of facts on the wire.
var whats = map[Kind]msg.QueueFact_What{
	Entered: msg.QueueFact_ENTERED, NotAdmitted: msg.QueueFact_NOT_ADMITTED, Offered: msg.QueueFact_OFFERED,
	Joined: msg.QueueFact_JOINED, CompletedByCaller: msg.QueueFact_COMPLETED_BY_CALLER,
	CompletedByAgent: msg.QueueFact_COMPLETED_BY_AGENT, BlindTransferred: msg.QueueFact_BLIND_TRANSFERRED,
	AttendedTransferred: msg.QueueFact_ATTENDED_TRANSFERRED, Abandon: msg.QueueFact_ABANDONED, Expired: msg.QueueFact_EXPIRED,
	KeyPressed: msg.QueueFact_KEY_PRESSED, NobodyThere: msg.QueueFact_NOBODY_THERE, TakenOut: msg.QueueFact_TAKEN_OUT,
	NotCompatible: msg.QueueFact_NOT_COMPATIBLE, Dumped: msg.QueueFact_DUMPED, RungInVain: msg.QueueFact_RUNG_IN_VAIN,
	RingCancelled: msg.QueueFact_RING_CANCELLED, CallbackWanted: msg.QueueFact_CALLBACK_WANTED,
	CallbackDialled: msg.QueueFact_CALLBACK_DIALLED, CallbackFailed: msg.QueueFact_CALLBACK_FAILED, Moved: msg.QueueFact_MOVED,
	NotServed: msg.QueueFact_NOT_SERVED,
}

// factWord is a fact for the journal, with its line of a queue_log.
func factWord(f *Fact, by uint64) *msg.QueueFact {
	m := &msg.QueueFact{What: whats[f.Kind], At: msg.Nanos(f.At), Queue: f.Queue, By: by, Caller: string(f.Caller),
		Agent: string(f.Agent), Number: f.Number, Name: f.Name, Url: f.URL, Priority: int32(f.Priority), Position: int32(f.Position),
		Original: int32(f.Original), Waited: ms(f.Waited), Talked: ms(f.Talked), Rang: ms(f.Rang), Tries: int32(f.Tries),
		Key: f.Key, Text: f.Text, Args: f.Args, Because: f.Because}
	for _, r := range f.Reasons {
		m.Reasons = append(m.Reasons, &msg.QueueReason{Agent: string(r.Agent), Why: r.Why})
	}
	if f.Offer != (OfferID{}) {
		m.Offer = offerWord(f.Offer)
	}
	if l, ok := f.Line(true); ok {
		_, usual := f.Line(false)
		m.Line = &msg.FactLine{Call: l.CallID, Queue: l.Queue, Agent: l.Agent, Verb: l.Verb, Args: l.Args, Refusal: !usual}
	}
	return m
}

// found says how a queue stands; reasons are those for one caller.
func found(v View, reasons []Reason) *msg.QueueFound {
	n := v.Counters
	m := &msg.QueueFound{Queue: v.Name, Waiting: int32(v.Waiting), Callbacks: int32(v.Callbacks), Longest: ms(v.Longest),
		Agents: int32(v.Agents), Ready: int32(v.Ready), Strategy: v.Strategy, Gathering: v.Gathering, Hold: ms(n.Hold),
		Talk: ms(n.Talk), Answered: int32(n.Answered), Completed: int32(n.Completed), AnsweredInTime: int32(n.AnsweredInTime),
		Abandoned: int32(n.Abandoned), AbandonedInTime: int32(n.AbandonedInTime), Refused: int32(n.Refused)}
	for _, c := range v.Callers {
		row := &msg.QueueCaller{Caller: string(c.Caller), Number: c.Number, Name: c.Name, Position: int32(c.Position),
			Priority: int32(c.Priority), State: c.State, Waited: ms(c.Waited), Callback: c.Callback}
		for _, a := range c.Agents {
			row.Agents = append(row.Agents, string(a))
		}
		m.Callers = append(m.Callers, row)
	}
	for _, r := range reasons {
		m.Reasons = append(m.Reasons, &msg.QueueReason{Agent: string(r.Agent), Why: r.Why})
	}
	return m
}
