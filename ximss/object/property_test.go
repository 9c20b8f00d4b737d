package object

import (
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// drawn draws objects of every kind that can be written; XML has no text at its sides that a reader
// would join or drop.
func drawn() *rapid.Generator[Value] {
	return rapid.Custom(func(t *rapid.T) Value { return drawObject(t, 3) })
}

var words = rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-zA-Z0-9]{0,8}`),
	rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 6), func(b []byte) string { return string(b) }))

func drawObject(t *rapid.T, depth int) Value {
	kinds := 6
	if depth > 0 {
		kinds = 9
	}
	switch rapid.IntRange(0, kinds).Draw(t, "kind") {
	case 0:
		return Null
	case 1:
		return String(words.Draw(t, "string"))
	case 2:
		return Number(rapid.Int64().Draw(t, "number"))
	case 3:
		return Data(rapid.SliceOf(rapid.Byte()).Draw(t, "data"))
	case 4:
		moments := []int64{RemotePast, RemoteFuture, 0, -1, firstSecond, lastSecond}
		return Date(rapid.SampledFrom(moments).Draw(t, "date"))
	case 5:
		return Date(rapid.Int64Range(firstSecond, lastSecond).Draw(t, "date"))
	case 6:
		b := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "address")
		a := netip.AddrFrom16([16]byte(b)).Unmap()
		if b[0] < 128 {
			a = netip.AddrFrom4([4]byte(b))
		}
		return Address(a, rapid.Uint16().Draw(t, "port"))
	case 7:
		a := NewArray()
		for range rapid.IntRange(0, 4).Draw(t, "length") {
			a.Append(drawObject(t, depth-1))
		}
		return a.Value()
	case 8:
		d := NewDictionary()
		for range rapid.IntRange(0, 12).Draw(t, "length") {
			k, _ := String(words.Draw(t, "key")).Str()
			d.Put(k, drawObject(t, depth-1))
		}
		return d.Value()
	}
	return drawElement(t, depth).Value()
}

func drawElement(t *rapid.T, depth int) *XML {
	name := rapid.StringMatching(`[a-z_][a-z0-9.-]{0,3}`)
	text := rapid.StringMatching(`[a-z<>&"'\n\t]{1,5}x`)
	x := NewXML(name.Draw(t, "type"))
	for range rapid.IntRange(0, 2).Draw(t, "attributes") {
		x.SetAttribute(name.Draw(t, "name"), "", text.Draw(t, "value"))
	}
	if depth == 0 || rapid.Bool().Draw(t, "text") {
		x.Add(String(text.Draw(t, "text")))
		return x
	}
	for range rapid.IntRange(0, 3).Draw(t, "children") {
		x.Add(drawElement(t, depth-1).Value())
	}
	return x
}

// What is written is read back as it was; a copy is equal and apart.
func TestRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := drawn().Draw(t, "object")
		s, err := Writer{}.Write(v)
		if err != nil {
			t.Fatal(err)
		}
		if w, err := Parse(s); err != nil || !Equal(v, w) {
			t.Fatalf("%s came back as %s, %v", s, Format(w), err)
		}
		if w, rest, err := ParsePrefix(s + " next"); err != nil || rest != " next" || !Equal(v, w) {
			t.Fatalf("%s before a word came back as %s, rest %q, %v", s, Format(w), rest, err)
		}
		if w := Copy(v); !Equal(v, w) || Size(v) != Size(w) {
			t.Fatalf("the copy of %s is %s", s, Format(w))
		}
		if text, err := JSON(v); err != nil {
			t.Fatal(err)
		} else if _, err := ParseJSON([]byte(text)); err != nil {
			t.Fatalf("%s is not JSON: %v", text, err)
		}
	})
}

// The XIMSS form keeps everything that XML can hold.
func TestXMLRoundTrip(t *testing.T) {
	markup := func(t *rapid.T, v Value) string {
		x, err := ToXML("object", v)
		if err != nil {
			t.Fatal(err)
		}
		s, err := x.Markup()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	read := func(t *rapid.T, s string) Value {
		x, err := ParseXML(s)
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		return FromXML(x)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := markup(t, drawn().Draw(t, "object"))
		if strings.ContainsRune(s, utf8.RuneError) { // of what XML can not hold, two keys may become one
			s = markup(t, read(t, s))
		}
		if again := markup(t, read(t, s)); again != s {
			t.Fatalf("%s\nbecame\n%s", s, again)
		}
	})
}

// Order is total where it is defined, and agrees with equality.
func TestCompareAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawn().Draw(t, "a"), drawn().Draw(t, "b")
		order, ok := Compare(a, b)
		back, okBack := Compare(b, a)
		if ok != okBack || order > 0 != (back < 0) || ok && (order == 0) != Equal(a, b) {
			t.Fatalf("%s and %s: %d %d", Format(a), Format(b), order, back)
		}
		if Equal(a, b) != Equal(b, a) {
			t.Fatalf("%s and %s are equal one way", Format(a), Format(b))
		}
	})
}
