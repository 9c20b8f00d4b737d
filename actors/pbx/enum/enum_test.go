package enum

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"tandem/sip/resolve/naptr"
	"tandem/sip/resolve/zone"
)

func TestName(t *testing.T) {
	for _, c := range []struct {
		text, domain, name, number string
		err                        error
	}{
		{"+4989123", "e164.arpa", "3.2.1.9.8.9.4.e164.arpa", "+4989123", nil},
		{"49-89 (123)", "E164.Example.", "3.2.1.9.8.9.4.e164.example", "+4989123", nil},
		{"", "e164.arpa", "", "", ErrNumber},
		{"+", "e164.arpa", "", "", ErrNumber},
		{"4989x", "e164.arpa", "", "", ErrNumber},
		{"1234567890123456", "e164.arpa", "", "", ErrNumber},
		{"123", "", "", "", ErrDomain},
		{"123", "a..b", "", "", ErrDomain},
		{"123", "a b", "", "", ErrDomain},
		{"123", strings.Repeat("a", 64), "", "", ErrDomain},
		{"123", strings.Repeat("a.", 120), "", "", ErrDomain},
	} {
		name, number, err := Name(c.text, c.domain)
		if name != c.name || number != c.number || err != c.err {
			t.Errorf("%q under %q: %q %q %v", c.text, c.domain, name, number, err)
		}
	}
}

func TestChoose(t *testing.T) {
	records := []naptr.Record{
		{Order: 100, Preference: 10, Flags: "U", Service: "e2u+sip", Expression: `!^\+49(.*)$!sip:\1@a.example!`},
		{Order: 100, Preference: 20, Flags: "u", Service: "E2U+sip", Expression: "!^.*$!sip:second@a.example!"},
		{Order: 200, Preference: 1, Flags: "u", Service: "E2U+sip:x", Expression: "/^.*$/sips:third@a.example/i"},
		{Order: 1, Preference: 1, Flags: "u", Service: "E2U+mailto", Expression: "!^.*$!mailto:x@a.example!"},
		{Order: 1, Preference: 1, Flags: "s", Service: "E2U+sip", Expression: "!^.*$!sip:no@a.example!"},
		{Order: 1, Preference: 1, Flags: "u", Service: "sip+E2U", Expression: "!^.*$!sip:old@a.example!"},
		{Order: 1, Preference: 1, Flags: "u", Service: "E2U+sipx", Expression: "!^.*$!sip:other@a.example!"},
		{Order: 1, Preference: 1, Flags: "u", Service: "E2U+sip", Expression: ""},
		{Order: 1, Preference: 1, Flags: "u", Service: "E2U+sip", Expression: "!^.*$!sip:x"},
		{Order: 1, Preference: 1, Flags: "u", Service: "E2U+sip", Expression: "!^(!sip:x!"},
		{Order: 1, Preference: 1, Flags: "u", Service: "E2U+sip", Expression: "!^1$!sip:x!"},
		{Order: 1, Preference: 1, Flags: "u", Service: "E2U+sip", Expression: `!^.*$!sip:\1!`},
		{Order: 1, Preference: 1, Flags: "u", Service: "E2U+sip", Expression: "!^.*$!sip:a\r\nb!"},
		{Order: 1, Preference: 1, Flags: "u", Service: "E2U+sip", Expression: "!^.*$!!"},
	}
	want := []string{"sip:89123@a.example", "sip:second@a.example", "sips:third@a.example"}
	for _, service := range []string{"sip", "E2U+SIP"} {
		if got := choose(records, service, "+4989123"); !slices.Equal(got, want) {
			t.Errorf("for %s: %q", service, got)
		}
	}
	if got := choose(records, "fax", "+4989123"); got != nil {
		t.Errorf("for fax: %q", got)
	}
}

// TestFind: what the name servers say becomes URLs, and whether they say anything is told.
func TestFind(t *testing.T) {
	at := zone.Serve(t, zone.Zone{"1.9.4.e164.arpa NAPTR": {"1 1 u E2U+sip !^(.*)$!sip:\\1@a.example!"}, "2.9.4.e164.arpa NAPTR": {"1 1 u E2U+tel !^.*$!tel:1!"}})
	for number, want := range map[string]string{"+491": "sip:+491@a.example", "+492": "", "+493": ""} {
		got, err := Find(t.Context(), []netip.AddrPort{at}, "sip", number, "")
		if strings.Join(got, " ") != want || want == "" && !errors.Is(err, ErrNone) {
			t.Errorf("%s: %q, %v", number, got, err)
		}
	}
	if _, err := Find(t.Context(), nil, "sip", "+491", ""); !errors.Is(err, naptr.ErrServer) {
		t.Errorf("without servers: %v", err)
	}
}
