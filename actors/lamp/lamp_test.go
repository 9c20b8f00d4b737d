package lamp

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/signal"
	"tandem/sip/subscription"
)

// stage is a lamp with a clock, and what it did.
type stage struct {
	*testing.T
	lamp         *Lamp
	now          time.Time
	fresh, heard int
	last         *signal.Request // the last NOTIFY
	tokens       int
	patience     time.Duration
}

func newStage(t *testing.T) *stage {
	s := &stage{T: t, now: time.Unix(1e9, 0), patience: 40 * time.Second}
	s.lamp = New("1000@t.local", "ours", subscription.Limits{Subscriptions: 2, Shortest: time.Minute, Longest: time.Hour},
		func() string { s.tokens++; return fmt.Sprint("random", s.tokens) },
		func() time.Duration { return s.patience })
	return s
}

// does compares effects with lines: "200 expires=3600", "notify call CSeq to URI state | numbers".
func (s *stage) does(what string, effects []subscription.Effect, want ...string) {
	s.Helper()
	var got []string
	for _, e := range effects {
		switch e := e.(type) {
		case subscription.Respond:
			line := strconv.Itoa(e.Response.Status)
			for _, h := range e.Response.Headers {
				line += " " + h.Name + "=" + h.Value
			}
			got = append(got, line)
		case subscription.Send:
			s.last = e.Request
			_, numbers, _ := strings.Cut(string(e.Request.Body), "Voice-Message: ")
			got = append(got, fmt.Sprintf("notify %s %d to %s %s | %s", e.Request.CallID, e.Request.CSeq, e.Request.URI.String(),
				e.Request.Headers.Get("Subscription-State"), strings.TrimSuffix(numbers, " (0/0)\r\n")))
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		s.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// subscribe is a SUBSCRIBE; expires -1 leaves the field out.
func (s *stage) subscribe(callID string, cseq uint32, expires int, tag string, more ...signal.Header) []subscription.Effect {
	u := signal.URI{Scheme: "sip", User: "1000", Host: "t.local"}
	r := &signal.Request{ID: callID + strconv.Itoa(int(cseq)), Method: signal.SUBSCRIBE, URI: u, CallID: callID, CSeq: cseq,
		From: signal.Party{URI: u}.WithTag("theirs"), To: signal.Party{URI: u}, Routes: []string{"<sip:proxy;lr>"},
		Contacts: []signal.Party{{URI: signal.URI{Scheme: "sip", User: "1000", Host: "10.0.0.1"}}},
		Headers:  append(signal.Headers(more), signal.Header{Name: "Event", Value: "message-summary"})}
	if tag != "" {
		r.To = r.To.WithTag(tag)
	}
	if expires >= 0 {
		r.Headers = append(r.Headers, signal.Header{Name: "Expires", Value: strconv.Itoa(expires)})
	}
	effects := s.lamp.Request(r, s.fresh, s.heard, s.now)
	for _, e := range effects {
		if sent, ok := e.(subscription.Send); ok {
			s.last = sent.Request
		}
	}
	return effects
}

func (s *stage) answer(status int) []subscription.Effect {
	return s.lamp.Answered(&signal.Response{Request: s.last.ID, Method: signal.NOTIFY, Status: status}, s.fresh, s.heard, s.now)
}

const dark, lit = "0/0", "2/0"

func TestStoryOfOneSubscription(t *testing.T) {
	s := newStage(t)
	s.does("subscribed", s.subscribe("a", 1, 600, ""), "200 Expires=600",
		"notify a 1 to sip:1000@10.0.0.1 active;expires=600 | "+dark)
	if got := string(s.last.Body); got != "Messages-Waiting: no\r\nMessage-Account: sip:1000@t.local\r\nVoice-Message: 0/0 (0/0)\r\n" {
		t.Errorf("the body is %q", got)
	}
	if got := (&Lamp{aor: "1000@t.local", fresh: 2, heard: 1}).summary(); !strings.HasPrefix(got, "Messages-Waiting: yes\r\n") {
		t.Errorf("with messages the body is %q", got)
	}
	if s.last.From.Tag() != "ours" || s.last.To.Tag() != "theirs" || s.last.Routes[0] != "<sip:proxy;lr>" || len(s.last.Contacts) != 1 ||
		s.last.ContentType != summaryType || s.last.Headers.Get("Event") != "message-summary" {
		t.Errorf("the NOTIFY is %+v", s.last)
	}
	s.fresh = 2
	s.does("a change while a NOTIFY is under way", s.lamp.Changed(nil, 2, 0, s.now))
	s.now = s.now.Add(10 * time.Second)
	s.does("answered", s.answer(200), "notify a 2 to sip:1000@10.0.0.1 active;expires=590 | "+lit)
	s.does("answered", s.answer(200))
	s.does("no change", s.lamp.Changed(nil, 2, 0, s.now))
	s.does("refreshed", s.subscribe("a", 2, 60, "ours"), "200 Expires=60", "notify a 3 to sip:1000@10.0.0.1 active;expires=60 | "+lit)
	s.does("repeated", s.subscribe("a", 2, 60, "ours"), "500 Retry-After=1")
	s.does("ended", s.subscribe("a", 3, 0, "ours"), "200 Expires=0", "notify a 4 to sip:1000@10.0.0.1 terminated;reason=timeout | "+lit)
	s.does("again", s.subscribe("a", 4, 60, "ours"), "481")
	if !s.lamp.Empty() || !s.lamp.Next().IsZero() {
		t.Error("something is left")
	}
}

func TestEndsOfSubscriptions(t *testing.T) {
	s := newStage(t)
	s.does("a fetch", s.subscribe("a", 1, 0, ""), "200 Expires=0", "notify a 1 to sip:1000@10.0.0.1 terminated;reason=timeout | "+dark)
	s.subscribe("b", 1, -1, "")
	s.subscribe("c", 1, 99999, "")
	if got := s.lamp.Next(); got != s.now.Add(time.Hour) {
		t.Errorf("the next one ends at %v", got)
	}
	s.does("too many", s.subscribe("d", 1, 600, ""), "503 Retry-After=60")
	s.does("a fetch has room", s.subscribe("d", 1, 0, ""), "200 Expires=0", "notify d 1 to sip:1000@10.0.0.1 terminated;reason=timeout | "+dark)
	s.now = s.now.Add(time.Hour - 1)
	s.does("not yet", s.lamp.Elapsed(nil, 0, 0, s.now))
	s.now = s.now.Add(1)
	s.does("over", s.lamp.Elapsed(nil, 0, 0, s.now), "notify b 2 to sip:1000@10.0.0.1 terminated;reason=timeout | "+dark,
		"notify c 2 to sip:1000@10.0.0.1 terminated;reason=timeout | "+dark)
	s.does("over once", s.lamp.Elapsed(nil, 0, 0, s.now))
	for _, status := range []int{481, 408, 503} {
		s.subscribe("e", 1, 600, "")
		s.does("provisional", s.answer(100))
		s.does("refused", s.answer(status))
		if !s.lamp.Empty() {
			t.Errorf("a NOTIFY that got %d leaves the subscription", status)
		}
	}
}

func TestRefusedSubscriptions(t *testing.T) {
	s := newStage(t)
	s.does("short", s.subscribe("a", 1, 59, ""), "423 Min-Expires=60")
	s.does("another dialog", s.subscribe("a", 1, 600, "ours"), "481")
	s.does("other bodies", s.subscribe("a", 1, 600, "", signal.Header{Name: "Accept", Value: "text/plain"}), "406 Accept="+summaryType)
	s.does("any body", s.subscribe("a", 1, 0, "", signal.Header{Name: "Accept", Value: "text/plain, application/* ;q=0.5"}),
		"200 Expires=0", "notify a 1 to sip:1000@10.0.0.1 terminated;reason=timeout | "+dark)
	s.does("no number", s.subscribe("b", 1, -1, "", signal.Header{Name: "Expires", Value: "soon"}), "400")
	s.does("another event", s.lamp.Request(&signal.Request{Method: signal.SUBSCRIBE,
		Headers: signal.Headers{{Name: "Event", Value: "presence"}}}, 0, 0, s.now), "489 Allow-Events=message-summary")
	s.does("no contact", s.lamp.Request(&signal.Request{Method: signal.SUBSCRIBE,
		Headers: signal.Headers{{Name: "Event", Value: "message-summary"}}}, 0, 0, s.now), "400")
	s.does("another method", s.lamp.Request(&signal.Request{Method: signal.BYE}, 0, 0, s.now), "405 Allow=SUBSCRIBE")
	if !s.lamp.Empty() {
		t.Error("a refusal has left something")
	}
}

func TestDevicesAreToldUnasked(t *testing.T) {
	s := newStage(t)
	device := func(host string) signal.Contact {
		return signal.Contact{URI: signal.URI{Scheme: "sip", User: "1000", Host: host}, Flow: signal.Flow{Transport: "UDP"}, Routes: []string{"<sip:edge;lr>"}}
	}
	devices := []signal.Contact{device("10.0.0.1"), device("10.0.0.2")}
	s.subscribe("a", 1, 600, "")
	s.answer(200)
	s.does("changed", s.lamp.Changed(devices, 1, 3, s.now), "notify a 2 to sip:1000@10.0.0.1 active;expires=600 | 1/3",
		"notify lamp.random1 1 to sip:1000@10.0.0.2 terminated;reason=timeout | 1/3")
	if s.last.From.Tag() == "" || s.last.To.Tag() != "" || s.last.Routes[0] != "<sip:edge;lr>" {
		t.Errorf("the NOTIFY is %+v", s.last)
	}
	s.does("its answer changes nothing", s.answer(481))
	s.does("told already", s.lamp.Changed(devices, 1, 3, s.now))
	s.does("a new device", s.lamp.Show([]string{"sip:1000@10.0.0.2"}, devices, 1, 3, s.now),
		"notify lamp.random2 1 to sip:1000@10.0.0.2 terminated;reason=timeout | 1/3")
	s.does("a device that is gone", s.lamp.Show([]string{"sip:1000@10.0.0.3"}, devices, 1, 3, s.now))
	s.does("all anew, one at a time", s.lamp.Show(nil, devices[1:], 1, 3, s.now))
	s.fresh, s.heard = 0, 4
	s.does("and again", s.lamp.Show(nil, devices[1:], 0, 4, s.now))
	s.does("answered", s.answer(200), "notify lamp.random3 1 to sip:1000@10.0.0.2 terminated;reason=timeout | 0/4")
	s.does("answered", s.answer(408))
	s.does("told again", s.lamp.Show(nil, devices[1:], 0, 4, s.now), "notify lamp.random4 1 to sip:1000@10.0.0.2 terminated;reason=timeout | 0/4")
}

// TestNotifyThatIsLost: the member that had a NOTIFY died before it said what became of it. The device is told anew, by the
// way that it has by then.
func TestNotifyThatIsLost(t *testing.T) {
	s := newStage(t)
	device := func(host, edge string) signal.Contact {
		return signal.Contact{URI: signal.URI{Scheme: "sip", User: "1000", Host: host}, Flow: signal.Flow{Transport: "UDP", Edge: edge}}
	}
	s.does("changed", s.lamp.Changed([]signal.Contact{device("10.0.0.1", "m1"), device("10.0.0.2", "m1")}, 2, 0, s.now),
		"notify lamp.random1 1 to sip:1000@10.0.0.1 terminated;reason=timeout | "+lit,
		"notify lamp.random2 1 to sip:1000@10.0.0.2 terminated;reason=timeout | "+lit)
	lost := s.patience
	s.patience = time.Hour // another T1: that of the next NOTIFY
	if got := s.lamp.Next(); s.lamp.Empty() || got != s.now.Add(lost) {
		t.Errorf("empty: %v, wakes at %v", s.lamp.Empty(), got)
	}
	devices := []signal.Contact{device("10.0.0.1", "m2")} // the other one is gone as well
	s.does("heard meanwhile", s.lamp.Changed(devices, 0, 2, s.now))
	s.now = s.now.Add(lost - 1)
	s.does("not yet", s.lamp.Elapsed(devices, 0, 2, s.now))
	s.now = s.now.Add(1)
	effects := s.lamp.Elapsed(devices, 0, 2, s.now)
	s.does("lost", effects, "notify lamp.random3 1 to sip:1000@10.0.0.1 terminated;reason=timeout | 0/2")
	if got := s.lamp.Next(); got != s.now.Add(s.patience) {
		t.Errorf("wakes at %v", got)
	}
	if flow := effects[0].(subscription.Send).Flow; flow.Edge != "m2" {
		t.Errorf("sent by %v", flow)
	}
	s.does("an answer that comes after all", s.lamp.Answered(&signal.Response{Request: "lamp.random1", Status: 200}, 0, 2, s.now))
	s.does("answered", s.answer(200))
	if !s.lamp.Empty() || !s.lamp.Next().IsZero() {
		t.Error("something is left")
	}
}
