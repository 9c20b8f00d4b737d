package block

import (
	"maps"
	"slices"

	"tandem/actors/queuelog/report"
)

// acdBlocks are about attempts to reach agents.
var acdBlocks = []Block{
	{"DistrDO.ReportAcd", "Attempts together", "", offeredCalls, (*run).attemptsTogether, needAttempts},
	{"DistrDO.AcdByQueue", "Attempts by queue", "", nothing, acd(func(_ *run, a report.Attempt) string { return a.Queue }, "Queue"), needAttempts},
	{"DistrDO.AcdByTerminals", "Attempts by terminal", "", nothing, acd(func(_ *run, a report.Attempt) string { return a.Agent }, "Terminal"), needAttempts},
}

// attempted is one attempt more.
type attempted interface{ attempt(report.Attempt) }

// attempt shows an attempt to every block that counts them. Attempts that ended because the caller had gone are neither
// taken nor lost; one in which the agent hung up is lost.
func (r *run) attempt(a report.Attempt) bool {
	if !r.source.TakesAttempt(a) || !r.staff.wants(a.Agent, a.Partition) || a.Kind == report.Canceled ||
		a.Kind == report.RungInVain && a.Milliseconds < 1000*r.ask.ShortAttempt {
		return true
	}
	for i := range r.making {
		if m, ok := r.making[i].maker.(attempted); ok {
			m.attempt(a)
		}
	}
	return true
}

// acdMaker counts attempts by name.
type acdMaker struct {
	r    *run
	of   func(*run, report.Attempt) string
	head string
	rows map[string]*[2]tries // lost, taken
}

func acd(of func(*run, report.Attempt) string, head string) func(*run, *Block) maker {
	return func(r *run, _ *Block) maker { return &acdMaker{r, of, head, map[string]*[2]tries{}} }
}

func (*acdMaker) call(*call) {}

func (m *acdMaker) attempt(a report.Attempt) {
	name := m.of(m.r, a)
	if m.rows[name] == nil {
		if len(m.rows) >= maxGroups {
			name = others
		}
		if m.rows[name] == nil {
			m.rows[name] = &[2]tries{}
		}
	}
	m.rows[name][kindOf(a)].add(a)
}

// tries are attempts of one kind, and how long they rang, in milliseconds.
type tries struct{ n, rang int64 }

func (t *tries) add(a report.Attempt) { t.n, t.rang = t.n+1, t.rang+a.Milliseconds }

func (m *acdMaker) table() (heads []Column, rows [][]Cell) {
	heads = []Column{{m.head, Text}, {"N lost", Count}, {"Avg ring", Seconds}, {"Ring", Seconds}, {"N taken", Count}, {"Avg ring", Seconds},
		{"Ring", Seconds}}
	for _, name := range slices.Sorted(maps.Keys(m.rows)) {
		cells := []Cell{text(name)}
		for _, t := range m.rows[name] {
			cells = append(cells, count(t.n), t.average(), t.total())
		}
		rows = append(rows, cells)
	}
	return heads, rows
}

func (t *tries) average() Cell { return part(Seconds, float64(t.rang)/1000, t.n, 100) }
func (t *tries) total() Cell   { return part(Seconds, float64(t.rang)/1000, 1, 1000) }

// together counts all attempts, and how many each call took.
type together struct {
	r    *run
	all  [2]tries
	zero int64
	sums sums
}

func (r *run) attemptsTogether(*Block) maker { return &together{r: r} }

func (m *together) call(c *call) { m.sums.add(m.r, c) }

func (m *together) attempt(a report.Attempt) {
	m.all[kindOf(a)].n++
	m.all[kindOf(a)].rang += a.Milliseconds
	if a.Kind == report.RungInVain && a.Milliseconds == 0 {
		m.zero++
	}
}

// kindOf is 0 for an attempt that was lost, 1 for one that was taken.
func kindOf(a report.Attempt) int {
	if a.Kind == report.Taken {
		return 1
	}
	return 0
}

func (m *together) table() ([]Column, [][]Cell) {
	lost, taken := &m.all[0], &m.all[1]
	perCall := func(s *spread) []Cell {
		return []Cell{ratio(s.sum, s.n), told(Count, s.least, s.n > 0), told(Count, s.most, s.n > 0)}
	}
	rows := [][]Cell{{text("Attempts lost"), count(lost.n)}, {text("of them not rung"), count(m.zero)},
		{text("Avg ring of lost"), lost.average()}, {text("Ring of lost"), lost.total()},
		{text("Attempts taken"), count(taken.n)}, {text("Avg ring of taken"), taken.average()}, {text("Ring of taken"), taken.total()}}
	for i, s := range []*spread{&m.sums.attempts, &m.sums.attemptsLost} {
		for j, c := range perCall(s) {
			rows = append(rows, []Cell{text([]string{"Avg", "Min", "Max"}[j] + " attempts per " + []string{"answered", "lost"}[i] + " call"), c})
		}
	}
	return pairHeads, rows
}
