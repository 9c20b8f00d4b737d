package signal

import "slices"

// Account is what routing must know of an account; the rest of it is not this package's business.
type Account struct {
	AOR         AOR
	Display     string
	Number      string // its first telephone number, as it was written; "": it has none
	Disabled    bool
	Recorded    bool              // its answered calls are recorded
	SRTP        string            // encryption of its phones' audio, a word of media.srtp; "": as the settings say
	Rules       []Rule            // its own and the simplified ones, in any order
	Preferences map[string]string // by name, for rules to look at; must not be changed
}

// Contact is one way to reach an account: a registered device.
type Contact struct {
	URI     URI
	Routes  []string // Path of the registration (RFC 3327)
	Flow    Flow     // the flow over which the device registered
	Q       int      // preference in thousandths, 0 to 1000 (RFC 3261 section 20.10)
	Display string
	Device  string // the device's own name, where it keeps several flows to us (RFC 5626); one of them is used, the others when it fails
	Methods string // what the device takes, by its own word, separated by commas; "": it does not say (RFC 3840 section 10.5)
}

// Takes tells whether a device may be sent a request of that method.
func (c Contact) Takes(m Method) bool {
	return c.Methods == "" || Headers{{"Allow", c.Methods}}.Has("Allow", string(m))
}

// Taking are the devices that may be sent a request of that method.
func Taking(m Method, all []Contact) []Contact {
	out := make([]Contact, 0, len(all))
	for _, c := range all {
		if c.Takes(m) {
			out = append(out, c)
		}
	}
	return out
}

// OneFlow leaves of each device the first flow; spare are the others (RFC 5626 section 5.3: never two at once).
func OneFlow(all []Contact) (first, spare []Contact) {
	for _, c := range all {
		if c.Device != "" && slices.ContainsFunc(first, func(f Contact) bool { return f.Device == c.Device }) {
			spare = append(spare, c)
			continue
		}
		first = append(first, c)
	}
	return first, spare
}

// Directory is the member's own view of the accounts: read from memory, never waiting.
type Directory interface {
	// Account finds an account by its address or by one of its aliases.
	Account(a AOR) (Account, bool)
	// Telnum finds the account that has a telephone number, given as Telnum writes it.
	Telnum(number string) (Account, bool)
	// Forwarder is the address that stands in place of a; it is read by Table.Address.
	Forwarder(a AOR) (to string, ok bool)
	// NamedTask is the program that is reached by the name a, and the account that it runs for.
	NamedTask(a AOR) (program string, owner AOR, ok bool)
	// Rules are the rules for the accounts of a domain that are not their own.
	Rules(domain string) RuleSet
	// Contacts are the live registrations of an account.
	Contacts(a AOR) []Contact
	// FlowOwners are the accounts that have a registration over a connection; of a flow that names nothing but its
	// edge, over any connection of that member.
	FlowOwners(f Flow) []AOR
}
