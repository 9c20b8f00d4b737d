package pidf

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"tandem/signal"
)

const head = `<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"
 xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="sip:1000@t.local">`

func TestRead(t *testing.T) {
	for name, c := range map[string]struct {
		inside string
		want   signal.Presence
		note   string
	}{
		"nothing":             {``, signal.PresenceOffline, ""},
		"open":                {`<tuple id="a"><status><basic>open</basic></status></tuple>`, signal.PresenceOnline, ""},
		"closed":              {`<tuple id="a"><status><basic> closed </basic></status></tuple>`, signal.PresenceOffline, ""},
		"one of two open":     {`<tuple id="a"><status><basic>closed</basic></status></tuple><tuple id="b"><status><basic>open</basic></status></tuple>`, signal.PresenceOnline, ""},
		"away":                {`<tuple id="a"><status><basic>open</basic></status></tuple><dm:person id="p"><rpid:activities><rpid:away/></rpid:activities></dm:person>`, signal.PresenceAway, ""},
		"on the phone":        {`<tuple id="a"><status><basic>open</basic></status></tuple><dm:person id="p"><rpid:activities><rpid:vacation/><rpid:on-the-phone/></rpid:activities></dm:person>`, signal.PresenceBusy, ""},
		"activity of old":     {`<tuple id="a"><status><basic>open</basic><ep:activities xmlns:ep="urn:ietf:params:xml:ns:pidf:status:rpid-status"><ep:busy/></ep:activities></status></tuple>`, signal.PresenceBusy, ""},
		"unknown activity":    {`<tuple id="a"><status><basic>open</basic></status></tuple><dm:person id="p"><rpid:activities><rpid:juggling/></rpid:activities></dm:person>`, signal.PresenceOnline, ""},
		"closed though busy":  {`<tuple id="a"><status><basic>closed</basic></status></tuple><dm:person id="p"><rpid:activities><rpid:busy/></rpid:activities></dm:person>`, signal.PresenceOffline, ""},
		"notes":               {`<tuple id="a"><status><basic>open</basic></status><note xml:lang="en"> at &lt;lunch&gt; </note></tuple><note>second</note>`, signal.PresenceOnline, "at <lunch>"},
		"note of a person":    {`<tuple id="a"><status><basic>open</basic></status></tuple><dm:person id="p"><dm:note>home</dm:note></dm:person>`, signal.PresenceOnline, "home"},
		"note of an activity": {`<tuple id="a"><status><basic>open</basic></status></tuple><dm:person id="p"><rpid:activities><rpid:note>no</rpid:note></rpid:activities></dm:person>`, signal.PresenceOnline, ""},
	} {
		got, err := Read([]byte(head + c.inside + "</presence>"))
		if err != nil || got != (Document{"sip:1000@t.local", c.want, c.note}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for text, want := range map[string]error{
		"":                          ErrMalformed,
		"hello":                     ErrMalformed,
		head:                        ErrMalformed,
		"<presence/>":               ErrNoPIDF,
		head + "</presence><more/>": ErrNoPIDF,
		`<!DOCTYPE x [<!ENTITY a "b">]>` + head + "</presence>":                       ErrMalformed,
		head + "<note>&a;</note></presence>":                                          ErrMalformed,
		head + strings.Repeat("<a>", 20) + strings.Repeat("</a>", 20) + "</presence>": ErrTooMany,
		head + strings.Repeat("<a/>", 300) + "</presence>":                            ErrTooMany,
		head + strings.Repeat(" ", MaxSize) + "</presence>":                           ErrSize,
	} {
		if got, err := Read([]byte(text)); !errors.Is(err, want) {
			t.Errorf("%.60q: %+v, %v; want %v", text, got, err, want)
		}
	}
}

// What is written says the same when it is read.
func TestWrittenIsRead(t *testing.T) {
	for _, p := range []signal.Presence{signal.PresenceOnline, signal.PresenceAway, signal.PresenceBusy, signal.PresenceOffline} {
		for _, note := range []string{"", `a "b" <c> & 'd'`, "déjà vu"} {
			d := Document{"sip:1000@t.local", p, note}
			if got, err := Read([]byte(d.String())); err != nil || got != d {
				t.Errorf("%+v is read as %+v, %v: %s", d, got, err, d)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(head + `<tuple id="a"><status><basic>open</basic></status><note>x</note></tuple></presence>`))
	f.Add([]byte(Document{"sip:a@b", signal.PresenceBusy, "note"}.String()))
	f.Add([]byte(`<!DOCTYPE x>` + head))
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := Read(body)
		if err != nil {
			return
		}
		if len(d.Note) > signal.MaxStatus || !utf8.ValidString(d.Note) {
			t.Errorf("the note %q is too long, or no text", d.Note)
		}
		if again, err := Read([]byte(d.String())); err == nil && again.Presence != d.Presence {
			t.Errorf("%+v becomes %+v", d, again)
		}
	})
}
