package dialoginfo

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// Event is the event package (RFC 4235 section 3.1), Type the content type of its documents.
const (
	Event = "dialog"
	Type  = "application/dialog-info+xml"
)

// State is how a call stands (RFC 4235 section 3.7.1).
type State string

// The states, in the order in which a call has them; it may leave some out.
const (
	Trying     State = "trying"     // nothing was heard of the called party yet
	Early      State = "early"      // it rings
	Confirmed  State = "confirmed"  // they talk
	Terminated State = "terminated" // it is over
)

// Call is one of the account's.
type Call struct {
	ID     string // within the document
	Called bool   // somebody calls the account; else it calls
	State  State
}

// Document is all that is known of the calls of an account: each one says everything, so that one which is lost does
// no harm (RFC 4235 section 3.5).
type Document struct {
	Entity  string // URI of the account
	Version uint32 // 0 in the first NOTIFY of a subscription, then one more each (RFC 4235 section 4.1)
	Calls   []Call
}

// String is the document as it goes out.
func (d Document) String() string {
	var b strings.Builder
	b.WriteString(xml.Header)
	b.WriteString(`<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="` + strconv.FormatUint(uint64(d.Version), 10) +
		`" state="full" entity="`)
	escape(&b, d.Entity)
	b.WriteString(`">`)
	for _, c := range d.Calls {
		direction := "initiator"
		if c.Called {
			direction = "recipient"
		}
		b.WriteString(`<dialog id="`)
		escape(&b, c.ID)
		b.WriteString(`" direction="` + direction + `"><state>` + string(c.State) + `</state></dialog>`)
	}
	b.WriteString("</dialog-info>\r\n")
	return b.String()
}

// escape writes text; characters that XML has no place for are replaced.
func escape(b *strings.Builder, text string) {
	_ = xml.EscapeText(b, []byte(text)) // a builder takes everything
}
