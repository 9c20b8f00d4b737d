package measure

// currentFamily are the categories of what goes on at this moment.
var currentFamily = map[string]*category{
	"CurrentNumber":         {current: true, whole: true, compute: main(func(a ages) float64 { return float64(len(a)) })},
	"CurrentTime":           {current: true, compute: main(ages.sum)},
	"CurrentMaxTime":        {current: true, compute: main(ages.oldest)},
	"CurrentMinTime":        {current: true, compute: main(ages.youngest)},
	"CurrentDistinctNumber": {current: true, whole: true, compute: func(v *view) (float64, bool) { return v.distinct(), false }},
	"CurrentAverageTime": {current: true, compute: func(v *view) (float64, bool) {
		a := v.ages(0)
		return by(a.sum(), float64(len(a)))
	}},
	"CurrentContinuousTime": {current: true, level: true, only: []Subject{AgentStatus, PlaceStatus, DNStatus},
		compute: func(v *view) (float64, bool) {
			return seconds(v.d.clock().length(v.to-v.sides[0].side.level.continuous(v.to), v.to)), false
		}},
	"CurrentNumberInTimeRange": {current: true, whole: true, compute: func(v *view) (float64, bool) {
		return v.ages(0).within(v.d.Range), false
	}},
	"CurrentNumberInTimeRangePercentage": {current: true, relative: may, compute: func(v *view) (float64, bool) {
		return percent(v.ages(0).within(v.d.Range), float64(len(v.ages(len(v.sides)-1))))
	}},
	"CurrentRelativeNumberPercentage": {current: true, relative: must, compute: func(v *view) (float64, bool) {
		return percent(float64(len(v.ages(0))), float64(len(v.ages(1))))
	}},
	"CurrentRelativeTimePercentage": {current: true, relative: must, compute: func(v *view) (float64, bool) {
		return percent(v.ages(0).sum(), v.ages(1).sum())
	}},
}

// ages are for how long facts go on, in milliseconds.
type ages []int64

func (v *view) ages(side int) (all ages) {
	for _, sp := range v.sides[side].side.open {
		if sp.holds {
			all = append(all, v.d.clock().length(sp.since, v.to))
		}
	}
	return all
}

func main(of func(ages) float64) func(*view) (float64, bool) {
	return func(v *view) (float64, bool) { return of(v.ages(0)), false }
}

func (a ages) sum() float64 {
	var sum int64
	for _, t := range a {
		sum += t
	}
	return seconds(sum)
}

func (a ages) oldest() float64 {
	var most int64
	for _, t := range a {
		most = max(most, t)
	}
	return seconds(most)
}

func (a ages) youngest() float64 {
	if len(a) == 0 {
		return 0
	}
	least := a[0]
	for _, t := range a {
		least = min(least, t)
	}
	return seconds(least)
}

func (a ages) within(r Range) (n float64) {
	for _, t := range a {
		if r.has(t) {
			n++
		}
	}
	return n
}

// distinct is how many connection ids there are, each fact without one for itself.
func (v *view) distinct() (n float64) {
	known := map[string]bool{}
	for _, sp := range v.sides[0].side.open {
		if !sp.holds || sp.fact.Conn != "" && known[sp.fact.Conn] {
			continue
		}
		known[sp.fact.Conn] = true
		n++
	}
	return n
}
