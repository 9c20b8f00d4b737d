package object

import (
	"net/netip"
	"strings"
)

// Value is one object, or null: its zero value. Copying it copies the reference, not the object.
// Numbers and timestamps live in the Value itself, so that counting costs no memory.
type Value struct {
	num int64 // of a number: itself; of a timestamp: seconds since 1970 in UTC
	ref any   // nil: null; numberKind, dateKind, or a pointer to the object
}

// What ref holds where num is the object.
type (
	numberKind struct{}
	dateKind   struct{}
)

// text is a string object: two equal strings that were made apart are two objects (Same).
type text struct {
	s    string
	room *room // of one that Join made: where it may grow; see join.go
}

// datablock is a datablock object.
type datablock struct{ b []byte }

// address is an ip-address object; port 0 is none.
type address struct {
	addr netip.Addr
	port uint16
}

// Null is "no object"; it is what false is.
var Null Value

// Yes is the canonical true value. No program can change it.
var Yes = String("YES")

// Kind is what a Value is.
type Kind uint8

// The kinds.
const (
	KindNull Kind = iota
	KindString
	KindNumber
	KindData
	KindDate
	KindAddress
	KindArray
	KindDictionary
	KindXML
	KindHandle
)

// The remote past and the remote future, as seconds of a timestamp.
const (
	RemotePast   = -1 << 63
	RemoteFuture = 1<<63 - 1
)

// String makes a string object. A zero byte ends a string of CG/PL, so there is none in it: the text is
// cut before it.
func String(s string) Value {
	for i := 0; i < len(s); i++ {
		if s[i] == 0 {
			s = strings.Clone(s[:i]) // so that what is cut off is not kept
			break
		}
	}
	return Value{ref: &text{s: s}}
}

// Number makes a number.
func Number(n int64) Value { return Value{n, numberKind{}} }

// SetNumber makes it a number. Where it is one already only the number is written, which is what counting
// in a loop costs.
func (v *Value) SetNumber(n int64) {
	if _, ok := v.ref.(numberKind); !ok {
		v.ref = numberKind{}
	}
	v.num = n
}

// Bool is Yes or Null.
func Bool(b bool) Value {
	if b {
		return Yes
	}
	return Null
}

// Data makes a datablock. The bytes belong to the object from here on.
func Data(b []byte) Value { return Value{ref: &datablock{b}} }

// Date makes a timestamp of seconds since 1970 in UTC, RemotePast or RemoteFuture.
func Date(seconds int64) Value { return Value{seconds, dateKind{}} }

// Address makes an ip-address; port 0 means that it has none.
func Address(a netip.Addr, port uint16) Value { return Value{ref: &address{a, port}} }

// Kind tells what the object is.
func (v Value) Kind() Kind {
	switch v.ref.(type) {
	case nil:
		return KindNull
	case numberKind:
		return KindNumber
	case *text:
		return KindString
	case *Array:
		return KindArray
	case *Dictionary:
		return KindDictionary
	case dateKind:
		return KindDate
	case *datablock:
		return KindData
	case *address:
		return KindAddress
	case *XML:
		return KindXML
	case *Handle:
		return KindHandle
	}
	panic("object: a Value that no constructor made")
}

// IsNull tells whether there is no object; everything else is true in a condition.
func (v Value) IsNull() bool { return v.ref == nil }

// IsNumber tells whether it is a number. Int gives it.
func (v Value) IsNumber() bool { _, ok := v.ref.(numberKind); return ok }

// Int is the number; 0 and false for anything else.
func (v Value) Int() (n int64, ok bool) {
	if _, ok := v.ref.(numberKind); ok {
		return v.num, true
	}
	return 0, false
}

// Str is the string; "" and false for anything else.
func (v Value) Str() (s string, ok bool) {
	if t, ok := v.ref.(*text); ok {
		return t.s, true
	}
	return "", false
}

// Text is the string, or "" where there is none: for callers to whom that is the same.
func (v Value) Text() string {
	s, _ := v.Str()
	return s
}

// Bytes are those of a datablock. They must not be changed.
func (v Value) Bytes() (b []byte, ok bool) {
	if d, ok := v.ref.(*datablock); ok {
		return d.b, true
	}
	return nil, false
}

// Seconds are those of a timestamp since 1970 in UTC; see RemotePast and RemoteFuture.
func (v Value) Seconds() (seconds int64, ok bool) {
	if _, ok := v.ref.(dateKind); ok {
		return v.num, true
	}
	return 0, false
}

// AddrPort is an ip-address; port 0 is none.
func (v Value) AddrPort() (a netip.Addr, port uint16, ok bool) {
	if p, ok := v.ref.(*address); ok {
		return p.addr, p.port, true
	}
	return netip.Addr{}, 0, false
}

// Array is the array, or nil.
func (v Value) Array() *Array { a, _ := v.ref.(*Array); return a }

// Dictionary is the dictionary, or nil.
func (v Value) Dictionary() *Dictionary { d, _ := v.ref.(*Dictionary); return d }

// XML is the XML object, or nil.
func (v Value) XML() *XML { x, _ := v.ref.(*XML); return x }

// Handle is the handle, or nil.
func (v Value) Handle() *Handle { h, _ := v.ref.(*Handle); return h }

// Class is the name that ObjectClass gives (reference cgpl.md 1.5); "" for null.
func (v Value) Class() string {
	switch v.Kind() {
	case KindString:
		return "STString"
	case KindNumber:
		return "STNumber"
	case KindData:
		return "STData"
	case KindDate:
		return "STDate"
	case KindAddress:
		return "STIPAddress"
	case KindArray:
		return "STArray"
	case KindDictionary:
		return "STDictionary"
	case KindXML:
		return "STXMLObject"
	case KindHandle:
		return v.Handle().Class
	}
	return ""
}
