package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"tandem/actors/stat/measure"
)

// Limits of a line.
const (
	// MaxLine is how long a line is, in bytes.
	MaxLine   = 8 << 10
	maxText   = 200 // of each text in it, so that the names of objects made of it fit
	maxPairs  = 64  // of user data
	maxValue  = 1000
	maxConns  = 500
	maxReason = 100 // of what is quoted of a line in a refusal
)

// Line is one source event.
type Line struct {
	Seq      uint64            `json:"seq"`                 // its number: one more than that of the line before it
	At       *Time             `json:"at,omitempty"`        // by the clock of the source; none: when it comes
	Event    string            `json:"event"`               // EventRinging
	DN       string            `json:"dn,omitempty"`        // the device or queue to which it happens
	Kind     string            `json:"dn_type,omitempty"`   // RegDN, Queue or RoutePoint, where the event does not say it
	Conn     string            `json:"conn,omitempty"`      // connection id of the call, or id of the item
	OldConn  string            `json:"old_conn,omitempty"`  // which it was before
	CallType string            `json:"call_type,omitempty"` // Inbound, Outbound, Internal, Consult, Unknown
	Queue    string            `json:"queue,omitempty"`     // that has distributed the call; into which an agent logs in
	OldQueue string            `json:"old_queue,omitempty"` // in which an item was before
	Agent    string            `json:"agent,omitempty"`
	Place    string            `json:"place,omitempty"` // to which the device belongs
	WorkMode string            `json:"work_mode,omitempty"`
	Reason   string            `json:"reason,omitempty"` // of an agent who is not ready
	State    int               `json:"state,omitempty"`  // of the call; 22: redirected
	Party    string            `json:"party,omitempty"`  // who takes an item out of its queue: "agent" or another word
	Media    string            `json:"media,omitempty"`  // none: that of the source
	ANI      string            `json:"ani,omitempty"`
	DNIS     string            `json:"dnis,omitempty"`
	Customer string            `json:"customer,omitempty"`
	Data     map[string]string `json:"user_data,omitempty"` // pairs that are attached to the call, as far as they change
	Conns    *[]string         `json:"conns,omitempty"`     // of EventRegistered: the calls that are at the device, and no others
}

// Parse reads a line and checks it. A line with an error may have its number all the same.
func Parse(text []byte) (l Line, err error) {
	if len(text) > MaxLine {
		return l, fmt.Errorf("it has %d bytes; a line has at most %d", len(text), MaxLine)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return l, readable(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return l, errors.New("something follows the object; write one to a line")
	}
	return l, l.check()
}

// readable says what JSON did not like without words of the language that reads it.
func readable(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("%q can not be %s", wrong.Field, wrong.Value)
	}
	text := strings.TrimPrefix(err.Error(), "json: ")
	return fmt.Errorf("it is no object of JSON as is expected here: %s", cut(text))
}

func (l *Line) check() error {
	if l.Seq == 0 {
		return errors.New(`"seq" has no number; lines are numbered from 1`)
	}
	row, ok := events[l.Event]
	if !ok {
		return fmt.Errorf("event: %q is none that is known", cut(l.Event))
	}
	for _, t := range l.texts() {
		if err := tidy(t.text, maxText); err != nil {
			return fmt.Errorf("%s: %w", t.key, err)
		}
	}
	if err := l.checkLists(); err != nil {
		return err
	}
	if l.CallType != "" && callTypes[l.CallType] == nil {
		return fmt.Errorf("call_type: %q is none of Inbound, Outbound, Internal, Consult, Unknown", cut(l.CallType))
	}
	if l.Kind != "" && l.Kind != "RegDN" && l.Kind != "Queue" && l.Kind != "RoutePoint" {
		return fmt.Errorf("dn_type: %q is none of RegDN, Queue, RoutePoint", cut(l.Kind))
	}
	for _, need := range strings.Fields(row.needs) {
		if !l.has(need) {
			return fmt.Errorf("%s needs \"%s\"", l.Event, strings.ReplaceAll(need, "|", `" or "`))
		}
	}
	return nil
}

// has tells whether one of some keys has a text: dn|agent.
func (l *Line) has(need string) bool {
	for _, t := range l.texts() {
		for key := range strings.SplitSeq(need, "|") {
			if t.key == key && t.text != "" {
				return true
			}
		}
	}
	return false
}

type keyed struct{ key, text string }

func (l *Line) texts() []keyed {
	return []keyed{{"dn", l.DN}, {"conn", l.Conn}, {"old_conn", l.OldConn}, {"queue", l.Queue}, {"old_queue", l.OldQueue}, {"agent", l.Agent},
		{"place", l.Place}, {"work_mode", l.WorkMode}, {"reason", l.Reason}, {"party", l.Party}, {"media", l.Media}, {"ani", l.ANI},
		{"dnis", l.DNIS}, {"customer", l.Customer}}
}

func (l *Line) checkLists() error {
	if len(l.Data) > maxPairs {
		return fmt.Errorf("user_data: it has %d pairs; at most %d", len(l.Data), maxPairs)
	}
	for k, v := range l.Data {
		if err := errors.Join(tidy(k, maxText), tidy(v, maxValue)); err != nil || k == "" {
			return fmt.Errorf("user_data: the pair %q is longer than %d bytes, has no name, or no text", cut(k), maxValue)
		}
	}
	if l.Conns == nil {
		return nil
	}
	if len(*l.Conns) > maxConns {
		return fmt.Errorf("conns: it names %d calls; at most %d", len(*l.Conns), maxConns)
	}
	for _, c := range *l.Conns {
		if err := tidy(c, maxText); err != nil {
			return fmt.Errorf("conns: %w", err)
		}
	}
	return nil
}

// tidy demands a text that names something.
func tidy(text string, most int) error {
	if len(text) > most {
		return fmt.Errorf("%q... is longer than %d bytes", cut(text), most)
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return fmt.Errorf("%q is no plain text", cut(text))
	}
	return nil
}

// cut keeps what strangers wrote short.
func cut(text string) string {
	if len(text) > maxReason {
		text = strings.ToValidUTF8(text[:maxReason], "")
	}
	return text
}

func name(text string) measure.Name {
	n, ok := measure.ParseName(text)
	if !ok {
		panic("source: no such action: " + text)
	}
	return n
}
