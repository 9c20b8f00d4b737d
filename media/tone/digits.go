package tone

import (
	"strings"
	"time"
)

// The rows and columns of the keypad (ITU-T Q.23).
var (
	Rows    = [4]float64{697, 770, 852, 941}
	Columns = [4]float64{1209, 1336, 1477, 1633}
)

// Keys are the keypad's signs, row by row.
const Keys = "123A456B789C*0#D"

// Levels of a key's two frequencies: the upper is 2 dB louder, since lines lose more of it.
const (
	rowLevel    = -10
	columnLevel = -8
)

// Key gives the two frequencies of a key, and false for a sign that is not on the keypad.
func Key(key byte) (row, column float64, ok bool) {
	i := strings.IndexByte(Keys, key)
	if i < 0 {
		return 0, 0, false
	}
	return Rows[i/4], Columns[i%4], true
}

// Digits plays keys in band, each for a time and with a pause after it. Signs that are not on the
// keypad are pauses.
func Digits(rate int, keys string, on, off time.Duration) *Source {
	steps := make([]Step, 0, 2*len(keys))
	for i := range len(keys) {
		step := Step{For: on}
		if row, column, ok := Key(keys[i]); ok {
			step.Partials = []Partial{{row, rowLevel}, {column, columnLevel}}
		}
		steps = append(steps, step, Step{For: off})
	}
	return New("digits", rate, false, steps...)
}
