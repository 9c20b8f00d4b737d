package signal

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestParseProgram(t *testing.T) {
	for text, want := range map[string]Program{
		"menu#pbx@t.local":           {"menu", nil, "pbx@t.local"},
		"menu#PBX":                   {"menu", nil, "pbx@h.org"},
		"Menu_2-x{}#pbx":             {"Menu_2-x", nil, "pbx@h.org"},
		"menu{a,B c,,#}#pbx":         {"menu", []string{"a", "B c", "", "#"}, "pbx@h.org"},
		"menu{a%2Cb,%}%41}#pbx":      {"menu", []string{"a,b", "%}A"}, "pbx@h.org"},
		"menu{x@y}#pbx@t.local":      {"menu", []string{"x@y"}, "pbx@t.local"},
		"menu%7Bü%7d%23pbx":          {"menu", []string{"ü"}, "pbx@h.org"},
		"#voicemail":                 {"voicemail", nil, "self@h.org"},
		"#voicemail{1}":              {"voicemail", []string{"1"}, "self@h.org"},
		"menu#1%2b2":                 {"menu", nil, "1+2@h.org"},
		"m" + rep("n", 63) + "#a":    {"m" + rep("n", 63), nil, "a@h.org"},
		"m{" + rep(",", 15) + "}#a":  {"m", make([]string, 16), "a@h.org"},
		"m{" + rep("x", 256) + "}#a": {"m", []string{rep("x", 256)}, "a@h.org"},
	} {
		got, err := ParseProgram(text, "self@h.org")
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q is %+v, %v, want %+v", text, got, err, want)
		}
		again, err := ParseProgram(got.URI().User+"@"+got.URI().Host, "")
		if err != nil || again.Account != got.Account || again.Name != got.Name || strings.Join(again.Params, ",") != strings.Join(got.Params, ",") {
			t.Errorf("%q as a URI is %v, which reads as %+v, %v", text, got.URI(), again, err)
		}
	}
	for _, text := range []string{"", "menu", "#", "menu#", "menu#@t.local", "menu#pbx@", "menu{a#pbx", "menu}#pbx", "men u#pbx", "2menu#pbx",
		"*21#", "#31#1001", "*31#pbx", "menu{a}b#pbx", "{a}#pbx", "menu{%0d}#pbx", "menu{\x00}#pbx", "menu{%ff}#pbx", "menu{%c2%85}#pbx",
		"menu#p{x", "menu#p;x", "m" + rep("n", 64) + "#a", "m{" + rep(",", 16) + "}#a", "m{" + rep("x", 257) + "}#a", "menu#a@b@c"} {
		if p, err := ParseProgram(text, "self@h.org"); !errors.Is(err, ErrProgram) {
			t.Errorf("%q is %+v, %v", text, p, err)
		}
	}
	for _, text := range []string{"#voicemail", "menu#pbx"} {
		if p, err := ParseProgram(text, ""); err == nil {
			t.Errorf("%q of nobody is %+v", text, p)
		}
	}
}

func rep(s string, n int) string { return strings.Repeat(s, n) }

func TestAddress(t *testing.T) {
	for text, want := range map[string]string{
		"1001": "sip:1001@h.org", " bob@t.local ": "sip:bob@t.local", "sip:bob@x.org:5070;services=no": "sip:bob@x.org:5070;services=no",
		"tel:+49891": "tel:+49891", "bob;services=no": "", "menu{a,b}#pbx": "sip:menu%7Ba,b%7D%23pbx@h.org",
		"menu{sip:x}#pbx@t.local": "sip:menu%7Bsip%3Ax%7D%23pbx@t.local", "#vm": "sip:vm%23self@h.org", "*21#": "sip:*21#@h.org",
		"": "", "@h": "", "a b": "", "http://x": "", "a@b@c": "sip:a@b@c", "x@[::1]": "sip:x@[::1]",
	} {
		u, err := table().Address(text, "self@h.org")
		if want == "" && err != nil || u.String() == want {
			continue
		}
		if text == "bob;services=no" && u.String() == "sip:bob;services=no@h.org" {
			continue // parameters need the form of a URI
		}
		t.Errorf("%q is %v, %v, want %s", text, u, err, want)
	}
	for text, want := range map[string]string{"1001": "sip:1001@t.local", "#vm": "sip:#vm@t.local", "menu#pbx": "sip:menu%23pbx@t.local"} {
		if u, err := table().Address(text, ""); err != nil || u.String() != want {
			t.Errorf("%q of nobody is %v, %v, want %s", text, u, err, want)
		}
	}
}

func TestAddressLists(t *testing.T) {
	for list, want := range map[string]string{"": "", ",": "", "a": "a", "a, b ,c": "a|b|c", "m{1,2}#x,b": "m{1,2}#x|b", "m{1,2": "m{1,2", "}a,b": "}a|b"} {
		if got := strings.Join(Addresses(list), "|"); got != want {
			t.Errorf("%q is %q, want %q", list, got, want)
		}
	}
}

func TestTelnum(t *testing.T) {
	for text, want := range map[string]string{"+49 (89) 12-34.5": "498912345", "(+49)%2089%201234": "49891234", "+(+4989": "", "49%21": "", "110": "110", "12": "", "1234567890123456": "", "4+9891": "", "bob": "", "": ""} {
		if got, ok := Telnum(text); ok != (want != "") || ok && got != want {
			t.Errorf("%q is %q, %v", text, got, ok)
		}
	}
}

// Whatever stands in an address: what is taken for a program is within the limits, is written as it was
// read, and never breaks out of a header.
func FuzzProgram(f *testing.F) {
	for _, s := range []string{"menu{a,b}#pbx", "#vm", "m%7B%2C%7D%23x@y", "sip:a{b}#c@d;x=y", "m{%0d%0a}#x", "*21#", "tel:#1", "{#}#@"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParseProgram(s, "self@h.org")
		if err == nil {
			if len(p.Name) > MaxProgramName || len(p.Params) > MaxProgramParams || p.Account.User() == "" || p.Account.Domain() == "" {
				t.Errorf("%q is %+v", s, p)
			}
			for _, x := range p.Params {
				if len(x) > MaxProgramParam || !utf8.ValidString(x) || strings.ContainsFunc(x, unicode.IsControl) {
					t.Errorf("%q has the parameter %q", s, x)
				}
			}
			u, err := ParseURI(p.URI().String())
			again, err2 := ParseProgram(u.User+"@"+u.Host, "")
			if err != nil || err2 != nil || again.Name != p.Name || strings.Join(again.Params, "\x00") != strings.Join(p.Params, "\x00") || again.Account != p.Account {
				t.Errorf("%q, %+v, is written as %v, which reads as %+v, %v %v", s, p, u, again, err, err2)
			}
		}
		if u, err := table().Address(s, "self@t.local"); err == nil {
			if text := u.String(); strings.ContainsFunc(text, unicode.IsControl) && !strings.ContainsFunc(s, unicode.IsControl) {
				t.Errorf("%q is the address %q", s, text)
			}
			if target := table().Route(u, book{}); target.Kind == ToTask && target.Account.AOR != "pbx@t.local" && target.Account.AOR != "1000@t.local" &&
				target.Account.AOR != "1001@t.local" {
				t.Errorf("%q runs %+v", s, target)
			}
		}
	})
}
