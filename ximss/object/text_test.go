package object

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func ip(s string, port uint16) Value { return Address(netip.MustParseAddr(s), port) }

func dict(pairs ...any) Value {
	d := NewDictionary()
	for i := 0; i < len(pairs); i += 2 {
		d.Put(pairs[i].(string), pairs[i+1].(Value))
	}
	return d.Value()
}

func list(v ...Value) Value { return NewArray(v...).Value() }

func mustXML(s string) Value {
	x, err := ParseXML(s)
	if err != nil {
		panic(err)
	}
	return x.Value()
}

// Every basic type, written and read back (cgpl.md 1.8, 5.9 check 3).
func TestTextForm(t *testing.T) {
	for _, c := range []struct {
		v    Value
		text string
	}{
		{Null, "#null#"},
		{String("abc12"), "abc12"},
		{String("12"), "12"},
		{String(""), `""`},
		{String("a b"), `"a b"`},
		{String("ann@a.test"), `"ann@a.test"`},
		{String("say \"\\\"\r\n\t\x01\x7f"), `"say \"\\\"\r\n\t\001\127"`},
		{String("gr\u00fc\u00df"), "\"gr\u00fc\u00df\""},
		{String("\xff\xc3"), `"\255\195"`},
		{Number(12), "#12"},
		{Number(-9223372036854775808), "#-9223372036854775808"},
		{Data(nil), "[]"},
		{Data([]byte{0, 255, 'a'}), "[AP9h]"},
		{Date(1923905472), "#T19-12-2030_10:11:12"},
		{Date(0), "#T01-01-1970_00:00:00"},
		{Date(RemotePast), "#TPAST"},
		{Date(RemoteFuture), "#TFUTURE"},
		{ip("192.0.2.1", 0), "#I[192.0.2.1]"},
		{ip("192.0.2.1", 5060), "#I[192.0.2.1]:5060"},
		{ip("2001:db8::1", 5060), "#I[2001:db8::1]:5060"},
		{list(), "()"},
		{list(String("a"), Null, Number(1)), "(a,#NULL#,#1)"},
		{dict(), "{}"},
		{dict("a", String("b"), "a b", list(), "n", Null), `{a=b;"a b"=();n=#NULL#;}`},
		{mustXML(`<a b="c&amp;d"><e/>x&#10;y</a>`), `<a b="c&amp;d"><e/>x&#10;y</a>`},
		{list(mustXML("<a/>"), String("b")), "(<a/>,b)"},
	} {
		s, err := Writer{}.Write(c.v)
		if err != nil || s != c.text {
			t.Errorf("wrote %s, %v; want %s", s, err, c.text)
		}
		v, err := Parse(c.text)
		if err != nil || !Equal(v, c.v) {
			t.Errorf("read %s as %s, %v", c.text, Format(v), err)
		}
	}
}

// What is understood, though nobody here writes it so.
func TestInput(t *testing.T) {
	for _, c := range []struct{ in, text string }{
		{" \t\r\n a /* b */ // c", "a"},
		{`"ab" "cd"`, "abcd"},
		{"\"ab\" // and\n \"cd\"", "abcd"},
		{`( a , ( ) , "b" )`, "(a,(),b)"},
		{"{ a = b ; c = #1 ; }", "{a=b;c=#1;}"},
		{"{a=1;a=2;}", "{a=2;}"},
		{"a-b_c.d@e", `"a-b_c.d@e"`},
		{"\u00fcber", "\"\u00fcber\""},
		{`"\e\u'fc'\a\'\065"`, "\"\\n\u00fca'A\""},
		{"#0x1F", "#31"},
		{"#-0b101", "#-5"},
		{"#0o17", "#15"},
		{"#Null#", "#null#"},
		{"#tpast", "#TPAST"},
		{"#T20-12-2030", "#T20-12-2030_00:00:00"},
		{"#I[::ffff:192.0.2.1]:5", "#I[192.0.2.1]:5"},
		{"[AP\r\n 9h]", "[AP9h]"},
		{"#(STTaskHandle:12)", "#null#"},
		{`(#("a:b":"c)"),b)`, "(#NULL#,b)"},
		{"(<a> <!-- x --></a>, b)", "(<a> </a>,b)"},
	} {
		v, err := Parse(c.in)
		if err != nil || Format(v) != c.text {
			t.Errorf("%s: %s, %v; want %s", c.in, Format(v), err, c.text)
		}
	}
}

func TestParseErrors(t *testing.T) {
	const noMark = "line 1, column 2: a number of 64 bits, a timestamp (T), " +
		"an address (I[) or NULL# is expected"
	for in, want := range map[string]string{
		"":                     "line 1, column 1: a value is expected",
		"a b":                  "line 1, column 3: the end is expected",
		"(a":                   `line 1, column 3: "," or ")" is expected`,
		"(a,)":                 "line 1, column 4: a value is expected",
		"{a=b}":                `line 1, column 5: ";" is expected`,
		"{a b;}":               `line 1, column 4: "=" is expected`,
		"{=b;}":                `line 1, column 2: a key or "}" is expected`,
		"\n\n  \"ab":           "line 3, column 3: the end of this string is expected",
		"\"\u00fc\\300\"":      "line 1, column 3: a code of three digits, 001 to 255, is expected",
		"\"a\nb\"":             "line 1, column 3: the quote that ends the string is expected",
		"\"a\\000\"":           "line 1, column 3: a code of three digits, 001 to 255, is expected",
		"\"a\x00\"":            "line 1, column 3: a string without a zero byte is expected",
		"[a":                   `line 1, column 1: the "]" of this datablock is expected`,
		"[a]":                  "line 1, column 1: base64 is expected",
		"#1x":                  noMark,
		"#--1":                 noMark,
		"#9223372036854775808": noMark,
		"#T31-02-2030":         "line 1, column 3: a date as DD-MM-YYYY_HH:MM:SS is expected",
		"#I[1.2.3]":            "line 1, column 3: an ip-address and a port up to 65535 is expected",
		"#I[1.2.3.4]:65536":    "line 1, column 3: an ip-address and a port up to 65535 is expected",
		"/* a":                 `line 1, column 1: the "*/" of this comment is expected`,
		"<a>":                  "line 1, column 1: an XML element (XML: unexpected EOF) is expected",
		"#{}":                  noMark,
		"*":                    "line 1, column 1: a value is expected",
	} {
		v, err := Parse(in)
		var at *ParseError
		if !v.IsNull() || !errors.As(err, &at) || err.Error() != want {
			t.Errorf("%q: %s, %v", in, Format(v), err)
		}
	}
}

// A command line has other words after a value.
func TestParsePrefix(t *testing.T) {
	for _, c := range []struct{ in, text, rest string }{
		{"ann@a.test PASSWORD x", `"ann@a.test"`, " PASSWORD x"},
		{` "a" "b" c`, "ab", " c"},
		{"(a,b)c", "(a,b)", "c"},
		{"<a/> <b/>", "<a/>", " <b/>"},
		{"#I[::1]:5:6", "#I[::1]:5", ":6"},
	} {
		v, rest, err := ParsePrefix(c.in)
		if err != nil || Format(v) != c.text || rest != c.rest {
			t.Errorf("%s: %s, %q, %v", c.in, Format(v), rest, err)
		}
	}
	if _, rest, err := ParsePrefix(" ;"); err == nil || rest != " ;" {
		t.Errorf("rest %q, %v", rest, err)
	}
}

// Between tasks a handle survives; everywhere else it can be seen and not be made.
func TestHandles(t *testing.T) {
	folded := NewFolded()
	folded.Put("From", String("ann"))
	for _, c := range []struct {
		v    Value
		text string
	}{
		{(&Handle{Class: ClassTask, ID: "m1.42"}).Value(), "#(STTaskHandle:m1.42)"},
		{(&Handle{Class: "A:B", ID: "a) \"\\\n"}).Value(), `#("A:B":"a) \"\\\n")`},
		{list(folded.Value(), dict("x", Null)), "(#{From=ann;},{x=#NULL#;})"},
	} {
		s, err := Writer{Handles: true}.Write(c.v)
		if err != nil || s != c.text {
			t.Errorf("wrote %s, %v", s, err)
		}
		v, err := Parser{Handles: true}.Parse(s)
		if err != nil || !Equal(v, c.v) {
			t.Errorf("%s came back as %s, %v", s, Format(v), err)
		}
	}
	v, err := Parser{Handles: true}.Parse("#{From=ann;}")
	if err != nil || v.Dictionary().Get("FROM").Text() != "ann" {
		t.Errorf("the dictionary does not fold: %v", err)
	}
	if v, err = (Parser{Folded: true}).Parse("({a={B=1;};})"); err != nil ||
		v.Array().At(0).Dictionary().Get("A").Dictionary().Get("b").Text() != "1" {
		t.Errorf("a folded parser: %s, %v", Format(v), err)
	}
}

// A program can put an array into itself: the writers end, at once.
func TestCyclesAndDepth(t *testing.T) {
	a := NewArray()
	a.Append(a.Value(), a.Value())
	x := NewXML("a")
	x.Add(x.Value(), x.Value())
	d := NewDictionary()
	d.Put("x", list(d.Value(), d.Value()))
	for _, v := range []Value{a.Value(), x.Value(), d.Value(), list(x.Value())} {
		if _, err := (Writer{}).Write(v); err != ErrDepth {
			t.Errorf("text: %v", err)
		}
		if _, err := JSON(v); err != ErrDepth {
			t.Errorf("JSON: %v", err)
		}
		if e, err := ToXML("object", v); err == nil {
			if _, err = e.Markup(); err != ErrDepth {
				t.Errorf("XML: %v", err)
			}
		}
		back, err := Parse(Format(v))
		if err != nil || !back.IsNull() {
			t.Errorf("%s: %v", Format(v), err)
		}
	}
	deep := strings.Repeat("(", MaxDepth+1) + strings.Repeat(")", MaxDepth+1)
	v, err := Parse(deep)
	if err != nil || Format(v) != deep {
		t.Errorf("the deepest: %v", err)
	}
	if _, err := Parse("(" + deep + ")"); err == nil {
		t.Error("one deeper was read")
	}
	if _, err := (Writer{}).Write(list(v)); err != ErrDepth {
		t.Errorf("one deeper: %v", err)
	}
	if _, err := Parse(strings.Repeat("(", MaxDepth) + strings.Repeat("<a>", 3)); err == nil ||
		!strings.Contains(err.Error(), "deep") {
		t.Errorf("XML within arrays: %v", err)
	}
}

func TestLimit(t *testing.T) {
	v := list(String("abc"), Data(make([]byte, 30)), mustXML("<a>b</a>"))
	s, err := Writer{}.Write(v)
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n < len(s); n++ {
		if _, err := (Writer{Limit: n}).Write(v); err != ErrLong {
			t.Fatalf("limit %d: %v", n, err)
		}
	}
	if _, err := (Writer{Limit: len(s)}).Write(v); err != nil {
		t.Error(err)
	}
}
