package scribe

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/msg"
	"tandem/media/codec"
	"tandem/media/sdp"
	"tandem/signal"
	"tandem/sip/dialog"
	"tandem/sip/parts"
)

func TestStories(t *testing.T) {
	acttest.Play(t, "testdata", func(t *testing.T) acttest.Player { return &stage{t: t, now: epoch} })
}

var epoch = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

// stage is a scribe with two servers; the stories say what those do.
type stage struct {
	t      *testing.T
	now    time.Time
	scribe *Scribe
	sent   map[string]*signal.Request // the last one of each method
	last   *signal.Request            // the last INVITE
	timers map[timerKind]wake
	cseq   uint32
	full   bool // there are no ports
}

func (s *stage) Do(line string) []string {
	word, rest, _ := strings.Cut(line, " ")
	args := map[string]string{}
	for f := range strings.FieldsSeq(rest) {
		k, v, _ := strings.Cut(f, "=")
		args[k] = v
	}
	s.now = s.now.Add(time.Second)
	act, ok := acts[word]
	if !ok {
		s.t.Fatalf("no act %q", word)
	}
	act(s, args)
	var out []string
	for effects := s.scribe.effects(); len(effects) > 0; effects = s.scribe.effects() {
		for _, e := range effects {
			if text := s.tell(e); text != "" {
				out = append(out, text)
			}
		}
	}
	return out
}

func someServer(name string) Server {
	return Server{Name: name, URI: signal.URI{Scheme: "sip", Host: name + ".example.com"}, From: signal.URI{Scheme: "sip", User: "archive", Host: "example.com"}}
}

var acts = map[string]func(*stage, map[string]string){
	// begin: the party of a call is joined with a partner; servers=N, held=yes, ports=none.
	"begin": func(s *stage, args map[string]string) {
		s.full = args["ports"] == "none"
		s.sent, s.timers = map[string]*signal.Request{}, map[timerKind]wake{}
		r := Recorder{Patience: 4 * time.Second, Probe: 10 * time.Second}
		n, _ := strconv.Atoi(args["servers"])
		for i := range n {
			r.Servers = append(r.Servers, someServer("srs"+strconv.Itoa(i+1)))
		}
		b := Birth{Handler: "our-tag", Contact: signal.Party{URI: signal.URI{Scheme: "sip", User: "recorder", Host: "127.0.0.1"}},
			Log: slog.New(slog.DiscardHandler), Now: s.now}
		s.scribe = New(b, r, &msg.ScribeStart{Recorder: "archive", Call: "CALL", Stream: "leg-1", BeganMs: s.now.UnixMilli(),
			Party: &msg.Talker{Leg: "leg-1", Aor: "sip:1000@example.com", Name: "Alice"}, Talk: talking(args)})
	},
	"talk": func(s *stage, args map[string]string) { s.scribe.Talk(talking(args), s.now) },
	"end":  func(s *stage, _ map[string]string) { s.scribe.End(s.now) },
	// answer: the server answers the last request of a method: status, lines=PORT,PORT and their direction.
	"answer": func(s *stage, args map[string]string) {
		method := args["to"]
		if method == "" {
			method = "INVITE"
		}
		status, _ := strconv.Atoi(args["status"])
		r := s.sent[method]
		res := &signal.Response{Request: r.ID, Method: r.Method, Status: status, To: r.To.WithTag("srs-tag"),
			Contacts: []signal.Party{{URI: r.URI}}}
		res.Origin.Flow.Remote = netip.MustParseAddrPort("192.0.2.9:5060")
		if host := args["contact"]; host != "" {
			res.Contacts[0].URI.Host = host
		}
		if lines := args["lines"]; lines != "" {
			res.ContentType, res.Body = "application/sdp", description(lines, args["way"])
		}
		s.scribe.Response(res, s.now)
	},
	// ask: the server sends a request in the dialog of the last INVITE.
	"ask": func(s *stage, args map[string]string) {
		if args["method"] != "ACK" {
			s.cseq++
		}
		r := &signal.Request{ID: fmt.Sprint("r", s.cseq), Method: signal.Method(args["method"]), CallID: s.last.CallID, CSeq: s.cseq,
			From: s.last.To.WithTag("srs-tag"), To: s.last.From}
		if args["call"] != "" {
			r.CallID = args["call"]
		}
		r.Origin.Flow.Remote = netip.AddrPortFrom(netip.MustParseAddr(cmp.Or(args["from"], "192.0.2.9")), 5060)
		if lines := args["lines"]; lines != "" {
			r.ContentType, r.Body = "application/sdp", description(lines, args["way"])
		}
		s.scribe.Request(r, s.now)
	},
	"unheard":  func(s *stage, _ map[string]string) { s.scribe.NotHeard(s.scribe.made, s.now) },
	"patience": func(s *stage, _ map[string]string) { s.fire(unanswered) },
	"alive":    func(s *stage, _ map[string]string) { s.fire(alive) },
	"rested":   func(s *stage, _ map[string]string) { s.now = s.now.Add(rest); s.fire(rested) },
	"goodbye":  func(s *stage, _ map[string]string) { s.fire(goodbye) },
	"later":    func(s *stage, _ map[string]string) { s.now = s.now.Add(time.Minute) },
}

func (s *stage) fire(kind timerKind) {
	s.scribe.Timer(kind, s.timers[kind].generation, s.now)
}

func talking(args map[string]string) *msg.ScribeTalk {
	m := &msg.ScribeTalk{Held: args["held"] == "yes", Codec: "PCMA", Stream: args["stream"]}
	if p := args["partner"]; p != "" {
		m.Partner = &msg.Talker{Leg: p, Aor: "sip:" + p + "@example.com"}
	}
	return m
}

func description(lines, way string) []byte {
	text := "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"
	for port := range strings.SplitSeq(lines, ",") {
		text += "m=audio " + port + " RTP/AVP 8\r\na=" + way + "\r\n"
	}
	return []byte(text)
}

// tell is an effect as the stories have it.
func (s *stage) tell(e effect) string {
	switch e := e.(type) {
	case dial:
		if s.full {
			s.scribe.NotOpened(e.attempt, "no ports", s.now)
			return "dial " + e.server.Name + ": no ports"
		}
		var lines []sdp.Capability
		for i := range 2 {
			pcma, _ := codec.ByName("PCMA")
			pcmu, _ := codec.ByName("PCMU")
			lines = append(lines, sdp.Capability{Address: netip.MustParseAddr("192.0.2.1"), Port: 4000 + 2*i, Codecs: []codec.Codec{pcmu, pcma}})
		}
		s.scribe.Opened(e.attempt, fmt.Sprint("call-", e.attempt), lines, s.now)
		return "dial " + e.server.Name
	case toEdge:
		return s.tellEdge(e.what)
	case apply:
		text := "apply"
		for _, l := range e.lines {
			if l.Refused {
				text += " refused"
				continue
			}
			text += fmt.Sprint(" ", l.Params.Remote, " ", l.Params.Codec.Name, " ", l.Params.Direction)
		}
		return text
	case hush:
		return fmt.Sprint("hush ", e.attempt)
	case forget:
		return fmt.Sprint("forget ", e.attempt)
	case listen:
		return fmt.Sprintf("listen %q", e.streams)
	case wake:
		s.timers[e.kind] = e
	case tellLeg:
		return fmt.Sprint("leg: ", e.message.Status, " ", e.message.Reason)
	case count:
		return "count " + e.what.String()
	case moved:
		return fmt.Sprint("from ", e.from, " to ", e.to)
	case stop:
		return "stop"
	}
	return ""
}

func (s *stage) tellEdge(e dialog.Effect) string {
	switch e := e.(type) {
	case dialog.Send:
		r := e.Request
		s.sent[string(r.Method)] = r
		text := fmt.Sprint("send ", r.Method, " ", r.URI.Host)
		if r.Method == signal.INVITE {
			s.last = r
			text += " " + s.bodyOf(r)
		}
		return text
	case dialog.Cancel:
		return "cancel"
	case dialog.Respond:
		text := fmt.Sprint("respond ", e.Response.Status)
		if len(e.Response.Body) > 0 {
			text += " " + directions(string(e.Response.Body))
		}
		return text
	}
	return ""
}

// bodyOf is what an INVITE brings, in short; what each one must have is checked here.
func (s *stage) bodyOf(r *signal.Request) string {
	list, err := parts.Read(r.ContentType, r.Body)
	if err != nil || len(list) != 2 || list[0].Type != "application/sdp" || list[1].Type != "application/rs-metadata+xml" ||
		list[1].Disposition != "recording-session" {
		s.t.Fatalf("the body is %s: %s, %v", r.ContentType, r.Body, err)
	}
	_, source := r.Contacts[0].Params.Get("+sip.src")
	if !source || r.To.Tag() == "" && !r.Headers.Has("Require", "siprec") {
		s.t.Errorf("Contact %v, Require %q", r.Contacts, r.Headers.All("Require"))
	}
	text := string(list[1].Body)
	return fmt.Sprint(directions(string(list[0].Body)), "; parties ", strings.Count(text, "<participant "), ", left ", strings.Count(text, "<disassociate-time>"),
		", sending ", strings.Count(text, "<send>"))
}

func directions(text string) string {
	var out []string
	for line := range strings.SplitSeq(text, "\r\n") {
		if strings.HasPrefix(line, "m=audio ") || line == "a=sendonly" || line == "a=inactive" || strings.HasPrefix(line, "a=label:") {
			out = append(out, strings.TrimPrefix(line, "a="))
		}
	}
	return strings.Join(out, " ")
}

// Opus that a party talks is asked for where this build can talk it too: what servers get is encoded anew.
func TestPrefersWhatItCanTalk(t *testing.T) {
	opus, _ := codec.ByName("opus")
	pcmu, _ := codec.ByName("PCMU")
	s := &Scribe{talk: &msg.ScribeTalk{Codec: "opus"}}
	offer, err := sdp.NewLines([]sdp.Capability{{Address: netip.MustParseAddr("192.0.2.1"), Port: 4000, Codecs: []codec.Codec{opus, pcmu}}}).
		Offer(sdp.SendOnly, s.prefer())
	if err != nil {
		t.Fatal(err)
	}
	if offered := strings.Contains(strings.ToLower(string(offer)), "opus/48000"); offered != opus.Encodes() {
		t.Errorf("Opus is offered: %v, encoded: %v\n%s", offered, opus.Encodes(), offer)
	}
}
