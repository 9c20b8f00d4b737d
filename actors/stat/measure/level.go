package measure

// level follows how many facts of a mask go on, as a line of steps (reference statserver.md 3.5). Of changes at one
// moment only the last is a step: a status that follows another does not make the number fall between.
type level struct {
	since   int64 // of the present number
	number  int64
	low     int64
	top     int64
	steps   int64 // lengths of time that low and top are of
	area    int64 // number times time
	ages    int64 // sum of ages when the present number began
	areaAge float64

	entries int64 // from none to some
	inside  int64 // since when some
	left    int64 // when none was left
	outside bool
}

// begin begins the line anew. Facts that go on stay.
func (l *level) begin(at int64) {
	ages := l.ages + l.number*(at-l.since)
	*l = level{since: at, number: l.number, ages: ages, inside: l.inside, left: l.left, outside: l.number == 0}
	if l.number > 0 {
		l.entries = 1
	}
}

// rise: at a moment there is one more. It may have been there before the line began.
func (l *level) rise(at int64) {
	l.until(at)
	if l.number == 0 {
		if l.outside || l.left != at {
			l.inside = at
			l.entries++
		}
		l.outside = false
	}
	l.number++
	l.ages += max(0, l.since-at)
}

// fall: at a moment there is one fewer, which was there for so long.
func (l *level) fall(at, age int64) {
	l.until(at)
	l.number--
	l.ages = max(0, l.ages-age)
	if l.number == 0 {
		l.left, l.ages = at, 0
	}
}

// until counts the present number up to a moment. Products are made floating before they are added, so that no processor
// fuses the two and rounds otherwise.
func (l *level) until(at int64) {
	length := at - l.since
	if length <= 0 {
		return
	}
	if l.steps == 0 || l.number < l.low {
		l.low = l.number
	}
	if l.steps == 0 || l.number > l.top {
		l.top = l.number
	}
	t, n := float64(length), float64(l.number)
	l.area += l.number * length
	l.areaAge += float64(float64(l.ages)*t) + float64(n*float64(t*t))/2
	l.ages += l.number * length
	l.steps += length
	l.since = at
}

// continuous is for how long there has been at least one without a gap.
func (l *level) continuous(now int64) int64 {
	if l.number == 0 {
		return 0
	}
	return now - l.inside
}

// step is how many there are from a moment on, and the sum of their ages then.
type step struct{ at, number, ages int64 }

// maxSteps is how many steps of a line a sliding statistic keeps; beyond it the oldest are forgotten.
const maxSteps = 50000

// rise and fall follow the line, and keep its steps where a window looks back on them.
func (s *side) rise(p *plan, at int64) {
	s.level.rise(at)
	s.mark(p)
}

func (s *side) fall(p *plan, at, since int64) {
	s.level.fall(at, at-since)
	s.mark(p)
}

// mark keeps what the number is now. Of several steps of a moment the last counts.
func (s *side) mark(p *plan) {
	if p.Profile.Kind != Sliding || !p.category.line {
		return
	}
	l, steps := &s.level, s.kept.steps
	for len(steps) > 1 && steps[1].at <= l.since-p.Profile.Window || len(steps) == maxSteps {
		steps = steps[1:]
	}
	s.kept.steps = append(steps, step{l.since, l.number, l.ages})
}

// window is the line of the steps that lie in a window, from its beginning up to its end.
func window(steps []step, from, to int64) (l level) {
	l.since, l.outside = from, true
	for i, s := range steps {
		if i+1 < len(steps) && steps[i+1].at <= max(from, s.at) || s.at > to {
			continue // before the window, not the last of its moment, or behind it
		}
		at := max(s.at, from)
		l.until(at)
		if s.number > 0 && l.number == 0 {
			l.entries++
		}
		l.number, l.ages = s.number, s.ages+s.number*(at-s.at)
	}
	l.until(to)
	return l
}
