package conf

import "time"

// Member says who this member is and where it keeps its data.
type Member struct {
	// Name of this member, unique in the cluster: letters, digits, '-', '.' and '_'.
	Name string `change:"restart" scope:"early"`
	// Directory for everything that must last; serve needs one.
	Data string `change:"restart" scope:"early"`
	// Longest wait for calls to end at a stop; 0s ends them at once.
	Drain time.Duration `range:"0s..24h" change:"now" scope:"member"`
	// Call legs at once; beyond it a call is refused with 503.
	MaxLegs int `unit:"legs" range:"1..1000000" change:"now" scope:"member"`
	// Messages that may wait in the mailbox of one actor.
	Mailbox int `unit:"messages" range:"10..1000000" change:"restart" scope:"member"`
	// How often in a minute tandem dev starts a failed member again.
	Restarts int `unit:"restarts" range:"0..60" change:"restart" scope:"early"`
}

// DefaultMember returns the section's defaults.
func DefaultMember() Member {
	return Member{Name: "tandem1", MaxLegs: 10000, Mailbox: 1000, Restarts: 5}
}

func (m Member) check(k *checker) {
	if !nameLike(m.Name) {
		k.wrong("member.name", quote(m.Name)+" is no name", "up to 63 letters, digits, '-', '.' and '_'")
	}
}
