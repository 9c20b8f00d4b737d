package screen

import (
	"fmt"
	"strconv"
	"time"
)

// Length is a length of time as a clock shows it: 0:06, 2:48, 1:02:11; below a second 300 ms. Days are told
// in words, since nobody counts 400 hours. static/js/format.js says the same.
func Length(d time.Duration) string {
	if d < 0 {
		d = 0
	}
	if d > 0 && d < time.Second {
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	}
	s := int64(d / time.Second)
	switch {
	case s >= 2*86400:
		return fmt.Sprintf("%d d %d h", s/86400, s%86400/3600)
	case s >= 3600:
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// Clock is a moment: the time of the day, and the day if it is not today.
func Clock(t, now time.Time) string {
	if t.IsZero() {
		return Dash
	}
	t = t.In(now.Location())
	if y, m, d := t.Date(); y == now.Year() && m == now.Month() && d == now.Day() {
		return t.Format("15:04:05")
	} else if y == now.Year() {
		return t.Format("2 Jan 15:04")
	}
	return t.Format("2 Jan 2006 15:04")
}

// Age is how long ago something was heard, and what is to be thought of it, when it should be heard each
// half second.
func Age(heard, now time.Time) (string, State) {
	d := max(0, now.Sub(heard))
	text := strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	switch {
	case d < 2*time.Second:
		return text, StateOf("age", "live")
	case d < 10*time.Second:
		return text, StateOf("age", "ageing")
	}
	return Length(d), StateOf("age", "cut")
}

// Percent is a share in per mille as people read it.
func Percent(perMille int) string {
	return strconv.FormatFloat(float64(perMille)/10, 'f', 1, 64) + " %"
}

// Offset is a difference between clocks.
func Offset(d time.Duration) string {
	if d.Abs() < time.Second {
		return fmt.Sprintf("%+d ms", d.Milliseconds())
	}
	sign := "+"
	if d < 0 {
		sign = "−"
	}
	return sign + Length(d.Abs())
}
