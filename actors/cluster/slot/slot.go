package slot

import (
	"cmp"
	"strconv"
	"strings"
)

// Slot is a share of the names, 0 to Slots-1, or the part of the Controller.
type Slot int

// Controller is the lease of the member that leads the cluster.
const Controller Slot = Slots

// Of is the slot of a name of a kind. It is asked several times for each message to a name, and takes no memory.
func Of(kind, name string) Slot {
	sum := hash(kind, name)
	return Slot((sum ^ sum>>32) % Slots) // the low bits alone know only the low bits of each letter
}

// hash is FNV-1a with 64 bits (RFC 9923 section 5) of two words with a space between.
func hash(a, b string) uint64 {
	sum := uint64(14695981039346656037)
	for _, text := range [...]string{a, " ", b} {
		for i := range len(text) {
			sum = (sum ^ uint64(text[i])) * 1099511628211
		}
	}
	return sum
}

// Keys in the bucket of leases.
const (
	sessionPrefix = "session."
	slotPrefix    = "slot."
	controllerKey = "controller"
)

// Key is the slot's key in the bucket of leases.
func (s Slot) Key() string {
	if s == Controller {
		return controllerKey
	}
	return slotPrefix + strconv.Itoa(int(s))
}

// String is the key.
func (s Slot) String() string { return s.Key() }

// SessionKey is the key of a member's session.
func SessionKey(member string) string { return sessionPrefix + member }

// ParseKey finds the slot of a key; false for every other key.
func ParseKey(key string) (Slot, bool) {
	if key == controllerKey {
		return Controller, true
	}
	digits, ok := strings.CutPrefix(key, slotPrefix)
	if !ok || len(digits) > 2 {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	s := Slot(n)
	return s, err == nil && n >= 0 && n < Slots && s.Key() == key
}

// Holder is one life of a member: its name, and the boot tag that is new at each start.
type Holder struct {
	Member string
	Boot   uint32
}

// String is "tandem1/0badcafe", or "nobody".
func (h Holder) String() string {
	if h == (Holder{}) {
		return "nobody"
	}
	return h.Member + "/" + BootText(h.Boot)
}

func compareHolders(a, b Holder) int {
	return cmp.Or(strings.Compare(a.Member, b.Member), cmp.Compare(a.Boot, b.Boot))
}

// score says how much a member should have a slot: the highest wins (rendezvous hashing). It depends on the
// name alone, so a member that starts again gets back what it had.
func score(member string, s Slot) uint64 {
	x := hash(member, s.Key())
	for range 2 { // spread what differs in one letter over all bits
		x ^= x >> 33
		x *= 0xff51afd7ed558ccd
	}
	return x ^ x>>33
}
