package measure

// levelFamily are the categories of how many facts went on at once.
var levelFamily = map[string]*category{
	"MaxNumber":             {whole: true, compute: line(func(l *level) (float64, bool) { return float64(l.top), false })},
	"MinNumber":             {whole: true, compute: line(func(l *level) (float64, bool) { return float64(l.low), false })},
	"TotalContinuousNumber": {whole: true, compute: line(func(l *level) (float64, bool) { return float64(l.entries), false })},
	"AverageOfCurrentNumber": {compute: line(func(l *level) (float64, bool) {
		return by(float64(l.area), float64(l.steps))
	})},
	"AverageOfCurrentTime": {compute: line(func(l *level) (float64, bool) {
		return by(l.areaAge/1000, float64(l.steps))
	})},
}

func init() {
	for _, c := range levelFamily {
		c.historical, c.current, c.level, c.line = true, true, true, true
	}
}

// line takes a figure of the line of steps up to now. Where no time has passed the line is the present number.
func line(of func(*level) (float64, bool)) func(*view) (float64, bool) {
	return func(v *view) (float64, bool) {
		s := v.sides[0].side
		l := s.level
		if v.d.Profile.Kind == Sliding {
			l = window(s.kept.steps, v.from, v.to)
		}
		l.until(v.to)
		if l.steps == 0 {
			l.low, l.top = l.number, l.number
		}
		return of(&l)
	}
}
