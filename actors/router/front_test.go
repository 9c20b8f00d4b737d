package router

import (
	"fmt"
	"strings"
	"testing"

	"tandem/signal"
)

// told is what a front did, in words.
func told(todo []farewell) string {
	var out []string
	for _, w := range todo {
		switch w := w.(type) {
		case refuse:
			out = append(out, fmt.Sprintf("%d to %s %s", w.response.Status, w.response.Request, w.response.Headers.Get("Reason")))
		case withdraw:
			out = append(out, "CANCEL "+w.request)
		case say:
			r := w.request
			out = append(out, fmt.Sprintf("%s %s CSeq>%v by %s %s", r.Method, r.URI.String(), r.CSeq > 7, w.flow.Transport, r.Headers.Get("Reason")))
		}
	}
	return strings.Join(out, "; ")
}

func (f *front) empty(t *testing.T) {
	t.Helper()
	if len(f.legs)+len(f.open)+len(f.sent) > 0 {
		t.Errorf("left over: %d legs, %d open, %d sent", len(f.legs), len(f.open), len(f.sent))
	}
}

func party(t testing.TB, user, tag string) signal.Party {
	p := signal.Party{URI: uri(t, "sip:"+user+"@192.0.2.7")}
	if tag != "" {
		p = p.WithTag(tag)
	}
	return p
}

// received and sent INVITEs, and what may follow in their dialogs.
func fromParty(t testing.TB, m signal.Method, id string) *signal.Request {
	return &signal.Request{ID: id, Method: m, CallID: "c", CSeq: 7, From: party(t, "phone", "phone"), To: party(t, "us", ""),
		Contacts: []signal.Party{party(t, "contact", "")}, Origin: signal.Origin{Flow: signal.Flow{Edge: "m1", Transport: "UDP"}}}
}

func toParty(t testing.TB, m signal.Method, id, tag string, cseq uint32) *signal.Request {
	return &signal.Request{ID: id, Method: m, URI: uri(t, "sip:contact@192.0.2.7"), CallID: "c", CSeq: cseq,
		From: party(t, "us", "leg"), To: party(t, "phone", tag)}
}

func said(t testing.TB, id string, m signal.Method, status int, tag string) *signal.Response {
	return &signal.Response{Request: id, Method: m, Status: status, To: party(t, "x", tag)}
}

const reason = `SIP;cause=503;text="Member lost"`

var tcp = signal.Flow{Edge: "m1", Transport: "TCP", Conn: 7}

// What a front does when a leg is lost, by what it has seen of it before.
func TestFrontOfALostLeg(t *testing.T) {
	answered := func(t *testing.T, f *front) {
		f.Expect(fromParty(t, signal.INVITE, "i"))
		f.Adopt("leg", fromParty(t, signal.INVITE, "i"), 503)
		ok := said(t, "i", signal.INVITE, 200, "leg")
		f.Hold("leg", f.Answered(ok), ok)
	}
	called := func(t *testing.T, f *front) {
		f.Sent("leg", toParty(t, signal.INVITE, "i", "", 1), tcp)
		f.Heard("leg", said(t, "i", signal.INVITE, 180, "phone"))
		f.Heard("leg", said(t, "i", signal.INVITE, 200, "phone"))
	}
	bye := func(by string) string { return "BYE sip:contact@192.0.2.7 CSeq>true by " + by + " " + reason }
	for name, c := range map[string]struct {
		story func(t *testing.T, f *front)
		want  string
	}{
		"unanswered": {func(t *testing.T, f *front) {
			f.Expect(fromParty(t, signal.INVITE, "i"))
			if !f.Adopt("leg", fromParty(t, signal.INVITE, "i"), 503) {
				t.Error("nobody watches")
			}
			f.Answered(said(t, "i", signal.INVITE, 180, "leg"))
		}, "503 to i " + reason},
		"refused": {func(t *testing.T, f *front) {
			f.Expect(fromParty(t, signal.INVITE, "i"))
			f.Adopt("leg", fromParty(t, signal.INVITE, "i"), 503)
			f.Answered(said(t, "i", signal.INVITE, 486, "leg"))
		}, ""},
		"answered before its leg was known": {func(t *testing.T, f *front) {
			f.Expect(fromParty(t, signal.INVITE, "i"))
			ok := said(t, "i", signal.INVITE, 200, "leg")
			if !f.Hold("leg", f.Answered(ok), ok) {
				t.Error("nobody watches")
			}
			if f.Adopt("leg", fromParty(t, signal.INVITE, "i"), 503) {
				t.Error("it owes an answer that was given")
			}
		}, bye("UDP")},
		"answered": {answered, bye("UDP")},
		"party hung up": {func(t *testing.T, f *front) {
			answered(t, f)
			f.Owes("leg", fromParty(t, signal.BYE, "b"), 481)
			f.Answered(said(t, "b", signal.BYE, 200, "leg"))
		}, ""},
		"stranger tried to": {func(t *testing.T, f *front) {
			answered(t, f)
			f.Owes("leg", fromParty(t, signal.BYE, "b"), 481)
			f.Answered(said(t, "b", signal.BYE, 403, "leg"))
		}, bye("UDP")},
		"party has hung up, and nobody answered": {func(t *testing.T, f *front) {
			answered(t, f)
			f.Owes("leg", fromParty(t, signal.BYE, "b"), 481)
		}, "481 to b " + reason + "; " + bye("UDP")},
		"party has moved": {func(t *testing.T, f *front) {
			answered(t, f)
			r := fromParty(t, signal.INVITE, "r")
			r.Contacts, r.Origin.Flow = []signal.Party{party(t, "moved", "")}, tcp
			f.Expect(r)
			f.Owes("leg", r, 481)
			ok := said(t, "r", signal.INVITE, 200, "leg")
			f.Hold("leg", f.Answered(ok), ok)
		}, "BYE sip:moved@192.0.2.7 CSeq>true by TCP " + reason},
		"party has moved by UPDATE": {func(t *testing.T, f *front) {
			answered(t, f)
			r := fromParty(t, signal.UPDATE, "u")
			r.Contacts = []signal.Party{party(t, "moved", "")}
			f.Owes("leg", r, 481)
			f.Answered(said(t, "u", signal.UPDATE, 200, "leg"))
		}, "BYE sip:moved@192.0.2.7 CSeq>true by UDP " + reason},
		"leg hung up": {func(t *testing.T, f *front) {
			answered(t, f)
			f.Sent("leg", toParty(t, signal.BYE, "b", "phone", 1), tcp)
		}, ""},
		"calling": {func(t *testing.T, f *front) { f.Sent("leg", toParty(t, signal.INVITE, "i", "", 1), tcp) }, "CANCEL i"},
		"not free": {func(t *testing.T, f *front) {
			f.Sent("leg", toParty(t, signal.INVITE, "i", "", 1), tcp)
			f.Heard("leg", said(t, "i", signal.INVITE, 486, "phone"))
		}, ""},
		"called": {called, bye("TCP")},
		"called, and another fork was ended": {func(t *testing.T, f *front) {
			called(t, f)
			f.Sent("leg", toParty(t, signal.BYE, "b", "other", 2), tcp)
		}, bye("TCP")},
		"called, and has hung up": {func(t *testing.T, f *front) {
			called(t, f)
			f.Sent("leg", toParty(t, signal.BYE, "b", "phone", 2), tcp)
		}, ""},
		"called and changed": {func(t *testing.T, f *front) {
			called(t, f)
			f.Sent("leg", toParty(t, signal.INVITE, "r", "phone", 99999), tcp)
			ok := said(t, "r", signal.INVITE, 200, "phone")
			ok.Contacts = []signal.Party{party(t, "moved", "")}
			f.Heard("leg", ok)
		}, "BYE sip:moved@192.0.2.7 CSeq>true by TCP " + reason},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFront(10)
			c.story(t, f)
			if c.want != "" && len(f.legs) != 1 {
				t.Fatalf("it knows %d legs", len(f.legs))
			}
			if got := told(f.Gone("leg", true)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if got := told(f.Gone("leg", true)); got != "" {
				t.Errorf("told a second time: %s", got)
			}
			f.Heard("leg", said(t, "i", signal.INVITE, 487, "phone"))
			f.empty(t)
		})
	}
}

// A 2xx that crosses the CANCEL of a front is acknowledged and ended.
func TestFrontEndsWhatCrossedItsCancel(t *testing.T) {
	f := newFront(10)
	f.Sent("leg", toParty(t, signal.INVITE, "i", "", 1), tcp)
	f.Gone("leg", true)
	todo := f.Heard("leg", said(t, "i", signal.INVITE, 200, "phone"))
	if got := told(todo); !strings.HasPrefix(got, "ACK sip:contact@192.0.2.7 CSeq>false by TCP") || !strings.Contains(got, "BYE") {
		t.Errorf("got %s", got)
	}
	f.empty(t)
}

// A leg that has ended by itself has said goodbye: nothing is said for it, but nobody waits for its answers.
func TestFrontOfALegThatEnded(t *testing.T) {
	f := newFront(10)
	f.Expect(fromParty(t, signal.INVITE, "i"))
	ok := said(t, "i", signal.INVITE, 200, "leg")
	f.Hold("leg", f.Answered(ok), ok)
	f.Owes("leg", fromParty(t, signal.INFO, "n"), 481)
	if got := told(f.Gone("leg", false)); got != "481 to n " {
		t.Errorf("got %s", got)
	}
	f.empty(t)
}

// Beyond its limit a front keeps nothing, and what it is told of that is harmless.
func TestFrontIsBounded(t *testing.T) {
	f := newFront(1)
	f.Sent("one", toParty(t, signal.INVITE, "1", "", 1), tcp)
	if f.Sent("two", toParty(t, signal.INVITE, "2", "", 1), tcp) || f.Owes("two", fromParty(t, signal.BYE, "b"), 481) {
		t.Error("a leg beyond the limit is to be watched")
	}
	f.Heard("two", said(t, "2", signal.INVITE, 200, "phone"))
	f.Answered(said(t, "b", signal.BYE, 200, "two"))
	if got := told(f.Gone("two", true)); got != "" || len(f.legs) != 1 || f.crowded != 2 {
		t.Errorf("got %s; %d legs, %d found no room", got, len(f.legs), f.crowded)
	}
}
