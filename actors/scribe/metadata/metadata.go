// Package metadata writes what a recording server is told of a call (RFC 7865): who takes part, since when, and in which stream of
// the recording each is heard. It is pure.
//
// Each document is a whole (datamode complete), also one that follows another: a server that has missed one is wrong until the next
// only. What is not in it any more is over; who has left is said to have, once more in each.
package metadata

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"strings"
	"time"
)

// Type is the media type of a document, and Disposition what stands beside it in a body of several parts (RFC 7866 section 9.1).
const (
	Type        = "application/rs-metadata+xml"
	Disposition = "recording-session"
)

// Call is what there is to be told.
type Call struct {
	Name    string    // of the call, unique for ever
	Session string    // of the recording of it: a call is recorded in as many as there are recorders and parties that want it
	Began   time.Time // it was answered
	Streams []string  // labels of the m-lines
	Parties []Party   // in the order in which they came
}

// Party is somebody who takes part, or has.
type Party struct {
	ID    string    // by which a party is the same one in another document
	AOR   string    // URI
	Name  string    // "" for none
	Since time.Time // in the call
	Left  time.Time // zero: is still there
	Sends string    // label of the stream that carries what the party says; "": says nothing
	Hears []string  // labels of the streams of what it hears
}

// Document writes it, in the order that the schema of RFC 7865 section 10 wants.
func (c Call) Document() []byte {
	var d document
	group, session := id("group", c.Name), id("session", c.Session)
	d.line(0, `<?xml version="1.0" encoding="UTF-8"?>`)
	d.line(0, `<recording xmlns="urn:ietf:params:xml:ns:recording:1">`)
	d.line(1, "<datamode>complete</datamode>")
	d.element(`group group_id="`+group+`"`, when("associate-time", c.Began))
	d.element(`session session_id="`+session+`"`, "<group-ref>"+group+"</group-ref>", when("start-time", c.Began))
	for _, p := range c.Parties {
		d.party(p)
	}
	for _, s := range c.Streams {
		d.element(`stream stream_id="`+c.stream(s)+`" session_id="`+session+`"`, "<label>"+escape(s)+"</label>")
	}
	d.element(`sessionrecordingassoc session_id="`+session+`"`, when("associate-time", c.Began))
	for _, p := range c.Parties {
		times := []string{when("associate-time", p.Since)}
		if !p.Left.IsZero() {
			times = append(times, when("disassociate-time", p.Left))
		}
		d.element(`participantsessionassoc participant_id="`+id("party", p.ID)+`" session_id="`+session+`"`, times...)
	}
	for _, p := range c.Parties {
		if p.Left.IsZero() {
			d.element(`participantstreamassoc participant_id="`+id("party", p.ID)+`"`, c.ways(p)...)
		}
	}
	d.line(0, "</recording>")
	return []byte(d.text.String())
}

// ways are the streams that a party has to do with; none of them while the call is held.
func (c Call) ways(p Party) (out []string) {
	if p.Sends != "" {
		out = append(out, "<send>"+c.stream(p.Sends)+"</send>")
	}
	for _, label := range p.Hears {
		out = append(out, "<recv>"+c.stream(label)+"</recv>")
	}
	return out
}

// stream is the ID of a stream of this recording.
func (c Call) stream(label string) string { return id("stream", c.Session+" "+label) }

// document is an XML text under way.
type document struct{ text strings.Builder }

func (d *document) line(depth int, text string) {
	d.text.WriteString(strings.Repeat("  ", depth) + text + "\r\n")
}

// element writes one with what is in it; head is its name with its attributes.
func (d *document) element(head string, inside ...string) {
	if len(inside) == 0 {
		d.line(1, "<"+head+"/>")
		return
	}
	name, _, _ := strings.Cut(head, " ")
	d.line(1, "<"+head+">")
	for _, text := range inside {
		d.line(2, text)
	}
	d.line(1, "</"+name+">")
}

func (d *document) party(p Party) {
	name := `<nameID aor="` + escape(p.AOR) + `"/>`
	if p.Name != "" {
		name = `<nameID aor="` + escape(p.AOR) + `"><name>` + escape(p.Name) + `</name></nameID>`
	}
	d.element(`participant participant_id="`+id("party", p.ID)+`"`, name)
}

// when is an element with a moment (RFC 3339), in UTC and to the millisecond.
func when(name string, at time.Time) string {
	return fmt.Sprintf("<%s>%s</%s>", name, at.UTC().Format("2006-01-02T15:04:05.000Z"), name)
}

// maxText bounds each text of others, in bytes: phones write what they like.
const maxText = 256

// escape makes a text of others fit for XML; what XML can not hold is replaced.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(strings.ToValidUTF8(s[:min(len(s), maxText)], "?"))) // a Builder takes all
	return b.String()
}

// id is the unique ID of a thing: a UUID in base 64 (RFC 7865 section 6.10), made of its kind and name, so that it is the same in each
// document and on each member. Its form is that of UUIDs which are made of names (RFC 9562 section 5.8).
func id(kind, name string) string {
	sum := sha256.Sum256([]byte("recording metadata " + kind + "\n" + name))
	u := sum[:16]
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80
	return base64.StdEncoding.EncodeToString(u)
}
