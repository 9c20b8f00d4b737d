package subscription

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/signal"
)

// stage is a resource with a clock, an owner's opinion of each subscriber, and what was sent last.
type stage struct {
	*testing.T
	notifier *Notifier
	now      time.Time
	opinion  map[signal.AOR]Notice
	last     *signal.Request
}

func newStage(t *testing.T) *stage {
	s := &stage{T: t, now: time.Unix(1e9, 0), opinion: map[signal.AOR]Notice{}}
	s.notifier = New(Resource{AOR: "1000@t.local", Tag: "ours", Event: "weather", Type: "text/plain",
		Limits: Limits{Subscriptions: 3, Each: 2, Shortest: time.Minute, Longest: time.Hour}},
		func(one *Subscription) Notice { return s.opinion[one.Account] })
	return s
}

func (s *stage) subscribe(account signal.AOR, callID string, cseq uint32, tag string) []Effect {
	from := signal.Party{URI: signal.URI{Scheme: "sip", User: account.User(), Host: account.Domain()}}
	to := signal.Party{URI: signal.URI{Scheme: "sip", User: "1000", Host: "t.local"}}
	if tag != "" {
		to = to.WithTag(tag)
	}
	return s.notifier.Request(&signal.Request{ID: callID, Method: signal.SUBSCRIBE, CallID: callID, CSeq: cseq,
		From: from.WithTag("theirs"), To: to, Contacts: []signal.Party{{URI: from.URI}},
		Headers: signal.Headers{{Name: "Event", Value: "weather;id=1"}, {Name: "Expires", Value: "600"}},
		Origin:  signal.Origin{Account: account}}, s.now)
}

// does compares effects with lines: a status, or "call CSeq state | body".
func (s *stage) does(what string, effects []Effect, want ...string) {
	s.Helper()
	var got []string
	for _, e := range effects {
		switch e := e.(type) {
		case Respond:
			got = append(got, fmt.Sprint(e.Response.Status))
		case Send:
			s.last = e.Request
			got = append(got, fmt.Sprintf("%s %d %s | %s", e.Request.CallID, e.Request.CSeq,
				e.Request.Headers.Get("Subscription-State"), e.Request.Body))
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		s.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func (s *stage) answered() []Effect {
	return s.notifier.Answered(&signal.Response{Request: s.last.ID, Method: signal.NOTIFY, Status: 200}, s.now)
}

// The owner lets a subscriber wait, agrees, and withdraws that.
func TestOwnerDecides(t *testing.T) {
	s := newStage(t)
	s.opinion["a@t.local"] = Notice{Pending: true}
	s.does("subscribed", s.subscribe("a@t.local", "a", 1, ""), "200", "a 1 pending;expires=600 | ")
	if s.last.ContentType != "" || s.last.Headers.Get("Event") != "weather;id=1" {
		t.Errorf("a NOTIFY without a body has the type %q, and the event %q", s.last.ContentType, s.last.Headers.Get("Event"))
	}
	s.does("answered", s.answered())
	s.opinion["a@t.local"] = Notice{Body: "rain"}
	s.does("agreed", s.notifier.Changed(s.now), "a 2 active;expires=600 | rain")
	s.opinion["a@t.local"] = Notice{Ended: "rejected", Body: "none"}
	s.does("nobody else", s.notifier.ChangedFor(func(one *Subscription) bool { return one.Account == "b@t.local" }, s.now))
	s.does("withdrawn while a NOTIFY is under way", s.notifier.Changed(s.now), "a 3 terminated;reason=rejected | none")
	if s.notifier.Len() != 0 {
		t.Error("the subscription is still there")
	}
	s.does("refreshed", s.subscribe("a@t.local", "a", 2, "ours"), "481")
}

// One account can not take all places, nor another's subscription.
func TestPlacesOfAccounts(t *testing.T) {
	s := newStage(t)
	for _, id := range []string{"a", "b"} {
		s.subscribe("a@t.local", id, 1, "")
	}
	s.does("a third", s.subscribe("a@t.local", "c", 1, ""), "503")
	s.does("another account", s.subscribe("b@t.local", "d", 1, ""), "200", "d 1 active;expires=600 | ")
	s.does("all are taken", s.subscribe("c@t.local", "e", 1, ""), "503")
	s.does("of somebody else", s.subscribe("b@t.local", "a", 2, ""), "481")
	if got := s.notifier.Accounts(); len(got) != 2 || got[0] != "a@t.local" || got[1] != "b@t.local" {
		t.Errorf("the subscribers are %v", got)
	}
}

// The member that had to send a NOTIFY has died with it: the subscriber who refreshes hears all the same, and goes on.
func TestRefreshForgetsWhatWasNeverAnswered(t *testing.T) {
	s := newStage(t)
	s.does("subscribed", s.subscribe("a@t.local", "a", 1, ""), "200", "a 1 active;expires=600 | ")
	s.opinion["a@t.local"] = Notice{Body: "rain"}
	s.does("changed while a NOTIFY is under way", s.notifier.Changed(s.now))
	s.does("refreshed", s.subscribe("a@t.local", "a", 2, "ours"), "200", "a 2 active;expires=600 | rain")
	s.does("answered: there is nothing more to tell", s.answered())
	s.opinion["a@t.local"] = Notice{Body: "sun"}
	s.does("changed", s.notifier.Changed(s.now), "a 3 active;expires=600 | sun")
}
