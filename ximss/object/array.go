package object

// Array is a list of objects that its holders share.
type Array struct{ items []Value }

// NewArray makes an array of these elements; the slice belongs to it from here on.
func NewArray(items ...Value) *Array { return &Array{items} }

// Value is the array as an object.
func (a *Array) Value() Value { return Value{ref: a} }

// Len is the number of elements; a nil array has none.
func (a *Array) Len() int {
	if a == nil {
		return 0
	}
	return len(a.items)
}

// At is an element; null outside of the array.
func (a *Array) At(i int) Value {
	if a == nil || i < 0 || i >= len(a.items) {
		return Null
	}
	return a.items[i]
}

// Set stores an element; an index that is the length appends. false: there is no such place.
func (a *Array) Set(i int, v Value) bool {
	switch {
	case i >= 0 && i < len(a.items):
		a.items[i] = v
	case i == len(a.items):
		a.items = append(a.items, v)
	default:
		return false
	}
	return true
}

// Append adds elements at the end.
func (a *Array) Append(v ...Value) { a.items = append(a.items, v...) }

// Insert puts an element before that of the index; the length appends. false: there is no such place.
func (a *Array) Insert(i int, v Value) bool {
	if i < 0 || i > len(a.items) {
		return false
	}
	a.items = append(a.items, Null)
	copy(a.items[i+1:], a.items[i:])
	a.items[i] = v
	return true
}

// Remove takes an element out. false: there is none.
func (a *Array) Remove(i int) bool {
	if i < 0 || i >= len(a.items) {
		return false
	}
	copy(a.items[i:], a.items[i+1:])
	a.items[len(a.items)-1] = Null
	a.items = a.items[:len(a.items)-1]
	return true
}

// Items are the elements, in the array's own memory.
func (a *Array) Items() []Value {
	if a == nil {
		return nil
	}
	return a.items
}
