package measure

import "math"

// Notice decides which values a subscriber is told (reference statserver.md 4.1, ruling D-15).
type Notice struct {
	// Insensitivity: a whole number is told when it differs from the last one told by so much, any other value when it
	// does by so many percent of that. 0: every change.
	Insensitivity float64

	told bool
	last float64
}

// Due tells whether a value is told now, and takes it for told then. The first one always is.
func (n *Notice) Due(v Value) bool {
	if n.told && !n.differs(v) {
		return false
	}
	n.told, n.last = true, v.Number
	return true
}

func (n *Notice) differs(v Value) bool {
	apart := math.Abs(v.Number - n.last)
	switch {
	case apart == 0:
		return false
	case v.Whole:
		return apart >= n.Insensitivity
	case n.last == 0:
		return true
	}
	return 100*apart/math.Abs(n.last) >= n.Insensitivity
}
