package dialog

import (
	"errors"
	"fmt"
)

// State is where the INVITE usage stands.
type State uint8

// The states.
const (
	Idle        State = iota // client: made, the INVITE is not sent yet
	Calling                  // client: INVITE sent, no answer above 100 yet
	Proceeding               // client: a 1xx above 100 came
	Cancelling               // client: hung up before the final response, which is awaited
	Owing                    // client: 2xx came with the peer's SDP offer, our ACK waits for Acknowledge
	Incoming                 // server: INVITE came, nothing above 100 sent
	Alerting                 // server: a 1xx above 100 was sent
	Answered                 // server: 200 sent, and repeated until its ACK comes
	Leaving                  // server: hung up while the ACK is missing; BYE follows the ACK
	Established              // both have agreed: the call is up
	Ending                   // our BYE is under way
	Over                     // Ended or Refused was told; only 481 comes out of here
	states                   // how many there are
)

var stateNames = [states]string{"Idle", "Calling", "Proceeding", "Cancelling", "Owing", "Incoming",
	"Alerting", "Answered", "Leaving", "Established", "Ending", "Over"}

// String is the state's name.
func (s State) String() string {
	if s >= states {
		return fmt.Sprintf("State(%d)", int(s))
	}
	return stateNames[s]
}

// MarshalText writes the state's name into logs.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// legal lists where each state may lead.
var legal = [states][]State{
	Idle:        {Calling, Over},
	Calling:     {Proceeding, Owing, Established, Cancelling, Over},
	Proceeding:  {Owing, Established, Cancelling, Over},
	Cancelling:  {Ending, Over},
	Owing:       {Established, Ending, Over},
	Incoming:    {Alerting, Answered, Over},
	Alerting:    {Answered, Over},
	Answered:    {Established, Leaving, Over},
	Leaving:     {Ending, Over},
	Established: {Ending, Over},
	Ending:      {Over},
	Over:        {},
}

// Move is one change of state, for the owner's log line.
type Move struct {
	From, To State
	Because  string
	Illegal  bool // a fault of this package: the table forbids the move, and it was not made
}

// become is the only place where the state changes. A move that the table forbids is reported and
// not made: the dialog goes on in the state it was in.
func (d *Dialog) become(to State, because string) {
	move := Move{From: d.state, To: to, Because: because, Illegal: true}
	for _, s := range legal[d.state] {
		if s == to {
			move.Illegal = false
		}
	}
	if !move.Illegal {
		d.state = to
	}
	if d.local.Moved != nil {
		d.local.Moved(move)
	}
}

// State is where the dialog stands.
func (d *Dialog) State() State { return d.state }

// Errors of the commands. Each is wrapped with the command and the state.
var (
	ErrState  = errors.New("dialog: not possible in this state")
	ErrStatus = errors.New("dialog: status is out of range")
	ErrNoSDP  = errors.New("dialog: an SDP body is needed")
	ErrRefer  = errors.New("dialog: no such transfer")
	ErrLimit  = errors.New("dialog: too many at once")
)

// wrongState is the error of a command that came at the wrong time.
func (d *Dialog) wrongState(command string) error {
	return fmt.Errorf("%w: %s while %s", ErrState, command, d.state)
}

// wrongStatus is the error of a command with a status outside low to high.
func wrongStatus(command string, status, low, high int) error {
	return fmt.Errorf("%w: %s with %d, must be %d to %d", ErrStatus, command, status, low, high)
}
