package trunk

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/msg"
	"tandem/conf"
	"tandem/signal"
)

func TestTranscripts(t *testing.T) {
	acttest.Play(t, "testdata", func(t *testing.T) acttest.Player { return newStage(t) })
}

// TestStandingTellsHowItIsRegistered: while calls still go to an owner before, it is not.
func TestStandingTellsHowItIsRegistered(t *testing.T) {
	s := newStage(t)
	s.Do("after sip:line@10.0.0.1:5060 a;transport=udp 3000 192.0.2.7")
	for _, x := range []struct{ line, want string }{
		{"set user=line register unprobed", "asking"}, {"answer REGISTER 403", "refused"}, {"keep 3", "asking"},
		{"answer REGISTER 200 sent=10.0.0.2:5060", "registered"},
	} {
		s.Do(x.line)
		if told := s.machine.standing(s.now); told.Registration != x.want || told.Contact == "" {
			t.Errorf("after %s: %v", x.line, told)
		}
	}
}

// stage plays a trunk's story. Times are seconds after its beginning.
type stage struct {
	t       *testing.T
	machine *Trunk
	set     *conf.Trunk
	now     time.Time
	sent    map[string]*signal.Request // the last one, by what it is: REGISTER, farewell, or OPTIONS and the host
	drawn   int
	by      string // takes calls
}

var start = time.Unix(1_800_000_000, 0)

func newStage(t *testing.T) *stage {
	s := &stage{t: t, now: start, sent: map[string]*signal.Request{}, by: "m1"}
	s.found(nil)
	return s
}

// found has an owner begin.
func (s *stage) found(before *msg.TrunkStanding) {
	s.machine = New(Setup{Name: "carrier", Member: "m1", CallID: "id", Now: s.now, Before: before,
		Log:  func(string, ...any) {},
		Draw: func(below int) int { s.drawn++; return s.drawn % below }})
}

// Do acts one line:
//
//	set WORD=VALUE...          the settings: targets=a,b user= secret= register channels= rate= probe= unprobed period=
//	unset                      the trunk is in the settings no more
//	keep N                     N seconds go by, with a Keep each
//	answer REQUEST STATUS H:NAME=VALUE...   the answer to what was sent last; local: nobody has said it
//	seize|emergency|incoming HOLDER; held CHANNEL HOLDER; uses HOLDER; gone HOLDER
//	call WORD=VALUE...         a leg is over
//	try, find, end; end heir: another member takes over
//	resolved PLACE HOST ADDRESS... ; resolved PLACE HOST gone
//	by MEMBER                it takes calls from here on
//	after CONTACT REGISTRAR SECONDS ADDRESS   a new owner begins, after one that was registered so; -: not at all
func (s *stage) Do(line string) []string {
	words := strings.Fields(line)
	switch words[0] {
	case "set":
		s.settings(words[1:])
		return s.told(s.machine.Keep(s.set, s.by, s.now))
	case "unset":
		s.set = nil
		return s.told(s.machine.Keep(nil, s.by, s.now))
	case "keep":
		return s.keep(words[1])
	case "answer":
		return s.told(s.machine.Answered(s.response(words[1:]), s.now))
	case "seize", "emergency", "incoming":
		return s.told(s.machine.Seize(&msg.TrunkSeize{Emergency: words[0] == "emergency", Incoming: words[0] == "incoming"}, words[1], s.now))
	case "held":
		n, _ := strconv.ParseUint(words[1], 10, 64)
		s.machine.Held(n+uint64(start.UnixNano()), words[2], false)
	case "uses":
		s.machine.Uses(words[1], false)
	case "gone":
		s.machine.Gone(words[1])
	case "call":
		s.call(words[1:])
	case "try":
		return s.told(s.machine.Try(1, s.now))
	case "find":
		return []string{text(s.machine.Find(s.now))}
	case "resolved":
		return s.resolved(words[1:])
	case "by":
		s.by = words[1]
		return nil
	case "after":
		n, _ := strconv.Atoi(words[3])
		s.found(&msg.TrunkStanding{Contact: strings.Trim(words[1], "-"), Registrar: words[2], ExpiresMs: s.now.Add(time.Duration(n) * time.Second).UnixMilli(),
			Addresses: [][]byte{netip.MustParseAddr(words[4]).AsSlice()}})
		return nil
	case "end":
		return s.told(s.machine.End(len(words) > 1, s.now))
	default:
		s.t.Fatalf("no such event: %s", line)
	}
	return []string{fmt.Sprintf("%d channels", len(s.machine.channels.open))}
}

func (s *stage) resolved(words []string) []string {
	place, _ := strconv.Atoi(words[0])
	var to []netip.Addr
	gone := false
	for _, w := range words[2:] {
		if a, err := netip.ParseAddr(w); err == nil {
			to = append(to, a)
		}
		gone = gone || w == "gone"
	}
	return s.told(s.machine.Resolved(place, words[1], to, gone, s.now))
}

func (s *stage) settings(words []string) {
	set := conf.Trunk{Name: "carrier", Targets: []string{"a"}}
	for _, w := range words {
		name, value, _ := strings.Cut(w, "=")
		n, _ := strconv.Atoi(value)
		switch name {
		case "addresses":
			set.Addresses = strings.Split(value, ",")
		case "login":
			set.LoginUser = value
		case "targets":
			set.Targets = strings.Split(value, ",")
		case "user":
			set.User, set.Secret = value, "secret"
		case "register":
			set.Register = true
		case "domain":
			set.Domain = value
		case "channels":
			set.Channels = n
		case "rate":
			set.Rate = n
		case "probe":
			set.Probe = time.Duration(n) * time.Second
		case "unprobed":
			set.Unprobed = true
		case "period":
			set.Period = time.Duration(n) * time.Second
		default:
			s.t.Fatalf("no such setting: %s", w)
		}
	}
	whole, _ := conf.Trunks{List: []conf.Trunk{set}}.Of("carrier")
	s.set = &whole
}

func (s *stage) keep(count string) (out []string) {
	n, _ := strconv.Atoi(count)
	for range n {
		s.now = s.now.Add(time.Second)
		for _, line := range s.told(s.machine.Keep(s.set, s.by, s.now)) {
			if !strings.HasPrefix(line, "publish") || len(out) == 0 || !strings.HasSuffix(out[len(out)-1], line) {
				out = append(out, fmt.Sprintf("%gs %s", s.now.Sub(start).Seconds(), line))
			}
		}
	}
	return out
}

// response answers what was sent last.
func (s *stage) response(words []string) *signal.Response {
	q := s.sent[words[0]]
	if q == nil {
		s.t.Fatalf("no %s was sent", words[0])
	}
	status, _ := strconv.Atoi(words[1])
	r := &signal.Response{Request: q.ID, Method: q.Method, Status: status,
		Origin: signal.Origin{Flow: signal.Flow{Remote: netip.MustParseAddrPort("192.0.2.7:5060")}}}
	for _, w := range words[2:] {
		name, value, _ := strings.Cut(strings.TrimPrefix(w, "h:"), "=")
		switch {
		case w == "local":
			r.Local, r.Origin = true, signal.Origin{}
		case name == "contact":
			r.Contacts = []signal.Party{{URI: q.Contacts[0].URI, Params: signal.Params{{Name: "expires", Value: value}}}}
		case name == "sent": // the Contact as the edge has sent it, which the carrier tells
			u, _ := signal.ParseURI("sip:line@" + value)
			r.Sent = []signal.Party{{URI: u}}
			r.Contacts = append(r.Contacts, signal.Party{URI: u, Params: signal.Params{{Name: "expires", Value: "60"}}})
		case name == "rewrites": // the Contact as the edge has sent it, and what the carrier makes of it
			u, _ := signal.ParseURI("sip:line@" + value)
			r.Sent = []signal.Party{{URI: u}}
			r.Contacts = []signal.Party{{URI: signal.URI{Scheme: "sip", User: "line", Host: "203.0.113.9", Port: 4711},
				Params: signal.Params{{Name: "expires", Value: "60"}}}}
		case name == "lists": // one more that the carrier has
			u, _ := signal.ParseURI("sip:line@" + value)
			r.Contacts = append([]signal.Party{{URI: u, Params: signal.Params{{Name: "expires", Value: "3000"}}}}, r.Contacts...)
		default:
			r.Headers = r.Headers.With(name, strings.ReplaceAll(value, "_", " "))
		}
	}
	return r
}

func (s *stage) call(words []string) {
	r := &msg.LegRecord{Outgoing: true, Started: start.UnixMilli(), Peer: "a;transport=udp", By: "callee"}
	for _, w := range words {
		name, value, _ := strings.Cut(w, "=")
		n, _ := strconv.ParseInt(value, 10, 64)
		switch name {
		case "in":
			r.Outgoing = false
		case "rang":
			r.Rang = r.Started + n
		case "talked":
			r.Answered, r.Ended = r.Started+2000, r.Started+2000+n
		case "status":
			r.Status = int32(n)
		case "by":
			r.By = value
		case "retry":
			r.RetryAfterMs = n * 1000
		case "peer":
			r.Peer = value
		}
	}
	s.machine.Call(r, s.now)
}

func (s *stage) told(effects []Effect) (out []string) {
	for _, e := range effects {
		switch e := e.(type) {
		case Send:
			line := s.send(e.Request)
			if e.Member != "m1" {
				line += " by " + e.Member
			}
			out = append(out, line)
		case Resolve:
			if strings.Contains(e.Target.Host, ".") { // the names of most stories lead nowhere
				out = append(out, fmt.Sprintf("resolve %d %s", e.Place, e.Target.Host))
			}
		case Tell:
			m := e.Message.(*msg.TrunkSeized)
			line := fmt.Sprintf("tell %s: %d %s", e.Holder, m.Status, m.Reason)
			if m.Channel != 0 {
				line = fmt.Sprintf("tell %s: channel %d, targets %v", e.Holder, m.Channel-uint64(start.UnixNano()), m.Targets)
				if len(m.Routes) > 0 {
					line += fmt.Sprintf(", to %d by %v", m.Registered, m.Routes)
				}
			}
			out = append(out, line)
		case Answer:
			out = append(out, "answer: "+text(e.Message.(*msg.TrunkFound)))
		case Publish:
			p := e.Standing
			line := fmt.Sprintf("publish up=%t %s", p.Up, p.Why)
			for _, a := range p.Addresses {
				addr, _ := netip.AddrFromSlice(a)
				line += " from " + addr.String()
			}
			if p.Contact != "" {
				line += " as " + p.Contact
			}
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}

func (s *stage) send(r *signal.Request) string {
	line := fmt.Sprintf("send %s %s cseq=%d", r.Method, r.URI, r.CSeq)
	if r.Headers.Get("Expires") == "0" {
		s.sent["farewell"] = r
	} else {
		s.sent[string(r.Method)] = r
	}
	if r.Method == signal.OPTIONS {
		s.sent["OPTIONS/"+r.URI.Host] = r
		return fmt.Sprintf("send OPTIONS %s", r.URI)
	}
	for _, h := range r.Headers {
		if h.Name == "Expires" {
			line += " expires=" + h.Value
		} else {
			algorithm := "MD5"
			if strings.Contains(h.Value, "SHA-256") {
				algorithm = "SHA-256"
			}
			_, user, _ := strings.Cut(h.Value, `username="`)
			user, _, _ = strings.Cut(user, `"`)
			line += fmt.Sprintf(" with %s by %s of %s", h.Name, algorithm, user)
		}
	}
	line += " to " + r.To.URI.String()
	if c := r.Contacts[0].URI; c.Host != "" {
		line += " for " + c.String()
	}
	return line
}

// text is how a trunk stands.
func text(f *msg.TrunkFound) string {
	var b strings.Builder
	fmt.Fprintf(&b, "registration %s", strings.TrimSpace(f.Registration+" "+f.RegistrationWhy))
	for _, x := range f.Targets {
		fmt.Fprintf(&b, "; %s %s", strings.TrimSuffix(x.Address, ";transport=udp"), strings.TrimSpace(x.State+" "+x.Why))
	}
	fmt.Fprintf(&b, "; %d channels, peak %d, %d refused", f.Channels, f.Peak, f.Refused)
	if h := f.Hour; h.Out+h.In > 0 {
		fmt.Fprintf(&b, "; hour: %d out, %d in, %d answered, %d effective, %d rang after %d ms, talked %d ms", h.Out, h.In, h.Answered, h.Effective,
			h.Rang, h.DelayMs, h.TalkMs)
	}
	if f.LastError != "" {
		fmt.Fprintf(&b, "; last error: %s", f.LastError)
	}
	return b.String()
}
