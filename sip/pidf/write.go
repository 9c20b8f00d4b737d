package pidf

import (
	"encoding/xml"
	"strings"

	"tandem/signal"
)

// String is the document as it goes out. The note stands twice: with the tuple, where RFC 3863 has it, and with the
// person, where phones of today look.
func (d Document) String() string {
	var b strings.Builder
	basic := "open"
	if d.Presence == signal.PresenceOffline {
		basic = "closed"
	}
	b.WriteString(xml.Header)
	b.WriteString(`<presence xmlns="` + nsDocument + `" xmlns:dm="` + nsPerson + `" xmlns:rpid="` + nsActivity + `" entity="`)
	escape(&b, d.Entity)
	b.WriteString(`"><tuple id="t1"><status><basic>` + basic + `</basic></status>`)
	element(&b, "note", d.Note)
	b.WriteString(`</tuple>`)
	if activity := activityOf(d.Presence); activity != "" || d.Note != "" {
		b.WriteString(`<dm:person id="p1">` + activity)
		element(&b, "dm:note", d.Note)
		b.WriteString(`</dm:person>`)
	}
	b.WriteString("</presence>\r\n")
	return b.String()
}

// activityOf is the activity that says more than open and closed do.
func activityOf(p signal.Presence) string {
	switch p {
	case signal.PresenceBusy:
		return `<rpid:activities><rpid:busy/></rpid:activities>`
	case signal.PresenceAway:
		return `<rpid:activities><rpid:away/></rpid:activities>`
	}
	return ""
}

func element(b *strings.Builder, name, text string) {
	if text == "" {
		return
	}
	b.WriteString("<" + name + ">")
	escape(b, text)
	b.WriteString("</" + name + ">")
}

// escape writes text; characters that XML has no place for are replaced.
func escape(b *strings.Builder, text string) {
	_ = xml.EscapeText(b, []byte(text)) // a builder takes everything
}
