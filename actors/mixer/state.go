package mixer

// state is where a mixer stands.
type state int

const (
	// open: parties join and leave, the owner plays and records.
	open state = iota
	// closing: nobody is in it any more; its owner has recordings yet to take.
	closing
	// ended: nothing is left to do.
	ended
)

var stateNames = [...]string{"open", "closing", "ended"}

func (s state) String() string { return stateNames[s] }

var legal = map[state][]state{open: {closing}, closing: {ended}}

// become is the only place where a mixer's state changes: it checks and logs.
func (m *Mixer) become(to state, because string) bool {
	for _, next := range legal[m.state] {
		if next == to {
			m.log.Info("mixer", "from", m.state.String(), "to", to.String(), "because", because)
			m.state = to
			return true
		}
	}
	if m.state != to {
		m.log.Error("mixer: illegal transition", "from", m.state.String(), "to", to.String(), "because", because)
	}
	return false
}
