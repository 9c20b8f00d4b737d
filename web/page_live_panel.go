package web

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"tandem/web/screen"
)

func (w *wall) queuesPanel() screen.Panel {
	t := &screen.Table{Sticky: true, Empty: "No queue is known at these servers. Load their queue logs, or name their manager interfaces in exchanges.servers.",
		Columns: []screen.Column{{Label: "Queue", Width: "w7"}, {Label: "Server", Width: "w6"}, {Label: "State", Width: "w10"}, {Label: "Waiting", Num: true, Width: "w4"},
			{Label: "Longest", Num: true, Width: "w4"}, {Label: "Talking", Num: true, Width: "w4"}, {Label: "Ready", Num: true, Width: "w4"},
			{Label: "Paused", Num: true, Width: "w4"}, {Label: "Busy", Num: true, Width: "w4"}, {Label: "SL %", Num: true, Width: "w7"},
			{Label: "Offered", Num: true, Width: "w4"}, {Label: "Lost", Num: true, Width: "w3"}}}
	for _, q := range w.Queues {
		t.Rows = append(t.Rows, w.queueRow(q, screen.Text(q.Name), "all"))
		for _, p := range q.Parts {
			name := screen.Text(q.Name)
			name.Muted = true
			t.Rows = append(t.Rows, w.queueRow(p, name, p.Server))
		}
		if len(t.Rows) > maxShown {
			t.More = "More are not shown: choose queues."
			break
		}
	}
	return screen.Panel{ID: "queues", Title: "Queues", Quiet: counted(len(w.Queues), "queue"), Table: t}
}

func (w *wall) queueRow(q LiveQueue, name screen.Cell, server string) screen.Row {
	since := w.longest(func(c LiveCall) bool { return c.Queue == q.Name && (q.Server == "" || q.Server == c.Server) })
	state := screen.StateOf("queue", w.waitState(since))
	if q.Waiting > 0 && q.Agents == 0 {
		state = screen.StateOf("queue", "nobody logged in")
	}
	row := screen.Row{Key: q.Name + " " + q.Server}
	if state.Tone == "bad" {
		row.Tone = "bad"
	}
	count := func(n int) screen.Cell { return screen.Number(uint64(n)) }
	now := []screen.Cell{count(q.Waiting), screen.Since(since, w.At), count(q.Talking), count(q.Ready), count(q.Paused), count(q.Busy)}
	switch {
	case q.Cut == q.Servers && q.Cut > 0:
		state = screen.StateOf("age", "cut")
		now = []screen.Cell{screen.Unknown(), screen.Unknown(), screen.Unknown(), screen.Unknown(), screen.Unknown(), screen.Unknown()}
	case q.Cut > 0:
		state = screen.StateOf("age", "cut").With(fmt.Sprintf("%d of %d cut off", q.Cut, q.Servers))
	}
	level := screen.Unknown()
	if share, ok := q.Counts.Share(); ok {
		level = screen.Cell{Text: oneDecimal(share), Num: true, Whole: fmt.Sprintf("%d of %d", q.Counts.InTime, q.Counts.Offered),
			Share: &screen.Share{Part: int(share), Goal: min(int(w.target), 99), Tone: levelState(share, w.target).Tone}}
	}
	row.Cells = append([]screen.Cell{name, screen.Text(server), screen.Mark(state)}, now...)
	row.Cells = append(row.Cells, level, w.counted(q, q.Counts.Offered, "offered"), w.counted(q, q.Counts.Lost, "lost"))
	return row
}

// counted is a number of calls of a queue, and the way to them in the report of the same time.
func (w *wall) counted(q LiveQueue, n int64, state string) screen.Cell {
	return screen.Count(int(n), w.callsHref(state, q.Name, q.Server))
}

// callsHref is the list of calls in some state since the board began to count: of a queue, and of a server, where they are
// named.
func (w *wall) callsHref(state, queue, server string) string {
	ask := url.Values{"source": {w.Source}, "zone": {"UTC"}, "where": {"state=" + state}}
	if !w.From.IsZero() {
		ask.Set("from", w.From.UTC().Format("2006-01-02T15:04:05"))
	}
	if queue != "" {
		ask.Set("queues", queue)
	}
	if server != "" {
		ask.Set("servers", server)
	}
	return addressOf(reportsPath+"/calls", ask)
}

func (w *wall) callsPanel() screen.Panel {
	t := &screen.Table{Events: true, Sticky: true, Empty: "No calls now.", Columns: []screen.Column{{Label: "Caller", Width: "w7"}, {Label: "Queue", Width: "w4"},
		{Label: "State", Width: "w6"}, {Label: "Agent", Width: "w5"}, {Label: "Srv", Width: "w3"}, {Label: "For", Num: true, Width: "w4"}, {Label: "Acts", Width: "w3"}}}
	for i, c := range w.Calls {
		if i == maxShown {
			t.More = fmt.Sprintf("%d more are not shown.", len(w.Calls)-maxShown)
			break
		}
		who := screen.Link(orElse(c.Number, "anonymous"), callHref(c.Key(), c.Enter))
		who.Whole = c.Key()
		state, since := screen.StateOf("caller", c.State), screen.Since(w.shifted(c.Server, max(c.Enter, c.Connect)), w.At)
		if !c.Known {
			state, since = screen.StateOf("agent", "not known").With("was "+c.State), screen.Unknown()
		}
		if c.Outbound {
			who.Tags = []screen.Tag{{Word: "out", Title: "A call of an agent to the outside"}}
		}
		t.Rows = append(t.Rows, screen.Row{Key: c.Key() + " " + c.Queue, Cells: []screen.Cell{who, screen.Text(c.Queue), screen.Mark(state),
			screen.Text(c.Agent), screen.Text(c.Server), since, {Menu: w.callMenu(c)}}})
	}
	return screen.Panel{ID: "calls", Title: "Calls", Quiet: "oldest first", Half: true, Table: t}
}

func (w *wall) agentsPanel() screen.Panel {
	t := &screen.Table{Tiles: true, Empty: "No agent is logged on at these servers, as far as they tell."}
	for i, a := range w.Agents {
		if i == maxShown {
			t.More = fmt.Sprintf("%d more are not shown.", len(w.Agents)-maxShown)
			break
		}
		state := screen.StateOf("agent", a.State)
		var servers []string
		for _, s := range a.Seats {
			servers = append(servers, s.Server)
		}
		about, since := strings.Join(servers, ", "), screen.Unknown()
		switch {
		case a.Was != "":
			about += ", was " + screen.StateOf("agent", a.Was).Word
		case a.Reason != "":
			about = a.Reason + ", " + about
		}
		if a.Was == "" && len(a.Seats) > 0 {
			since = screen.Since(w.shifted(a.Seats[0].Server, a.Since), w.At)
		}
		since.Menu = w.agentMenu(a)
		t.Rows = append(t.Rows, screen.Row{Key: a.Name, Tone: state.Tone, Cells: []screen.Cell{screen.Text(a.Name), screen.Mark(state), screen.Text(about), since}})
	}
	return screen.Panel{ID: "agents", Title: "Agents", Quiet: counted(len(w.Agents), "agent"), Half: true, Table: t}
}

// serversPanel says how old all of that is.
func (w *wall) serversPanel() screen.Panel {
	t := &screen.Table{Empty: "There are no servers.", Columns: []screen.Column{{Label: "Server", Width: "w7"}, {Label: "State", Width: "w7"},
		{Label: "Queue log", Width: "w7"}, {Label: "Last line", Num: true, Width: "w5"}, {Label: "Manager interface", Width: "w8"},
		{Label: "Last event", Num: true, Width: "w5"}, {Label: "Why", Width: "w18"}}}
	feed := func(f LiveFeed, ahead time.Duration) (screen.Cell, screen.Cell) {
		if !f.Used() {
			return screen.Text(""), screen.Unknown()
		}
		last := f.Last
		if !last.IsZero() {
			last = last.Add(-ahead.Round(time.Second))
		}
		return screen.Mark(ageState(f.State)), screen.Since(last, w.At)
	}
	for _, s := range w.Servers {
		log, line := feed(s.Log, s.Ahead.Duration())
		manager, event := feed(s.Manager, 0)
		why := strings.TrimSuffix(s.Log.Why+"; "+s.Manager.Why, "; ")
		t.Rows = append(t.Rows, screen.Row{Key: s.Name, Cells: []screen.Cell{w.serverCell(s), screen.Mark(ageState(s.State)), log, line, manager, event,
			screen.Text(strings.TrimPrefix(why, "; "))}})
	}
	return screen.Panel{ID: "servers", Title: "How old this is", Quiet: "quiet: heard, and nothing happens; cut off: not heard", Table: t}
}

// serverCell is a server; its name leads to how its queue log is loaded, for who may see that.
func (w *wall) serverCell(s LiveServer) screen.Cell {
	if w.right < screen.Supervisor || !s.Log.Used() {
		return screen.Text(s.Name)
	}
	return screen.Link(s.Name, loadHref(s.Name))
}

func ageState(state string) screen.State {
	switch state {
	case LiveCut:
		return screen.StateOf("age", "cut")
	case LiveBehind:
		return screen.StateOf("age", "ageing").With("Behind")
	}
	return screen.StateOf("age", state)
}
