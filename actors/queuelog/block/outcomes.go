package block

import (
	"maps"
	"slices"

	"tandem/actors/queuelog/report"
)

// outcomes are the sales, contacts and qualified contacts together, and by hour of working time.
func (r *run) outcomes(*Block) maker {
	p := &pairs{r: r, base: Where{isAnswered}}
	p.list = []measure{callsM,
		{Column{"With an outcome", Count}, func(s, _ *sums) Cell { return count(s.coded) }, nil},
		{Column{"Sales", Count}, salesCols[1].cell, salesCols[1].where}, {Column{"Contacts", Count}, salesCols[2].cell, salesCols[2].where},
		{Column{"Qualified contacts", Count}, salesCols[3].cell, salesCols[3].where}, salesCols[4],
		{Column{"Working time", Seconds}, func(_, _ *sums) Cell { return seconds(r.staff.working()) }, nil},
		{Column{"Sales per hour", Ratio}, func(s, _ *sums) Cell { return r.perHour(s.sales, r.staff.working()) }, nil},
		{Column{"Contacts per hour", Ratio}, func(s, _ *sums) Cell { return r.perHour(s.contacts, r.staff.working()) }, nil},
		{Column{"Qualified contacts per hour", Ratio}, func(s, _ *sums) Cell { return r.perHour(s.qualified, r.staff.working()) }, nil}}
	return p
}

func (r *run) perHour(n, seconds int64) Cell { return part(Ratio, 3600*float64(n), seconds, 100) }

// working is the time of sessions without the pauses that are no working time.
func (f *staff) working() (all int64) {
	for _, p := range f.agents {
		all += f.work(p)
	}
	return all
}

func (f *staff) work(p *person) int64 {
	t := f.times(p)
	return max(0, t.session-t.paused+t.billable)
}

// activities are pauses by reason: those that are working time, or those that are not.
func activities(billable bool) func(*run, *Block) maker {
	return staffed(func(f *staff) (heads []Column, rows [][]Cell) {
		heads = []Column{{"Activity", Text}, {"Pauses", Count}, {"Time", Seconds}, {"Avg time", Seconds}, {"Agents", Count}}
		lengths, who := map[string]*spread{}, map[string]map[string]bool{}
		for _, p := range f.agents {
			for _, one := range rests(p.pauses) {
				if f.billable(&one) != billable {
					continue
				}
				if lengths[one.Reason] == nil {
					lengths[one.Reason], who[one.Reason] = &spread{}, map[string]bool{}
				}
				lengths[one.Reason].add(one.End - one.Start)
				who[one.Reason][p.name] = true
			}
		}
		for _, reason := range slices.Sorted(maps.Keys(lengths)) {
			s := lengths[reason]
			rows = append(rows, []Cell{text(reason), count(s.n), s.total(), s.average(), count(int64(len(who[reason])))})
		}
		return heads, rows
	})
}

// agentOutcomes are the outcomes of each agent.
func (r *run) agentOutcomes(b *Block) maker {
	cols := append(slices.Clone(salesCols),
		measure{Column{"Total talk", Seconds}, talkTotalM.cell, nil},
		measure{Column{"With an outcome", Count}, func(s, _ *sums) Cell { return count(s.coded) }, nil})
	return &outcomesByAgent{grouped{r: r, by: b.By, base: Where{isAnswered}, measures: cols, rows: map[string]*row{}}}
}

// outcomesByAgent adds to each agent what he did in an hour.
type outcomesByAgent struct{ grouped }

func (o *outcomesByAgent) table() (heads []Column, rows [][]Cell) {
	heads, rows = o.grouped.table()
	heads = append(heads, Column{"Working time", Seconds}, Column{"Sales per hour", Ratio}, Column{"Contacts per hour", Ratio})
	for i, one := range o.grouped.sorted() {
		work := int64(0)
		if p := o.r.staff.agents[one.name]; p != nil {
			work = o.r.staff.work(p)
		}
		rows[i] = append(rows[i], seconds(work), o.r.perHour(one.sums.sales, work), o.r.perHour(one.sums.contacts, work))
	}
	return heads, rows
}

// outcomesOfAgents are rows of an agent and an outcome each.
func (r *run) outcomesOfAgents(*Block) maker { return &codes{r: r, rows: map[[2]string]*sums{}} }

type codes struct {
	r    *run
	rows map[[2]string]*sums
}

func (m *codes) call(c *call) {
	code := c.outcome()
	if code == "" || c.State == report.Lost {
		return
	}
	key := [2]string{c.Agent, code}
	if m.rows[key] == nil {
		if len(m.rows) >= maxGroups {
			return
		}
		m.rows[key] = &sums{}
	}
	m.rows[key].add(m.r, c)
}

func (m *codes) table() (heads []Column, rows [][]Cell) {
	heads = []Column{{"Agent", Text}, {"Outcome", Text}, {"N. Calls", Count}, {"Total talk", Seconds}, {"Avg talk", Seconds}}
	keys := slices.SortedFunc(maps.Keys(m.rows), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	for _, key := range keys {
		s := m.rows[key]
		rows = append(rows, []Cell{text(key[0]), text(key[1]), count(s.calls).where(Where{isAnswered, {"agent", key[0]}, {"code", key[1]}}),
			s.talk.total(), s.talk.average()})
	}
	return heads, rows
}
