package block

import "slices"

// row is one value of an attribute, and what its calls come to.
type row struct {
	name string
	sums sums
}

// measure is a column: what it shows of a row's sums, all calls of the block being known.
type measure struct {
	head  Column
	cell  func(s, all *sums) Cell
	where Where // of the calls that it counts, beside those of the row; nil: it counts none
}

// grouped makes one row for each value of an attribute.
type grouped struct {
	r        *run
	by       string
	base     Where
	measures []measure
	rows     map[string]*row
	all      sums
}

// by makes the block of an attribute with these measures. base is what is true of all calls of the block.
func by(measures []measure, base ...Term) func(*run, *Block) maker {
	return func(r *run, b *Block) maker {
		return &grouped{r: r, by: b.By, base: base, measures: measures, rows: map[string]*row{}}
	}
}

// others stands for the values that are too many.
const others = "(others)"

func (g *grouped) call(c *call) {
	g.all.add(g.r, c)
	for _, value := range attributes[g.by].of(g.r, c) {
		g.row(value).sums.add(g.r, c)
	}
}

func (g *grouped) row(value string) *row {
	found := g.rows[value]
	if found == nil {
		if len(g.rows) >= maxGroups {
			value = others
			if g.rows[value] != nil {
				return g.rows[value]
			}
		}
		found = &row{name: value}
		g.rows[value] = found
	}
	return found
}

func (g *grouped) sorted() []*row {
	all := make([]*row, 0, len(g.rows))
	for _, one := range g.rows {
		all = append(all, one)
	}
	slices.SortFunc(all, attributes[g.by].sort)
	return all
}

func (g *grouped) table() (heads []Column, rows [][]Cell) {
	heads = []Column{{attributes[g.by].head, Text}}
	for _, m := range g.measures {
		heads = append(heads, m.head)
	}
	for _, one := range g.sorted() {
		cells := []Cell{text(one.name)}
		for _, m := range g.measures {
			cells = append(cells, g.cell(m, one))
		}
		rows = append(rows, cells)
	}
	return heads, rows
}

// cell shows a measure of a row. A number that counts calls leads to them.
func (g *grouped) cell(m measure, one *row) Cell {
	c := m.cell(&one.sums, &g.all)
	if m.where != nil && one.name != others {
		c = c.where(g.base.and(m.where...).and(Term{g.by, one.name}))
	}
	return c
}

// Measures that many blocks share.
var (
	callsM    = measure{Column{"N. Calls", Count}, func(s, _ *sums) Cell { return count(s.calls) }, Where{}}
	shareM    = measure{Column{"Percent", Percent}, func(s, all *sums) Cell { return percent(s.calls, all.calls) }, nil}
	answeredM = measure{Column{"Answered", Count}, func(s, _ *sums) Cell { return count(s.answered) }, Where{{"state", "answered"}}}
	lostM     = measure{Column{"Lost", Count}, func(s, _ *sums) Cell { return count(s.lost) }, Where{{"state", "lost"}}}
	offeredM  = measure{Column{"Offered", Count}, func(s, _ *sums) Cell { return count(s.answered + s.lost) }, Where{{"state", "offered"}}}

	talkTotalM = measure{Column{"Total talk", Seconds}, func(s, _ *sums) Cell { return s.talk.total() }, nil}
	talkAvgM   = measure{Column{"Avg talk", Seconds}, func(s, _ *sums) Cell { return s.talk.average() }, nil}
	talkMinM   = measure{Column{"Min talk", Seconds}, func(s, _ *sums) Cell { return s.talk.min() }, nil}
	talkMaxM   = measure{Column{"Max talk", Seconds}, func(s, _ *sums) Cell { return s.talk.max() }, nil}
	waitTotalM = measure{Column{"Total wait", Seconds}, func(s, _ *sums) Cell { return s.waited.total() }, nil}
	waitAvgM   = measure{Column{"Avg wait", Seconds}, func(s, _ *sums) Cell { return s.waited.average() }, nil}
	waitMinM   = measure{Column{"Min wait", Seconds}, func(s, _ *sums) Cell { return s.waited.min() }, nil}
	waitMaxM   = measure{Column{"Max wait", Seconds}, func(s, _ *sums) Cell { return s.waited.max() }, nil}
	lostTotalM = measure{Column{"Total wait", Seconds}, func(s, _ *sums) Cell { return s.waitedLost.total() }, nil}
	lostAvgM   = measure{Column{"Avg wait", Seconds}, func(s, _ *sums) Cell { return s.waitedLost.average() }, nil}
	lostMinM   = measure{Column{"Min wait", Seconds}, func(s, _ *sums) Cell { return s.waitedLost.min() }, nil}
	lostMaxM   = measure{Column{"Max wait", Seconds}, func(s, _ *sums) Cell { return s.waitedLost.max() }, nil}

	answerCols = []measure{callsM, shareM, talkTotalM, talkAvgM, waitAvgM}
	lossCols   = []measure{callsM, shareM, lostAvgM, lostMinM, lostMaxM}
	bothCols   = []measure{offeredM, answeredM, lostM, {Column{"Answered %", Percent},
		func(s, _ *sums) Cell { return percent(s.answered, s.answered+s.lost) }, nil}}
	overviewCols = []measure{offeredM, answeredM, lostM, {Column{"Avg length", Seconds}, talkAvgM.cell, nil},
		{Column{"Total length", Seconds}, talkTotalM.cell, nil}, waitAvgM, waitTotalM}
)

// pairs makes two columns: what is asked, and its value.
type pairs struct {
	r    *run
	all  sums
	base Where
	list []measure
}

// values makes a block of pairs.
func values(list []measure, base ...Term) func(*run, *Block) maker {
	return func(r *run, _ *Block) maker { return &pairs{r: r, base: base, list: list} }
}

func (p *pairs) call(c *call) { p.all.add(p.r, c) }

func (p *pairs) table() (heads []Column, rows [][]Cell) {
	for _, m := range p.list {
		c := m.cell(&p.all, &p.all)
		if m.where != nil {
			c = c.where(p.base.and(m.where...))
		}
		rows = append(rows, []Cell{text(m.head.Name), c})
	}
	return pairHeads, rows
}

// pairHeads are the columns of blocks of pairs.
var pairHeads = []Column{{"What", Text}, {"Value", Text}}

// limits makes the rows "within N seconds" of how long calls waited.
type limits struct {
	r     *run
	waits map[int64]int64 // calls by how long they waited
	// counted tells which calls are counted; all others only are offered.
	counted    func(c *call) bool
	n, offered int64
	head       string
	base       Where
	ofOffered  bool // a column of their part of all offered is added
	ofAll      bool // the percentage is of all offered
}

func (l limits) make(r *run, _ *Block) maker {
	l.r, l.waits = r, map[int64]int64{}
	return &l
}

func (l *limits) call(c *call) {
	l.offered++
	if l.counted(c) {
		l.n++
		l.waits[max(c.Wait, 0)]++
	}
}

func (l *limits) table() (heads []Column, rows [][]Cell) {
	heads = []Column{{l.head, Text}, {"N. Calls", Count}, {"Delta", Count}, {"Percent", Percent}}
	if l.ofOffered {
		heads = append(heads, Column{"Of Offered", Percent})
	}
	before, limitBefore := int64(0), int64(-1)
	for _, limit := range l.r.limits {
		n := l.within(limit)
		whole := l.n
		if l.ofAll {
			whole = l.offered
		}
		in := Term{"within", number64(limit)}
		cells := []Cell{text("Within " + number64(limit) + " seconds"), count(n).where(l.base.and(in)),
			count(n - before).where(l.base.and(in, Term{"over", number64(limitBefore)})), percent(n, whole)}
		if l.ofOffered {
			cells = append(cells, percent(n, l.offered))
		}
		rows, before, limitBefore = append(rows, cells), n, limit
	}
	return heads, rows
}

func (l *limits) within(limit int64) (n int64) {
	for wait, calls := range l.waits {
		if wait <= limit {
			n += calls
		}
	}
	return n
}
