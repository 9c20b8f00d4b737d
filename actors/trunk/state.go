package trunk

import "time"

// state is how far a registration is.
type state int

const (
	none       state = iota // nobody wants one
	asking                  // it was asked for, and there is none
	registered              // there is one; it may be asked for again meanwhile
	refused                 // it could not be had, and will be tried again
)

var stateWords = [...]string{"none", "asking", "registered", "refused"}

func (s state) String() string { return stateWords[s] }

// legal are the states that may follow one.
var legal = map[state][]state{
	none:       {asking},
	asking:     {registered, refused, none},
	registered: {refused, none, asking},
	refused:    {asking, registered, none}, // an answer may come later than the one before has run out
}

// become is the one way to another state of the registration.
func (t *Trunk) become(to state, why string, now time.Time) {
	r := &t.registration
	if r.state == to {
		return
	}
	ok := false
	for _, s := range legal[r.state] {
		ok = ok || s == to
	}
	if !ok {
		panic("trunk: " + r.state.String() + " does not become " + to.String())
	}
	if to == registered || to == refused && why != r.said {
		t.tellLog("registration", "from", r.state.String(), "to", to.String(), "because", why)
		r.said = why
	}
	r.state, r.since, r.why = to, now, why
	t.changed = true
}

// standing is how a target stands.
type standing int

const (
	unknown standing = iota // nothing was heard of it yet
	up
	down
)

var standingWords = [...]string{"unknown", "up", "down"}

func (s standing) String() string { return standingWords[s] }

// stands is the one way to another standing of a target.
func (t *Trunk) stands(x *target, to standing, why string, now time.Time) {
	if x.standing == to {
		x.why = why
		return
	}
	t.tellLog("target", "target", x.hop.Address(), "from", x.standing.String(), "to", to.String(), "because", why)
	x.standing, x.why, x.since = to, why, now
	t.changed = true
	if to == down {
		t.lost(x, now)
	}
}
