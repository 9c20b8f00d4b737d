package object

import "testing"

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"#null#", "abc", `"a\n\"\\"`, "#12", "#-0x1F", "[AP9h]", "#T19-12-2030_10:11:12", "#TPAST", "#I[::1]:5060",
		"(a,#NULL#,#1)", `{a=b;"a b"=();}`, `<a b="c&amp;d"><e/>x&#10;y</a>`, `#{A=#(STTaskHandle:m1.42);}`,
		`#("a:b":"c)")`, "/* a */ \"\\u'fc'\" // b",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, handles := range []bool{false, true} {
			v, err := Parser{Handles: handles}.Parse(s)
			if err != nil {
				_ = err.Error()
				continue
			}
			out, err := Writer{Handles: handles}.Write(v)
			if err != nil {
				t.Fatalf("%q: %v", s, err)
			}
			w, err := Parser{Handles: handles}.Parse(out)
			if err != nil || !Equal(v, w) {
				t.Fatalf("%q was written %q and read %q, %v", s, out, Format(w), err)
			}
			if again, _ := (Writer{Handles: handles}).Write(w); again != out {
				t.Fatalf("%q was written %q and %q", s, out, again)
			}
		}
	})
}

func FuzzXML(f *testing.F) {
	for _, s := range []string{
		"<a/>", `<a b="1">x<c/>y</a>`, "<a>\n <b/>\n</a>", `<p:a xmlns:p="u" p:b="&lt;"/>`,
		"<a><![CDATA[x]]></a>", `<o><subKey key="a" type="number">1</subKey></o>`,
		`<o><subValue type="data">AA==</subValue></o>`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		x, err := ParseXML(s)
		if err != nil {
			return
		}
		out, err := x.Markup()
		if err != nil {
			t.Fatal(err)
		}
		y, err := ParseXML(out)
		if err != nil {
			t.Fatalf("%q was written %q: %v", s, out, err)
		}
		if again, _ := y.Markup(); again != out {
			t.Fatalf("%q was written %q and %q", s, out, again)
		}
		v := FromXML(x)
		if z, err := ToXML("o", v); err == nil && !Equal(FromXML(z), v) {
			t.Fatalf("%q holds %s, then %s", s, Format(v), Format(FromXML(z)))
		}
	})
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		"null", "true", "12", "1.5", `"a\u00e9\n"`, `[1,[true,null],{"a":{"b":"c"}}]`, `{"a":1,"a":2}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseJSON([]byte(s))
		if err != nil {
			return
		}
		out, err := JSON(v)
		if err != nil {
			t.Fatal(err)
		}
		w, err := ParseJSON([]byte(out))
		if err != nil || !Equal(v, w) {
			t.Fatalf("%q was written %q and read %q, %v", s, out, Format(w), err)
		}
	})
}
