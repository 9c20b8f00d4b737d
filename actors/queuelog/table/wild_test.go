package table

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"tandem/actors/queuelog/report"
)

// wild are lines of a log over some days in which anything follows anything: calls that never end or end twice, agents who
// stay for days, clocks that are set back, restarts.
func wild(n int, seed uint64) (lines []string) {
	dice := rand.New(rand.NewPCG(seed, 1))
	at := int64(1_700_000_000)
	calls := make([]int, 12)
	next := 0
	for range n {
		switch k := dice.IntN(200); {
		case k == 0:
			at -= dice.Int64N(5000)
		case k < 6:
			at += dice.Int64N(20000)
		default:
			at += dice.Int64N(90)
		}
		i := dice.IntN(len(calls))
		call, queue, agent := fmt.Sprintf("c%d", calls[i]), fmt.Sprintf("q%d", dice.IntN(3)), fmt.Sprintf("Local/%d@x", dice.IntN(5))
		line := func(format string, values ...any) {
			lines = append(lines, fmt.Sprintf("%d|%s|%s|%s|", at, call, queue, agent)+fmt.Sprintf(format, values...))
		}
		switch k := dice.IntN(100); {
		case k < 18:
			next++
			calls[i], call, agent = next, fmt.Sprintf("c%d", next), "NONE"
			line("ENTERQUEUE||%d|1", dice.IntN(100))
		case k < 21:
			line("CALLOUTBOUND||%d", dice.IntN(100))
		case k < 40:
			line("CONNECT|%d|x|%d", dice.IntN(40), dice.IntN(9))
		case k < 55:
			line("COMPLETECALLER|%d|%d|1", dice.IntN(40), dice.IntN(400))
		case k < 57:
			line("BLINDTRANSFER|77|ctx|%d|%d|1", dice.IntN(40), dice.IntN(400))
		case k < 63:
			line("ABANDON|1|1|%d", dice.IntN(60))
		case k < 73:
			line("RINGNOANSWER|%d", 1000*dice.IntN(9))
		case k < 76:
			line("AGENTDUMP|")
		case k < 82:
			line("ADDMEMBER|")
		case k < 86:
			line("REMOVEMEMBER|")
		case k < 91:
			line("PAUSE|lunch")
		case k < 96:
			line("UNPAUSE|")
		case k < 97:
			queue = "NONE"
			line("PAUSEALL|tea")
		case k < 98:
			queue = "NONE"
			line("UNPAUSEALL|")
		case k < 99 || dice.IntN(5) > 0:
			line("CALLSTATUS|sold")
		default:
			lines = append(lines, fmt.Sprintf("%d|NONE|NONE|NONE|QUEUESTART|", at))
		}
	}
	return lines
}

// TestAsks: whatever is asked of whatever lines, the figures are those that report makes of the files; in short each thing
// of one source, in turn.
func TestAsks(t *testing.T) {
	everywhere(t, func(t *testing.T, o Options) {
		all := map[string][]string{"A": wild(1500, 1), "B": wild(1200, 2), "C": wild(300, 3)}
		tables := open(t, o)
		defer func() { _ = tables.Close() }()
		for name, lines := range all {
			for at := 0; at < len(lines); at += 40 {
				if err := tables.Add(t.Context(), name, uint64(at), lines[at:min(at+40, len(lines))]); err != nil {
					t.Fatal(err)
				}
			}
		}
		parts, err := tables.Partitions(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		dice := rand.New(rand.NewPCG(4, 4))
		specs := []string{"cluster:A|B|C", "cluster:B-|A", "clustrw:A|C-", "sql:C"}
		for n := range 50 {
			ask := someAsk(dice, parts)
			for i, spec := range specs {
				if testing.Short() && n%len(specs) != i {
					continue
				}
				source, _ := report.ParseSource(spec)
				got, err := tables.Figures(t.Context(), source, ask)
				if err != nil {
					t.Fatal(err)
				}
				sum, reads := report.NewSummary(ask), []report.Read(nil)
				for _, p := range source.Parts {
					reads = append(reads, fold(p, source, all[p.Name], sum))
				}
				if d := same(got, sum.Figures(spec, reads...)); len(d) > 0 {
					t.Fatalf("%s %+v: %v", spec, ask, d)
				}
			}
		}
	})
}

func fold(p report.Part, s report.Source, lines []string, sum report.Sink) report.Read {
	f := report.NewFold(p, s, report.Names{}, sum)
	for _, text := range lines {
		f.Line([]byte(text))
	}
	f.Open(sum)
	return f.Read()
}

// someAsk asks for any time, often one that begins and ends with an hour or a day.
func someAsk(dice *rand.Rand, parts []Partition) (a report.Ask) {
	first, last := parts[0].First, parts[0].Last
	moment := func() int64 {
		at := first - 7200 + dice.Int64N(last-first+14400)
		return bucketOf(at, []int64{1, hour, day}[dice.IntN(3)])
	}
	a = report.Ask{Within: dice.Int64N(30), Whole: dice.IntN(3) == 0}
	if dice.IntN(4) > 0 {
		a.From = moment()
	}
	if dice.IntN(4) > 0 {
		a.To = max(moment(), a.From+dice.Int64N(1000))
	}
	if dice.IntN(3) == 0 {
		a.Queues = []string{"q1", "q2"}
	}
	if dice.IntN(3) == 0 {
		a.Agents = []string{"Agent/1", "Agent/A-2", "Agent/3"}
	}
	return a
}

// same gives what differs between figures.
func same(got, want report.Figures) []string {
	return differences("", written(got), written(want))
}

// TestDetails: single stints, sessions, pauses, attempts and notes are those that a Fold hands out.
func TestDetails(t *testing.T) {
	everywhere(t, func(t *testing.T, o Options) {
		lines := wild(1500, 5)
		tables := open(t, o)
		defer func() { _ = tables.Close() }()
		if err := tables.Add(t.Context(), "A", 0, lines); err != nil {
			t.Fatal(err)
		}
		dice := rand.New(rand.NewPCG(5, 4))
		source, _ := report.ParseSource("clustrw:A")
		for range 20 {
			parts, _ := tables.Partitions(t.Context())
			ask := someAsk(dice, parts)
			want, got := things{}, things{}
			fold(source.Parts[0], source, lines, &picking{&ask, want})
			err := first(
				tables.Stints(t.Context(), source, ask, func(s *report.Stint) bool { got.see(*s); return true }),
				tables.Sessions(t.Context(), source, ask, func(s *report.Session) bool { got.see(*s); return true }),
				tables.Pauses(t.Context(), source, ask, func(p *report.Pause) bool { got.see(*p); return true }),
				tables.Attempts(t.Context(), source, ask, func(a *report.Attempt) bool { got.see(*a); return true }))
			if err != nil {
				t.Fatal(err)
			}
			if !maps.Equal(got, want) {
				t.Fatalf("%+v: %d and %d things: %v", ask, len(got), len(want), got.without(want))
			}
		}
		n := 0
		if err := tables.Stints(t.Context(), source, report.Ask{}, func(*report.Stint) bool { n++; return n < 3 }); err != nil || n != 3 {
			t.Fatal(n, err)
		}
		n = 0
		err := tables.Notes(t.Context(), source, 0, 0, func(c report.Note) bool {
			if c.Kind == report.Outcome && c.Code == "sold" {
				n++
			}
			return true
		})
		if err != nil || n == 0 {
			t.Fatal(n, err)
		}
	})
}

// things are counted by what they are written as.
type things map[string]int

func (t things) see(v any) {
	text, _ := json.Marshal(v)
	t[fmt.Sprintf("%T %s", v, text)]++
}

func (t things) without(o things) (all []string) {
	for k, n := range t {
		if o[k] != n {
			all = append(all, fmt.Sprint(k, " ", n, " not ", o[k]))
		}
	}
	for k := range o {
		if t[k] == 0 {
			all = append(all, "missing "+k)
		}
	}
	slices.Sort(all)
	return all[:min(len(all), 6)]
}

// picking is a Sink that sees what is asked for.
type picking struct {
	ask *report.Ask
	things
}

// Stint implements report.Sink.
func (p *picking) Stint(s *report.Stint) {
	if p.ask.Takes(s) {
		p.see(*s)
	}
}

// Session implements report.Sink.
func (p *picking) Session(s *report.Session) {
	if p.ask.TakesStay(s.Agent, s.Start, s.End) {
		p.see(*s)
	}
}

// Pause implements report.Sink.
func (p *picking) Pause(c *report.Pause) {
	if p.ask.TakesStay(c.Agent, c.Start, c.End) {
		p.see(*c)
	}
}

// Attempt implements report.Sink.
func (p *picking) Attempt(a report.Attempt) {
	if p.ask.TakesAttempt(a) {
		p.see(a)
	}
}
