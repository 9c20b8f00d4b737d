package object

import (
	"strings"
	"sync/atomic"
)

// room is memory behind strings that were made one out of the other by appending. Each of them is the
// beginning of what is written in it; only the one that ends where the writing ends can be appended to in
// place. Strings are shared between tasks, so the right to write is taken by compare-and-swap: who loses
// makes a room of its own.
type room struct {
	used   atomic.Int64
	size   int64
	buffer strings.Builder
}

// tight is the room of a string without one that was made by joining: the next that is appended to it
// gets a room, since a program that appends twice often does it in a loop.
var tight = &room{}

// roomy is the least room.
const roomy = 64

// Append makes the string that is left followed by the right ones in memory that left has left over. All
// must be strings. ok is false where there is no such memory; Join then does it.
func Append(left Value, right ...Value) (v Value, ok bool) {
	t := left.ref.(*text)
	r := t.room
	if r == nil || r == tight {
		return Null, false
	}
	from := int64(len(t.s))
	to := from
	for i := range right {
		to += int64(len(right[i].ref.(*text).s))
	}
	if to > r.size || !r.used.CompareAndSwap(from, to) {
		return Null, false
	}
	for i := range right {
		r.buffer.WriteString(right[i].ref.(*text).s)
	}
	return Value{ref: &text{r.buffer.String(), r}}, true
}

// JoinSize is how many bytes Join will take for a string of this length that begins with left.
func JoinSize(left Value, length int) int {
	if left.ref.(*text).room == nil {
		return length
	}
	return max(2*length, roomy)
}

// Join makes the string that is left followed by the right ones, in new memory. All must be strings, and
// length is that of all together.
func Join(length int, left Value, right ...Value) Value {
	t := left.ref.(*text)
	if t.room == nil {
		var b strings.Builder
		b.Grow(length)
		b.WriteString(t.s)
		for i := range right {
			b.WriteString(right[i].ref.(*text).s)
		}
		return Value{ref: &text{b.String(), tight}}
	}
	r := &room{size: int64(JoinSize(left, length))}
	r.used.Store(int64(length))
	r.buffer.Grow(int(r.size))
	r.buffer.WriteString(t.s)
	for i := range right {
		r.buffer.WriteString(right[i].ref.(*text).s)
	}
	return Value{ref: &text{r.buffer.String(), r}}
}
