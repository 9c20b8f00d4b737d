package exchange

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/actors/msg"
	"tandem/ximss/ami"
)

// act is something that the server was told, in one action or several.
type act struct {
	ask    uint64
	ids    []string // of actions without an answer
	texts  []string // of answers
	failed bool
	until  time.Time
}

// Act has the server do something; the answer is an ExchangeActed.
func (x *Exchange) Act(ask uint64, m *msg.ExchangeAct, now time.Time) []Effect {
	refuse := func(text string) []Effect { return []Effect{Answer{ask, &msg.ExchangeActed{Text: text}}} }
	switch {
	case x.state != living:
		return refuse("it is not heard now: " + cmp.Or(x.why, x.state.String()))
	case len(x.open()) >= maxActs:
		return refuse("too much is asked of it: try again in a moment")
	}
	actions, why := x.actions(m)
	if why != "" {
		return refuse(why)
	}
	a := &act{ask: ask, until: now.Add(actTime)}
	var out []Effect
	for _, p := range actions[:min(len(actions), maxActions)] {
		w := x.ask(p[0].Value, p[1:]...)
		a.ids = append(a.ids, x.lastID())
		x.acts[x.lastID()] = a
		out = append(out, w)
	}
	return out
}

// actions are what a verb is to the server; why: it can not be told.
func (x *Exchange) actions(m *msg.ExchangeAct) (all []ami.Packet, why string) {
	switch m.Verb {
	case "hangup", "transfer", "spy", "whisper", "barge":
		return x.callActions(m)
	}
	if m.Device == "" {
		return nil, "it is not known where " + m.Agent + " is rung: name a device"
	}
	queues := m.Queues
	if len(queues) == 0 && m.Verb == "remove" {
		if queues = x.told.Seated(m.Device); len(queues) == 0 {
			return nil, m.Agent + " is in no queue of it"
		}
	}
	switch m.Verb {
	case "add":
		for _, q := range queues {
			all = append(all, packet("QueueAdd", "Queue", q, "Interface", m.Device, "MemberName", m.Agent, "Penalty", strconv.Itoa(int(m.Penalty)),
				"Paused", strconv.FormatBool(m.Paused)))
		}
	case "remove":
		for _, q := range queues {
			all = append(all, packet("QueueRemove", "Queue", q, "Interface", m.Device))
		}
	case "pause", "unpause":
		if len(queues) == 0 {
			queues = []string{""} // all of his
		}
		for _, q := range queues {
			all = append(all, packet("QueuePause", "Queue", q, "Interface", m.Device, "Paused", strconv.FormatBool(m.Verb == "pause"), "Reason", m.Reason))
		}
	default:
		return nil, "it can not be told to " + m.Verb
	}
	return all, ""
}

// spyOptions are how ChanSpy listens: silently at first, without a word before it.
var spyOptions = map[string]string{"spy": "qE", "whisper": "qEw", "barge": "qEB"}

func (x *Exchange) callActions(m *msg.ExchangeAct) ([]ami.Packet, string) {
	c := x.told.Call(m.Call)
	switch {
	case c == nil || c.Channel == "":
		return nil, "there is no call " + m.Call + " now, or its channel is not known"
	case m.Verb == "hangup":
		return []ami.Packet{packet("Hangup", "Channel", c.Channel)}, ""
	case x.set.Context == "" && m.Verb == "transfer":
		return nil, "the settings of exchanges.servers name no context into which calls are sent"
	case m.Verb == "transfer":
		return []ami.Packet{packet("Redirect", "Channel", c.Channel, "Context", x.set.Context, "Exten", m.To, "Priority", "1")}, ""
	case c.AgentChannel == "":
		return nil, "nobody talks in the call " + m.Call
	}
	return []ami.Packet{packet("Originate", "Channel", m.Device, "Application", "ChanSpy", "Data", c.AgentChannel+","+spyOptions[m.Verb],
		"Async", "true")}, ""
}

// packet is an action of headers that say something.
func packet(name string, pairs ...string) ami.Packet {
	p := ami.Packet{{Name: "Action", Value: name}}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			p = append(p, ami.Header{Name: pairs[i], Value: pairs[i+1]})
		}
	}
	return p
}

// answered takes an answer to an action.
func (x *Exchange) answered(p ami.Packet, good bool) []Effect {
	id := p.Get("ActionID")
	a := x.acts[id]
	if a == nil {
		return nil
	}
	delete(x.acts, id)
	a.ids = slices.DeleteFunc(a.ids, func(other string) bool { return other == id })
	a.failed = a.failed || !good
	if text := p.Get("Message"); text != "" && !slices.Contains(a.texts, text) {
		a.texts = append(a.texts, text)
	}
	if len(a.ids) > 0 {
		return nil
	}
	return []Effect{x.give(a, !a.failed, strings.Join(a.texts, "; "))}
}

// give answers whoever asked for an act.
func (x *Exchange) give(a *act, done bool, text string) Effect {
	for _, id := range a.ids {
		delete(x.acts, id)
	}
	return Answer{a.ask, &msg.ExchangeActed{Done: done, Text: text}}
}

// open are the acts that have no answer yet, the oldest first.
func (x *Exchange) open() (all []*act) {
	for _, a := range x.acts {
		if !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	slices.SortFunc(all, func(a, b *act) int { return cmp.Compare(a.ask, b.ask) })
	return all
}

// overdue gives up what the server has not answered in time.
func (x *Exchange) overdue(now time.Time) (out []Effect) {
	for _, a := range slices.Collect(maps.Values(x.acts)) {
		if now.After(a.until) && slices.ContainsFunc(a.ids, func(id string) bool { return x.acts[id] != nil }) {
			out = append(out, x.give(a, false, "it did not answer within "+actTime.String()+": it may be done yet"))
		}
	}
	return out
}
