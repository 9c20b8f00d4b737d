package ami

import (
	"context"
	"slices"
	"strings"
	"time"
)

// action is one thing that clients may ask for.
type action struct {
	name  string
	right Right
	about string // for ListCommands
	do    func(s *session, ctx context.Context, p Packet) error
	// stranger does it instead, whoever is there.
	stranger func(s *session, ctx context.Context, p Packet)
}

// actions are all, sorted by name.
func actions() []action {
	return []action{
		{name: "Challenge", about: "A number for Login by MD5", stranger: askChallenge},
		{name: "CoreShowChannels", right: Calls, about: "List the call legs", do: coreShowChannels},
		{name: "Events", right: Enter, about: "Choose the events that are sent", do: setEvents},
		{name: "Hangup", right: Direct, about: "End a call leg", do: hangup},
		{name: "ListCommands", right: Enter, about: "List the actions that there are", do: listCommands},
		{name: "Login", about: "Log in", stranger: login},
		{name: "Logoff", about: "Close the connection", stranger: logoff},
		{name: "Originate", right: Originate, about: "Call somebody, and join him with a number", do: originate},
		{name: "Ping", right: Enter, about: "Keep the connection alive", do: ping},
		{name: "QueueAdd", right: Change, about: "Have an agent work in a queue", do: queueAdd},
		{name: "QueueChangePriorityCaller", right: Change, about: "Give a caller in a queue another priority", do: queuePriority},
		{name: "QueueLog", right: Log, about: "Write a line into the queue_log", do: queueLog},
		{name: "QueueMemberRingInUse", right: Change, about: "Say whether an agent with other calls is rung", do: queueRingInUse},
		{name: "QueuePause", right: Change, about: "Pause an agent in a queue, or in all of his, or end that", do: queuePause},
		{name: "QueuePenalty", right: Change, about: "Set the penalty of an agent", do: queuePenalty},
		{name: "QueueRemove", right: Change, about: "Have an agent work in a queue no more", do: queueRemove},
		{name: "QueueStatus", right: Enter, about: "Tell how queues stand, with their agents and callers", do: queueStatus},
		{name: "QueueSummary", right: Enter, about: "Tell how queues stand", do: queueSummary},
		{name: "QueueWithdrawCaller", right: Change, about: "Take a caller out of a queue", do: queueWithdraw},
		{name: "Redirect", right: Direct, about: "Send the party of a call leg to a number", do: redirect},
		{name: "Status", right: Calls, about: "Tell how call legs stand", do: status},
	}
}

// byName are the actions by name in small letters.
var byName = map[string]*action{}

func init() { // not where it is declared: ListCommands lists itself
	for _, a := range actions() {
		byName[strings.ToLower(a.name)] = &a
	}
}

func actionOf(name string) (*action, bool) {
	a, ok := byName[strings.ToLower(name)]
	return a, ok
}

func ping(s *session, _ context.Context, p Packet) error {
	s.answer(p, "Success", Header{"Ping", "Pong"}, Header{"Timestamp", stamp(time.Now())})
	return nil
}

func listCommands(s *session, _ context.Context, p Packet) error {
	headers := []Header{}
	for _, a := range byName {
		headers = append(headers, Header{a.name, a.about})
	}
	slices.SortFunc(headers, func(a, b Header) int { return strings.Compare(a.Name, b.Name) })
	s.answer(p, "Success", headers...)
	return nil
}

// need is the value of a header that must be there.
func need(p Packet, name string) (string, error) {
	if text := p.Get(name); text != "" {
		return text, nil
	}
	return "", Refusal("'" + name + "' is missing")
}

// needs are the values of several.
func needs(p Packet, names ...string) ([]string, error) {
	out := make([]string, len(names))
	for i, name := range names {
		text, err := need(p, name)
		if err != nil {
			return nil, err
		}
		out[i] = text
	}
	return out, nil
}
