package registrar

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/signal"
)

// Binding is one registration: a contact at which an account can be reached until it expires. It is
// a plain value that survives JSON and gob.
type Binding struct {
	Contact signal.URI    // where the device wants its requests
	Display string        // display name of the Contact
	Params  signal.Params // of the Contact, but for q and expires; +sip.instance and reg-id among them
	Q       int           // preference in thousandths, 0 to 1000; 1000 where none was given
	Path    []string      // route to the device, the first hop first (RFC 3327)
	Flow    signal.Flow   // how the REGISTER came; its Remote is the address received from
	Agent   string        // User-Agent, for lists
	CallID  string        // of the last REGISTER for it
	CSeq    uint32        // of the same
	Since   time.Time     // when it was first made
	Updated time.Time     // when it was last refreshed
	Expires time.Time     // when it ends
}

// Instance is the device's own name, "" where it gave none (RFC 5626 section 4.1).
func (b Binding) Instance() string {
	v, _ := b.Params.Get("+sip.instance")
	return strings.Trim(v, `"`)
}

// RegID is the number of the device's flow, "" where it gave none (RFC 5626 section 4.2).
func (b Binding) RegID() string { v, _ := b.Params.Get("reg-id"); return v }

// Live reports whether the binding has not expired.
func (b Binding) Live(now time.Time) bool { return now.Before(b.Expires) }

// Expire divides bindings into those that live and those that have ended. Neither result shares
// memory with the argument's array.
func Expire(bindings []Binding, now time.Time) (live, ended []Binding) {
	for _, b := range bindings {
		if b.Live(now) {
			live = append(live, b)
		} else {
			ended = append(ended, b)
		}
	}
	return live, ended
}

// order sorts bindings as they are tried and shown: by preference, then by text.
func order(bindings []Binding) {
	slices.SortFunc(bindings, func(a, b Binding) int {
		return cmp.Or(cmp.Compare(b.Q, a.Q), strings.Compare(a.Contact.String(), b.Contact.String()),
			strings.Compare(a.Instance()+a.RegID(), b.Instance()+b.RegID()))
	})
}

// party is the binding as it stands in the Contact field of a 200: with what is left of its life,
// in seconds, rounded up.
func (b Binding) party(now time.Time) signal.Party {
	left := (b.Expires.Sub(now) + time.Second - 1) / time.Second
	p := signal.Party{Display: b.Display, URI: b.Contact, Params: slices.Clone(b.Params)}
	if b.Q != maxQ {
		p.Params = append(p.Params, signal.Param{Name: "q", Value: formatQ(b.Q)})
	}
	p.Params = append(p.Params, signal.Param{Name: "expires", Value: strconv.Itoa(int(left))})
	return p
}
