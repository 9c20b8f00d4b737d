package measure

// levelFamily are the categories of how many facts went on at once.
var levelFamily = map[string]*category{
	"MaxNumber": {historical: true, current: true, whole: true, compute: line(func(l level) float64 { return float64(l.top) })},
	"MinNumber": {historical: true, current: true, whole: true, compute: line(func(l level) float64 { return float64(l.low) })},
	"TotalContinuousNumber": {historical: true, current: true, whole: true,
		compute: line(func(l level) float64 { return float64(l.entries) })},
	"AverageOfCurrentNumber": {historical: true, current: true, compute: func(v *view) (float64, bool) {
		l := v.sides[0].side.level.until(v.to)
		return by(l.area, float64(l.steps))
	}},
	"AverageOfCurrentTime": {historical: true, current: true, compute: func(v *view) (float64, bool) {
		l := v.sides[0].side.level.until(v.to)
		return by(l.areaAge/1000, float64(l.steps))
	}},
}

// line takes a figure of the line of steps up to now. Where no time has passed the line is the present number.
func line(of func(level) float64) func(*view) (float64, bool) {
	return func(v *view) (float64, bool) {
		l := v.sides[0].side.level.until(v.to)
		if l.steps == 0 {
			l.low, l.top = l.number, l.number
		}
		return of(l), false
	}
}
