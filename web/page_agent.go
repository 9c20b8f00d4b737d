package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/web/screen"
)

// What pages let a supervisor do on behalf of an agent.
const (
	verbPause  = "pause"
	verbReady  = "ready"
	verbLogout = "logout"
	verbCheck  = "check"
	verbLogin  = "login"
)

var agentCrumbs = []screen.Crumb{{Label: "Monitors", Href: membersPath}, {Label: "Agents", Href: agentsPath}}

// acts are what can be done on behalf of an agent; in a list, which lives and so shows what came of them, they are the short
// ones, and questions are asked over the page.
func (a Agent) acts(list bool) (acts []screen.Act) {
	path := agentPath(a.Name)
	if a.State == "logged out" {
		return []screen.Act{{Label: "Log on …", About: a.Name, Href: path + "/" + verbLogin, Ask: list}}
	}
	if a.State == "paused" || a.State == "wrap-up" {
		acts = append(acts, screen.Act{Label: "Set ready", About: a.Name, Action: path + "/" + verbReady})
	}
	if a.State != "paused" && (a.State != "wrap-up" || !list) {
		acts = append(acts, screen.Act{Label: "Pause", About: a.Name, Href: path + "/" + verbPause, Ask: list})
	}
	if !list {
		acts = append(acts, screen.Act{Label: "Check", About: a.Name, Action: path + "/" + verbCheck})
	}
	return append(acts, screen.Act{Label: "Log off", About: a.Name, Href: path + "/" + verbLogout, Ask: list, Risk: true})
}

func (s *Server) agentNamed(r *http.Request) (Agent, error) {
	name := r.PathValue("name")
	found, err := s.services.Agents.Agents(r.Context(), AgentQuery{By: asker(r), Name: name, Limit: 1})
	if err != nil {
		return Agent{}, err
	}
	if len(found) == 0 {
		return Agent{}, NotFound("there is no agent %q", clip(name, 80))
	}
	return found[0], nil
}

// agentPage tells how an agent stands, why each of his queues gives him nobody, and what he has done.
func (s *Server) agentPage(r *http.Request, v visitor) (screen.Page, error) {
	a, err := s.agentNamed(r)
	if err != nil {
		return screen.Page{}, err
	}
	x, err := s.services.Agents.ExplainAgent(r.Context(), asker(r), a.Name)
	if err != nil {
		return screen.Page{}, err
	}
	now := s.now()
	return screen.Page{Title: strings.TrimSpace("Agent " + a.Name), Realm: "monitors", Path: agentsPath, Crumbs: agentCrumbs,
		Quiet: "as of " + screen.Clock(now, now), Facts: a.facts(now),
		Acts: slices.Concat([]screen.Act{{Label: "Look again", Href: agentPath(a.Name)}}, a.acts(false), s.callActs(r, a)),
		View: screen.View{Panels: []screen.Panel{a.queuesPanel(x, now), historyPanel(x.History, now)}}}, nil
}

func (a Agent) facts(now time.Time) []screen.Fact {
	since := screen.Text("")
	if !a.Since.IsZero() {
		since = screen.Text(screen.Clock(a.Since, now) + ", for " + screen.Length(now.Sub(a.Since).Truncate(time.Second)))
	}
	day := fmt.Sprintf("%s, %s of talk, %s of wrap-up, %s of pauses", counted(a.Day.Calls, "call"), screen.Length(a.Day.Talk.Duration()),
		screen.Length(a.Day.WrapUp.Duration()), screen.Length(a.Day.Paused.Duration()))
	skills := []string{}
	for name, level := range a.Skills {
		skills = append(skills, fmt.Sprintf("%s %d", name, level))
	}
	slices.Sort(skills)
	return []screen.Fact{{Label: "State", Cell: screen.Mark(a.mark())}, {Label: "Reason", Cell: screen.Text(orElse(a.afterwards(), a.Reason))}, {Label: "Since", Cell: since},
		{Label: "Name", Cell: screen.Text(a.Display)}, {Label: "Account", Cell: screen.Text(a.Account)},
		{Label: "Devices", Cell: screen.Text(strings.Join(a.Devices, ", "))}, {Label: "Caller", Cell: a.callerCell()},
		{Label: "Other calls", Cell: screen.Text(strconv.Itoa(a.Outside))}, {Label: "Skills", Cell: screen.Text(strings.Join(skills, ", "))},
		{Label: "Today", Cell: screen.Text(day)}, {Label: "Owner", Cell: screen.Text(a.Member)}}
}

// queuesPanel has the queues of an agent, and what keeps each of them from giving him somebody.
func (a Agent) queuesPanel(x Explanation, now time.Time) screen.Panel {
	t := &screen.Table{Wrap: true, Empty: "He belongs to no queue.", Columns: []screen.Column{{Label: "Queue", Width: "w8"},
		{Label: "Penalty", Num: true, Width: "w5"}, {Label: "Level", Num: true, Width: "w4"}, {Label: "Calls", Num: true, Width: "w4"},
		{Label: "Last call", Width: "w7"}, {Label: "Why it gives him nobody", Width: "w18"}}}
	why := map[string][]string{}
	for _, r := range x.Waits {
		why[r.Queue] = append(why[r.Queue], r.Why)
	}
	row := func(q AgentQueue) {
		reasons := why[q.Queue]
		delete(why, q.Queue)
		if q.Paused {
			reasons = append([]string{strings.TrimSpace("paused here " + q.Reason)}, reasons...)
		}
		t.Rows = append(t.Rows, screen.Row{Key: q.Queue, Cells: []screen.Cell{linkTo(q.Queue, queuePath), screen.Number(uint64(max(0, q.Penalty))),
			screen.Number(uint64(max(0, q.Level))), screen.Number(uint64(q.Calls)), screen.Text(screen.Clock(q.LastCall, now)),
			screen.Text(strings.Join(reasons, "; "))}})
	}
	for _, q := range a.Queues {
		row(q)
	}
	for _, r := range x.Waits { // of queues that are not his, or of none
		if why[r.Queue] != nil {
			row(AgentQueue{Queue: r.Queue})
		}
	}
	return screen.Panel{ID: "queues", Title: "Queues", Quiet: counted(len(a.Queues), "queue"), Table: t}
}

// agentAskPage asks why an agent pauses, or before he is logged off.
func (s *Server) agentAskPage(r *http.Request, _ visitor) (screen.Page, error) {
	a, err := s.agentNamed(r)
	if err != nil {
		return screen.Page{}, err
	}
	ask := screen.Ask{Action: agentPath(a.Name) + "/" + r.PathValue("verb"), Text: []string{
		fmt.Sprintf("%s is %s.", strings.TrimSpace(a.Name+" "+a.Display), strings.ToLower(a.mark().Word))}}
	title := ""
	switch r.PathValue("verb") {
	case verbPause:
		title, ask.Button = "Pause "+a.Name, "Pause "+a.Name
		ask.Inputs = []screen.Input{{Name: "reason", Label: "Reason", Max: maxReason, Note: "a word for reports, such as lunch"}}
		ask.Text = append(ask.Text, "A call that he has goes on; he pauses after it.")
	case verbLogout:
		title, ask.Button, ask.Risk = "Log off "+a.Name, "Log off "+a.Name, true
		ask.Text = append(ask.Text, "He gets no more calls of queues. A call that he has goes on; he is logged off after it.")
	case verbLogin:
		title, ask.Button = "Log on "+a.Name, "Log on "+a.Name
		ask.Inputs = []screen.Input{{Name: "device", Label: "Device", Max: maxReason, Note: "an account whose phones ring; his own where none is named"}}
	default:
		return screen.Page{}, NotFound("nothing like %q can be asked of an agent", clip(r.PathValue("verb"), 40))
	}
	p := question(title, "monitors", agentsPath, ask, append(slices.Clone(agentCrumbs), screen.Crumb{Label: a.Name, Href: agentPath(a.Name)})...)
	return p, nil
}

// What can be done with the call that an agent has.
const (
	verbListen   = "listen"
	verbWhisper  = "whisper"
	verbBarge    = "barge"
	verbUnrecord = "unrecord"
	verbRecord   = "record"
)

// listenActs let somebody who may hear the call of an agent.
func (s *Server) listenActs(r *http.Request, agent string) []screen.Act {
	if !s.services.Recordings.Hears(asker(r), agent) {
		return nil
	}
	path := agentPath(agent) + "/"
	return []screen.Act{{Label: "Listen", About: agent, Action: path + verbListen}, {Label: "Whisper", About: agent, Action: path + verbWhisper},
		{Label: "Barge in", About: agent, Action: path + verbBarge}}
}

// callActs are what can be done with the call that an agent has now.
func (s *Server) callActs(r *http.Request, a Agent) []screen.Act {
	if a.State != "talking" {
		return nil
	}
	acts := s.listenActs(r, a.Name)
	state, err := s.services.Recordings.Turn(r.Context(), asker(r), a.Name, "")
	switch {
	case err != nil: // the page tells what is known
	case state == RecordingOn:
		acts = append(acts, screen.Act{Label: "Pause recording", About: a.Name, Action: agentPath(a.Name) + "/" + verbUnrecord})
	case state == RecordingPaused:
		acts = append(acts, screen.Act{Label: "Record again", About: a.Name, Action: agentPath(a.Name) + "/" + verbRecord})
	}
	return acts
}

// agentDo does something on behalf of an agent.
func (s *Server) agentDo(r *http.Request, _ visitor) (outcome, error) {
	name, verb := r.PathValue("name"), r.PathValue("verb")
	out := outcome{To: agentPath(name)}
	a := AgentAct{By: asker(r), Name: name, Verb: verb}
	switch verb {
	case verbPause:
		a.Reason = clip(strings.TrimSpace(r.PostForm.Get("reason")), maxReason)
	case verbLogin:
		a.Device = clip(strings.TrimSpace(r.PostForm.Get("device")), maxReason)
	case verbReady, verbLogout, verbCheck:
	case verbListen, verbWhisper, verbBarge:
		out.Text = "Your own phone rings: take it, and you hear the call of " + name + "."
		_, err := s.services.Recordings.Listen(r.Context(), a.By, name, verb)
		return out, err
	case verbUnrecord, verbRecord:
		turn := map[string]string{verbUnrecord: "pause", verbRecord: "resume"}[verb]
		state, err := s.services.Recordings.Turn(r.Context(), a.By, name, turn)
		out.Text = "The recording of the call is " + state + " now."
		return out, err
	default:
		return out, NotFound("nothing like %q can be asked of an agent", clip(verb, 40))
	}
	now, err := s.services.Agents.ActOnAgent(r.Context(), a)
	if err != nil {
		return out, err
	}
	out.Text = fmt.Sprintf("%s is %s now.", name, strings.ToLower(now.mark().Word))
	if now.afterwards() != "" {
		out.Text = fmt.Sprintf("%s is %s now, and %s after it.", name, strings.ToLower(now.mark().Word), now.Next)
	}
	if verb == verbPause {
		out.Act = &screen.Act{Label: "Undo", Action: agentPath(name) + "/" + verbReady}
	}
	return out, nil
}
