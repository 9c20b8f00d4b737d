package object

import (
	"strings"
	"testing"
)

func TestXMLText(t *testing.T) {
	for _, c := range []struct{ in, out string }{
		{"<a/>", "<a/>"},
		{"<a></a>", "<a/>"},
		{" <?xml version=\"1.0\"?><!-- x --> <a/> <!-- y -->\n", "<a/>"},
		{`<a b='1"2' c="&lt;&#65;&gt;"/>`, `<a b="1&quot;2" c="&lt;A&gt;"/>`},
		{"<a>\n  <b>x</b>\n  <c/>\n</a>", "<a><b>x</b><c/></a>"},
		{"<a><b>x</b> <b>y</b></a>", "<a><b>x</b> <b>y</b></a>"},
		{"<a>\n</a>", "<a>&#10;</a>"},
		{"<a>x<!-- y --><![CDATA[<z>]]>&amp;</a>", "<a>x&lt;z&gt;&amp;</a>"},
		{`<p:a xmlns:p="u" xmlns="v" p:b="1" b="2"><p:c/></p:a>`,
			`<p:a xmlns:p="u" xmlns="v" p:b="1" b="2"><p:c/></p:a>`},
		{"<\u00e9t\u00e9/>", "<\u00e9t\u00e9/>"},
	} {
		x, err := ParseXML(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if s, err := x.Markup(); err != nil || s != c.out {
			t.Errorf("%s: %s, %v", c.in, s, err)
		}
	}
}

func TestXMLRefused(t *testing.T) {
	for _, in := range []string{
		"", "x", "<a>", "<a></b>", "<a><b></a></b>", "</a>", "<a/><b/>", "<a/>x", "<a b=1/>",
		`<a b="1" b="2"/>`, `<a xmlns:p="1" xmlns:p="2"/>`, "<a>&unknown;</a>", "<a>\x01</a>", "<a>\xff</a>",
		"<!DOCTYPE a><a/>", `<a><!DOCTYPE a [<!ENTITY b "c">]>&b;</a>`, "<p:q:a/>", "<1/>", "<a",
		`<?xml version="1.0" encoding="latin1"?><a/>`,
		strings.Repeat("<a>", MaxDepth+2) + strings.Repeat("</a>", MaxDepth+2),
		"<a" + strings.Repeat(" a", 300) + "/>",
	} {
		if x, err := ParseXML(in); err == nil {
			s, _ := x.Markup()
			t.Errorf("%.60s was read as %.60s", in, s)
		}
	}
}

// A program chooses names and text; none of it becomes markup.
func TestXMLNamesAreMended(t *testing.T) {
	x := &XML{Type: "a b><c", Prefix: "1", Body: []Value{Number(1), String("\x01\xff<\u0085>")}}
	x.SetAttribute("d=\"", "", "\"\n")
	s, err := x.Markup()
	if want := "<_1:a_b__c d__=\"&quot;&#10;\">\uFFFD\uFFFD&lt;\u0085&gt;</_1:a_b__c>"; err != nil || s != want {
		t.Errorf("%s, %v", s, err)
	}
}

func TestXMLAccess(t *testing.T) {
	x := NewXML("a", "b", "1", "c", "2")
	x.SetAttribute("b", "p", "3")
	x.SetAttribute("c", "", "4")
	x.SetNamespace("p", "u")
	x.SetNamespace("q", "v")
	x.SetNamespace("q", "")
	x.DeleteAttribute("b", "")
	x.Add(String("x"), NewXML("d").Value(), String("y"))
	if s, _ := x.Markup(); s != `<a xmlns:p="u" c="4" p:b="3">x<d/>y</a>` {
		t.Error(s)
	}
	if x.Text() != "xy" || x.Child("d") == nil || x.Child("e") != nil || x.Attr("b") != "" {
		t.Error("access")
	}
}

func TestJSON(t *testing.T) {
	for _, c := range []struct {
		v    Value
		text string
	}{
		{Null, "null"},
		{Yes, `"YES"`},
		{Number(-12), "-12"},
		{String("a\"\\\n\x01\u2028\xff\u00fc/<"), `"a\"\\\n\u0001\u2028\ufffd` + "\u00fc/<\""},
		{Data([]byte("abc")), `"YWJj"`},
		{Date(1923905472), `"Thu, 19 Dec 2030 10:11:12 +0000"`},
		{Date(RemotePast), `"#TPAST"`},
		{ip("192.0.2.1", 5060), `"[192.0.2.1]:5060"`},
		{mustXML("<a>b</a>"), `"<a>b</a>"`},
		{(&Handle{Class: ClassTask, ID: "1"}).Value(), "null"},
		{list(Number(1), Null, dict("a", list(), "b", dict())), `[1,null,{"a":[],"b":{}}]`},
	} {
		if s, err := JSON(c.v); err != nil || s != c.text {
			t.Errorf("%s, %v; want %s", s, err, c.text)
		}
	}
}

func TestParseJSON(t *testing.T) {
	for in, want := range map[string]string{
		"null":                            "#null#",
		" true ":                          "YES",
		"false":                           "#null#",
		"12":                              "#12",
		"-0":                              "#0",
		"1.5":                             `"1.5"`,
		"1e3":                             "1e3",
		"9223372036854775808":             "9223372036854775808",
		`"a\u00e9\n"`:                     "\"a\u00e9\\n\"",
		`[1,[true,null],{"a":{"b":"c"}}]`: "(#1,(YES,#NULL#),{a={b=c;};})",
		`{"a":1,"A":2,"a":3,"n":null}`:    "{a=#3;A=#2;n=#NULL#;}",
		"{}":                              "{}",
	} {
		if v, err := ParseJSON([]byte(in)); err != nil || Format(v) != want {
			t.Errorf("%s: %s, %v", in, Format(v), err)
		}
	}
	for _, in := range []string{
		"", "nul", "[1,]", "[1 2]", "{a:1}", "1 2", `"\u0000"`, `{"\u0000":1}`, `"a`, "01", "[", "[1}",
		strings.Repeat("[", MaxDepth+2) + strings.Repeat("]", MaxDepth+2),
	} {
		if v, err := ParseJSON([]byte(in)); err == nil || !v.IsNull() {
			t.Errorf("%.40s was read as %.40s", in, Format(v))
		}
	}
}

// The XIMSS form is what clients see; what it loses beside text its types keep.
func TestSubKeys(t *testing.T) {
	for _, c := range []struct {
		v    Value
		text string
	}{
		{Null, `<object type="null"/>`},
		{String(""), `<object type="string"/>`},
		{String("a<b"), "<object>a&lt;b</object>"},
		{Number(12), `<object type="number">12</object>`},
		{Date(0), `<object type="date">01-01-1970_00:00:00</object>`},
		{Date(RemoteFuture), `<object type="date">FUTURE</object>`},
		{Data([]byte("abc")), `<object type="data">YWJj</object>`},
		{ip("::1", 7), `<object type="ip">[::1]:7</object>`},
		{mustXML(`<subKey key="a"/>`), `<object type="xml"><subKey key="a"/></object>`},
		{list(), `<object type="array"/>`},
		{dict(), `<object type="dictionary"/>`},
		{dict("cmd", String("go"), "n", Number(1), "", String(""), "list", list(String("x"), Null, list()),
			"e", mustXML("<e/>")),
			`<object><subKey key="cmd">go</subKey><subKey key="n" type="number">1</subKey><subKey key=""/>` +
				`<subKey key="list"><subValue>x</subValue><subValue type="null"/><subValue type="array"/></subKey>` +
				`<subKey key="e" type="xml"><e/></subKey></object>`},
	} {
		x, err := ToXML("object", c.v)
		if err != nil {
			t.Fatal(err)
		}
		s, err := x.Markup()
		if err != nil || s != c.text {
			t.Errorf("%s, %v; want %s", s, err, c.text)
		}
		if x, err = ParseXML(c.text); err != nil || !Equal(FromXML(x), c.v) {
			t.Errorf("%s came back as %s, %v", c.text, Format(FromXML(x)), err)
		}
	}
}

// What clients send knows no types.
func TestHeld(t *testing.T) {
	for in, want := range map[string]string{
		"<taskEvent/>":                                            "#null#",
		"<taskEvent>hello</taskEvent>":                            "hello",
		"<taskEvent type='number'>1</taskEvent>":                  "1",
		"<param><subKey key='a'>1</subKey></param>":               "{a=1;}",
		"<param>\n<subKey key='a'/>\n<subKey/>\n</param>":         `{a="";""="";}`,
		"<param><subValue>a</subValue><x/></param>":               "(a)",
		"<param><note>a</note></param>":                           "<note>a</note>",
		"<param><subKey key='a' type='number'>x</subKey></param>": "{a=x;}",
		"<param><subKey key='a' type='task'>x</subKey></param>":   "{a=x;}",
	} {
		x, err := ParseXML(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := Format(x.Held()); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
	x := NewXML("taskEvent", "eventName", "go")
	if err := x.Hold((&Handle{Class: ClassTask, ID: "m1.42"}).Value()); err != nil || x.Text() != "m1.42" {
		t.Errorf("a handle: %v", err)
	}
}

// One array in many, one element in many: what they become ends.
func TestSharingEnds(t *testing.T) {
	v := list(String("a"))
	for range 100 {
		v = list(v, v)
	}
	if _, err := ToXML("object", v); err != ErrLong {
		t.Error(err)
	}
	x := NewXML(subValue)
	for range 100 {
		y := NewXML(subValue)
		y.Add(x.Value(), x.Value())
		x = y
	}
	if v := FromXML(x); !v.IsNull() {
		t.Errorf("%.40s", Format(v))
	}
	hollow, many := NewXML("a"), NewXML("b")
	for range 2000 {
		hollow.Add(String(""))
		many.Add(hollow.Value())
	}
	few := Writer{Limit: 1 << 20}
	for _, v := range []Value{many.Value(), NewArray(many.Body...).Value()} {
		if _, err := few.Write(v); err != ErrLong {
			t.Error(err)
		}
	}
	long := NewXML("a")
	quarter := String(strings.Repeat("a", MaxText/4))
	for range 5 {
		long.Add(quarter)
	}
	if n := len(long.Text()); n != MaxText {
		t.Errorf("%d bytes", n)
	}
	big := func() Value { return String(strings.Repeat("a", 1<<20)) }
	a, b := NewArray(), NewArray()
	s, u := big(), big()
	for range 100_000 {
		a.Append(s)
		b.Append(u)
	}
	if !Equal(a.Value(), b.Value()) {
		t.Error("many of one large string differ")
	}
}
