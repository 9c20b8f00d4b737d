package measure

import "math"

// level follows how many facts of a mask go on, as a line of steps (reference statserver.md 3.5). Of changes at one
// moment only the last is a step: a status that follows another does not make the number fall between.
type level struct {
	since   int64 // of the present number
	number  int64
	low     int64
	top     int64
	steps   int64   // lengths of time that low and top are of
	area    float64 // number times time
	ages    float64 // sum of ages when the present number began
	areaAge float64

	entries int64 // from none to some
	inside  int64 // since when some
	left    int64 // when none was left
	outside bool
}

func (l *level) begin(at int64) {
	ages := l.ages + float64(l.number)*float64(at-l.since)
	*l = level{since: at, number: l.number, ages: ages, inside: l.inside, left: l.left, outside: l.number == 0}
	if l.number > 0 {
		l.entries = 1
	}
}

// rise: at a moment there is one more. It may have been there before the line began.
func (l *level) rise(at int64) {
	*l = l.until(at)
	if l.number == 0 {
		if l.outside || l.left != at {
			l.inside = at
			l.entries++
		}
		l.outside = false
	}
	l.number++
	l.ages += float64(max(0, l.since-at))
}

// fall: at a moment there is one fewer, which was there for so long.
func (l *level) fall(at, age int64) {
	*l = l.until(at)
	l.number--
	l.ages = math.Max(0, l.ages-float64(age))
	if l.number == 0 {
		l.left, l.ages = at, 0
	}
}

// until is the line with the present number counted up to a moment.
func (l level) until(at int64) level {
	length := at - l.since
	if length <= 0 {
		return l
	}
	if l.steps == 0 || l.number < l.low {
		l.low = l.number
	}
	if l.steps == 0 || l.number > l.top {
		l.top = l.number
	}
	t, n := float64(length), float64(l.number)
	l.area += n * t
	l.areaAge += l.ages*t + n*t*t/2
	l.ages += n * t
	l.steps += length
	l.since = at
	return l
}

// continuous is for how long there has been at least one without a gap.
func (l *level) continuous(now int64) int64 {
	if l.number == 0 {
		return 0
	}
	return now - l.inside
}
