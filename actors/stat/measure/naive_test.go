package measure

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tandem/actors/stat/filter"
)

// told is a fact of a random history, with all that happened to it.
type told struct {
	Fact
	from, to int64   // to: still going on where it is the end of time
	holds    []int64 // moments at which the filter begins to hold, and ceases to, in turn
	last     bare    // what is attached to it at last
}

// naive evaluates a statistic by going through a whole history for each figure, and for levels through every moment at which
// something changes.
type naive struct {
	d        Definition
	all      []told // in the order of their ends
	from, to int64
}

// stretches are those of the facts of a mask for which the filter held: [from, to), those that go on up to the end of time.
func (n naive) stretches(m Mask) (all [][3]int64) {
	for i, f := range n.all {
		if !m.Has(f.Name) || f.Name.Class()&Durable == 0 {
			continue
		}
		for j := 0; j < len(f.holds); j += 2 {
			to := f.to
			if j+1 < len(f.holds) {
				to = f.holds[j+1]
			}
			all = append(all, [3]int64{f.holds[j], to, int64(i)})
		}
	}
	return all
}

// lengths are what counts of a mask in the interval.
func (n naive) lengths(m Mask, instants bool) (all []int64) {
	clock := n.d.clock()
	for _, s := range n.stretches(m) {
		f := n.all[s[2]]
		to := min(s[1], n.to)
		cut := clock.length(max(s[0], n.from), to)
		if n.d.Subject == DNAction {
			if f.to < n.to+1 && s[1] >= n.from { // it has ended, and this part of it in the interval
				all = append(all, cut)
			}
		} else if s[0] < n.to && (s[1] > n.from || s[0] >= n.from) {
			all = append(all, cut)
		}
	}
	for _, f := range n.all {
		if instants && m.Has(f.Name) && f.Name.Class()&Instant != 0 && f.At >= n.from && f.At <= n.to && len(f.holds) > 0 {
			all = append(all, clock.length(f.At-f.Length, f.At))
		}
	}
	return all
}

// present are the ages of what goes on at the end.
func (n naive) present(m Mask) (all []int64) {
	for _, s := range n.stretches(m) {
		if s[0] <= n.to && s[1] > n.to {
			all = append(all, n.d.clock().length(s[0], n.to))
		}
	}
	return all
}

// levels calls for each stretch of time in which nothing changes.
func (n naive) levels(m Mask, f func(from, to int64, number int64, ages float64)) {
	edges := []int64{n.from, n.to}
	all := n.stretches(m)
	for _, s := range all {
		edges = append(edges, s[0], s[1])
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	for i := 0; i+1 < len(edges); i++ {
		a, b := edges[i], edges[i+1]
		if a < n.from || b > n.to {
			continue
		}
		number, ages := int64(0), 0.0
		for _, s := range all {
			if s[0] <= a && s[1] > a {
				number++
				ages += float64(b-a) * (float64(a-s[0]) + float64(b-a)/2)
			}
		}
		f(a, b, number, ages)
	}
}

func total(all []int64) (sum float64) {
	for _, l := range all {
		sum += float64(l) / 1000
	}
	return sum
}

func within(all []int64, r Range) (some []int64) {
	for _, l := range all {
		if r.has(l) {
			some = append(some, l)
		}
	}
	return some
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// value is what the category comes to. False: the evaluator does not know it.
func (n naive) value() (float64, bool) {
	m, r := n.lengths(n.d.Main, true), n.lengths(n.d.Relative, true)
	count, countR := float64(len(m)), float64(len(r))
	p := n.present(n.d.Main)
	var low, top, area, aged, entries, before float64 = math.Inf(1), 0, 0, 0, 0, 0
	n.levels(n.d.Main, func(from, to, number int64, ages float64) {
		low, top = math.Min(low, float64(number)), math.Max(top, float64(number))
		area += float64(number) * float64(to-from)
		aged += ages
		if before == 0 && number > 0 {
			entries++
		}
		before = float64(number)
	})
	span := float64(n.to - n.from)
	switch n.d.Category {
	case "TotalNumber":
		return count, true
	case "TotalTime":
		return total(m), true
	case "MaxTime":
		return total([]int64{slices.Max(append(m, 0))}), true
	case "MinTime":
		if len(m) == 0 {
			return 0, true
		}
		return total([]int64{slices.Min(m)}), true
	case "AverageTime":
		return ratio(total(m), count), true
	case "TotalNumberInTimeRange":
		return float64(len(within(m, n.d.Range))), true
	case "TotalTimeInTimeRange":
		return total(within(m, n.d.Range)), true
	case "TotalNumberInTimeRangePercentage":
		return ratio(100*float64(len(within(m, n.d.Range))), countR), true
	case "TotalNumberPerSecond":
		return ratio(count*1000, span), true
	case "ElapsedTimePercentage":
		return ratio(100*1000*total(m), span), true
	case "RelativeNumberPercentage":
		return ratio(100*count, countR), true
	case "RelativeTimePercentage":
		return ratio(100*total(m), total(r)), true
	case "MaxNumber":
		return top, true
	case "MinNumber":
		return low, true
	case "TotalContinuousNumber":
		return entries, true
	case "AverageOfCurrentNumber":
		return ratio(area, span), true
	case "AverageOfCurrentTime":
		return ratio(aged/1000, span), true
	case "CurrentNumber":
		return float64(len(p)), true
	case "CurrentTime":
		return total(p), true
	case "CurrentMaxTime":
		return total([]int64{slices.Max(append(p, 0))}), true
	case "CurrentMinTime":
		if len(p) == 0 {
			return 0, true
		}
		return total([]int64{slices.Min(p)}), true
	case "CurrentAverageTime":
		return ratio(total(p), float64(len(p))), true
	case "CurrentNumberInTimeRange":
		return float64(len(within(p, n.d.Range))), true
	case "CurrentRelativeNumberPercentage":
		return ratio(100*float64(len(p)), float64(len(n.present(n.d.Relative)))), true
	case "CurrentRelativeTimePercentage":
		return ratio(100*total(p), total(n.present(n.d.Relative))), true
	case "CurrentNumberInTimeRangePercentage":
		whole := n.d.Main
		if n.d.Relative.Size() > 0 {
			whole = n.d.Relative
		}
		return ratio(100*float64(len(within(p, n.d.Range))), float64(len(n.present(whole)))), true
	case "CurrentContinuousTime":
		return float64(n.d.clock().length(n.continuous(), n.to)) / 1000, true
	case "AverageNumberPerRelativeHour": // the filter is for the main mask alone
		bare := naive{n.d, slices.Clone(n.all), n.from, n.to}
		for i := range bare.all {
			if f := &bare.all[i]; f.Name.Class()&Durable != 0 {
				f.holds = []int64{f.from, f.to}
			} else {
				f.holds = []int64{f.At}
			}
		}
		return ratio(3600*count, total(bare.lengths(n.d.Relative, true))), true
	case "TotalAdjustedNumber":
		return count, true
	case "TotalAdjustedTime":
		return total(n.wholes(n.d.Main)), true
	case "TotalDistinctTime":
		return total(m), true // each fact has no connection id, or counts once
	case "CurrentDistinctNumber":
		return float64(n.distinct()), true
	case "ServiceFactor1", "EstimWaitingTime", "LoadBalance", "ExpectedWaitTime2":
		return n.compound(), true
	}
	return n.custom()
}

// TestAgainstNaive plays random histories into meters, and asks what an evaluator says that goes through all of it.
func TestAgainstNaive(t *testing.T) {
	checked := map[string]int{}
	for seed := range uint64(3000) {
		d := rand.New(rand.NewPCG(seed, 3))
		category := Categories()[d.IntN(len(Categories()))]
		def := Definition{Category: category, Subject: []Subject{DNAction, AgentStatus}[d.IntN(2)], Exact: d.IntN(2) == 0}
		def.Main, def.Relative = set("CallInbound", "CallRinging"), set("CallInbound", "CallRinging", "AfterCallWork", "WaitForNextCall")
		if def.Subject == DNAction {
			def.Main.add(named("CallReleased"))
			def.Relative.add(named("CallReleased"))
		}
		names := []string{"CallInbound", "CallRinging", "AfterCallWork", "WaitForNextCall", "CallReleased"}
		filtered := d.IntN(2) == 0
		switch {
		case compoundFamily[category] != nil:
			names = []string{"CallAnswered", "CallAbandoned", "CallAbandonedFromRinging", "CallReleased", "CallMissed", "ACWCompleted", "ACWMissed",
				"CallWait", "CallWait", "AgentReady", "AgentActive"}
			def.Main = set(names...)
		case customFamily[category] != nil:
			def.Formula, _ = ParseFormula(`Value("n") * 2`)
			def.Main, filtered = set("CallInbound", "CallRinging", "CallReleased"), false
		}
		def.Profile, _ = ParseProfile("Growing", "0:00 +0:01", nil)
		if d.IntN(2) == 0 {
			def.Profile, _ = ParseProfile("Sliding", "40,5", nil)
		}
		if filtered {
			def.Filter, _ = filter.Parse(`PairExists("n","1")`)
		}
		m, _, err := Open(def, 0)
		if err != nil {
			continue
		}
		all, end := random(d, m, names, filtered)
		n := naive{def, all, end / 60000 * 60000, end}
		if def.Profile.Kind == Sliding {
			n.from = max(0, end-def.Profile.Window)
		}
		n.d = m.Definition
		if want, ok := n.value(); ok && end > n.from {
			checked[category]++
			if got := m.Value(end).Number; math.Abs(got-want) > 1e-6*math.Max(1, want) {
				text, _ := def.MarshalJSON()
				t.Fatalf("seed %d: %s from %d to %d: %v, want %v of\n%s", seed, text, n.from, n.to, got, want, list(all))
			}
		}
	}
	t.Logf("checked: %v", checked)
	for _, c := range Categories() {
		if checked[c] == 0 && !categories[c].state {
			t.Errorf("%s was not checked", c)
		}
	}
}

func list(all []told) (text string) {
	for _, f := range all {
		text += fmt.Sprintln(f.Name, f.from, f.to, f.At, f.Length, f.holds)
	}
	return text
}

// random tells a meter a random history of up to some minutes, in which no two things are at one moment.
func random(d *rand.Rand, m *Meter, names []string, filtered bool) (all []told, end int64) {
	var open []*told
	at := int64(0)
	with := func() (bare, bool) {
		n := fmt.Sprint(d.IntN(2))
		return bare{"n": n}, n == "1" || !filtered
	}
	turn := func(f *told) {
		attached, holds := with()
		if at++; holds != (len(f.holds)%2 == 1) {
			f.holds = append(f.holds, at)
		}
		f.last = attached
		m.Change(f.ID, attached, at)
	}
	finish := func(i int) {
		f := open[i]
		open = slices.Delete(open, i, i+1)
		m.End(f.ID, at)
		if f.to = at; len(f.holds)%2 == 1 {
			f.holds = append(f.holds, at)
		}
		all = append(all, *f)
	}
	for id := range uint64(d.IntN(60)) {
		at += 1 + d.Int64N(6000)
		f := told{Fact: Fact{ID: id + 1, Name: named(names[d.IntN(len(names))]), At: at}, from: at, to: math.MaxInt64}
		attached, holds := with()
		f.Conn, f.last = fmt.Sprint("c", d.IntN(3)), attached
		if f.With = attached; holds {
			f.holds = []int64{at}
		}
		if f.Name.Class()&Durable == 0 {
			f.Length = d.Int64N(30000)
			m.Happen(&f.Fact)
			all = append(all, f)
			continue
		}
		m.Begin(&f.Fact, f.With, at)
		open = append(open, &f)
		for range d.IntN(3) {
			turn(open[d.IntN(len(open))])
		}
		for len(open) > 0 && d.IntN(2) == 0 {
			at += 1 + d.Int64N(3000)
			finish(d.IntN(len(open)))
		}
	}
	for _, f := range open {
		all = append(all, *f)
	}
	return all, at + 1 + d.Int64N(20000)
}
