package web

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tandem/web/screen"
)

// Pages where queues and agents are set up.
const (
	queueSettingsPath = "/settings/queues"
	agentSettingsPath = "/settings/agents"
)

// words are options that are called as they are.
func words(all ...string) (out []screen.Option) {
	for _, w := range all {
		out = append(out, screen.Option{Value: w, Label: w})
	}
	return out
}

const spanNote = "a length of time: 15s, 1m30s"

// queueKnobs are the fields of a queue, what is changed most first.
var queueKnobs = []knob{
	{key: "display", label: "Shown as"},
	{key: "numbers", label: "Numbers", note: "dialled, with commas between them"},
	{key: "strategy", label: "Who is rung", options: words("ringall", "leastrecent", "fewestcalls", "rrmemory", "rrordered", "linear", "random", "wrandom")},
	{key: "closed", label: "Closed", note: "nobody may enter; who waits stays"},
	{key: "timeout", label: "Ring an agent for", note: spanNote},
	{key: "retry", label: "Leave an agent alone who did not answer for", note: spanNote},
	{key: "wrapuptime", label: "Wrap-up after a call", note: spanNote},
	{key: "servicelevel", label: "Callers should be answered within", note: spanNote},
	{key: "target", label: "Percent of them"},
	{key: "maxlen", label: "Callers that may wait", note: "0: as many as a queue takes"},
	{key: "max_stay", label: "Longest stay", note: spanNote + "; 0s: for ever"},
	{key: "musicclass", label: "Music"},
	{key: "recording", label: "Record conversations"},
	{key: "announce", label: "What an agent hears before the caller"},
	{key: "memberdelay", label: "Wait before they are joined", note: spanNote},
	{key: "announce_frequency", label: "Tell position and expected wait every", note: spanNote + "; 0s: never"},
	{key: "announce_position", label: "Tell the position", options: words("yes", "no", "more")},
	{key: "announce_position_limit", label: "Positions beyond are \"more than\""},
	{key: "announce_holdtime", label: "Tell the expected wait", options: words("yes", "no", "once")},
	{key: "periodic_announce", label: "Announcements in turn", note: "texts or files, with commas between them"},
	{key: "periodic_announce_frequency", label: "One of them every", note: spanNote},
	{key: "announce_to_first_user", label: "The first caller hears them too"},
	{key: "joinempty", label: "Nobody enters where all agents are", note: "strict, loose, or words as paused, unavailable, inuse, wrapup"},
	{key: "leavewhenempty", label: "Callers leave where all agents are", note: "the same words"},
	{key: "overflow.queue", label: "Overflow: to queue"},
	{key: "overflow.after", label: "Overflow: after", note: spanNote + "; 0s: not by time"},
	{key: "overflow.when_full", label: "Overflow: who finds no room"},
	{key: "overflow.when_empty", label: "Overflow: for whom nobody is there"},
	{key: "callback.key", label: "Key by which a caller is called back", note: "nothing: it is not offered"},
	{key: "callback.after", label: "Offer that after", note: spanNote},
	{key: "callback.tries", label: "Try to reach a caller so often"},
	{key: "exits", label: "Keys that lead out", note: `[{"key":"0","to":"operator"}]`},
	{key: "autopause", label: "Pause an agent who does not answer", options: words("no", "yes", "all")},
	{key: "weight", label: "Weight among an agent's queues"},
	{key: "force_longest_waiting_caller", label: "Longest waiting caller of equally heavy queues first", options: words("no", "yes", "prio")},
	{key: "autofill", label: "Serve all callers at once, not the first one alone"},
	{key: "caller_rests", label: "After a vain ring the caller waits too, as in app_queue"},
	{key: "penaltymemberslimit", label: "Agents up to whom penalties do not count"},
	{key: "rules", label: "Penalty rules", note: `[{"after":"30s","max":"+1"}]`},
	{key: "relax", label: "Skills that relax", note: `[{"after":"1m","skill":"french","by":1}]`},
	{key: "tiers.apply", label: "Levels of agents one after the other"},
	{key: "tiers.wait", label: "Next level after", note: spanNote},
	{key: "application", label: "Program that callers hear", note: "name#account"},
}

// agentKnobs are those of an agent.
var agentKnobs = []knob{
	{key: "display", label: "Shown as"},
	{key: "account", label: "Account", note: "whose phones, sessions and rights are his"},
	{key: "memberships", label: "Queues", note: "with commas between them, and a penalty behind a colon: sales, support:2", show: showMemberships, read: readMemberships},
	{key: "skills", label: "Skills with levels", note: "french:3, billing:1", show: showSkills, read: readSkills},
	{key: "wrapuptime", label: "Wrap-up after a call", note: spanNote + "; 0s: what his queues say"},
	{key: "count_outside", label: "Calls outside queues count for who is rung next"},
}

// showMemberships writes memberships as queue:penalty. What else there is of them is for programs.
func showMemberships(v any) string {
	var out []string
	for _, m := range listOf(v) {
		o, _ := m.(map[string]any)
		out = append(out, withNumber(shown(o["queue"]), o["penalty"], 0))
	}
	return strings.Join(out, ", ")
}

// readMemberships reads them again; of a queue that he belongs to already the rest stays as it is.
func readMemberships(old any, text string) (any, error) {
	have := map[string]map[string]any{}
	for _, m := range listOf(old) {
		if o, ok := m.(map[string]any); ok {
			have[shown(o["queue"])] = o
		}
	}
	out := []map[string]any{}
	err := eachNumbered(text, 0, func(queue string, penalty int) {
		m := map[string]any{"queue": queue}
		for key, value := range have[queue] {
			m[key] = value
		}
		m["penalty"] = penalty
		out = append(out, m)
	})
	return out, err
}

func showSkills(v any) string {
	skills, _ := v.(map[string]any)
	var out []string
	for _, name := range slices.Sorted(maps.Keys(skills)) {
		out = append(out, withNumber(name, skills[name], 1))
	}
	return strings.Join(out, ", ")
}

func readSkills(_ any, text string) (any, error) {
	out := map[string]int{}
	err := eachNumbered(text, 1, func(name string, level int) { out[name] = level })
	return out, err
}

func listOf(v any) []any {
	list, _ := v.([]any)
	return list
}

// withNumber is a name with its number, unless that is the usual one.
func withNumber(name string, n any, usual int) string {
	if text := shown(n); text != "" && text != strconv.Itoa(usual) {
		return name + ":" + text
	}
	return name
}

// eachNumbered reads name:number, name.
func eachNumbered(text string, usual int, f func(name string, n int)) error {
	for part := range strings.SplitSeq(text, ",") {
		name, number, said := strings.Cut(strings.TrimSpace(part), ":")
		n := usual
		if name == "" && !said {
			continue
		}
		if said {
			var err error
			if n, err = strconv.Atoi(strings.TrimSpace(number)); err != nil {
				return Invalid("%q in %q is no number", clip(number, 40), clip(part, 60))
			}
		}
		f(strings.TrimSpace(name), n)
	}
	return nil
}

func (s *Server) queueDefinitions() definitions {
	return definitions{what: "queue", title: "Queues", path: queueSettingsPath, knobs: queueKnobs, find: s.services.Queues.Definition,
		save: s.services.Queues.Save, remove: s.services.Queues.Remove,
		gone: "Nobody can enter the queue any more, and its agents belong to it no more. What the records say of it stays."}
}

func (s *Server) agentDefinitions() definitions {
	return definitions{what: "agent", title: "Agents", path: agentSettingsPath, knobs: agentKnobs, find: s.services.Agents.AgentDefinition,
		save: s.services.Agents.SaveAgent, remove: s.services.Agents.RemoveAgent,
		gone: "He can not log on any more. His account stays, and so does what the records say of him."}
}

// allDefinitions are both kinds, by the path of their pages.
func (s *Server) allDefinitions() map[string]func() definitions {
	return map[string]func() definitions{queueSettingsPath: s.queueDefinitions, agentSettingsPath: s.agentDefinitions}
}

// definitionLooks are the pages, by pattern.
func (s *Server) definitionLooks() map[string]look {
	all := map[string]look{queueSettingsPath: s.queueSettings, agentSettingsPath: s.agentSettings}
	for path, d := range s.allDefinitions() {
		all[path+"/{name}"] = func(r *http.Request, v visitor) (screen.Page, error) { return d().page(r, v) }
		all[path+"/{name}/remove"] = func(r *http.Request, v visitor) (screen.Page, error) { return d().removePage(r, v) }
	}
	return all
}

// definitionActs are what they do.
func (s *Server) definitionActs() map[string]act {
	all := map[string]act{}
	for path, d := range s.allDefinitions() {
		all[path] = func(r *http.Request, v visitor) (outcome, error) { return d().addDo(r, v) }
		all[path+"/{name}"] = func(r *http.Request, v visitor) (outcome, error) { return d().saveDo(r, v) }
		all[path+"/{name}/remove"] = func(r *http.Request, v visitor) (outcome, error) { return d().removeDo(r, v) }
	}
	return all
}

// list is the list on a page of definitions.
func (d definitions) list(count int, table *screen.Table) screen.Page {
	return screen.Page{Title: d.title, Realm: "settings", Crumbs: d.crumbs()[:1], Ask: d.addAsk(),
		View: screen.View{Panels: []screen.Panel{{ID: d.what + "s", Title: d.title, Quiet: counted(count, d.what), Table: table}}}}
}

func (s *Server) queueSettings(r *http.Request, v visitor) (screen.Page, error) {
	d := s.queueDefinitions()
	all, err := s.services.Queues.Queues(r.Context(), QueueQuery{By: v.asker(), Limit: maxLimit})
	if err != nil {
		return screen.Page{}, err
	}
	t := &screen.Table{Columns: []screen.Column{{Label: "Queue", Width: "w8"}, {Label: "Shown as", Width: "w12"}, {Label: "Numbers", Width: "w8"},
		{Label: "Who is rung", Width: "w9"}, {Label: "Agents", Width: "w5", Num: true}}, Empty: "No queue has been set up. Add one above."}
	for _, q := range all[:min(len(all), maxShown)] {
		t.Rows = append(t.Rows, screen.Row{Key: q.Name, Cells: []screen.Cell{screen.Link(q.Name, d.href(q.Name)), screen.Text(q.Display),
			screen.Text(strings.Join(q.Numbers, ", ")), screen.Text(q.Strategy), screen.Text(strconv.Itoa(q.Agents))}})
	}
	if len(all) > maxShown {
		t.More = "There are more queues: look for one with tandem queue list --match."
	}
	return d.list(len(all), t), nil
}

func (s *Server) agentSettings(r *http.Request, v visitor) (screen.Page, error) {
	d := s.agentDefinitions()
	all, err := s.services.Agents.Agents(r.Context(), AgentQuery{By: v.asker(), Limit: maxLimit})
	if err != nil {
		return screen.Page{}, err
	}
	t := &screen.Table{Columns: []screen.Column{{Label: "Agent", Width: "w8"}, {Label: "Shown as", Width: "w12"}, {Label: "Account", Width: "w12"},
		{Label: "Queues", Width: "w14"}}, Empty: "No agent has been set up. Add one above: his name is that of an account."}
	for _, a := range all[:min(len(all), maxShown)] {
		var queues []string
		for _, m := range a.Queues {
			queues = append(queues, m.Queue)
		}
		t.Rows = append(t.Rows, screen.Row{Key: a.Name, Cells: []screen.Cell{screen.Link(a.Name, d.href(a.Name)), screen.Text(a.Display),
			screen.Text(a.Account), screen.Text(strings.Join(queues, ", "))}})
	}
	if len(all) > maxShown {
		t.More = "There are more agents: look for one with tandem agent list --match."
	}
	return d.list(len(all), t), nil
}
