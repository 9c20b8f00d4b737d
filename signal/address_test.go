package signal

import (
	"errors"
	"strings"
	"testing"
	"unicode"
)

func TestParseURI(t *testing.T) {
	for _, s := range []string{
		"sip:alice@atlanta.com", "sip:alice:secretword@atlanta.com;transport=tcp",
		"sips:alice@atlanta.com?subject=project%20x&priority=urgent", "sip:+1-212-555-1212:1234@gateway.com;user=phone",
		"sips:1212@gateway.com", "sip:alice@192.0.2.4", "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com",
		"sip:alice;day=tuesday@atlanta.com", "sip:[2001:db8::10]:5070", "sip:u@[::1];lr", "tel:+358-555-1234567;postd=pp22", "*",
	} {
		u, err := ParseURI(s)
		if err != nil || u.String() != s {
			t.Errorf("%s became %s, %v", s, u, err)
		}
	}
	for s, want := range map[string]error{
		"": ErrBadURI, "sip:": ErrBadURI, "alice@atlanta.com": ErrBadURI, "http:x@y": ErrScheme,
		"sip:a@": ErrBadURI, "sip:a@h:0": ErrBadURI, "sip:a@h:65536": ErrBadURI, "sip:a@h:x": ErrBadURI,
		"sip:a@[::1": ErrBadURI, "sip:a@[::1]x": ErrBadURI, "sip:a b@h": ErrControl, "sip:a\r\nb@h": ErrControl,
		"sip:<a@h": ErrControl,
	} {
		if _, err := ParseURI(s); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", s, err, want)
		}
	}
}

func TestParseParty(t *testing.T) {
	for s, want := range map[string]string{
		`"Mr. \"W\" <b>" <sip:w@bell.com>;q=0.7;expires=3600`: `"Mr. \"W\" <b>" <sip:w@bell.com>;q=0.7;expires=3600`,
		`Alice Liddell <sip:a@h> ; tag = x`:                   `"Alice Liddell" <sip:a@h>;tag=x`,
		`sip:c8oqz84zk7z@privacy.org;tag=hyh8`:                `<sip:c8oqz84zk7z@privacy.org>;tag=hyh8`,
		`<sip:h;lr>`:                                          `<sip:h;lr>`,
		`*`:                                                   `*`,
	} {
		p, err := ParseParty(s)
		if err != nil || p.String() != want {
			t.Errorf("%s became %s, %v", s, p, err)
		}
	}
	for _, s := range []string{`"open <sip:a@h>`, `<sip:a@h`, `<sip:a@h>x`, `"x" sip:a@h`, ``} {
		if p, err := ParseParty(s); err == nil {
			t.Errorf("%q was taken for %v", s, p)
		}
	}
}

// Each message holds half a dozen of these: they are written with one allocation, and appended with
// none.
func TestWritingAllocatesOnce(t *testing.T) {
	p, err := ParseParty(`"Mr. Watson" <sip:w%20w@[2001:db8::10]:5070;transport=tcp;lr?a=b>;tag=9fxced76sl`)
	if err != nil {
		t.Fatal(err)
	}
	room := make([]byte, 0, 200)
	for what, c := range map[string]struct {
		write func()
		most  float64
	}{
		"String":   {func() { _ = p.String() }, 1},
		"URI":      {func() { _ = p.URI.String() }, 1},
		"AppendTo": {func() { room = p.AppendTo(room[:0]) }, 0},
	} {
		if n := testing.AllocsPerRun(100, c.write); n > c.most {
			t.Errorf("%s allocates %v times, at most %v are due", what, n, c.most)
		}
	}
	if string(room) != p.String() {
		t.Errorf("AppendTo writes %q, String %q", room, p)
	}
}

func TestLongAddressesAreWhole(t *testing.T) {
	user := strings.Repeat("u", 3*usualText)
	text := "<sip:" + user + "@h" + strings.Repeat(";p=v", 3*usualParams) + ">;tag=" + user
	p, err := ParseParty(text)
	if err != nil || p.String() != text || len(p.URI.Params) != 3*usualParams {
		t.Errorf("a party of %d octets became one of %d, %v", len(text), len(p.String()), err)
	}
	if u, err := ParseURI("sip:h;;;" + strings.Repeat(";", 1000)); err != nil || u.Params != nil {
		t.Errorf("semicolons became %d parameters, %v", len(u.Params), err)
	}
}

// Nothing that was parsed may write a line end, whatever it was made of.
func FuzzParty(f *testing.F) {
	for _, s := range []string{`"a\"b" <sip:u%0d%0a@h;x=y?z=1>;tag=t`, "<sip:[::1]:5060>", "tel:+1;a", "*", `"\`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParseParty(s)
		if err != nil {
			return
		}
		if u := p.URI.String(); strings.ContainsAny(u, "\r\n\x00") {
			t.Errorf("URI %q", u)
		}
		if a := string(p.URI.AOR()); strings.ContainsAny(a, "\r\n\x00") {
			t.Errorf("AOR %q", a)
		}
		again, err := ParseURI(p.URI.String())
		if err != nil || again.String() != p.URI.String() {
			t.Errorf("%q was written as %q, which reads as %q, %v", s, p.URI.String(), again.String(), err)
		}
	})
}

// Whatever stands in a display name, a field with it is one line, and reads back as that name.
func TestDisplayOfControls(t *testing.T) {
	for display, want := range map[string]string{
		"Al \"the\" \\ Bob": "Al \"the\" \\ Bob", "a\r\nVia: b": "a  Via: b", "a\x00\x01\x1b\x7fb": "a    b", "%0d%0a": "%0d%0a",
	} {
		text := Party{Display: display, URI: URI{Scheme: "sip", Host: "h"}}.String()
		p, err := ParseParty(text)
		if err != nil || p.Display != want || strings.ContainsFunc(text, unicode.IsControl) {
			t.Errorf("%q is written as %q and read as %q, %v", display, text, p.Display, err)
		}
	}
}
