package agent

import "time"

// Day is what an agent has done since midnight, where his owner is. The times are those of states that are over: of the
// one in which he is, who looks adds what has passed since it began.
type Day struct {
	Begun                        time.Time // its midnight
	Calls                        int       // of queues, that are over
	Worked, Talk, WrapUp, Paused time.Duration
}

// turn begins another day, if one has begun.
func (d *Day) turn(now time.Time) {
	y, m, day := now.Date()
	if midnight := time.Date(y, m, day, 0, 0, 0, 0, now.Location()); !d.Begun.Equal(midnight) {
		*d = Day{Begun: midnight}
	}
}

// pass adds the time of a state that is over, as far as it was today.
func (d *Day) pass(s State, since, now time.Time) {
	d.turn(now)
	if since.Before(d.Begun) {
		since = d.Begun
	}
	if s == LoggedOut || now.Before(since) {
		return
	}
	passed := now.Sub(since)
	d.Worked += passed
	switch s {
	case Talking:
		d.Talk += passed
	case WrapUp:
		d.WrapUp += passed
	case Paused:
		d.Paused += passed
	}
}
