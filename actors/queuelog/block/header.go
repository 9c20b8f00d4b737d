package block

import (
	"strconv"
	"strings"
)

// fixed is a block that no call changes.
type fixed struct{ rows [][]Cell }

func (*fixed) call(*call)                    {}
func (f *fixed) table() ([]Column, [][]Cell) { return pairHeads, f.rows }

// header says what was asked for.
func (r *run) header(*Block) maker {
	orAll := func(all []string) Cell {
		if len(all) == 0 {
			return text("all")
		}
		return text(strings.Join(all, ", "))
	}
	calls := "touching the period"
	if r.ask.Whole {
		calls = "fully within the period"
	}
	return &fixed{[][]Cell{{text("From"), r.clock.moment(r.ask.From)}, {text("To"), r.clock.moment(r.ask.To)},
		{text("Time zone"), text(r.ask.Zone.String())}, {text("Queues"), orAll(r.ask.Queues)}, {text("Agents"), orAll(r.ask.Agents)},
		{text("Servers"), orAll(r.ask.Servers)}, {text("Calls"), text(calls)}, {text("Direction"), text(r.ask.Direction)},
		{text("Stints joined"), text(strconv.FormatBool(r.ask.Joined))}, {text("Service level"), seconds(r.ask.Within)},
		{text("Slot"), text(strconv.Itoa(r.ask.Slot) + " minutes")}, {text("Shortest wait of a lost call"), seconds(r.ask.ShortWait)},
		{text("Shortest conversation"), seconds(r.ask.ShortTalk)}, {text("Shortest attempt"), seconds(r.ask.ShortAttempt)}}}
}

// areaSetup says how callers' numbers are cut.
func (r *run) areaSetup(*Block) maker {
	return &fixed{[][]Cell{{text("Digits of the number"), count(int64(r.ask.AreaDigits))}}}
}
