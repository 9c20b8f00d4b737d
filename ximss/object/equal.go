package object

import (
	"bytes"
	"strings"
)

// Same tells whether two Values are one object, or both null (reference cgpl.md 2.1). Numbers and
// timestamps live in the Value, so equal ones are the same; a handle is whatever it refers to.
func Same(a, b Value) bool {
	if h, g := a.Handle(), b.Handle(); h != nil && g != nil {
		return h.Class == g.Class && h.ID == g.ID
	}
	return a == b
}

// Equal tells whether two objects have the same type and content (reference cgpl.md 1.6). Strings
// are compared by their bytes, handles by what they refer to. The order of a dictionary's keys and of
// an element's attributes does not matter; case does, but for keys where both dictionaries fold it.
// Objects that contain themselves are equal when no path into them tells them apart.
func Equal(a, b Value) bool {
	equal, _ := EqualLooks(a, b)
	return equal
}

// EqualLooks is Equal, and says how long it took: looks at parts of containers, and at each lookBytes of texts.
func EqualLooks(a, b Value) (equal bool, looks int) {
	c := comparison{looks: -1}
	c.check(a, b)
	for len(c.open) > 0 && !c.differ {
		p := c.open[len(c.open)-1]
		c.open = c.open[:len(c.open)-1]
		c.parts(p.a, p.b)
	}
	return !c.differ, c.looks
}

// lookBytes is how much of two texts is compared in the time of one look.
const lookBytes = 256

// comparison walks two objects together. Each pair of containers that it meets is taken for equal from
// then on, by uniting their classes: so a cycle ends, and an object met on many ways costs one look.
// The pairs wait in a list, not on the stack, which a long chain would overflow.
type comparison struct {
	differ bool
	looks  int
	open   []pair
	class  map[any]any // a container's parent in the tree of its class; a root has none
}

type pair struct{ a, b Value }

// check compares what has no parts, and notes what has.
func (c *comparison) check(a, b Value) {
	c.looks++
	if a == b {
		return
	}
	ka := a.Kind()
	if ka != b.Kind() {
		c.differ = true
		return
	}
	switch ka {
	case KindString:
		s, t := a.Text(), b.Text()
		if len(s) != len(t) || c.fresh(a, b, len(s)) && s != t {
			c.differ = true
		}
	case KindData:
		s, t := a.ref.(*datablock).b, b.ref.(*datablock).b
		if len(s) != len(t) || c.fresh(a, b, len(s)) && !bytes.Equal(s, t) {
			c.differ = true
		}
	case KindAddress:
		c.differ = c.differ || *a.ref.(*address) != *b.ref.(*address)
	case KindHandle:
		c.differ = c.differ || !Same(a, b)
	case KindArray, KindDictionary, KindXML:
		if c.unite(a.ref, b.ref) {
			c.open = append(c.open, pair{a, b})
		}
	default:
		c.differ = true // numbers and timestamps, which are compared above
	}
}

// fresh tells whether two texts of one length have to be compared: large ones once, however often they
// are met.
func (c *comparison) fresh(a, b Value, size int) bool {
	c.looks += size / lookBytes
	return size < sizeOnce || c.unite(a.ref, b.ref)
}

// unite puts two containers into one class; false: they are in one.
func (c *comparison) unite(a, b any) bool {
	if c.class == nil {
		c.class = map[any]any{}
	}
	a, b = c.root(a), c.root(b)
	if a == b {
		return false
	}
	c.class[a] = b
	return true
}

func (c *comparison) root(x any) any {
	for {
		up, ok := c.class[x]
		if !ok {
			return x
		}
		if next, ok := c.class[up]; ok {
			c.class[x] = next // halve the way for the next one
		}
		x = up
	}
}

func (c *comparison) parts(a, b Value) {
	switch a.Kind() {
	case KindArray:
		c.list(a.Array().items, b.Array().items)
	case KindDictionary:
		c.dictionaries(a.Dictionary(), b.Dictionary())
	case KindXML:
		c.elements(a.XML(), b.XML())
	}
}

func (c *comparison) list(a, b []Value) {
	if len(a) != len(b) {
		c.differ = true
		return
	}
	for i := range a {
		c.check(a[i], b[i])
	}
}

func (c *comparison) dictionaries(a, b *Dictionary) {
	if a.Len() != b.Len() {
		c.differ = true
		return
	}
	if b.folded && !a.folded {
		a, b = b, a // so that the spelling counts, from either side
	}
	for i, key := range a.keys {
		j := b.find(key)
		if j < 0 {
			c.differ = true
			return
		}
		c.check(a.values[i], b.values[j])
	}
}

func (c *comparison) elements(a, b *XML) {
	if a.Type != b.Type || a.Prefix != b.Prefix || len(a.Attributes) != len(b.Attributes) ||
		len(a.Namespaces) != len(b.Namespaces) {
		c.differ = true
		return
	}
	for _, n := range a.Namespaces {
		if name, ok := b.Namespace(n.Prefix); !ok || name != n.Name {
			c.differ = true
		}
	}
	for _, t := range a.Attributes {
		if value, ok := b.Attribute(t.Name, t.Prefix); !ok || value != t.Value {
			c.differ = true
		}
	}
	c.list(a.Body, b.Body)
}

// Compare orders two numbers, timestamps, ip-addresses (the address, then the port), or strings by
// their bytes: order is negative, 0 or positive. ok is false for all other pairs (cgpl.md 1.6).
func Compare(a, b Value) (order int, ok bool) {
	kind := a.Kind()
	if kind != b.Kind() {
		return 0, false
	}
	switch kind {
	case KindNumber, KindDate:
		return compare(a.num, b.num), true
	case KindString:
		return strings.Compare(a.Text(), b.Text()), true
	case KindAddress:
		p, q := a.ref.(*address), b.ref.(*address)
		if order := p.addr.Compare(q.addr); order != 0 {
			return order, true
		}
		return compare(int64(p.port), int64(q.port)), true
	}
	return 0, false
}

func compare(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
