package phone

import (
	"fmt"
	"log/slog"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/signal"
	"tandem/ximss"
	"tandem/ximss/object"
)

// TestStories plays the transcripts. An event is one of
//
//	<operation .../>                          the client asks; "sdp" in it is a description
//	<- METHOD leg id=... name=value ...       a request of a leg's
//	-> status METHOD id tag=... name=value    an answer to a request of ours
//	cancelled id reason                       an INVITE of a leg's is taken back
//	after duration                            the timers run that are due
//	gone leg [lost]                           a leg is no more
//	refused id status                         a request was not let in
//	end                                       the session ends
func TestStories(t *testing.T) {
	acttest.Play(t, "testdata", func(t *testing.T) acttest.Player { return newStage(t) })
}

type stage struct {
	t      *testing.T
	phone  *Phone
	now    time.Time
	out    []string
	due    map[string]time.Time
	timers map[string]Timer
	asked  map[string]*signal.Request // of legs, by id
	told   map[string]*signal.Request // of ours, by id
	cseq   uint32

	asks, answers int
}

func newStage(t *testing.T) *stage {
	flow := FlowOf("m1", "session", netip.AddrPort{}, netip.MustParseAddrPort("192.0.2.9:4000"))
	flow.Conn = 36*36 + 1 // "101"
	return &stage{t: t, now: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC), due: map[string]time.Time{},
		timers: map[string]Timer{}, asked: map[string]*signal.Request{}, told: map[string]*signal.Request{},
		phone: New(Self{AOR: "1000@t.local", Display: "Alice", Flow: flow, Agent: "page"},
			Limits{Calls: 3, Messages: 2, Expires: time.Hour}, slog.New(slog.DiscardHandler))}
}

// answer prints what an operation is answered with.
type answer struct {
	stage *stage
	id    string
	done  bool
}

func (a *answer) Answer(x *object.XML) {
	x.SetAttribute("id", "", a.id)
	a.stage.out = append(a.stage.out, "data "+markup(x))
}

func (a *answer) Done(err *ximss.Error) {
	if a.done {
		a.stage.t.Errorf("%s is answered twice", a.id)
	}
	a.done = true
	a.stage.answers++
	text := "ok"
	if err != nil {
		text = err.Error()
	}
	a.stage.out = append(a.stage.out, a.id+": "+text)
}

func markup(x *object.XML) string {
	text, err := x.Markup()
	if err != nil {
		return err.Error()
	}
	return strings.ReplaceAll(text, "&#13;&#10;", "|")
}

// plain is a description; word becomes its direction or its media.
func plain(word string) []byte {
	if word == "" || word == "none" {
		return nil
	}
	direction := word
	if word == "sdp" {
		direction = "sendrecv"
	}
	return []byte("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n" +
		"a=" + direction + "\r\n")
}

func (s *stage) Do(event string) []string {
	s.out = nil
	words := strings.Fields(event)
	switch {
	case strings.HasPrefix(event, "<-"):
		s.request(words[1:])
	case strings.HasPrefix(event, "<"):
		s.client(event)
	case words[0] == "->":
		s.response(words[1:])
	case words[0] == "cancelled":
		s.phone.Cancelled(words[1], strings.Join(words[2:], " "), s.now)
	case words[0] == "refused":
		status, _ := strconv.Atoi(words[2])
		s.phone.Response(&signal.Response{Request: words[1], Method: s.told[words[1]].Method, Status: status}, s.now)
	case words[0] == "after":
		s.pass(words[1])
	case words[0] == "gone":
		s.phone.Gone(words[1], len(words) > 2, s.now)
	case words[0] == "end":
		s.phone.End(s.now)
	default:
		s.t.Fatalf("no such event: %s", event)
	}
	s.effects()
	return s.out
}

func (s *stage) client(text string) {
	x, err := object.ParseXML(text)
	if err != nil {
		s.t.Fatalf("%s: %v", text, err)
	}
	if word, ok := x.Attribute("desc", ""); ok { // short for a description
		x.DeleteAttribute("desc", "")
		d := object.NewXML("sdpText")
		d.Add(object.String(string(plain(word))))
		x.Add(d.Value())
	}
	s.asks++
	s.phone.Do(x, &answer{stage: s, id: x.Attr("id")}, s.now)
}

func named(words []string) map[string]string {
	m := map[string]string{}
	for _, w := range words {
		if name, value, ok := strings.Cut(w, "="); ok {
			m[name] = strings.ReplaceAll(value, "_", " ")
		}
	}
	return m
}

func (s *stage) request(words []string) {
	m := named(words)
	if words[0] != "ACK" { // which has the number of its INVITE
		s.cseq++
	}
	r := &signal.Request{ID: m["id"], Method: signal.Method(words[0]), CallID: "c-" + words[1], CSeq: s.cseq,
		From: signal.Party{Display: m["name"], URI: signal.URI{Scheme: "sip", User: "1001", Host: "t.local"}}.WithTag(words[1]),
		To:   signal.Party{URI: signal.URI{Scheme: "sip", User: "1000", Host: "t.local"}}, ContentType: m["type"]}
	if m["callid"] != "" {
		r.CallID = m["callid"]
	}
	if tag := m["tag"]; tag != "" {
		r.To = r.To.WithTag(tag)
	}
	if r.Body = plain(m["sdp"]); r.Body != nil {
		r.ContentType = "application/sdp"
	}
	if m["body"] != "" {
		r.Body = []byte(strings.ReplaceAll(m["body"], "|", "\r\n"))
	}
	for name, field := range map[string]string{"alert": "Alert-Info", "to": "Refer-To", "event": "Event", "reason": "Reason"} {
		if m[name] != "" {
			r.Headers = r.Headers.With(field, m[name])
		}
	}
	s.asked[r.ID] = r
	s.phone.Request(r, s.now)
}

func (s *stage) response(words []string) {
	status, _ := strconv.Atoi(words[0])
	m := named(words)
	r := &signal.Response{Request: words[2], Method: signal.Method(words[1]), Status: status, Reason: m["reason"]}
	if ours := s.told[words[2]]; ours != nil {
		r.To = ours.To
	}
	if m["tag"] != "" {
		r.To = r.To.WithTag(m["tag"])
	}
	if m["sdp"] != "" {
		r.Body, r.ContentType = plain(m["sdp"]), "application/sdp"
	}
	if m["expires"] != "" {
		r.Contacts = []signal.Party{{URI: signal.URI{Scheme: "sip", Host: "101.invalid"},
			Params: signal.Params{{Name: "expires", Value: m["expires"]}}}}
	}
	s.phone.Response(r, s.now)
}

// pass lets time pass: each timer that is due fires once, the earliest first.
func (s *stage) pass(d string) {
	span, err := time.ParseDuration(d)
	if err != nil {
		s.t.Fatal(err)
	}
	for until := s.now.Add(span); ; {
		first := ""
		for k, at := range s.due {
			if !at.After(until) && (first == "" || at.Before(s.due[first]) || at.Equal(s.due[first]) && k < first) {
				first = k
			}
		}
		if first == "" {
			s.now = until
			return
		}
		timer := s.timers[first]
		s.now = s.due[first]
		delete(s.due, first)
		s.phone.Fired(timer, s.now)
		s.effects()
	}
}

func (s *stage) effects() {
	for _, e := range s.phone.Effects() {
		if text := s.effect(e); text != "" {
			s.out = append(s.out, text)
		}
	}
}

func (s *stage) effect(e Effect) string {
	switch e := e.(type) {
	case Say:
		return "say " + markup(e.Message)
	case Begin:
		s.told[e.Request.ID] = e.Request
		return "begin " + told(e.Request)
	case Send:
		s.told[e.Request.ID] = e.Request
		return "send " + e.Leg + " " + told(e.Request)
	case Cancel:
		return "cancel " + e.Request
	case Respond:
		return strings.TrimSpace("respond "+e.Leg) + " " + answered(e.Response)
	case Watch:
		return "watch " + e.Leg
	case Forget:
		return "forget " + e.Leg
	case StartTimer:
		k := e.Timer.Owner + "/" + e.Timer.Kind
		s.timers[k], s.due[k] = e.Timer, s.now.Add(e.After)
		return ""
	}
	s.t.Fatalf("unknown effect %T", e)
	return ""
}

func told(r *signal.Request) string {
	b := fmt.Sprintf("%s %s id=%s", r.Method, r.URI, r.ID)
	if r.Origin.Account != "1000@t.local" || r.Origin.Flow.Session != "session" || r.MaxForwards != 70 {
		b += fmt.Sprintf(" BAD ORIGIN %+v %d", r.Origin, r.MaxForwards)
	}
	for _, c := range r.Contacts {
		if r.Method == signal.REGISTER {
			b += " contact=" + c.String()
		}
	}
	for _, h := range r.Headers {
		b += " [" + h.Name + ": " + h.Value + "]"
	}
	return b + body(r.ContentType, r.Body)
}

func answered(r *signal.Response) string {
	b := fmt.Sprintf("%d to %s/%s", r.Status, r.Method, r.Request)
	for _, c := range r.Contacts {
		if r.Redirect() {
			b += " contact=" + c.String()
		}
	}
	return b + body(r.ContentType, r.Body)
}

func body(contentType string, b []byte) string {
	if len(b) == 0 {
		return ""
	}
	text := strings.ReplaceAll(string(b), "\r\n", "|")
	if contentType == "application/sdp" {
		_, text, _ = strings.Cut(text, "a=")
	}
	return fmt.Sprintf(" %s %q", contentType, strings.TrimSuffix(text, "|"))
}
