package router

import (
	"fmt"
	"strings"
	"testing"

	"tandem/actors/acttest"
	"tandem/signal"
)

func TestRelayStories(t *testing.T) {
	acttest.Play(t, "testdata/relay", func(t *testing.T) acttest.Player { return &relayStage{t: t} })
}

// relayStage is a MESSAGE on its way to devices.
type relayStage struct {
	t      *testing.T
	relay  *Relay
	copies []copyTo
}

// Do acts one event: the message, or a device's answer to a copy of it.
func (s *relayStage) Do(line string) []string {
	word, rest, _ := strings.Cut(line, " ")
	a := args{}
	for f := range strings.FieldsSeq(rest) {
		k, v, _ := strings.Cut(f, "=")
		a[k] = v
	}
	switch word {
	case "message":
		return s.message(a)
	case "late":
		r := s.relay.Late()
		return []string{fmt.Sprintf("respond %s %s %d", r.Request, r.Method, r.Status)}
	case "answer":
		r, done := s.relay.Answered(&signal.Response{Status: int(a.number("status")), Reason: a["reason"]})
		if !done {
			return nil
		}
		return []string{strings.TrimSpace(fmt.Sprintf("respond %s %s %d %s", r.Request, r.Method, r.Status, r.Reason))}
	}
	s.t.Fatalf("no act %q", word)
	return nil
}

func (s *relayStage) message(a args) (out []string) {
	var contacts []signal.Contact
	for _, name := range a.list("devices") {
		contacts = append(contacts, device(name, 1000))
	}
	r := &signal.Request{ID: "q", Method: signal.MESSAGE, CallID: "c", URI: uri(s.t, "sip:1001@t.local"), MaxForwards: 70,
		To: signal.Party{URI: uri(s.t, "sip:1001@t.local")}, ContentType: "text/plain", Body: []byte("Hello")}
	s.relay, s.copies = newRelay(r, signal.Party{URI: uri(s.t, "sip:1000@t.local")}, contacts, 3)
	for _, c := range s.copies {
		m := c.request
		out = append(out, fmt.Sprintf("send %s %s %v call=%s from %v forwards=%d [%s %s] over %v", m.ID, m.Method, m.URI,
			m.CallID, m.From, m.MaxForwards, m.ContentType, m.Body, c.flow.Remote))
	}
	return out
}
