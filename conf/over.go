package conf

import (
	"fmt"
)

// maxOver is how many bytes the cluster keeps as the value of one setting: a long list of numbers.
const maxOver = 64 << 10

// Over is a value that the cluster keeps for a setting. It lies over what files say.
type Over struct {
	Key      string
	Value    string // as on a flag: on one line, parts of a list of words separated by commas
	Member   string // whom it is for; "" for all members
	Revision uint64 // of the store: the higher of two was set later
	Author   string // who set it
}

// Check tells what is wrong with the value by itself: no member takes it whatever its other settings are.
// The error is an Errors.
func (o Over) Check() error {
	if o.Member != "" && !nameLike(o.Member) {
		return Errors{{o.origin(), shorten(o.Key), quote(o.Member) + " is no name of a member",
			"up to 63 letters, digits, '-', '.' and '_'"}}
	}
	if _, errs := o.decode(); len(errs) > 0 {
		return errs
	}
	return nil
}

// Shown is the value as people may see it. One that this version does not know, or that the cluster must not
// keep, might be a secret and is masked, and so are passwords in addresses.
func (o Over) Shown() string {
	if f, ok := byKey()[o.Key]; !ok || f.Scope == ByFile {
		return mask
	}
	return maskPasswords(o.Value)
}

func (o Over) origin() Origin {
	source, layer := fromCluster, "cluster"
	if o.Member != "" {
		source, layer = fromMember, "member "+o.Member
	}
	name := fmt.Sprintf("%s, revision %d", layer, o.Revision)
	if o.Author != "" {
		name += ", " + o.Author
	}
	return Origin{source: source, name: name}
}

// laid is one Over that was read, and what becomes of it.
type laid struct {
	Fate
	field   Field
	value   any
	origins origins
	read    bool // the value could be read, and nothing stronger hides it: it can be tried
	out     bool // it is kept out
}

// decode reads the value.
func (o Over) decode() (*laid, Errors) {
	x := &laid{Fate: Fate{Over: o}}
	l := &loader{bad: map[string]bool{}, origins: origins{}}
	f, ok := byKey()[o.Key]
	if !ok {
		return x, Errors{{o.origin(), shorten(o.Key), "is unknown", suggestKey(o.Key)}}
	}
	x.field = f
	if p := f.refusal(o.Member); p != nil {
		return x, Errors{{o.origin(), f.Key, p.wrong, p.right}}
	}
	if len(o.Value) > maxOver {
		return x, Errors{{o.origin(), f.Key, fmt.Sprintf("has %d bytes", len(o.Value)), fmt.Sprintf("at most %d", maxOver)}}
	}
	l.textual(f, o.Value, o.origin(), func(v any) error { x.value = v; return nil })
	if len(l.errs) > 0 {
		return x, l.errs
	}
	x.origins = l.origins
	c := Default()
	f.set(&c, x.value)
	c.origins = x.origins
	k := &checker{conf: &c}
	k.field(f)
	return x, k.errs
}

// State is what becomes of an Over on one member.
type State int

// The states.
const (
	Acts     State = iota // the member obeys
	Waits                 // it will obey after its next start
	Hidden                // something stronger says what the member obeys
	NotTaken              // the member can not obey
)

var states = [...]string{"acts", "after restart", "hidden", "not taken"}

func (s State) String() string { return states[s] }

// Fate is what becomes of an Over on this member.
type Fate struct {
	Over
	State State
	Why   string // for Hidden what hides it, for NotTaken what is wrong
}

// keepOut leaves a value out and says why.
func (x *laid) keepOut(errs Errors) {
	x.out, x.State, x.Why = true, NotTaken, errs.Words()
}
