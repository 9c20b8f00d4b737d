package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tandem/web/screen"
)

// boardText is what a board was asked for in one field, as its acts carry it; "": the board of all servers. A board whose
// question is longer than a topic may be is mute: no act could tell which servers are meant.
func boardText(q url.Values) (text string, mute bool) {
	ask := boardAsked(q)
	switch text = ask.Encode(); {
	case text == boardAsked(nil).Encode():
		return "", false
	case len(topicName("live", ask)) > maxTopic:
		return "", true
	}
	return text, false
}

// boardNamed is the board from which an act was asked for, and where it is. Whoever means one that can not be read does not
// mean all servers.
func boardNamed(text string) (ask url.Values, href string, err error) {
	q, err := url.ParseQuery(text)
	if err != nil {
		return nil, livePath, Invalid("board %s is no question of a board", clip(text, 40))
	}
	if ask = boardAsked(q); len(text) > maxTopic {
		return nil, livePath, Invalid("the question of this board is longer than %d bytes: ask a shorter one to act", maxTopic)
	}
	if text, _ = boardText(ask); text == "" {
		return ask, livePath, nil
	}
	return ask, addressOf(livePath, ask), nil
}

// told tells whether a server can be told anything: its manager interface is in the settings.
func (w *wall) told(server string) bool {
	return !w.mute && slices.ContainsFunc(w.Servers, func(s LiveServer) bool { return s.Name == server && s.Manager.Used() })
}

// act is an act of this board: the address of its question.
func (w *wall) act(verb, label, about string, pairs ...string) screen.Act {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	if w.board != "" {
		q.Set("board", w.board)
	}
	return screen.Act{Label: label, About: about, Href: addressOf(livePath+"/"+verb, q), Ask: true, Risk: verb == "hangup" || verb == "logoff"}
}

// boardActs are what belongs to nothing that is shown.
func (w *wall) boardActs() []screen.Act {
	if w.mute || !slices.ContainsFunc(w.Servers, func(s LiveServer) bool { return s.Manager.Used() }) {
		return nil
	}
	return []screen.Act{w.act("logon", "Log on an agent …", "")}
}

// agentMenu is what can be done on behalf of an agent, where one of his servers can be told.
func (w *wall) agentMenu(a LiveAgent) *screen.Menu {
	paused, ready := false, false
	for _, seat := range a.Seats {
		if w.told(seat.Server) {
			paused = paused || seat.State == "paused" || len(seat.PausedIn) > 0
			ready = ready || seat.State != "paused"
		}
	}
	if !paused && !ready {
		return nil
	}
	m := &screen.Menu{ID: menuID("agent", a.Name), About: a.Name}
	if ready {
		m.Acts = append(m.Acts, w.act("pause", "Pause …", a.Name, "agent", a.Name))
	}
	if paused {
		m.Acts = append(m.Acts, w.act("unpause", "Unpause …", a.Name, "agent", a.Name))
	}
	m.Acts = append(m.Acts, w.act("add", "Add to queues …", a.Name, "agent", a.Name), w.act("remove", "Remove from queues …", a.Name, "agent", a.Name),
		w.act("logoff", "Log off …", a.Name, "agent", a.Name))
	return m
}

// callMenu is what can be done with a call, where its server can be told.
func (w *wall) callMenu(c LiveCall) *screen.Menu {
	if !w.told(c.Server) || !c.Known {
		return nil
	}
	who := orElse(c.Number, "anonymous")
	m := &screen.Menu{ID: menuID("call", c.Key()+" "+c.Queue), About: who}
	if c.State == "talking" && c.Hears {
		m.Acts = append(m.Acts, w.act("spy", "Listen …", who, "call", c.Key()), w.act("whisper", "Whisper …", who, "call", c.Key()),
			w.act("barge", "Barge in …", who, "call", c.Key()))
	}
	m.Acts = append(m.Acts, w.act("transfer", "Transfer …", who, "call", c.Key()), w.act("hangup", "Hang up …", who, "call", c.Key()))
	return m
}

// menuOf is a menu of acts; nil: there are none.
func menuOf(kind, name, about string, acts []screen.Act) *screen.Menu {
	if len(acts) == 0 {
		return nil
	}
	return &screen.Menu{ID: menuID(kind, name), About: about, Acts: acts}
}

// menuID is a name for a menu that has no blank in it.
func menuID(kind, name string) string { return "acts-" + kind + "-" + url.QueryEscape(name) }

// liveDo has servers do something, and says what each has answered.
func (s *Server) liveDo(r *http.Request, v visitor) (outcome, error) {
	ask, board, err := boardNamed(r.PostForm.Get("board"))
	out := outcome{To: board}
	if err != nil {
		return out, err
	}
	if s.services.LiveLogs == nil {
		return out, errNoReports
	}
	a, err := liveActOf(r, v, ask.Get("source"))
	if err != nil {
		return out, err
	}
	answers, err := s.services.LiveLogs.Act(r.Context(), a)
	if err != nil {
		return out, err
	}
	return toldBy(a, answers, r.PostForm, out)
}

// liveActOf reads the act that a form asks for.
func liveActOf(r *http.Request, v visitor, source string) (LiveAct, error) {
	field := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	a := LiveAct{By: v.asker(), Source: source, Server: field("server"), Verb: r.PathValue("verb"), Agent: field("agent"), Device: field("device"),
		Reason: field("reason"), Call: field("call"), To: field("to"), Paused: field("paused") == "yes"}
	a.Queues = strings.FieldsFunc(field("queues"), func(c rune) bool { return c == '|' || c == ',' || c == ' ' })
	if text := field("penalty"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			return a, Invalid("penalty %s is no number", clip(text, 40))
		}
		a.Penalty = n
	}
	return a, a.check()
}

// pastOf says what was done, of whom.
var pastOf = map[string]string{"logon": "%s is logged on", "logoff": "%s is logged off", "add": "%s is added", "remove": "%s is removed",
	"pause": "%s is paused", "unpause": "%s is not paused any more", "hangup": "The call %s ends", "transfer": "The call %s is transferred",
	"spy": "Your device is rung for the call %s", "whisper": "Your device is rung for the call %s", "barge": "Your device is rung for the call %s"}

// toldBy is the outcome of an act by what each server has answered: done by all, by some, or by none.
func toldBy(a LiveAct, answers []LiveAnswer, form url.Values, out outcome) (outcome, error) {
	var done, failed []string
	for _, x := range answers {
		if x.Done {
			done = append(done, x.Server)
			continue
		}
		failed = append(failed, fmt.Sprintf("%s: %s", x.Server, orElse(x.Text, "it was not done")))
	}
	if len(done) > 0 {
		out.Text = fmt.Sprintf(pastOf[a.Verb], orElse(a.Agent, a.Call)) + " at " + strings.Join(done, ", ") + "."
		if a.Verb == "pause" && len(failed) == 0 {
			out.Act = &screen.Act{Label: "Undo", Action: livePath + "/unpause", Fields: sameFields(form, "reason")}
		}
	}
	if len(failed) == 0 {
		return out, nil
	}
	out.Act = &screen.Act{Label: "Try again", Action: livePath + "/" + a.Verb, Fields: sameFields(form)}
	if len(done) > 0 {
		out.Partly, out.Text = true, out.Text+" Not so at "+strings.Join(failed, "; ")+"."
		return out, nil
	}
	return out, Refuse(http.StatusBadGateway, "not_done", "Nothing was done. %s.", strings.Join(failed, "; "))
}

// sameFields are those of a form, to send it again.
func sameFields(form url.Values, but ...string) (all []screen.Field) {
	for _, name := range []string{"agent", "call", "board", "server", "queues", "device", "reason", "to", "penalty", "paused"} {
		if form.Get(name) != "" && !slices.Contains(but, name) {
			all = append(all, screen.Field{Name: name, Value: clip(form.Get(name), maxTopic)})
		}
	}
	return all
}
