package object

import "strings"

// Dictionary maps strings to objects, and keeps the order in which keys were added. Whether two keys that
// differ in the case of letters are one is a property of the dictionary.
type Dictionary struct {
	keys   []string
	values []Value
	index  map[string]int // by folded or plain key; nil while there are few
	folded bool
	mark   any // see Mark
}

// few is the number of keys up to which a look at each is quicker than a map.
const few = 8

// NewDictionary makes an empty dictionary whose keys are case-sensitive, as programs make them.
func NewDictionary() *Dictionary { return &Dictionary{} }

// NewFolded makes an empty dictionary whose keys are not case-sensitive, as the platform makes them.
func NewFolded() *Dictionary { return &Dictionary{folded: true} }

// Mark is what the platform keeps with a dictionary that it made, such as which event it is: no part of the
// object, and not copied. A program can neither see nor make it.
func (d *Dictionary) Mark() any {
	if d == nil {
		return nil
	}
	return d.mark
}

// SetMark keeps something with the dictionary.
func (d *Dictionary) SetMark(mark any) { d.mark = mark }

// Value is the dictionary as an object.
func (d *Dictionary) Value() Value { return Value{ref: d} }

// Len is the number of keys; a nil dictionary has none.
func (d *Dictionary) Len() int {
	if d == nil {
		return 0
	}
	return len(d.keys)
}

// Key is the name of the i-th key, in order of addition.
func (d *Dictionary) Key(i int) (key string, ok bool) {
	if d == nil || i < 0 || i >= len(d.keys) {
		return "", false
	}
	return d.keys[i], true
}

// At is the value of the i-th key; null outside.
func (d *Dictionary) At(i int) Value {
	if d == nil || i < 0 || i >= len(d.values) {
		return Null
	}
	return d.values[i]
}

// Get is the value of a key; null where there is none, and of a nil dictionary.
func (d *Dictionary) Get(key string) Value {
	if i := d.find(key); i >= 0 {
		return d.values[i]
	}
	return Null
}

// GetFold is the value of a key spelled in any case: so functions read their parameter dictionaries. An
// exact spelling goes before others.
func (d *Dictionary) GetFold(key string) Value {
	if i := d.find(key); i >= 0 {
		return d.values[i]
	}
	if d == nil || d.folded {
		return Null
	}
	for i, k := range d.keys {
		if strings.EqualFold(k, key) {
			return d.values[i]
		}
	}
	return Null
}

// Has tells whether there is such a key; its value may be null where the text form said so.
func (d *Dictionary) Has(key string) bool { return d.find(key) >= 0 }

// Set stores a value; null removes the key. The spelling of a key is that of its first setting.
func (d *Dictionary) Set(key string, v Value) {
	if v.IsNull() {
		d.Delete(key)
		return
	}
	d.Put(key, v)
}

// Put stores a value, null too.
func (d *Dictionary) Put(key string, v Value) {
	if i := d.find(key); i >= 0 {
		d.values[i] = v
		return
	}
	d.keys, d.values = append(d.keys, key), append(d.values, v)
	if d.index != nil {
		d.index[d.fold(key)] = len(d.keys) - 1
	} else if len(d.keys) > few {
		d.reindex()
	}
}

// Delete removes a key; one that is absent does no harm.
func (d *Dictionary) Delete(key string) {
	i := d.find(key)
	if i < 0 {
		return
	}
	d.keys = append(d.keys[:i], d.keys[i+1:]...)
	copy(d.values[i:], d.values[i+1:])
	d.values[len(d.values)-1] = Null
	d.values = d.values[:len(d.values)-1]
	if d.index != nil {
		d.reindex()
	}
}

// SetFolded makes keys case-insensitive or case-sensitive. Of keys that become one the last value stays.
func (d *Dictionary) SetFolded(folded bool) {
	if d.folded == folded {
		return
	}
	keys, values := d.keys, d.values
	*d = Dictionary{folded: folded, mark: d.mark}
	for i, k := range keys {
		d.Put(k, values[i])
	}
}

// Folded tells whether keys are case-insensitive.
func (d *Dictionary) Folded() bool { return d.folded }

func (d *Dictionary) fold(key string) string {
	if d.folded {
		return lower(key)
	}
	return key
}

// find is the place of a key, or -1.
func (d *Dictionary) find(key string) int {
	if d == nil {
		return -1
	}
	if d.index != nil {
		if i, ok := d.index[d.fold(key)]; ok {
			return i
		}
		return -1
	}
	for i, k := range d.keys {
		if k == key || d.folded && sameFold(k, key) {
			return i
		}
	}
	return -1
}

// sameFold compares as the index of a large dictionary does, which EqualFold does not for a few letters.
func sameFold(a, b string) bool {
	if ascii(a) && ascii(b) {
		return strings.EqualFold(a, b)
	}
	return lower(a) == lower(b)
}

func lower(s string) string { return strings.ToLower(s) }

func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func (d *Dictionary) reindex() {
	d.index = nil
	if len(d.keys) <= few {
		return
	}
	d.index = make(map[string]int, 2*len(d.keys))
	for i, k := range d.keys {
		d.index[d.fold(k)] = i
	}
}
