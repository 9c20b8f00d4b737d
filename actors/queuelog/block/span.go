package block

import (
	"cmp"
	"maps"
	"slices"
)

// spanBlocks are the distributions over days, hours and days of the week.
func spanBlocks() (all []Block) {
	spans := []struct{ suffix, by, words string }{{"Day", "day", "by day"}, {"Hr", "hour", "by hour"}, {"DOW", "weekday", "by weekday"}}
	families := []struct {
		name, title string
		of          func(*run, *call) bool
		make        func(*run, *Block) maker
		need        need
	}{
		{"AnsDistrPer", "Answered calls", answeredCalls, by([]measure{callsM, shareM, talkAvgM, talkMinM, talkMaxM, talkTotalM}, isAnswered), 0},
		{"AnsWaitPer", "Wait of answered calls", answeredCalls, by([]measure{callsM, shareM, waitAvgM, waitMinM, waitMaxM, waitTotalM}, isAnswered), 0},
		{"UnansWaitPer", "Wait of lost calls", lostCalls, by([]measure{callsM, shareM, lostAvgM, lostMinM, lostMaxM, lostTotalM}, isLost), 0},
		{"SalesPer", "Sales", answeredCalls, by(salesCols, isAnswered), needNotes},
		{"StaffPer", "Staffing", everyAnswered, traffic(staffCols), needSessions | needHours},
		{"QPosPer", "Position at entry", offeredCalls, by(positionCols), 0},
		{"InclSlaPer", "Inclusive service level", offeredCalls, by(levelCols), 0},
		{"TrafficAnPer", "Traffic", everyOffered, traffic(trafficCols), needSessions | needHours},
	}
	for _, f := range families {
		for _, s := range spans {
			all = append(all, Block{"CallDistrDO." + f.name + s.suffix, f.title + " " + s.words, s.by, f.of, f.make, f.need})
		}
	}
	return all
}

var salesCols = []measure{callsM,
	{Column{"Sales", Count}, func(s, _ *sums) Cell { return count(s.sales) }, Where{{"outcome", "sale"}}},
	{Column{"Contacts", Count}, func(s, _ *sums) Cell { return count(s.contacts) }, Where{{"outcome", "contact"}}},
	{Column{"Qualified", Count}, func(s, _ *sums) Cell { return count(s.qualified) }, Where{{"outcome", "qualified"}}},
	{Column{"Conversion %", Percent}, func(s, _ *sums) Cell { return percent(s.sales, s.sales+s.contacts) }, nil}}

var positionCols = []measure{answeredM,
	{Column{"Avg position", Ratio}, func(s, _ *sums) Cell { return ratio(s.position.sum, s.position.n) }, nil},
	{Column{"Max position", Count}, func(s, _ *sums) Cell { return told(Count, s.position.most, s.position.n > 0) }, nil},
	lostM,
	{Column{"Avg position of lost", Ratio}, func(s, _ *sums) Cell { return ratio(s.positionLost.sum, s.positionLost.n) }, nil},
	{Column{"Coverage", Percent}, func(s, _ *sums) Cell { return percent(s.position.n+s.positionLost.n, s.calls) }, nil}}

var levelCols = []measure{offeredM, answeredM, lostM,
	{Column{"Answered in time", Count}, func(s, _ *sums) Cell { return count(s.inTime) }, nil},
	{Column{"Lost in time", Count}, func(s, _ *sums) Cell { return count(s.lostInTime) }, nil},
	{Column{"SLA %", Percent}, func(s, _ *sums) Cell { return percent(s.inTime, s.answered) }, nil},
	{Column{"Of offered %", Percent}, func(s, _ *sums) Cell { return percent(s.inTime, s.answered+s.lost) }, nil},
	{Column{"Inclusive %", Percent}, func(s, _ *sums) Cell { return percent(s.inTime+s.lostInTime, s.answered+s.lost) }, nil}}

// crowd is how many agents were there in the slots of a row.
type crowd struct {
	slots          int64 // in which any was
	sum, low, high int64 // of agents in each
	who            map[string]bool
}

// crewed is a column: what it shows of a row.
type crewed struct {
	head  Column
	cell  func(s *sums, c *crowd, seen int64) Cell
	where Where
}

var staffCols = []crewed{
	{Column{"Agents", Count}, func(_ *sums, c *crowd, _ int64) Cell { return count(int64(len(c.who))) }, nil},
	{Column{"Avg agents", Ratio}, averageCrowd, nil},
	{Column{"Min agents", Count}, func(_ *sums, c *crowd, _ int64) Cell { return count(c.low) }, nil},
	{Column{"Max agents", Count}, func(_ *sums, c *crowd, _ int64) Cell { return count(c.high) }, nil},
	{Column{"Adherence %", Percent}, func(_ *sums, c *crowd, seen int64) Cell { return percent(int64(len(c.who)), seen) }, nil},
	{Column{"N. Calls", Count}, func(s *sums, _ *crowd, _ int64) Cell { return count(s.answered) }, Where{isAnswered}},
	{Column{"Calls per agent", Ratio}, callsPerAgent, nil},
}

var trafficCols = []crewed{
	{Column{"Avg agents", Ratio}, averageCrowd, nil},
	{Column{"Calls per agent", Ratio}, callsPerAgent, nil},
	{Column{"Svc level %", Percent}, func(s *sums, _ *crowd, _ int64) Cell { return percent(s.inTime, s.answered) }, nil},
	{Column{"Unans", Count}, func(s *sums, _ *crowd, _ int64) Cell { return count(s.lost) }, Where{isLost}},
	{Column{"Unans short", Count}, func(s *sums, _ *crowd, _ int64) Cell { return count(s.lostInTime) }, nil},
	{Column{"Avg ans", Seconds}, func(s *sums, _ *crowd, _ int64) Cell { return s.waited.average() }, nil},
	{Column{"Avg talk", Seconds}, func(s *sums, _ *crowd, _ int64) Cell { return s.talk.average() }, nil},
	{Column{"Max wait ans", Seconds}, func(s *sums, _ *crowd, _ int64) Cell { return s.waited.max() }, nil},
	{Column{"Max wait lost", Seconds}, func(s *sums, _ *crowd, _ int64) Cell { return s.waitedLost.max() }, nil},
	{Column{"Max dur", Seconds}, func(s *sums, _ *crowd, _ int64) Cell { return s.talk.max() }, nil},
	{Column{"Offered", Count}, func(s *sums, _ *crowd, _ int64) Cell { return count(s.answered + s.lost) }, Where{isOffered}},
	{Column{"Answered", Count}, func(s *sums, _ *crowd, _ int64) Cell { return count(s.answered) }, Where{isAnswered}},
	{Column{"Answered out", Count}, func(s *sums, _ *crowd, _ int64) Cell { return count(s.outAnswered) }, Where{isAnswered, {"direction", Out}}},
	{Column{"Out/in ratio", Ratio}, func(s *sums, _ *crowd, _ int64) Cell { return ratio(s.outAnswered, s.answered) }, nil},
	{Column{"Min agents", Count}, func(_ *sums, c *crowd, _ int64) Cell { return count(c.low) }, nil},
	{Column{"Max agents", Count}, func(_ *sums, c *crowd, _ int64) Cell { return count(c.high) }, nil},
}

func averageCrowd(_ *sums, c *crowd, _ int64) Cell { return ratio(c.sum, c.slots) }
func callsPerAgent(s *sums, c *crowd, _ int64) Cell {
	return ratio(s.answered, int64(len(c.who)))
}

// trafficMaker makes rows of time, with the agents who were there.
type trafficMaker struct {
	r       *run
	by      string
	columns []crewed
	rows    map[string]*sums
}

func traffic(columns []crewed) func(*run, *Block) maker {
	return func(r *run, b *Block) maker { return &trafficMaker{r, b.By, columns, map[string]*sums{}} }
}

func (m *trafficMaker) call(c *call) {
	name := attributes[m.by].of(m.r, c)[0]
	if m.rows[name] == nil {
		m.rows[name] = &sums{}
	}
	switch {
	case !c.Outbound:
		m.rows[name].add(m.r, c)
	case c.answered():
		m.rows[name].outAnswered++
	}
}

// crowds counts agents by row.
func (m *trafficMaker) crowds() map[string]*crowd {
	all := map[string]*crowd{}
	for key, b := range m.r.staff.buckets {
		name := map[string]string{"day": key.day, "hour": key.slot, "weekday": b.weekday}[m.by]
		c, n := all[name], int64(len(b.agents))
		if c == nil {
			c = &crowd{low: n, who: map[string]bool{}}
			all[name] = c
		}
		c.slots, c.sum, c.low, c.high = c.slots+1, c.sum+n, min(c.low, n), max(c.high, n)
		for who := range b.agents {
			c.who[who] = true
		}
	}
	return all
}

func (m *trafficMaker) table() (heads []Column, rows [][]Cell) {
	heads = []Column{{attributes[m.by].head, Text}}
	for _, c := range m.columns {
		heads = append(heads, c.head)
	}
	crowds := m.crowds()
	seen := map[string]bool{}
	names := maps.Clone(crowds)
	for name := range m.rows {
		if names[name] == nil {
			names[name] = &crowd{}
		}
	}
	for _, c := range crowds {
		maps.Copy(seen, c.who)
	}
	for _, name := range slices.SortedFunc(maps.Keys(names), m.order) {
		s := m.rows[name]
		if s == nil {
			s = &sums{}
		}
		cells := []Cell{text(name)}
		for _, c := range m.columns {
			one := c.cell(s, names[name], int64(len(seen)))
			if c.where != nil {
				where := c.where.and(Term{m.by, name})
				if !where.has("direction") {
					where = where.and(Term{"direction", In})
				}
				one = one.where(where)
			}
			cells = append(cells, one)
		}
		rows = append(rows, cells)
	}
	return heads, rows
}

func (m *trafficMaker) order(a, b string) int {
	if m.by == "weekday" {
		return cmp.Compare(slices.Index(weekdays, a), slices.Index(weekdays, b))
	}
	return cmp.Compare(a, b)
}
