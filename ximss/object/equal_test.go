package object

import (
	"strings"
	"testing"
)

func TestEqualAndSame(t *testing.T) {
	folded := func(key string) Value {
		d := NewFolded()
		d.Put(key, Number(1))
		return d.Value()
	}
	task := func(id string) Value { return (&Handle{Class: ClassTask, ID: id}).Value() }
	for _, c := range []struct {
		a, b  Value
		equal bool
	}{
		{Null, Null, true},
		{Null, String(""), false},
		{String("12"), Number(12), false},
		{Number(1), Date(1), false},
		{String("a"), String("a"), true},
		{String("a"), String("A"), false},
		{Data([]byte("a")), Data([]byte("a")), true},
		{ip("::1", 1), ip("::1", 1), true},
		{ip("::1", 1), ip("::1", 2), false},
		{task("1"), task("1"), true},
		{task("1"), task("2"), false},
		{list(Number(1), list()), list(Number(1), list()), true},
		{list(Number(1)), list(Number(1), Null), false},
		{list(), dict(), false},
		{dict("a", Number(1), "b", Null), dict("b", Null, "a", Number(1)), true},
		{dict("a", Null), dict("b", Null), false},
		{dict("A", Number(1)), dict("a", Number(1)), false},
		{folded("A"), folded("a"), true},
		{folded("A"), dict("a", Number(1)), false},
		{dict("a", Number(1)), folded("A"), false},
		{mustXML(`<a b="1" c="2">x</a>`), mustXML(`<a c="2" b="1">x</a>`), true},
		{mustXML(`<a b="1"/>`), mustXML(`<a b="2"/>`), false},
		{mustXML(`<p:a xmlns:p="u"/>`), mustXML(`<p:a xmlns:p="v"/>`), false},
		{mustXML(`<a>x</a>`), mustXML(`<a>y</a>`), false},
	} {
		if Equal(c.a, c.b) != c.equal || Equal(c.b, c.a) != c.equal {
			t.Errorf("%s == %s is not %v", Format(c.a), Format(c.b), c.equal)
		}
	}
	s := String("a")
	if !Same(s, s) || Same(s, String("a")) || !Same(Number(7), Number(7)) || !Same(Null, Null) ||
		!Same(task("1"), task("1")) || Same(list(), list()) {
		t.Error("Same")
	}
}

// Two rings of different length that nothing tells apart are equal; no walk overflows.
func TestEqualCyclesAndChains(t *testing.T) {
	ring := func(n int, last Value) Value {
		first := NewArray()
		a := first
		for range n - 1 {
			next := NewArray()
			a.Append(Number(1), next.Value())
			a = next
		}
		a.Append(Number(1), first.Value())
		if !last.IsNull() {
			a.Set(0, last)
		}
		return first.Value()
	}
	if !Equal(ring(2, Null), ring(3, Null)) || !Equal(ring(997, Null), ring(1009, Null)) {
		t.Error("rings differ")
	}
	if Equal(ring(997, Null), ring(1009, Number(2))) {
		t.Error("a ring with another number in it is equal")
	}
	doubled := func() Value { // 2 to the 100th ways lead to its end
		v := list()
		for range 100 {
			v = list(v, v)
		}
		return v
	}
	if !Equal(doubled(), doubled()) || !Equal(Copy(doubled()), doubled()) {
		t.Error("doubled arrays differ")
	}
	chain := func() Value {
		v := Null
		for range 50_000 {
			v = list(v)
		}
		return v
	}
	a := chain()
	if !Equal(a, chain()) || !Equal(Copy(a), a) || Size(a) < 1_200_000 {
		t.Error("chains")
	}
	if _, err := (Writer{}).Write(a); err != ErrDepth {
		t.Error(err)
	}
}

func TestCopy(t *testing.T) {
	shared := list(Number(1))
	folded := NewFolded()
	folded.Put("Key", shared)
	x := mustXML(`<a xmlns="u" b="1"><c/>t</a>`)
	a := NewArray(shared, folded.Value(), x)
	a.Append(a.Value())
	b := Copy(a.Value()).Array()
	if !Equal(a.Value(), b.Value()) {
		t.Error("the copy differs")
	}
	if !Same(b.At(3), b.Value()) || !Same(b.At(0), b.At(1).Dictionary().Get("KEY")) {
		t.Error("the copy is of another shape")
	}
	b.At(0).Array().Set(0, Number(2))
	b.At(2).XML().SetAttribute("b", "", "2")
	b.At(2).XML().Body[0].XML().Type = "d"
	b.At(1).Dictionary().Put("z", Null)
	if n, _ := shared.Array().At(0).Int(); n != 1 || x.XML().Attr("b") != "1" ||
		x.XML().Body[0].XML().Type != "c" || folded.Len() != 1 {
		t.Error("the copy is not apart")
	}
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		a, b  Value
		order int
		ok    bool
	}{
		{Number(1), Number(2), -1, true},
		{Number(-1 << 63), Number(1<<63 - 1), -1, true},
		{String("a"), String("B"), 1, true},
		{String("a"), String("a"), 0, true},
		{Date(RemotePast), Date(0), -1, true},
		{ip("192.0.2.1", 0), ip("192.0.2.2", 0), -1, true},
		{ip("192.0.2.1", 2), ip("192.0.2.1", 1), 1, true},
		{ip("192.0.2.1", 0), ip("::1", 0), -1, true},
		{Number(1), Date(2), 0, false},
		{Null, Null, 0, false},
		{list(), list(), 0, false},
		{Data(nil), Data(nil), 0, false},
	} {
		if order, ok := Compare(c.a, c.b); order != c.order || ok != c.ok {
			t.Errorf("%s and %s: %d, %v", Format(c.a), Format(c.b), order, ok)
		}
	}
}

func TestSize(t *testing.T) {
	long := String(strings.Repeat("a", 10_000))
	if one, many := Size(list(long)), Size(list(long, long, long)); many > one+100 {
		t.Errorf("a shared string counts again: %d, %d", one, many)
	}
	a := NewArray()
	a.Append(a.Value())
	if n := Size(a.Value()); n < 24 || n > 1000 {
		t.Errorf("a ring: %d", n)
	}
	if n := Size(dict("key", Data(make([]byte, 5000)))); n < 5000 || n > 6000 {
		t.Errorf("a dictionary: %d", n)
	}
}
