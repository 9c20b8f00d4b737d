package junction

// state is where an end of a junction stands.
type state int

const (
	// closed: not begun, or over.
	closed state = iota
	// asked: the other end was told where we are, and has not said where it is.
	asked
	// up: both know each other.
	up
)

var stateNames = [...]string{"closed", "asked", "up"}

func (s state) String() string { return stateNames[s] }

var legal = map[state][]state{closed: {asked, up}, asked: {up, closed}, up: {closed}}

// become is the only place where an end's state changes: it checks and logs.
func (m *machine) become(to state, because string) bool {
	for _, next := range legal[m.state] {
		if next == to {
			m.log.Debug("junction", "from", m.state.String(), "to", to.String(), "because", because)
			m.state = to
			return true
		}
	}
	if m.state != to {
		m.log.Error("junction: illegal transition", "from", m.state.String(), "to", to.String(), "because", because)
	}
	return false
}
