package keylamp

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/msg"
	"tandem/signal"
	"tandem/sip/dialoginfo"
	"tandem/sip/subscription"
)

// stage is a keylamp with a clock, and what it sent last.
type stage struct {
	*testing.T
	keylamp *Keylamp
	now     time.Time
	last    *signal.Request
}

func newStage(t *testing.T) *stage {
	return &stage{T: t, now: time.Unix(1e9, 0), keylamp: New("1000@t.local", "ours",
		subscription.Limits{Subscriptions: 2, Shortest: time.Minute, Longest: time.Hour})}
}

var dialogs = regexp.MustCompile(`<dialog id="(\d+)" direction="(\w+)"><state>(\w+)</state>`)

// does compares effects with lines: a status, "watch", or "call version state: dialogs".
func (s *stage) does(what string, effects []Effect, want ...string) {
	s.Helper()
	var got []string
	for _, e := range effects {
		switch e := e.(type) {
		case subscription.Respond:
			got = append(got, fmt.Sprint(e.Response.Status))
		case Watch:
			got = append(got, "watch")
		case subscription.Send:
			s.last = e.Request
			state, _, _ := strings.Cut(e.Request.Headers.Get("Subscription-State"), ";")
			line := fmt.Sprintf("%s %s %s:", e.Request.CallID, regexp.MustCompile(`version="\d+"`).FindString(string(e.Request.Body)), state)
			for _, d := range dialogs.FindAllStringSubmatch(string(e.Request.Body), -1) {
				line += " " + strings.Join(d[1:], " ")
			}
			got = append(got, line)
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		s.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func (s *stage) subscribe(callID string, cseq uint32, expires, tag string) []Effect {
	u := signal.URI{Scheme: "sip", User: "1001", Host: "t.local"}
	to := signal.Party{URI: signal.URI{Scheme: "sip", User: "1000", Host: "t.local"}}
	if tag != "" {
		to = to.WithTag(tag)
	}
	return s.keylamp.Request(&signal.Request{ID: fmt.Sprint(callID, cseq), Method: signal.SUBSCRIBE, CallID: callID, CSeq: cseq,
		From: signal.Party{URI: u}.WithTag("theirs"), To: to, Contacts: []signal.Party{{URI: u}},
		Headers: signal.Headers{{Name: "Event", Value: "dialog"}, {Name: "Expires", Value: expires}},
		Origin:  signal.Origin{Account: "1001@t.local"}}, s.now)
}

func (s *stage) call(leg string, outgoing bool, state string) []Effect {
	_, out := s.keylamp.Call(leg, outgoing, state, s.now)
	return out
}

func (s *stage) answered() []Effect {
	return s.keylamp.Answered(&signal.Response{Request: s.last.ID, Method: signal.NOTIFY, Status: 200}, s.now)
}

// The account is rung, talks, calls somebody itself meanwhile, and is free again.
func TestStoryOfAKey(t *testing.T) {
	s := newStage(t)
	s.does("nobody watches", s.call("a", true, "waiting"))
	s.keylamp = New("1000@t.local", "ours", DefaultLimits)
	s.does("subscribed", s.subscribe("k", 1, "600", ""), "200", `k version="0" active:`, "watch")
	if s.last.ContentType != dialoginfo.Type || !strings.Contains(string(s.last.Body), `entity="sip:1000@t.local"`) {
		t.Errorf("the NOTIFY is %s %s", s.last.ContentType, s.last.Body)
	}
	s.does("answered", s.answered())
	s.does("a call", s.call("a", true, "waiting"), `k version="1" active: 1 recipient trying`)
	s.does("it rings while a NOTIFY is under way", s.call("a", true, "ringing"))
	s.does("answered", s.answered(), `k version="2" active: 1 recipient early`)
	s.does("answered", s.answered())
	s.does("said twice", s.call("a", true, "ringing"))
	s.does("they talk", s.call("a", true, "answered"), `k version="3" active: 1 recipient confirmed`)
	s.answered()
	s.does("another one", s.call("b", false, "ringing"), `k version="4" active: 1 recipient confirmed 2 initiator early`)
	s.answered()
	s.does("the first one is over", s.call("a", true, "ended"), `k version="5" active: 1 recipient terminated 2 initiator early`)
	s.answered()
	s.does("which is no news when its actor ends", s.keylamp.Gone("a", s.now))
	s.now = s.now.Add(linger)
	s.does("the other member dies", s.keylamp.Gone("b", s.now), `k version="6" active: 1 recipient terminated 2 initiator terminated`)
	s.answered()
	s.now = s.now.Add(linger)
	s.does("refreshed", s.subscribe("k", 2, "600", "ours"), "200", `k version="7" active:`)
	s.does("ended", s.subscribe("k", 3, "0", "ours"), "200", `k version="8" terminated:`)
	if !s.keylamp.Empty() || !s.keylamp.Next().IsZero() {
		t.Error("something is left")
	}
	s.does("a state that a later version has", s.call("c", true, "dreaming"))
}

// Members are asked again as long as somebody watches, and told to no more.
func TestMembersAreAskedAgain(t *testing.T) {
	s := newStage(t)
	s.does("subscribed", s.subscribe("k", 1, "150", ""), "200", `k version="0" active:`, "watch")
	for range 2 {
		if got := s.keylamp.Next(); got != s.now.Add(Again) {
			t.Errorf("it looks again at %v", got)
		}
		s.now = s.now.Add(Again)
		s.does("a minute later", s.keylamp.Elapsed(s.now), "watch")
	}
	s.now = s.now.Add(30 * time.Second)
	s.does("the subscription is over", s.keylamp.Elapsed(s.now), `k version="1" terminated:`)
	s.now = s.now.Add(Again)
	s.does("nobody watches", s.keylamp.Elapsed(s.now))
	s.subscribe("l", 1, "600", "")
	s.does("the name is given up", s.keylamp.Leave(s.now), `l version="1" terminated:`)
}

// However many calls there are, the document stays small.
func TestManyCalls(t *testing.T) {
	s := newStage(t)
	for i := range 2 * most {
		s.call(fmt.Sprint(i), true, "ringing")
	}
	if len(s.keylamp.calls) != most {
		t.Errorf("%d calls are told of", len(s.keylamp.calls))
	}
	for i := range most {
		s.call(fmt.Sprint(i), true, "ended")
	}
	s.now = s.now.Add(linger)
	s.call("new", true, "ringing")
	if len(s.keylamp.calls) != 1 {
		t.Errorf("%d calls are told of when the others are over", len(s.keylamp.calls))
	}
}

// A board tells of watched accounts alone, as long as they are.
func TestBoard(t *testing.T) {
	now := time.Unix(1e9, 0)
	var told []string
	b := NewBoard(func(to *msg.KeylampWatches, m *msg.KeylampCall) {
		told = append(told, fmt.Sprint(to.Keylamp.Id, " ", m.Leg, " ", m.Outgoing, " ", m.State))
	}, func() time.Time { return now })
	note := func() { b.Note("1000@t.local", "a", true, "ringing") }
	note()
	b.Watch(&msg.KeylampWatches{Account: "1000@t.local", Keylamp: &actor.PID{Id: "first"}})
	note()
	b.Note("1001@t.local", "b", true, "ringing")
	b.Note("", "c", true, "ringing")
	b.Watch(&msg.KeylampWatches{Account: "1000@t.local", Keylamp: &actor.PID{Id: "second"}})
	note()
	now = now.Add(Forget + 1)
	note()
	b.Watch(&msg.KeylampWatches{Account: "1000@t.local", Keylamp: &actor.PID{Id: "third"}})
	note()
	if got := strings.Join(told, ", "); got != "first a true ringing, second a true ringing, third a true ringing" || b.count.Load() != 1 {
		t.Errorf("told: %s; %d accounts", got, b.count.Load())
	}
}
