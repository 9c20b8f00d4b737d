package leg

// state is where a leg stands.
type state int

const (
	// waiting: nothing was heard of the called party yet; the caller has been told nothing.
	waiting state = iota
	// ringing: the called party rings, the caller knows it.
	ringing
	// answered: the call is up.
	answered
	// ending: we ended it; the dialog still has last words to exchange.
	ending
	// ended: the dialog is over and the record is written.
	ended
)

var stateNames = [...]string{"waiting", "ringing", "answered", "ending", "ended"}

func (s state) String() string { return stateNames[s] }

var legal = map[state][]state{
	waiting:  {ringing, answered, ending, ended},
	ringing:  {answered, ending, ended},
	answered: {ending, ended},
	ending:   {ended},
}

// become is the only place where a leg's state changes: it checks, logs and tells the lists.
func (l *Leg) become(to state, because string) bool {
	if l.state == to {
		return false
	}
	for _, next := range legal[l.state] {
		if next == to {
			l.log.Info("leg", "from", l.state.String(), "to", to.String(), "because", because)
			l.state = to
			l.do(publish{})
			return true
		}
	}
	l.log.Error("leg: illegal transition", "from", l.state.String(), "to", to.String(), "because", because)
	return false
}

// noteChange tells the statistics what has become of the leg, if it is that of an account.
func (l *Leg) noteChange() {
	if l.record.Account != "" {
		l.do(changed{})
	}
}

// States are the names of all states, for lists and metrics.
func States() []string { return stateNames[:] }
