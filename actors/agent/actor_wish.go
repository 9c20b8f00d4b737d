package agent

import (
	"cmp"
	"strings"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/msg"
)

// Why what somebody wants of an agent can not be.
const (
	unknown   = "UNKNOWN" // nobody is defined by that name
	loggedOut = "LOGGEDOUT"
	noMember  = "NOMEMBER"
	malformed = "MALFORMED"
	crowded   = "CROWDED" // he works at too many devices, or for too many queues
)

// onWish does what the agent himself wants, or those who work with him, and answers how he stands then.
func (a *agentActor) onWish(ctx actor.Context, message any, now time.Time) {
	var refused string
	switch m := message.(type) {
	case *msg.AgentLogOn:
		refused = a.logOn(ctx, m, now)
	case *msg.AgentLogOff:
		refused = a.wish(ctx, "", func() []Effect { return a.machine.LogOff(m.Source, now) })
	case *msg.AgentPause:
		refused = a.wish(ctx, m.Queue, func() []Effect { return a.machine.Pause(m.Queue, m.Reason, m.Source, now) })
	case *msg.AgentResume:
		refused = a.wish(ctx, m.Queue, func() []Effect { return a.machine.Resume(m.Queue, m.Source, now) })
	case *msg.AgentReason:
		refused = a.wish(ctx, "", func() []Effect { return a.machine.Reason(m.Reason, m.Source, now) })
	case *msg.AgentWrapUp:
		refused = a.wish(ctx, "", func() []Effect { return a.machine.MoreWrapUp(fromMS(m.More), now) })
	case *msg.AgentCheck:
		refused = a.wish(ctx, "", func() []Effect { return a.machine.Check(now) })
	case *msg.AgentSet:
		refused = a.set(ctx, m, now)
	default:
		return
	}
	if ctx.Sender() != nil {
		ctx.Respond(a.machine.changed(refused))
	}
}

// wish does what only one who is logged on can want, of one queue or, with "", of all.
func (a *agentActor) wish(ctx actor.Context, queue string, do func() []Effect) (refused string) {
	switch {
	case !a.defined:
		return unknown
	case a.machine.state == LoggedOut:
		return loggedOut
	case queue != "" && a.machine.member(queue) == nil:
		return noMember
	}
	a.perform(ctx, do())
	return ""
}

// logOn has him work at a device: his own, where none is named.
func (a *agentActor) logOn(ctx actor.Context, m *msg.AgentLogOn, now time.Time) (refused string) {
	device := strings.ToLower(cmp.Or(m.Device, a.definition.Account))
	phone := cmp.Or(m.Phone, phoneOf(device))
	l := LogOn{Device: device, Phone: phone, HotDesk: m.HotDesk, Source: m.Source, Only: m.Only}
	for _, q := range m.Queues {
		one := membershipOf(q)
		one.Weight, one.Longest = a.floor.Weigh(one.Queue)
		l.Queues = append(l.Queues, one)
	}
	switch {
	case !a.defined:
		return unknown
	case device == "" || len(device) > maxText:
		return malformed
	case len(a.desks) >= maxDevices && !a.sits(device) || len(a.machine.record.Queues)+len(l.Queues) > maxQueues:
		return crowded
	}
	a.sit(ctx, device, phone, now)
	l.Absent = !a.there(device)
	a.perform(ctx, a.machine.LogOn(l, now))
	a.look(ctx, device, now)
	return ""
}

// phoneOf is how a device is called in records where nobody says it: by the user of its account.
func phoneOf(device string) string {
	user, _, _ := strings.Cut(device, "@")
	return "SIP/" + user
}

// set changes what he is to a queue.
func (a *agentActor) set(ctx actor.Context, m *msg.AgentSet, now time.Time) (refused string) {
	one := membershipOf(m.Membership)
	known := a.machine.member(one.Queue) != nil
	switch {
	case !a.defined:
		return unknown
	case one.Queue == "":
		return malformed
	case !m.Add && !known:
		return noMember
	case m.Add && !known && len(a.machine.record.Queues) >= maxQueues:
		return crowded
	case m.Add:
		one.Weight, one.Longest = a.floor.Weigh(one.Queue)
		a.perform(ctx, a.machine.Add(one, m.Source, now))
	case m.Remove:
		a.perform(ctx, a.machine.Remove(one.Queue, m.Source, now))
	}
	if m.Penalty != nil {
		a.perform(ctx, a.machine.SetPenalty(one.Queue, int(*m.Penalty), m.Source, now))
	}
	if m.RingInUse != nil {
		a.perform(ctx, a.machine.SetRingInUse(one.Queue, *m.RingInUse, m.Source, now))
	}
	return ""
}
