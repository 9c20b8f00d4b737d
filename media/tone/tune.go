package tone

import (
	"math"
	"time"
)

// ode is the theme of the last movement of Beethoven's ninth symphony (1824), as semitones above
// middle C and lengths in quarter beats.
var ode = [][2]int{
	{4, 4}, {4, 4}, {5, 4}, {7, 4}, {7, 4}, {5, 4}, {4, 4}, {2, 4},
	{0, 4}, {0, 4}, {2, 4}, {4, 4}, {4, 6}, {2, 2}, {2, 8},
	{4, 4}, {4, 4}, {5, 4}, {7, 4}, {7, 4}, {5, 4}, {4, 4}, {2, 4},
	{0, 4}, {0, 4}, {2, 4}, {4, 4}, {2, 6}, {0, 2}, {0, 8},
	{2, 4}, {2, 4}, {4, 4}, {0, 4}, {2, 4}, {4, 2}, {5, 2}, {4, 4}, {0, 4},
	{2, 4}, {4, 2}, {5, 2}, {4, 4}, {2, 4}, {0, 4}, {2, 4}, {-5, 8},
	{4, 4}, {4, 4}, {5, 4}, {7, 4}, {7, 4}, {5, 4}, {4, 4}, {2, 4},
	{0, 4}, {0, 4}, {2, 4}, {4, 4}, {2, 6}, {0, 2}, {0, 8},
}

// Tune plays a melody on small bells, with a rest after it, for ever.
func Tune(rate int) *Source {
	const quarterBeat = 110 * time.Millisecond
	steps := make([]Step, 0, len(ode)+1)
	for _, n := range ode {
		steps = append(steps, note(n[0], time.Duration(n[1])*quarterBeat, -16))
	}
	return New("tune", rate, true, append(steps, Step{For: 2 * time.Second})...)
}

// note is a struck note so many semitones above middle C: a fundamental and two weaker partials.
func note(semitones int, length time.Duration, dbm0 float64) Step {
	hz := 261.63 * math.Pow(2, float64(semitones)/12)
	return Step{
		Partials: []Partial{{hz, dbm0}, {2 * hz, dbm0 - 9}, {3 * hz, dbm0 - 18}},
		For:      length,
		Halving:  250 * time.Millisecond,
	}
}
