package measure

import (
	"fmt"
	"math/bits"
	"strings"
)

// Mask is a set of names.
type Mask [2]uint64

// Has tells whether a name is in the set.
func (m Mask) Has(n Name) bool { return m[n/64]>>(n%64)&1 == 1 }

// Size is how many names are in the set.
func (m Mask) Size() (size int) {
	return bits.OnesCount64(m[0]) + bits.OnesCount64(m[1])
}

// String writes the mask as ParseMask reads it.
func (m Mask) String() string {
	var all []string
	for n := range kinds {
		if m.Has(Name(n)) {
			all = append(all, Name(n).String())
		}
	}
	return strings.Join(all, ",")
}

// text writes the mask as ParseMask reads it for a subject, by what it lacks where that is shorter.
func (m Mask) text(s Subject) string {
	var all, lacks Mask
	for n := range kinds {
		if s == DNAction || Name(n).IsStatus() {
			all.add(Name(n))
		}
	}
	for i := range all {
		lacks[i] = all[i] &^ m[i]
	}
	switch {
	case m.Size() <= lacks.Size():
		return m.String()
	case lacks.Size() == 0:
		return "*"
	}
	return "*,~" + strings.ReplaceAll(lacks.String(), ",", ",~")
}

func (m *Mask) add(n Name)    { m[n/64] |= 1 << (n % 64) }
func (m *Mask) remove(n Name) { m[n/64] &^= 1 << (n % 64) }

// only keeps the names of which f is true, and gives the others.
func (m *Mask) only(f func(Name) bool) (gone []string) {
	for n := range kinds {
		if n := Name(n); m.Has(n) && !f(n) {
			m.remove(n)
			gone = append(gone, n.String())
		}
	}
	return gone
}

// ParseMask reads a mask: * and names, those behind ~ taken away, in whatever order (ruling D-7). For a subject that is
// a status only statuses are known.
func ParseMask(text string, s Subject) (m Mask, err error) {
	var minus Mask
	plus := false
	for word := range strings.SplitSeq(text, ",") {
		word = strings.TrimSpace(word)
		name, denied := strings.CutPrefix(word, "~")
		name = strings.TrimSpace(name)
		plus = plus || !denied
		if word == "*" {
			for n := range kinds {
				if s == DNAction || Name(n).IsStatus() {
					m.add(Name(n))
				}
			}
			continue
		}
		n, ok := ParseName(name)
		switch {
		case !ok:
			return m, fmt.Errorf("mask: %q is no action or status", name)
		case s != DNAction && !n.IsStatus():
			return m, fmt.Errorf("mask: %s is an action and no status", name)
		case denied:
			minus.add(n)
		default:
			m.add(n)
		}
	}
	if !plus {
		return m, fmt.Errorf("mask: %q selects nothing: name what is wanted, or begin with *", text)
	}
	for i := range m {
		m[i] &^= minus[i]
	}
	if m.Size() == 0 {
		return m, fmt.Errorf("mask: %q selects nothing", text)
	}
	return m, nil
}
