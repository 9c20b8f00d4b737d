package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tandem/web/screen"
)

// liveQuestion is what is asked before something is done at servers.
type liveQuestion struct {
	wall
	verb  string
	agent *LiveAgent
	call  *LiveCall
}

// liveAskPage asks how something is to be done at servers.
func (s *Server) liveAskPage(r *http.Request, v visitor) (screen.Page, error) {
	q := r.URL.Query()
	ask, board, err := boardNamed(q.Get("board"))
	if err != nil {
		return screen.Page{}, err
	}
	w, err := s.wallOf(askedBy(r.Context(), v.asker()), ask)
	if err != nil {
		return screen.Page{}, err
	}
	x := liveQuestion{wall: w, verb: r.PathValue("verb")}
	if err := x.find(q); err != nil {
		return screen.Page{}, err
	}
	form := screen.Ask{Action: livePath + "/" + x.verb, Back: board, Fields: x.fields(q)}
	title := x.ask(&form)
	crumbs := append(slices.Clone(queueCrumbs[:1]), screen.Crumb{Label: "Servers live", Href: board})
	p := question(title, "monitors", livePath, form, crumbs...)
	p.Ask.Back = board
	return p, nil
}

// find looks up whom or what the act is about.
func (x *liveQuestion) find(q url.Values) error {
	switch {
	case !slices.Contains(LiveActs, x.verb):
		return NotFound("servers can be told: %s; not %s", strings.Join(LiveActs, ", "), clip(x.verb, 40))
	case x.verb == "logon":
		return nil
	case slices.Contains(aboutCalls, x.verb):
		i := slices.IndexFunc(x.Calls, func(c LiveCall) bool { return c.Key() == q.Get("call") })
		if i < 0 {
			return NotFound("there is no call %s now", clip(q.Get("call"), 80))
		}
		x.call = &x.Calls[i]
		return nil
	}
	i := slices.IndexFunc(x.Agents, func(a LiveAgent) bool { return a.Name == q.Get("agent") })
	if i < 0 {
		return NotFound("there is no agent %s now", clip(q.Get("agent"), 80))
	}
	x.agent = &x.Agents[i]
	return nil
}

// fields are what the form carries without showing it.
func (x *liveQuestion) fields(q url.Values) (all []screen.Field) {
	for _, name := range []string{"agent", "call", "board"} {
		if q.Get(name) != "" {
			all = append(all, screen.Field{Name: name, Value: clip(q.Get(name), maxTopic)})
		}
	}
	return all
}

// ask fills in the question, and returns its title.
func (x *liveQuestion) ask(f *screen.Ask) (title string) {
	if x.call != nil {
		return x.askOfCall(f)
	}
	return x.askOfAgent(f)
}

// askOfAgent asks about an agent.
func (x *liveQuestion) askOfAgent(f *screen.Ask) (title string) {
	name := ""
	if x.agent != nil {
		name = x.agent.Name
		f.Text = append(f.Text, x.stands()...)
	}
	input := func(name, label, value, note string) {
		f.Inputs = append(f.Inputs, screen.Input{Name: name, Label: label, Value: value, Note: note, Max: maxField})
	}
	queues := strings.Join(x.served(), "|")
	switch x.verb {
	case "pause":
		title, f.Button = "Pause "+name, "Pause "+name
		input("reason", "Reason", "", "a word for reports, such as lunch")
		input("queues", "Queues", "", "all of his where none is named; several with | between")
	case "unpause":
		title, f.Button = "Unpause "+name, "Unpause "+name
		input("queues", "Queues", "", "all of his where none is named; several with | between")
	case "remove":
		title, f.Button = "Remove "+name, "Remove "+name
		input("queues", "From queues", queues, "several with | between")
	case "logoff":
		title, f.Button, f.Risk = "Log off "+name, "Log off "+name, true
		f.Text = append(f.Text, "He is taken out of all of his queues there. A call that he has goes on.")
	case "add":
		title, f.Button = "Add "+name, "Add "+name
		input("queues", "To queues", "", "several with | between")
		x.inputsOfSeat(f)
	case "logon":
		title, f.Button = "Log on an agent", "Log on"
		input("agent", "Agent", "", "as the queue log names him, such as Agent/101")
		input("queues", "To queues", "", "several with | between")
		x.inputsOfSeat(f)
	}
	f.Inputs = append(f.Inputs, x.serverInput())
	return title
}

// inputsOfSeat ask where somebody works who comes.
func (x *liveQuestion) inputsOfSeat(f *screen.Ask) {
	device := ""
	if x.agent != nil && len(x.agent.Seats) > 0 {
		device = x.agent.Seats[0].Device
	}
	f.Inputs = append(f.Inputs, screen.Input{Name: "device", Label: "Device", Value: device, Max: maxField, Note: "what is rung, such as SIP/204"},
		screen.Input{Name: "penalty", Label: "Penalty", Value: "0", Max: 7, Note: "those with a lower one are rung first"},
		screen.Input{Name: "paused", Label: "Begins", Options: []screen.Option{{Value: "", Label: "ready"}, {Value: "yes", Label: "paused"}}})
}

// stands tells how an agent stands at each of his servers.
func (x *liveQuestion) stands() (all []string) {
	for _, seat := range x.agent.Seats {
		state := strings.ToLower(screen.StateOf("agent", seat.State).Word)
		if !seat.Known {
			state = "not known, was " + state
		}
		text := fmt.Sprintf("At %s: %s", seat.Server, state)
		if seat.Reason != "" {
			text += " (" + seat.Reason + ")"
		}
		if len(seat.Queues) > 0 {
			text += ", in " + strings.Join(seat.Queues, ", ")
		}
		all = append(all, text+".")
	}
	return all
}

// served are the queues of an agent.
func (x *liveQuestion) served() (all []string) {
	if x.agent == nil {
		return nil
	}
	for _, seat := range x.agent.Seats {
		for _, q := range seat.Queues {
			if !slices.Contains(all, q) {
				all = append(all, q)
			}
		}
	}
	return all
}

// serverInput asks at which server: at all to which the act belongs, or at one.
func (x *liveQuestion) serverInput() screen.Input {
	in := screen.Input{Name: "server", Label: "At", Options: []screen.Option{{Value: "", Label: "every server where he is"}}}
	if x.verb == "add" || x.verb == "logon" {
		in.Options[0].Label = "every server that has the queues"
	}
	for _, s := range x.Servers {
		here := x.agent == nil || x.verb == "add" || slices.ContainsFunc(x.agent.Seats, func(seat LiveSeat) bool { return seat.Server == s.Name })
		if here && s.Manager.Used() {
			in.Options = append(in.Options, screen.Option{Value: s.Name, Label: s.Name + " alone"})
		}
	}
	return in
}

// askOfCall asks about a call.
func (x *liveQuestion) askOfCall(f *screen.Ask) (title string) {
	who := orElse(x.call.Number, "anonymous")
	f.Text = []string{fmt.Sprintf("%s waits in %s at %s.", who, x.call.Queue, x.call.Server)}
	if x.call.State == "talking" {
		f.Text[0] = fmt.Sprintf("%s talks with %s, queue %s, at %s.", who, orElse(x.call.Agent, "somebody"), x.call.Queue, x.call.Server)
	}
	device := screen.Input{Name: "device", Label: "Your device", Max: maxField, Note: "it is rung, such as SIP/204"}
	switch x.verb {
	case "hangup":
		title, f.Button, f.Risk = "Hang up", "End the call of "+who, true
	case "transfer":
		title, f.Button = "Transfer "+who, "Transfer "+who
		f.Text = append(f.Text, "The caller leaves the queue, or the agent, and goes where the number leads.")
		f.Inputs = []screen.Input{{Name: "to", Label: "To", Max: maxField, Note: "a number of that server"}}
	case "spy":
		title, f.Button, f.Inputs = "Listen", "Ring my device", []screen.Input{device}
		f.Text = append(f.Text, "You hear both; nobody hears you.")
	case "whisper":
		title, f.Button, f.Inputs = "Whisper", "Ring my device", []screen.Input{device}
		f.Text = append(f.Text, "You hear both; the agent alone hears you.")
	case "barge":
		title, f.Button, f.Inputs = "Barge in", "Ring my device", []screen.Input{device}
		f.Text = append(f.Text, "You hear both, and both hear you.")
	}
	return title
}
