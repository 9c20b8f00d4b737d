package conf

import "time"

// Member says who this member is and where it keeps its data.
type Member struct {
	Name     string        // unique in the cluster, letters, digits, '-' and '.'; default "tandem1"
	Data     string        // directory for everything that lasts; required by serve
	Drain    time.Duration // longest wait for calls to end at a stop; default 0: end them at once
	MaxLegs  int           // call legs at once; default 10000. Beyond it: 503
	Mailbox  int           // messages that may wait in one actor's mailbox; default 1000
	Restarts int           // reserved for dev: restarts of a failed member per minute; default 5
}

// DefaultMember returns the section's defaults.
func DefaultMember() Member {
	return Member{Name: "tandem1", MaxLegs: 10000, Mailbox: 1000, Restarts: 5}
}
