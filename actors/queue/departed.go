package queue

import "time"

// departed are the callers that have left a while ago. What a Task announces may be told again though its caller has
// left, until it has heard that: it hears it again, and does not come back by it.
type departed struct {
	left  map[CallerID]leaver
	order []departure // the oldest first; a caller that has left twice is there twice
}

type leaver struct {
	Left
	at time.Time
}

type departure struct {
	caller CallerID
	at     time.Time
}

// Limits of departed.
const (
	departedLife = time.Minute
	maxDeparted  = 20000
)

func newDeparted() *departed { return &departed{left: map[CallerID]leaver{}} }

// note notes that a caller has left. One that is to be called back has not.
func (d *departed) note(l Left, now time.Time) {
	for len(d.order) > 0 && (now.Sub(d.order[0].at) > departedLife || len(d.order) >= maxDeparted) {
		if first := d.order[0]; d.left[first.caller].at.Equal(first.at) { // else it has left again since
			delete(d.left, first.caller)
		}
		d.order = d.order[1:]
	}
	if l.Why == CallbackTaken {
		return
	}
	d.left[l.Caller] = leaver{l, now}
	d.order = append(d.order, departure{l.Caller, now})
}

// back: a caller comes anew.
func (d *departed) back(id CallerID) { delete(d.left, id) }

// has tells how a caller has left.
func (d *departed) has(id CallerID) (Left, bool) {
	l, ok := d.left[id]
	return l.Left, ok
}
