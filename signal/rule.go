package signal

import "time"

// Account is what routing must know of an account; the rest of it is not this package's business.
type Account struct {
	AOR      AOR
	Display  string
	Disabled bool
	Recorded bool // its answered calls are recorded
	Rules    Rules
}

// Rules say where a call goes that the account's devices do not take. An empty address means "do
// not forward".
type Rules struct {
	All           AOR           // at once, without ringing
	Busy          AOR           // the best answer was 486 or 600
	NoAnswer      AOR           // nobody answered for NoAnswerAfter
	NoAnswerAfter time.Duration // 0: the router's ring time-out
	Failure       AOR           // no device, or none could be reached
}

// Contact is one way to reach an account: a registered device.
type Contact struct {
	URI     URI
	Routes  []string // Path of the registration (RFC 3327)
	Flow    Flow     // the flow over which the device registered
	Q       int      // preference in thousandths, 0 to 1000 (RFC 3261 section 20.10)
	Display string
}

// Directory is the member's own view of the accounts: read from memory, never waiting.
type Directory interface {
	// Account finds an account by its address or by one of its aliases.
	Account(a AOR) (Account, bool)
	// Contacts are the live registrations of an account.
	Contacts(a AOR) []Contact
	// FlowOwners are the accounts that have a registration over a connection.
	FlowOwners(f Flow) []AOR
}
