package exchange

import "time"

// state is how far the conversation with a server is.
type state int

const (
	away     state = iota // there is no connection
	dialling              // one is being made
	proving               // a challenge was asked for
	entering              // the login was sent
	listing               // all there is was asked for
	living                // all there is is known, and events say what changes
)

var stateWords = [...]string{"away", "dialling", "proving", "entering", "listing", "live"}

func (s state) String() string { return stateWords[s] }

// legal are the states that may follow one.
var legal = map[state][]state{
	away:     {dialling},
	dialling: {proving, away},
	proving:  {entering, away},
	entering: {listing, away},
	listing:  {living, away},
	living:   {away},
}

// become is the one way to another state.
func (x *Exchange) become(to state, now time.Time) {
	ok := false
	for _, s := range legal[x.state] {
		ok = ok || s == to
	}
	if !ok {
		panic("exchange: " + x.state.String() + " does not become " + to.String())
	}
	if x.log != nil && (to == living || to == away && x.why != x.said) {
		x.said = x.why
		x.log("a manager interface is "+map[bool]string{true: "heard", false: "not heard"}[to == living], "from", x.state.String(), "to", to.String(), "because", x.why)
	}
	x.state, x.changed = to, now
}
