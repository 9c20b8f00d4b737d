package pidf

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"tandem/signal"
)

// Limits of a document that is read.
const (
	MaxSize     = 16 << 10 // bytes
	maxDepth    = 16
	maxElements = 256
)

// Failures of Read.
var (
	ErrSize      = fmt.Errorf("pidf: longer than %d bytes", MaxSize)
	ErrMalformed = errors.New("pidf: not well-formed")
	ErrNoPIDF    = errors.New("pidf: no presence document")
	ErrTooMany   = fmt.Errorf("pidf: more than %d elements, or deeper than %d", maxElements, maxDepth)
)

// Read reads a document. One without a tuple says that there is no device; of several tuples one that is open is
// enough. An activity that is not known leaves the person online; of several that are, busy counts before away.
func Read(body []byte) (Document, error) {
	if len(body) > MaxSize {
		return Document{}, ErrSize
	}
	r := &reader{decoder: xml.NewDecoder(bytes.NewReader(body))}
	for {
		token, err := r.decoder.Token()
		switch {
		case err == io.EOF && r.elements > 0:
			return r.document(), nil
		case err != nil:
			return Document{}, ErrMalformed
		}
		if err := r.take(token); err != nil {
			return Document{}, err
		}
	}
}

// reader goes through a document and notes what it says.
type reader struct {
	decoder  *xml.Decoder
	path     []xml.Name // of the elements that are open
	elements int
	text     strings.Builder // of the element that was opened last

	entity     string
	open       bool
	busy, away bool
	note       string
}

func (r *reader) take(token xml.Token) error {
	switch t := token.(type) {
	case xml.Directive:
		return ErrMalformed // a document type
	case xml.CharData:
		r.text.Write(t)
	case xml.StartElement:
		return r.begin(t)
	case xml.EndElement:
		r.end(t.Name)
		r.path = r.path[:len(r.path)-1]
	}
	return nil
}

func (r *reader) begin(e xml.StartElement) error {
	if len(r.path) == 0 {
		if r.elements > 0 || e.Name != (xml.Name{Space: nsDocument, Local: "presence"}) {
			return ErrNoPIDF
		}
		for _, a := range e.Attr {
			if a.Name == (xml.Name{Local: "entity"}) {
				r.entity = strings.TrimSpace(a.Value)
			}
		}
	}
	if r.elements++; r.elements > maxElements || len(r.path) >= maxDepth {
		return ErrTooMany
	}
	r.path = append(r.path, e.Name)
	r.text.Reset()
	if r.inside("activities") {
		r.activity(e.Name.Local)
	}
	return nil
}

// activity takes one, whichever namespace it is in: there are older ones about than that of RFC 4480.
func (r *reader) activity(word string) {
	switch p, _ := signal.ParsePresence(word); p {
	case signal.PresenceBusy:
		r.busy = true
	case signal.PresenceAway:
		r.away = true
	}
}

func (r *reader) end(name xml.Name) {
	text := strings.TrimSpace(r.text.String())
	r.text.Reset()
	switch {
	case name == xml.Name{Space: nsDocument, Local: "basic"}:
		r.open = r.open || text == "open"
	case name.Local == "note" && r.note == "" && (r.inside("tuple") || r.inside("person") || r.inside("presence")):
		r.note = signal.CutStatus(text)
	}
}

// inside tells whether the element that is begun or ended stands directly in one of that name.
func (r *reader) inside(name string) bool {
	return len(r.path) > 1 && r.path[len(r.path)-2].Local == name
}

func (r *reader) document() Document {
	d := Document{Entity: r.entity, Presence: signal.PresenceOnline, Note: r.note}
	switch {
	case !r.open:
		d.Presence = signal.PresenceOffline
	case r.busy:
		d.Presence = signal.PresenceBusy
	case r.away:
		d.Presence = signal.PresenceAway
	}
	return d
}
