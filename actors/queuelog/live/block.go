package live

import (
	"strings"
	"time"

	"tandem/actors/queuelog/block"
	"tandem/web"
)

// Block is one of the tables RealtimeDO (reference queuelog.md 3.2).
type Block struct {
	Name, Title string
	heads       []block.Column
	rows        func(v web.LiveView, zone *time.Location) [][]block.Cell
}

// Blocks are those that log and manager interface can fill. Names that differ stand for different pages elsewhere, and are
// the same here.
var Blocks = []Block{
	{"RealtimeDO.RTRiassunto", "Queues now", queueHeads, queueRows},
	{"RealtimeDO.RtLiveQueues", "Queues now", queueHeads, queueRows},
	{"RealtimeDO.WallRiassunto", "Queues now", queueHeads, queueRows},
	{"RealtimeDO.RTCallsBeingProc", "Calls now", callHeads, callRows},
	{"RealtimeDO.RtLiveCalls", "Calls now", callHeads, callRows},
	{"RealtimeDO.WallCallsBeingProc", "Calls now", callHeads, callRows},
	{"RealtimeDO.VisitorCallsProc", "Calls now", callHeads, callRows},
	{"RealtimeDO.RTAgentsLoggedIn", "Agents now", agentHeads, agentRows},
	{"RealtimeDO.RtLiveAgents", "Agents now", agentHeads, agentRows},
	{"RealtimeDO.RtLiveStatus", "How old what is known of servers is", statusHeads, statusRows},
	{"RealtimeDO.RtAgentsRaw", "Agents now, for programs", rawAgentHeads, rawAgentRows},
	{"RealtimeDO.RtCallsRaw", "Calls now, for programs", rawCallHeads, rawCallRows},
}

// Tables makes blocks of a view; unknown is the name of the first that there is not.
func Tables(v web.LiveView, zone *time.Location, names []string) (all []block.Table, unknown string) {
	for _, name := range names {
		found := false
		for _, b := range Blocks {
			if b.Name == name {
				all = append(all, block.Table{Name: b.Name, Title: b.Title, Columns: b.heads, Rows: b.rows(v, zone)})
				found = true
			}
		}
		if !found {
			return nil, name
		}
	}
	return all, ""
}

func heads(kind block.Kind, names ...string) (all []block.Column) {
	for _, name := range names {
		all = append(all, block.Column{Name: name, Kind: kind})
	}
	return all
}

func word(text string) block.Cell { return block.Cell{Text: text, None: text == ""} }

func words(all ...string) (row []block.Cell) {
	for _, text := range all {
		row = append(row, word(text))
	}
	return row
}

func count[N ~int | ~int64](n N) block.Cell { return block.Cell{Kind: block.Count, Value: float64(n)} }

// since is a length of time up to the moment of the view.
func since(v web.LiveView, at int64) block.Cell {
	if at == 0 {
		return block.Cell{Kind: block.Seconds, None: true}
	}
	return block.Cell{Kind: block.Seconds, Value: float64(max(0, v.At.Unix()-at))}
}

// clock is a time of the day.
func clock(at int64, zone *time.Location) block.Cell {
	if at == 0 {
		return block.Cell{Kind: block.Moment, None: true}
	}
	return block.Cell{Kind: block.Moment, Text: time.Unix(at, 0).In(zone).Format(time.TimeOnly)}
}

// epoch are seconds since 1970; 0: it has not come to that.
func epoch(at int64) block.Cell { return count(at) }

var queueHeads = append(heads(block.Text, "", "Queue"), heads(block.Count, "N. agents", "Ready agents", "On pause", "Unk", "Bsy", "N. calls waiting",
	"On phone inbound", "On phone outbound")...)

func queueRows(v web.LiveView, _ *time.Location) (rows [][]block.Cell) {
	for _, q := range v.Queues {
		row := words("", q.Name)
		for _, n := range []int{q.Agents, q.Ready, q.Paused, q.Unknown, q.Busy, q.Waiting, q.Talking, q.Outbound} {
			row = append(row, count(n))
		}
		rows = append(rows, row)
	}
	return rows
}

var callHeads = append(append(heads(block.Text, "", "Queue", "Caller", "Entered", "IVR"), heads(block.Seconds, "Waiting", "Duration")...),
	heads(block.Text, "Agent", "MOH", "Srv", "")...)

func callRows(v web.LiveView, zone *time.Location) (rows [][]block.Cell) {
	for _, c := range v.Calls {
		direction, waiting, talking := "in", since(v, c.Enter), since(v, 0)
		if c.Outbound {
			direction = "out"
		}
		if c.State == "talking" {
			waiting, talking = block.Cell{Kind: block.Seconds, Value: float64(max(0, c.Connect-c.Enter))}, since(v, c.Connect)
		}
		rows = append(rows, append(append(words(direction, c.Queue, c.Number), clock(c.Enter, zone), word(""), waiting, talking),
			words(c.Agent, "", c.Server, "")...))
	}
	return rows
}

var agentHeads = heads(block.Text, "", "", "Agent", "Last logon", "Queue(s)", "Extension", "On pause", "Srv", "Last call", "On queue", "")

func agentRows(v web.LiveView, zone *time.Location) (rows [][]block.Cell) {
	for _, a := range v.Agents {
		for _, s := range a.Seats {
			if !s.Known {
				continue
			}
			pause := ""
			if s.State == "paused" {
				pause = strings.TrimSpace("paused " + s.Reason)
			}
			rows = append(rows, append(append(words(s.State, "", a.Name), clock(s.Login, zone)), append(words(strings.Join(s.Queues, ", "), s.Device, pause, s.Server),
				clock(s.LastCall, zone), word(s.On), word(""))...))
		}
	}
	return rows
}

var statusHeads = heads(block.Text, "Srv", "State", "Queue log", "Manager interface", "Why")

func statusRows(v web.LiveView, _ *time.Location) (rows [][]block.Cell) {
	for _, s := range v.Servers {
		rows = append(rows, words(s.Name, s.State, s.Log.State, s.Manager.State, strings.Trim(s.Log.Why+"; "+s.Manager.Why, "; ")))
	}
	return rows
}

var rawAgentHeads = heads(block.Text, "ACB_agent", "ACB_onPause", "ACB_curPauseCode", "ACB_curPauseTst", "ACB_inCurrStatusSinceTst", "ACB_status", "ACB_queues", "ACB_server")

func rawAgentRows(v web.LiveView, _ *time.Location) (rows [][]block.Cell) {
	for _, a := range v.Agents {
		for _, s := range a.Seats {
			if !s.Known {
				continue
			}
			on, began := "false", int64(0)
			if s.State == "paused" {
				on, began = "true", s.Since
			}
			rows = append(rows, append(words(a.Name, on, s.Reason), epoch(began), epoch(s.Since), word(s.State), word(strings.Join(s.Queues, "|")), word(s.Server)))
		}
	}
	return rows
}

var rawCallHeads = heads(block.Text, "queue", "callId", "enterTst", "answerTst", "server", "agent", "caller", "direction")

func rawCallRows(v web.LiveView, _ *time.Location) (rows [][]block.Cell) {
	for _, c := range v.Calls {
		if !c.Known {
			continue
		}
		direction := "in"
		if c.Outbound {
			direction = "out"
		}
		rows = append(rows, append(append(words(c.Queue, c.ID), epoch(c.Enter), epoch(c.Connect)), words(c.Server, c.Agent, c.Number, direction)...))
	}
	return rows
}
