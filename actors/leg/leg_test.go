package leg

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/acttest"
	"tandem/actors/leg/app"
	"tandem/actors/msg"
	"tandem/media"
	"tandem/media/codec"
	"tandem/media/sdp"
	"tandem/signal"
	"tandem/sip/dialog"
)

func TestStories(t *testing.T) {
	acttest.Play(t, "testdata", func(t *testing.T) acttest.Player {
		if opus, _ := codec.ByName("opus"); opus.Encodes() && strings.Contains(t.Name(), "speechless") {
			t.Skip("this build can say everything")
		}
		return &stage{t: t, now: epoch}
	})
}

var owner = actor.NewPID("m1", "signal/b/1")

var epoch = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

// stage is a leg with a phone on one side and an owner and a partner on the other. The phone is a
// media/sdp Session of its own, so offers and answers are real.
type stage struct {
	t     *testing.T
	now   time.Time
	leg   *Leg
	phone *sdp.Session
	cseq  uint32
	tags  struct{ phone, ours string }
	sent  *signal.Request // our last request to the phone
	calls *signal.Request // our first INVITE
	got   []byte          // the last SDP that the phone got

	answered []byte // the last SDP answer of the phone
	rseq     string // of our last response that wants a PRACK
	timer    map[string]effect

	opus     bool     // the phone talks Opus, and we pass it on
	session  string   // handler of the party, if that is a session
	referred string   // the last REFER's name
	asked    []string // what became of wishes for a junction
}

// Do acts one event and tells the effects and the state.
func (s *stage) Do(line string) []string {
	word, args := parse(line)
	s.now = s.now.Add(time.Second)
	before := state(-1)
	if s.leg != nil {
		before = s.leg.state
	}
	act, ok := acts[word]
	if !ok {
		s.t.Fatalf("no act %q", word)
	}
	act(s, args)
	var out []string
	for _, e := range s.leg.effects() {
		if text := s.tell(e); text != "" {
			out = append(out, text)
		}
	}
	out = append(s.asked, out...)
	s.asked = nil
	if s.leg.state != before {
		out = append(out, "state "+s.leg.state.String())
	}
	return out
}

// parse reads a word and what it is given.
func parse(line string) (word string, args map[string]string) {
	word, rest, _ := strings.Cut(line, " ")
	args = map[string]string{}
	for f := range strings.FieldsSeq(rest) {
		k, v, _ := strings.Cut(f, "=")
		args[k] = v
	}
	return word, args
}

func capability(port int, names ...string) sdp.Capability {
	return sdp.Capability{Address: netip.MustParseAddr("127.0.0.1"), Port: port, Codecs: prefer(names...), Name: "x"}
}

func (s *stage) birth() Birth {
	b := Birth{Handler: "our-tag", Member: "m1", Boot: "b", Limits: DefaultLimits, Now: s.now,
		Contact: signal.Party{URI: signal.URI{Scheme: "sip", User: "x", Host: "127.0.0.1"}},
		Media:   capability(4000, "PCMU", "PCMA", "G722"), Log: slog.New(slog.DiscardHandler)}
	if s.opus {
		b.Media.Codecs = prefer("PCMU", "PCMA", "opus")
	}
	return b
}

// likes are the codecs that the phone would rather talk.
func (s *stage) likes() []codec.Codec {
	if s.opus {
		return prefer("opus")
	}
	return nil
}

var flow = signal.Flow{Edge: "m1", Transport: "UDP", Local: netip.MustParseAddrPort("127.0.0.1:5060"),
	Remote: netip.MustParseAddrPort("127.0.0.1:7000")}

// request is a request of the phone.
func (s *stage) request(m signal.Method, body []byte) *signal.Request {
	if m != signal.ACK {
		s.cseq++
	}
	r := &signal.Request{ID: fmt.Sprint("r", s.cseq), Method: m, CallID: "phone-call", CSeq: s.cseq,
		URI:  signal.URI{Scheme: "sip", User: "x", Host: "127.0.0.1"},
		From: somebody("1000", s.tags.phone), To: somebody("1001", s.tags.ours),
		Contacts: []signal.Party{somebody("phone", "")}, Body: body,
		Origin: signal.Origin{Flow: flow, Account: "1000@t.local"}}
	r.Origin.Flow.Session = s.session
	if s.leg != nil && s.leg.outgoing {
		r.CallID = "our-call"
	}
	if body != nil {
		r.ContentType = "application/sdp"
	}
	return r
}

func somebody(user, tag string) signal.Party {
	p := signal.Party{URI: signal.URI{Scheme: "sip", User: user, Host: "t.local"}}
	if tag != "" {
		p = p.WithTag(tag)
	}
	return p
}

// acts are what can happen on the stage.
var acts map[string]func(*stage, map[string]string)

func init() {
	acts = map[string]func(*stage, map[string]string){
		"incoming": (*stage).incoming, "outgoing": (*stage).outgoing,
		"ack": func(s *stage, a map[string]string) {
			var body []byte
			if a["sdp"] == "answer" {
				body = s.phoneAnswer()
			}
			s.leg.Request(s.request(signal.ACK, body), s.now)
		},
		"bye": func(s *stage, a map[string]string) {
			r := s.request(signal.BYE, nil)
			if from := a["from"]; from != "" {
				r.Origin.Flow.Remote = netip.MustParseAddrPort(from + ":7000")
			}
			s.leg.Request(r, s.now)
		},
		"prack": func(s *stage, _ map[string]string) {
			r := s.request(signal.PRACK, nil)
			r.Headers = signal.Headers{{Name: "RAck", Value: s.rseq + " 1 INVITE"}}
			s.leg.Request(r, s.now)
		},
		"cancel": func(s *stage, _ map[string]string) { s.leg.Cancelled("", s.now) },
		"reinvite": func(s *stage, a map[string]string) {
			if a["codecs"] == "opus" {
				s.phone = sdp.New(capability(5000, "opus"))
			}
			s.leg.Request(s.request(signal.INVITE, s.phoneOffer(a["direction"])), s.now)
		},
		"update": func(s *stage, a map[string]string) {
			s.leg.Request(s.request(signal.UPDATE, s.phoneOffer(a["direction"])), s.now)
		},
		"refresh": func(s *stage, _ map[string]string) { s.leg.dialogSays(dialog.Refresh{}) },
		"refax": func(s *stage, a map[string]string) {
			s.leg.Request(s.request(signal.INVITE, s.faxOffer(a["rate"])), s.now)
		},
		"partner-fax": func(s *stage, a map[string]string) {
			m := &msg.LegFax{Status: number(a["status"]), Answer: a["status"] != ""}
			if rate := a["rate"]; rate != "" {
				m.Fax = string(faxOf(rate))
			}
			s.leg.PartnerFax(m, s.now)
		},
		"refer":    (*stage).refer,
		"info":     (*stage).info,
		"response": (*stage).response,
		"progress": func(s *stage, a map[string]string) {
			s.leg.Progress(&msg.LegProgress{Status: number(a["status"]), Stream: a["stream"], Codec: a["codec"],
				Media: a["media"] == "yes", Headers: reasonOf(a), By: by(a)}, s.now)
		},
		"accept": func(s *stage, a map[string]string) {
			codec := a["codec"]
			if rate := a["rate"]; rate != "" {
				codec = string(faxOf(rate))
			}
			s.leg.Accept(&msg.LegAccept{Stream: a["stream"], Codec: codec, By: by(a),
				Given: a["given"] == "yes"}, s.now)
		},
		"reject": func(s *stage, a map[string]string) {
			s.leg.Reject(&msg.LegReject{Status: number(a["status"]), Headers: reasonOf(a), By: by(a)}, s.now)
		},
		"bridge": func(s *stage, _ map[string]string) { s.leg.Bridge("theirs", s.now) },
		"hangup": func(s *stage, a map[string]string) {
			s.leg.Hangup(&msg.LegHangup{Status: number(a["status"]), Last: a["last"] == "yes", SpareUrgent: a["spares"] == "urgent"}, s.now)
		},
		"run": func(s *stage, a map[string]string) {
			s.leg.Run(&msg.LegRun{Application: a["app"], Argument: a["argument"], By: by(a)}, s.now)
		},
		"partner-ended": func(s *stage, a map[string]string) {
			s.leg.PartnerEnded(&msg.LegEnded{Status: number(a["status"]), Reason: a["reason"]}, s.now)
		},
		"partner-held": func(s *stage, a map[string]string) { s.leg.PartnerHeld(a["held"] == "yes", "theirs", s.now) },
		"partner-key":  func(s *stage, a map[string]string) { s.leg.PartnerDigit(a["key"], s.now) },
		"partner-info": func(s *stage, a map[string]string) {
			s.leg.PartnerInfo(&msg.LegInfo{ContentType: "application/dtmf-relay", Body: []byte("Signal=" + a["key"] + "\r\nDuration=100\r\n")}, s.now)
		},
		"asked": func(s *stage, a map[string]string) {
			s.asked = append(s.asked, "asked: "+[]string{"refuses", "waits", "gives"}[s.leg.Asked(a["stream"], s.now)])
		},
		"no-junction": func(s *stage, a map[string]string) {
			s.leg.NoJunction(a["stream"], number(a["status"]), "no way", s.now)
		},
		"front-lost":  func(s *stage, _ map[string]string) { s.leg.FrontLost(s.now) },
		"owner-gone":  func(s *stage, _ map[string]string) { s.leg.OwnerGone(s.now) },
		"finder-gone": func(s *stage, _ map[string]string) { s.leg.FinderGone(s.now) },
		"transfer": func(s *stage, a map[string]string) {
			s.leg.Transfer(&msg.LegTransfer{Refer: "q1", Account: map[bool]string{true: "1000@t.local"}[a["trunk"] == ""], Trunk: a["trunk"],
				Target: msg.FromURI(somebody(a["target"], "").URI), ReferredBy: msg.FromParty(somebody("1000", ""))}, s.now)
		},
		"redirect": func(s *stage, a map[string]string) {
			status, reason := s.leg.Redirect(&msg.LegRedirect{Refer: "o1", Account: "boss@t.local", Target: msg.FromURI(somebody(a["target"], "").URI)}, s.now)
			s.asked = append(s.asked, fmt.Sprintf("redirected %d %s", status, reason))
		},
		"send-away": func(s *stage, a map[string]string) {
			s.referred = "o1"
			s.leg.SendAway(&msg.LegRedirect{Refer: "o1", Account: "boss@t.local", Target: msg.FromURI(somebody(a["target"], "").URI)}, s.now)
		},
		"transferred": func(s *stage, a map[string]string) {
			s.leg.Transferred(&msg.LegTransferred{Refer: s.referred, Status: number(a["status"])}, s.now)
		},
		"replace": func(s *stage, a map[string]string) {
			s.leg.Replace(&msg.LegReplace{Refer: "q2", Account: a["account"] + "@t.local", CallId: a["call"],
				PeerTag: a["tag"], Early: a["early"] == "yes"}, s.now)
		},
		"finished":   func(s *stage, _ map[string]string) { s.leg.Media(media.Finished{}, s.now) },
		"speechless": func(s *stage, _ map[string]string) { s.leg.Media(media.Speechless{}, s.now) },
		"silent": func(s *stage, a map[string]string) {
			s.now = s.now.Add(time.Duration(number(a["after"])) * time.Second)
			s.leg.Media(media.Silent{Since: time.Minute}, s.now)
		},
		"timer": (*stage).fire,
	}
	for _, more := range []map[string]func(*stage, map[string]string){taskActs, scribeActs} {
		for word, act := range more {
			acts[word] = act
		}
	}
}

func number(s string) int32 {
	var n int32
	_, _ = fmt.Sscan(s, &n)
	return n
}

func (s *stage) newPhone(codecs string) {
	if codecs == "" {
		codecs = "PCMA,PCMU"
	}
	s.opus = strings.Contains(codecs, "opus")
	s.phone = sdp.New(capability(6000, strings.Split(codecs, ",")...))
	s.timer = map[string]effect{}
}

func (s *stage) incoming(a map[string]string) {
	s.session = a["session"]
	s.newPhone(a["codecs"])
	s.tags.phone, s.cseq = "phone-tag", 0
	var body []byte
	switch a["sdp"] {
	case "none":
	case "fax":
		body = s.faxOffer("14400")
	case "bad":
		body = []byte("not SDP")
	default:
		body = s.phoneOffer("")
	}
	r := s.request(signal.INVITE, body)
	if v := a["replaces"]; v != "" {
		r.Headers = r.Headers.With("Replaces", strings.ReplaceAll(v, ":", "="))
	}
	if v := a["allow"]; v != "" {
		r.Headers = r.Headers.With("Allow", v)
	}
	if v := a["privacy"]; v != "" {
		r.Headers = r.Headers.With("Privacy", v)
	}
	if a["nobody"] == "yes" {
		r.From.URI.User, r.From.URI.Host = "anonymous", "anonymous.invalid"
	}
	if from := a["from"]; from != "" { // whom no account has proved
		r.From, r.Origin.Account = somebody(from, s.tags.phone), ""
	}
	if a["aware"] == "yes" {
		r.Headers = r.Headers.With("Supported", "record-aware")
	}
	birth := s.birth()
	if a["prack"] == "yes" {
		r.Headers = r.Headers.With("Supported", "100rel")
		birth.Reliably = dialog.WithSDP
	}
	birth.Unable = a["media"] == "none"
	birth.Recorders = recordersOf(a["recorders"])
	work := &msg.LegStart{Call: "c1", Owner: owner, Application: a["app"], Argument: a["argument"], Record: a["record"] == "yes",
		Trunk: a["trunk"], Urgent: a["urgent"] == "yes"}
	if by := a["asserted"]; by != "" {
		work.Asserted = msg.FromParty(signal.Party{Display: "Asserted", URI: signal.URI{Scheme: "sip", User: by, Host: "t.local"}})
	}
	s.leg = startIncoming(birth, work, r)
	s.tags.ours = "our-tag"
}

func (s *stage) outgoing(a map[string]string) {
	s.newPhone(a["codecs"])
	s.tags.ours, s.tags.phone = "our-tag", "phone-tag"
	birth, flow := s.birth(), flow
	if a["prack"] == "yes" {
		birth.Reliably = dialog.WithSDP
	}
	birth.Recorders = recordersOf(a["recorders"])
	if a["tls"] == "yes" {
		birth.Media.Suites, flow.Transport = sdp.Suites, "TLS"
	}
	s.leg = startOutgoing(birth, &msg.LegStart{Call: "c1", Owner: owner, Branch: 1, Outgoing: &msg.LegCall{
		Contact: msg.FromURI(somebody("phone", "").URI), Flow: msg.FromFlow(flow), From: msg.FromParty(somebody("1000", "")),
		To: msg.FromParty(somebody("1001", "")), Account: "1001@t.local", Codecs: calledWith(a["rate"])}}, "our-call")
}

// phoneOffer is an SDP offer of the phone.
func (s *stage) phoneOffer(direction string) []byte {
	if direction == "none" {
		return nil
	}
	d := map[string]sdp.Direction{"sendonly": sdp.SendOnly, "inactive": sdp.Inactive}[direction]
	offer, err := s.phone.Offer(d, s.likes())
	if err != nil {
		s.t.Fatal(err)
	}
	return offer
}

// faxOf is what a fax of that rate says.
func faxOf(rate string) sdp.Fax { return sdp.Fax("t38\nT38MaxBitRate:" + rate) }

// calledWith is what the caller can do: audio, or a fax of that rate.
func calledWith(rate string) []string {
	if rate == "" {
		return []string{"PCMA"}
	}
	return []string{string(faxOf(rate))}
}

// faxOffer is an SDP offer of the phone to be a fax.
func (s *stage) faxOffer(rate string) []byte {
	offer, err := s.phone.OfferFax(faxOf(rate))
	if err != nil {
		s.t.Fatal(err)
	}
	return offer
}

// phoneAnswer is the phone's SDP answer to what we sent last.
func (s *stage) phoneAnswer() []byte {
	f, err := s.phone.OffersFax(s.got)
	if err != nil {
		s.t.Fatal(err)
	}
	answer, _, err := s.phone.Answer(s.got, sdp.SendRecv, s.likes())
	if f != "" {
		answer, _, err = s.phone.AnswerFax(s.got, faxOf("9600"))
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return answer
}

func (s *stage) refer(a map[string]string) {
	r := s.request(signal.REFER, nil)
	r.Headers = signal.Headers{{Name: "Refer-To", Value: "<sip:" + a["target"] + "@t.local>"}}
	if v := a["replaces"]; v != "" {
		r.Headers = signal.Headers{{Name: "Refer-To", Value: "<sip:" + a["target"] + "@t.local?Replaces=" + v + ">"}}
	}
	s.leg.Request(r, s.now)
}

func (s *stage) info(a map[string]string) {
	r := s.request(signal.INFO, []byte("Signal="+a["key"]+"\r\nDuration=100\r\n"))
	r.ContentType = cmp.Or(a["type"], "application/dtmf-relay")
	s.leg.Request(r, s.now)
}

// fork lets another phone speak that our INVITE has come to. It has not heard what we said to the others.
func (s *stage) fork(tag string) {
	s.sent = s.calls
	if tag != s.tags.phone {
		s.tags.phone, s.phone, s.got, s.cseq = tag, sdp.New(capability(5000, "PCMU")), s.calls.Body, 0
	}
}

// response answers our last request, or our INVITE for a fork.
func (s *stage) response(a map[string]string) {
	if a["fork"] != "" {
		s.fork(a["fork"])
	}
	r := &signal.Response{Request: s.sent.ID, Method: s.sent.Method, Status: int(number(a["status"])),
		To: s.sent.To, Contacts: []signal.Party{somebody("phone", "")}}
	if a["contacts"] != "" {
		r.Contacts = nil
		for user := range strings.SplitSeq(a["contacts"], ",") {
			user, q, _ := strings.Cut(user, ";")
			c := somebody(user, "")
			if q != "" {
				c.Params = c.Params.With("q", q)
			}
			r.Contacts = append(r.Contacts, c)
		}
	}
	if r.Status == 202 && a["sub"] == "no" {
		r.Headers = signal.Headers{{Name: "Refer-Sub", Value: "false"}}
	}
	if s.sent.To.Tag() == "" {
		r.To = s.sent.To.WithTag(s.tags.phone)
	}
	if a["rseq"] != "" {
		r.Headers = r.Headers.With("Require", "100rel").With("RSeq", a["rseq"])
	}
	if a["sdp"] == "answer" {
		r.ContentType, r.Body = "application/sdp", s.phoneAnswer()
		s.answered = r.Body
	}
	if a["sdp"] == "again" { // in the octets of the answer before
		_ = s.phoneAnswer()
		r.ContentType, r.Body = "application/sdp", s.answered
	}
	s.leg.Response(r, s.now)
}

func (s *stage) fire(a map[string]string) {
	switch e := s.timer[a["kind"]].(type) {
	case legTimer:
		s.leg.Timer(e.kind, e.generation, uint64(number(a["received"])), s.now)
	case dialogTimer:
		s.now = s.now.Add(time.Duration(number(a["after"])) * time.Second)
		s.leg.DialogTimer(e.timer.ID, s.now)
	default:
		s.t.Fatalf("no timer %q runs", a["kind"])
	}
}

var timerNames = map[timerKind]string{unanswered: "unanswered", lastWords: "last-words", programWait: "program", alive: "alive", faxWait: "fax", faxBack: "fax-back", referWait: "refer", unmet: "unmet"}

// tell is one effect in a line; what says nothing to a reader is left out.
func (s *stage) tell(e effect) string {
	switch e := e.(type) {
	case toEdge:
		return s.tellEdge(e.what)
	case dialogTimer:
		s.timer[e.timer.ID.Kind] = e
		return ""
	case noTimer:
		return "" // it would mean nothing any more
	case legTimer:
		s.timer[timerNames[e.kind]] = e
		return fmt.Sprintf("timer %s %v", timerNames[e.kind], e.after)
	case apply:
		return fmt.Sprintf("media apply %s %s held=%v", strings.ReplaceAll(e.params.Named(), "\n", " "), e.params.Direction, e.params.Held)
	case serveTask, tellTask, startSound, startTape, mix, keepCall, turnKept, attend:
		return s.tellService(e)
	case beginScribe, tellScribes, endScribes:
		return tellScribe(e)
	case tellOwner:
		return "owner " + tellMessage(e.message)
	case tellPartner:
		if t, ok := e.message.(*msg.LegTransfer); ok {
			s.referred = t.Refer
		}
		return "partner " + tellMessage(e.message)
	case tellAsker:
		return "asker " + tellMessage(e.message)
	case answerReplace:
		return "replacer " + tellMessage(e.message)
	case find:
		r := e.start.Request.Signal()
		text := "find " + r.URI.String() + " for " + r.From.URI.String()
		if r.Origin.Trunk != "" {
			text += " with the rights of trunk " + r.Origin.Trunk + string(r.Origin.Account)
		}
		if p := r.Headers.Get("Privacy"); p != "" {
			text += ", private: " + p + ", asserted " + r.Headers.Get("P-Asserted-Identity") + ", referred by " + r.Headers.Get("Referred-By")
		} else if s.leg.asserted.URI.Host != "" {
			text += ", asserted " + r.Headers.Get("P-Asserted-Identity")
		}
		return text
	case replace:
		s.referred = e.request.Refer
		return fmt.Sprintf("replace %s by=%d call=%s tag=%s account=%s", e.tag, e.by, e.request.CallId, e.request.PeerTag, e.request.Account)
	case giveUp:
		return "give-up " + tellMessage(e.run)
	case say:
		return "media say " + strings.Join(e.words, " ")
	case publish:
		return ""
	case changed:
		return "journal change"
	case journal:
		return fmt.Sprintf("journal over=%v status=%d by=%s reason=%q", e.over, s.leg.record.Status, s.leg.record.By, s.leg.record.Reason)
	}
	return strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("media %T %+v", e, e), "media leg."), " {}")
}

func (s *stage) tellEdge(e dialog.Effect) string {
	switch e := e.(type) {
	case dialog.Send:
		text := "phone < " + string(e.Request.Method) + body(e.Request.ContentType, e.Request.Body)
		if e.Request.Method != signal.ACK {
			s.sent = e.Request
		}
		if s.calls == nil {
			s.calls = e.Request
		}
		s.keep(e.Request.ContentType, e.Request.Body)
		for _, name := range []string{"Reason", "Refer-To", "Referred-By"} {
			if v := e.Request.Headers.Get(name); v != "" {
				text += " " + strings.ToLower(name) + " " + v
			}
		}
		return text
	case dialog.Respond:
		s.rseq = cmp.Or(e.Response.Headers.Get("RSeq"), s.rseq)
		s.keep(e.Response.ContentType, e.Response.Body)
		text := fmt.Sprintf("phone < %d %s", e.Response.Status, e.Response.Method) +
			body(e.Response.ContentType, e.Response.Body)
		if v := e.Response.Headers.Get("Reason"); v != "" {
			text += " reason " + v
		}
		if c := e.Response.Contacts; len(c) > 0 && len(c[0].Params) > 0 {
			text += " contact " + c[0].String()
		}
		return text
	case dialog.Cancel:
		return strings.TrimSpace("phone < CANCEL " + e.Reason)
	}
	return fmt.Sprintf("%T", e)
}

func (s *stage) keep(contentType string, b []byte) {
	if isSDP(contentType, b) {
		s.got = b
	}
}

// body tells an SDP body by its first codec and direction, another one by its first line.
func body(contentType string, b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if contentType != "application/sdp" {
		first, _, _ := strings.Cut(string(b), "\r\n")
		return " [" + first + "]"
	}
	if _, fax, ok := strings.Cut(string(b), "m=image "); ok {
		return " [image " + strings.Join(strings.Fields(fax), " ") + "]"
	}
	direction := "sendrecv"
	for _, d := range []string{"sendonly", "recvonly", "inactive"} {
		if strings.Contains(string(b), "a="+d) {
			direction = d
		}
	}
	_, m, _ := strings.Cut(string(b), "m=audio ")
	m, _, _ = strings.Cut(m, "\r\n")
	if _, how, ok := strings.Cut(string(b), "a=record:"); ok {
		how, _, _ = strings.Cut(how, "\r\n")
		direction += " record " + how
	}
	return " [audio " + m + " " + direction + "]"
}

func tellMessage(m proto.Message) string {
	text := strings.Join(strings.Fields(fmt.Sprint(m)), " ")
	return strings.TrimSpace(string(m.ProtoReflect().Descriptor().Name()) + " " + text)
}

// Programs must name only codecs and applications that exist.
func TestEveryApplicationRuns(t *testing.T) {
	for name := range app.Programs {
		s := &stage{t: t, now: epoch}
		s.Do("incoming app=" + name)
		if s.leg.state == ended {
			t.Errorf("%s ended at once", name)
		}
		for range 3 {
			if _, waits := s.timer["program"]; waits {
				s.Do("timer kind=program")
			}
		}
	}
	if _, ok := codec.ByName("PCMU"); !ok {
		t.Error("no PCMU")
	}
}
