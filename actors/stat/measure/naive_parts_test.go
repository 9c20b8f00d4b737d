package measure

import (
	"math"
	"slices"
	"strconv"
)

// wholes are the lengths, without any cut, of what counts of a mask in the interval.
func (n naive) wholes(m Mask) (all []int64) {
	whole := naive{n.d, n.all, n.from, n.to}
	for _, s := range n.stretches(m) {
		one := naive{whole.d, []told{n.all[s[2]]}, n.from, n.to}
		one.all[0].holds = []int64{s[0], s[1]}
		if s[1] == one.all[0].to && s[1] == math.MaxInt64 {
			one.all[0].holds = one.all[0].holds[:1]
		}
		if len(one.lengths(m, false)) > 0 {
			all = append(all, n.d.clock().length(s[0], min(s[1], n.to)))
		}
	}
	for _, f := range n.all {
		if m.Has(f.Name) && f.Name.Class()&Instant != 0 && f.At >= n.from && f.At <= n.to && len(f.holds) > 0 {
			all = append(all, n.d.clock().length(f.At-f.Length, f.At))
		}
	}
	return all
}

// continuous is since when there has been one without a gap: the earliest moment from which on one is there at each edge.
func (n naive) continuous() int64 {
	all := n.stretches(n.d.Main)
	since := n.to
	for {
		earlier := since
		for _, s := range all {
			if s[0] < earlier && s[1] >= since && (s[1] > n.to || since < n.to) {
				earlier = s[0]
			}
		}
		if earlier == since {
			return since
		}
		since = earlier
	}
}

// distinct is how many connection ids go on; what has none counts for itself.
func (n naive) distinct() int {
	var known []string
	count := 0
	for _, s := range n.stretches(n.d.Main) {
		if f := n.all[s[2]]; s[0] <= n.to && s[1] > n.to && (f.Conn == "" || !slices.Contains(known, f.Conn)) {
			known = append(known, f.Conn)
			count++
		}
	}
	return count
}

// compound are the categories over fixed sets of actions.
func (n naive) compound() float64 {
	of := func(names ...string) []int64 { return n.lengths(set(names...), true) }
	if n.d.Category == "ServiceFactor1" {
		answered, abandoned := n.lengths(n.d.Main.and(set("CallAnswered")), true), n.lengths(n.d.Main.and(set("CallAbandoned", "CallAbandonedFromRinging")), true)
		return ratio(100*float64(len(within(answered, n.d.Range))), float64(len(answered)+len(abandoned)-len(within(abandoned, n.d.Range2))))
	}
	calls, after, own := of("CallReleased", "CallMissed"), of("ACWCompleted", "ACWMissed"), of("CallReleased", "ACWCompleted")
	handling, portion := float64(FirstHandling), 1.0
	if len(calls) > 0 {
		handling = (total(calls) + total(after)) / float64(len(calls))
	}
	if all := total(calls) + total(after); all > 0 && total(own) > 0 {
		portion = total(own) / all
	}
	waiting := len(n.present(set("CallWait")))
	ready, active := len(n.present(set("AgentReady"))), len(n.present(set("AgentActive")))
	agents := float64(active)
	if active == 0 {
		agents = nobody
	}
	if n.d.Category != "LoadBalance" && ready > waiting {
		return 0
	}
	return handling * float64(waiting-ready) / (agents * portion)
}

// custom are the categories of a formula: of what ended or happened in the interval, or goes on; the formula is twice the value of n.
func (n naive) custom() (float64, bool) {
	if n.d.Formula.of == nil {
		return 0, false
	}
	var values []float64
	add := func(f told) {
		v, _ := strconv.ParseFloat(f.last["n"], 64)
		values = append(values, 2*v)
	}
	for _, f := range n.all {
		switch {
		case !n.d.Main.Has(f.Name):
		case f.Name.Class()&Durable == 0:
			if n.d.Category[0] != 'C' && f.At >= n.from && f.At <= n.to {
				add(f)
			}
		case n.d.Category[0] == 'C' && f.to > n.to, n.d.Category[0] != 'C' && f.to <= n.to && f.to >= n.from:
			add(f)
		}
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	switch n.d.Category {
	case "TotalCustomValue", "CurrentCustomValue":
		return sum, true
	case "AverageCustomValue", "CurrentAverageCustomValue":
		return ratio(sum, float64(len(values))), true
	}
	if len(values) == 0 {
		return 0, true
	}
	if n.d.Category == "MinCustomValue" || n.d.Category == "CurrentMinCustomValue" {
		return slices.Min(values), true
	}
	return slices.Max(values), true
}
