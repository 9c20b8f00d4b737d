package block

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"tandem/actors/queuelog/report"
)

const needDetails = needNotes | needVisits

var detailBlocks = []Block{
	{"DetailsDO.CallsOK", "Answered calls one by one", "", answeredCalls, listOf(answeredList), needDetails},
	{"DetailsDO.CallsOkRaw", "Answered calls, all that is known", "", answeredCalls, listOf(rawList), needDetails},
	{"DetailsDO.AfpCallsOK", "Answered calls one by one", "", answeredCalls, listOf(answeredList), needDetails},
	{"DetailsDO.CallsKO", "Lost calls one by one", "", lostCalls, listOf(lostList), needDetails},
	{"DetailsDO.CallsKoRaw", "Lost calls, all that is known", "", lostCalls, listOf(rawList), needDetails},
	{"DetailsDO.AfpCallsKO", "Lost calls one by one", "", lostCalls, listOf(lostList), needDetails},
	{"DetailsDO.CallsIVR", "Calls that came through a menu", "", throughMenu, listOf(menuList), needDetails},
	{"DetailsDO.AfpCallsIVR", "Calls that came through a menu", "", throughMenu, listOf(menuList), needDetails},
	{"DetailsDO.AgentSessions", "Sessions of agents", "", nothing, staffed((*staff).sessionList), needTimes},
	{"DetailsDO.AgentSessionsRaw", "Sessions of agents by server", "", nothing, staffed((*staff).rawSessions), needTimes},
	{"DetailsDO.AgentPauses", "Pauses of agents", "", nothing, staffed((*staff).pauseList), needTimes},
	{"DetailsDO.Calls", "Calls one by one", "", listedCall, listOf(allList), needDetails},
}

func throughMenu(r *run, c *call) bool {
	return everyCall(r, c) && c.said != nil && len(c.said.path) > 0
}

// listedCall: what drill-down shows is what numbers count; short calls are none.
func listedCall(r *run, c *call) bool { return everyCall(r, c) && !r.short(c) }

// field is a column of a list of calls.
type field struct {
	head Column
	cell func(r *run, c *call) Cell
}

func textField(head string, of func(c *call) string) field {
	return field{Column{head, Text}, func(_ *run, c *call) Cell { return text(of(c)) }}
}

func timeField(head string, of func(c *call) int64) field {
	return field{Column{head, Moment}, func(r *run, c *call) Cell { return r.clock.moment(of(c)) }}
}

func knownField(head string, kind Kind, of func(c *call) int64) field {
	return field{Column{head, kind}, func(_ *run, c *call) Cell { return told(kind, of(c), of(c) != report.Unknown) }}
}

// The columns of calls.
var (
	dateF     = timeField("Date", func(c *call) int64 { return c.Enter })
	callerF   = textField("Caller", func(c *call) string { return c.Caller })
	queueF    = textField("Queue", func(c *call) string { return c.Queue })
	agentF    = textField("Agent", func(c *call) string { return c.Agent })
	handledF  = textField("Handled by", func(c *call) string { return c.Agent })
	causeF    = textField("Disconnection", func(c *call) string { return causeOf(c.Stint) })
	stateF    = textField("State", func(c *call) string { return stateWords[c.State] })
	codeF     = textField("Code", func(c *call) string { return c.outcome() })
	keyF      = textField("Key", func(c *call) string { return c.Key })
	serverF   = textField("Srv", func(c *call) string { return c.Partition })
	callF     = textField("Call", func(c *call) string { return c.name() })
	pathF     = textField("IVR path", func(c *call) string { return c.said.pathText() })
	dnisF     = textField("DNIS", func(c *call) string { return c.said.number() })
	menuF     = textField("Menu", func(c *call) string { return c.said.menu })
	sentF     = textField("Transferred to", func(c *call) string { return c.Transfer })
	waitF     = knownField("Wait", Seconds, func(c *call) int64 { return c.Wait })
	talkF     = knownField("Duration", Seconds, func(c *call) int64 { return c.Talk })
	ringF     = knownField("Ring", Seconds, func(c *call) int64 { return c.Ring })
	positionF = knownField("Pos.", Count, func(c *call) int64 { return orUnknown(c.Position) })
	exitF     = knownField("Position", Count, func(c *call) int64 { return orUnknown(c.Last) })
	attemptsF = knownField("Attempts", Count, func(c *call) int64 { return c.Attempts })
	stintsF   = knownField("Stints", Count, func(c *call) int64 { return int64(c.visits) })
)

var stateWords = [...]string{report.Waiting: "waiting", report.Talking: "talking", report.Answered: "answered", report.Lost: "lost"}

func orUnknown(n int64) int64 {
	if n <= 0 {
		return report.Unknown
	}
	return n
}

var (
	answeredList = []field{dateF, callerF, queueF, waitF, talkF, positionF, causeF, handledF, attemptsF, codeF, stintsF, serverF, callF}
	lostList     = []field{dateF, agentF, callerF, queueF, causeF, exitF, waitF, positionF, attemptsF, codeF, keyF, stintsF, serverF, callF}
	allList      = []field{dateF, callerF, queueF, stateF, causeF, waitF, talkF, positionF, handledF, attemptsF, codeF, stintsF, serverF, callF}
	menuList     = []field{dateF, callerF, pathF, menuF, dnisF, queueF, stateF, waitF, serverF, callF}
	rawList      = []field{textField("Partition", func(c *call) string { return c.Partition }), textField("Call id", func(c *call) string { return c.CallID }),
		queueF, textField("Direction", func(c *call) string { return directionOf(c.Stint) }), agentF, callerF,
		timeField("Entered", func(c *call) int64 { return c.Enter }), timeField("Connected", func(c *call) int64 { return c.Connect }),
		timeField("Ended", func(c *call) int64 { return c.End }), stateF, textField("Cause", func(c *call) string { return c.Cause }), waitF, ringF, talkF,
		positionF, exitF, attemptsF, keyF, sentF, dnisF, pathF, codeF,
		textField("Features", func(c *call) string { return strings.Join(c.said.list(featureList), ", ") }),
		textField("Tags", func(c *call) string { return strings.Join(c.said.list(tagList), ", ") }),
		textField("URL", func(c *call) string { return c.URL }), stintsF, textField("Estimated", func(c *call) string { return yes(c.Estimated) })}
)

// lister keeps the first calls, by time.
type lister struct {
	r      *run
	fields []field
	rows   []listedRow
}

type listedRow struct {
	at    int64
	cells []Cell
}

func listOf(fields []field) func(*run, *Block) maker {
	return func(r *run, _ *Block) maker { return &lister{r: r, fields: fields} }
}

// call lists a call. When twice as many as are wanted are there, the later half is dropped.
func (l *lister) call(c *call) {
	cells := make([]Cell, len(l.fields))
	for i, f := range l.fields {
		cells[i] = f.cell(l.r, c)
	}
	l.rows = append(l.rows, listedRow{c.Enter, cells})
	if len(l.rows) > 2*(l.r.ask.Rows+1) {
		l.sort()
		l.rows = l.rows[:l.r.ask.Rows+1]
	}
}

// sort brings calls into the order of their time; in the same second, of what is written of them, so that partitions may
// come in any order.
func (l *lister) sort() {
	slices.SortStableFunc(l.rows, func(a, b listedRow) int {
		return cmp.Or(cmp.Compare(a.at, b.at), slices.CompareFunc(a.cells, b.cells, func(x, y Cell) int { return cmp.Compare(x.String(), y.String()) }))
	})
}

func (l *lister) table() (heads []Column, rows [][]Cell) {
	for _, f := range l.fields {
		heads = append(heads, f.head)
	}
	l.sort()
	for _, one := range l.rows {
		rows = append(rows, one.cells)
	}
	return heads, rows
}

var sessionHeads = []Column{{"Agent", Text}, {"Start", Moment}, {"End", Moment}, {"Duration", Seconds}, {"Ext.", Text}, {"Termination", Text},
	{"N pauses", Count}, {"Pause time", Seconds}, {"Srv", Text}}

// sessionList has sessions over all servers: those that overlap are one.
func (f *staff) sessionList() ([]Column, [][]Cell) {
	var rows [][]Cell
	for _, p := range f.sorted() {
		joined, _ := report.Union(p.session(nil))
		for _, i := range joined {
			parts := slices.DeleteFunc(slices.Clone(p.sessions), func(s report.Session) bool { return s.Start < i.Start || s.End > i.End })
			last := slices.MaxFunc(parts, func(a, b report.Session) int { return cmp.Compare(a.End, b.End) })
			rows = append(rows, f.sessionRow(p, i, parts, last.Cause, nil))
		}
	}
	return sessionHeads, rows
}

// rawSessions has the sessions of each server.
func (f *staff) rawSessions() ([]Column, [][]Cell) {
	var rows [][]Cell
	for _, p := range f.sorted() {
		slices.SortStableFunc(p.sessions, func(a, b report.Session) int {
			return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.Partition, b.Partition))
		})
		for _, s := range p.sessions {
			of := func(x *report.Pause) bool { return x.Partition == s.Partition }
			rows = append(rows, f.sessionRow(p, report.Interval{Start: s.Start, End: s.End}, []report.Session{s}, s.Cause, of))
		}
	}
	return sessionHeads, rows
}

func (f *staff) sessionRow(p *person, i report.Interval, parts []report.Session, cause string, of func(*report.Pause) bool) []Cell {
	rests, _ := report.Union(p.paused(of))
	n, paused := int64(0), int64(0)
	for _, rest := range rests {
		if length := overlap([]report.Interval{rest}, []report.Interval{i}); length > 0 {
			n, paused = n+1, paused+length
		}
	}
	var devices, servers []string
	for _, s := range parts {
		devices, servers = add(devices, s.Device), add(servers, s.Partition)
	}
	slices.Sort(servers)
	if cause == "" {
		cause = "goes on"
	}
	return []Cell{text(p.name), f.r.clock.moment(i.Start), f.r.clock.moment(i.End), seconds(i.End - i.Start), text(strings.Join(devices, ", ")),
		text(cause), count(n), seconds(paused), text(strings.Join(servers, ", "))}
}

// pauseList has the pauses of each server. What is said of all queues and of each of them is one pause.
func (f *staff) pauseList() (heads []Column, rows [][]Cell) {
	heads = []Column{{"Agent", Text}, {"Ext", Text}, {"Code", Text}, {"Activity", Text}, {"Type", Text}, {"Billable", Text}, {"Start", Moment},
		{"End", Moment}, {"Duration", Seconds}, {"Srv", Text}}
	for _, p := range f.sorted() {
		for _, one := range rests(p.pauses) {
			kind := "Pause"
			if strings.HasPrefix(one.Reason, "Auto-") {
				kind = "System"
			}
			rows = append(rows, []Cell{text(p.name), text(p.device(one)), text(one.Reason), text(one.Reason), text(kind),
				text(strconv.FormatBool(f.billable(&one))), f.r.clock.moment(one.Start), f.r.clock.moment(one.End), seconds(one.End - one.Start),
				text(one.Partition)})
		}
	}
	return heads, rows
}

// rests are pauses of each partition, those that overlap being one, for the reason of the first that tells one.
func rests(all []report.Pause) (joined []report.Pause) {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b report.Pause) int {
		return cmp.Or(cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End), cmp.Compare(a.Queue, b.Queue))
	})
	for _, p := range all {
		if n := len(joined); n > 0 && joined[n-1].Partition == p.Partition && p.Start <= joined[n-1].End {
			last := &joined[n-1]
			last.End, last.Reason = max(last.End, p.End), cmp.Or(last.Reason, p.Reason)
			continue
		}
		joined = append(joined, p)
	}
	slices.SortStableFunc(joined, func(a, b report.Pause) int { return cmp.Compare(a.Start, b.Start) })
	return joined
}

// device is where an agent worked at the time of a pause.
func (p *person) device(rest report.Pause) string {
	for _, s := range p.sessions {
		if s.Partition == rest.Partition && s.Start <= rest.Start && rest.Start <= s.End {
			return s.Device
		}
	}
	return ""
}
