package object

// Copy is a deep copy. What never changes is shared with the original; what is met twice inside of it,
// by a cycle too, is one object in the copy as well.
func Copy(v Value) Value {
	c := copying{made: map[any]Value{}}
	result := c.of(v)
	for len(c.open) > 0 {
		p := c.open[len(c.open)-1]
		c.open = c.open[:len(c.open)-1]
		c.fill(p.a, p.b)
	}
	return result
}

// copying makes an empty container when one is met and fills it later: a long chain needs no stack.
type copying struct {
	made map[any]Value
	open []pair // original and its copy, still empty
}

func (c *copying) of(v Value) Value {
	var empty Value
	switch v.Kind() {
	case KindArray:
		empty = NewArray().Value()
	case KindDictionary:
		empty = (&Dictionary{folded: v.Dictionary().folded}).Value()
	case KindXML:
		empty = (&XML{}).Value()
	default:
		return v
	}
	if w, ok := c.made[v.ref]; ok {
		return w
	}
	c.made[v.ref] = empty
	c.open = append(c.open, pair{v, empty})
	return empty
}

func (c *copying) fill(from, to Value) {
	switch from.Kind() {
	case KindArray:
		to.Array().items = c.list(from.Array().items)
	case KindDictionary:
		d, e := from.Dictionary(), to.Dictionary()
		e.keys = append([]string(nil), d.keys...)
		e.values = c.list(d.values)
		e.reindex()
	case KindXML:
		x, y := from.XML(), to.XML()
		y.Type, y.Prefix = x.Type, x.Prefix
		y.Namespaces = append([]Namespace(nil), x.Namespaces...)
		y.Attributes = append([]Attribute(nil), x.Attributes...)
		y.Body = c.list(x.Body)
	}
}

func (c *copying) list(from []Value) []Value {
	if len(from) == 0 {
		return nil
	}
	to := make([]Value, len(from))
	for i, v := range from {
		to[i] = c.of(v)
	}
	return to
}

// What Size takes for the memory of things.
const (
	sizeValue = 24
	sizeFixed = 48  // of an object itself, with what the allocator adds
	sizeOnce  = 256 // strings and datablocks from here on are counted once, however often they are met
)

// Size is about how many bytes an object takes in memory, with all that it holds. An object that is met
// on many ways counts once; a short string counts each time.
func Size(v Value) int64 {
	s := sizing{}
	s.add(v)
	for len(s.open) > 0 {
		v := s.open[len(s.open)-1]
		s.open = s.open[:len(s.open)-1]
		s.parts(v)
	}
	return s.sum
}

type sizing struct {
	sum  int64
	open []Value
	seen map[any]bool
}

// first tells whether an object is met for the first time.
func (s *sizing) first(ref any) bool {
	if s.seen[ref] {
		return false
	}
	if s.seen == nil {
		s.seen = map[any]bool{}
	}
	s.seen[ref] = true
	return true
}

func (s *sizing) add(v Value) {
	s.sum += sizeValue
	switch v.Kind() {
	case KindString:
		s.bytes(v.ref, len(v.Text()))
	case KindData:
		s.bytes(v.ref, len(v.ref.(*datablock).b))
	case KindAddress:
		s.sum += sizeFixed
	case KindHandle:
		s.sum += sizeFixed + int64(len(v.Handle().Class)+len(v.Handle().ID))
	case KindArray, KindDictionary, KindXML:
		if s.first(v.ref) {
			s.open = append(s.open, v)
		}
	}
}

func (s *sizing) bytes(ref any, n int) {
	if n < sizeOnce || s.first(ref) {
		s.sum += sizeFixed + int64(n)
	}
}

func (s *sizing) parts(v Value) {
	s.sum += sizeFixed
	var items []Value
	switch v.Kind() {
	case KindArray:
		items = v.Array().items
	case KindDictionary:
		d := v.Dictionary()
		for _, k := range d.keys {
			s.sum += sizeFixed + int64(len(k))
		}
		items = d.values
	case KindXML:
		x := v.XML()
		s.sum += int64(len(x.Type) + len(x.Prefix))
		for _, n := range x.Namespaces {
			s.sum += sizeFixed + int64(len(n.Prefix)+len(n.Name))
		}
		for _, t := range x.Attributes {
			s.sum += sizeFixed + int64(len(t.Prefix)+len(t.Name)+len(t.Value))
		}
		items = x.Body
	}
	for _, item := range items {
		s.add(item)
	}
}
