package dialog

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/signal"
)

var update = flag.Bool("update", false, "rewrite the transcripts in testdata")

// TestTranscripts plays every story in testdata: blocks of event lines, "----", and what came out.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			old, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := newPlayer(t).play(string(old))
			switch {
			case string(old) == got:
			case *update:
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			default:
				t.Errorf("%s: want\n%s\ngot\n%s", file, old, got)
			}
		})
	}
}

// player runs the event lines of one story against one dialog.
type player struct {
	t      *testing.T
	d      *Dialog
	now    time.Time
	timers map[string]StartTimer // by kind, the last one
	asked  map[string]*signal.Request
	ours   Local // what a story adds to our side
	out    bytes.Buffer
}

func newPlayer(t *testing.T) *player {
	return &player{t: t, now: time.Unix(1_000_000_000, 0), timers: map[string]StartTimer{},
		asked: map[string]*signal.Request{}}
}

// play answers the story with what really came out.
func (p *player) play(story string) string {
	var text strings.Builder
	for i, block := range strings.Split(strings.TrimSpace(story), "\n\n") {
		if i > 0 {
			text.WriteString("\n")
		}
		events, _, has := strings.Cut(block, "----")
		for line := range strings.Lines(events) {
			line = strings.TrimSpace(line)
			if line == "" {
				continue
			}
			text.WriteString(line + "\n")
			if !strings.HasPrefix(line, "#") {
				p.event(line)
			}
		}
		if has || p.out.Len() > 0 {
			text.WriteString("----\n" + p.out.String())
			p.out.Reset()
		}
	}
	return text.String()
}

// line is one event: a word, plain arguments, and name=value arguments.
type line struct {
	args   []string
	named  map[string]string
	fields signal.Headers // h:Name=value
}

func parseLine(s string) line {
	l := line{named: map[string]string{}}
	for _, w := range splitWords(s) {
		name, value, ok := strings.Cut(w, "=")
		switch {
		case ok && strings.HasPrefix(name, "h:"):
			l.fields = append(l.fields, signal.Header{Name: name[2:], Value: value})
		case ok && isName(name):
			l.named[name] = value
		default:
			l.args = append(l.args, w)
		}
	}
	return l
}

func isName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz-") == ""
}

// splitWords splits at blanks outside of '...'.
func splitWords(s string) []string {
	var out []string
	var word strings.Builder
	quoted := false
	for _, c := range s {
		switch {
		case c == '\'':
			quoted = !quoted
		case c == ' ' && !quoted:
			if word.Len() > 0 {
				out = append(out, word.String())
			}
			word.Reset()
		default:
			word.WriteRune(c)
		}
	}
	if word.Len() > 0 {
		out = append(out, word.String())
	}
	return out
}

func (l line) arg(i int) string {
	if i < len(l.args) {
		return l.args[i]
	}
	return ""
}

func (l line) number(i int) int { n, _ := strconv.Atoi(l.arg(i)); return n }

func (l line) sdp() []byte {
	if s, ok := l.named["sdp"]; ok {
		return []byte(s)
	}
	return nil
}

var bob = mustParty("<sip:bob@198.51.100.2>")
var alice = mustParty(`"Alice" <sip:alice@tandem.local>`)

func mustParty(s string) signal.Party {
	p, err := signal.ParseParty(s)
	if err != nil {
		panic(err)
	}
	return p
}

func flowTo(port uint16) signal.Flow {
	return signal.Flow{Edge: "m1", Transport: "UDP", Local: netip.MustParseAddrPort("192.0.2.1:5060"),
		Remote: netip.AddrPortFrom(netip.MustParseAddr("198.51.100.2"), port)}
}

func (p *player) local() Local {
	return Local{Tag: "us", Contact: mustParty("<sip:us@192.0.2.1>"), Flow: flowTo(5060), Seed: 1,
		Headers:  signal.Headers{{Name: "Supported", Value: "replaces, norefersub, 100rel, timer"}},
		Reliably: p.ours.Reliably, Timing: p.ours.Timing,
		Moved: func(m Move) {
			if m.Illegal {
				p.t.Errorf("illegal move %v", m)
			}
			fmt.Fprintf(&p.out, "%s -> %s: %s\n", m.From, m.To, m.Because)
		}}
}

// event performs one line and writes down what comes out.
func (p *player) event(s string) {
	l := parseLine(s)
	effects, err := p.perform(l)
	if err != nil {
		fmt.Fprintf(&p.out, "error: %v\n", err)
	}
	for _, e := range effects {
		p.effect(e)
	}
}

func (p *player) perform(l line) ([]Effect, error) {
	d, now := p.d, p.now
	switch l.arg(0) {
	case "reliably":
		p.ours.Reliably = Reliably(l.number(1))
		return nil, nil
	case "timing":
		p.ours.Timing = SessionTimer{time.Duration(l.number(1)) * time.Second, time.Duration(l.number(2)) * time.Second}
		return nil, nil
	case "server":
		p.d = NewServer(p.request(l, signal.INVITE), p.local(), now)
		return nil, nil
	case "client":
		c := Call{Target: bob.URI, From: alice, To: bob, CallID: "call1"}
		if r := l.named["route"]; r != "" {
			c.Routes = []string{r}
		}
		if other := l.named["other"]; other != "" {
			c.Other = func() []byte { return []byte(other) }
		}
		local := p.local()
		if l.named["prove"] != "" {
			local.Prove = prove
		}
		p.d = NewClient(c, local, now)
		return nil, nil
	case "recv":
		return d.Received(p.request(l, signal.Method(l.arg(1))), now), nil
	case "resp":
		return d.Answered(p.response(l), now), nil
	case "cancelled":
		return d.Cancelled(l.arg(1), now), nil
	case "fire":
		timer, ok := p.timers[l.arg(1)]
		if !ok {
			p.t.Fatalf("no timer %q", l.arg(1))
		}
		p.now = p.now.Add(timer.After)
		return d.TimerFired(timer.ID, p.now), nil
	case "invite":
		return d.Invite(l.sdp(), now)
	case "progress":
		return d.Progress(l.number(1), l.arg(2), l.sdp(), l.fields, now)
	case "accept":
		return d.Accept(l.sdp(), now)
	case "reject":
		return d.Reject(l.number(1), l.arg(2), l.fields, now)
	case "acknowledge":
		return d.Acknowledge(l.sdp(), now)
	case "reinvite":
		return d.Reinvite(l.sdp(), now)
	case "accept-offer":
		return d.AcceptOffer(l.sdp(), now)
	case "refuse-offer":
		return d.RefuseOffer(l.number(1), l.arg(2), now)
	case "info":
		return d.Info(l.arg(1), []byte(l.arg(2)), now)
	case "probe":
		return d.Probe(now)
	case "refer":
		var r *Replaces
		if v := l.named["replaces"]; v != "" {
			var err error
			if r, err = parseReplaces(v); err != nil {
				return nil, err
			}
		}
		return d.Refer(mustParty("<"+l.arg(1)+">").URI, r, l.named["by"], now)
	case "accept-refer":
		return d.AcceptRefer(l.arg(1), now)
	case "refuse-refer":
		return d.RefuseRefer(l.arg(1), l.number(2), l.arg(3), now)
	case "report-refer":
		return d.ReportRefer(l.arg(1), l.number(2), l.arg(3), now)
	case "must-offer":
		fmt.Fprintf(&p.out, "must offer: %t, agreed: %t\n", d.MustOffer(), d.Agreed())
		return nil, nil
	case "hangup":
		return d.Hangup(l.number(1), l.arg(2), now), nil
	case "state":
		fmt.Fprintf(&p.out, "state %s, flow to %s\n", d.State(), d.Flow().Remote)
		return nil, nil
	case "contact":
		if l.named["remove"] != "" {
			d.RemoveContactParam(l.named["remove"])
		} else if !d.SetContactParam(l.arg(1), l.arg(2)) {
			fmt.Fprintln(&p.out, "not taken")
		}
		fmt.Fprintf(&p.out, "contact %s\n", d.local.Contact)
		return nil, nil
	case "allow":
		fmt.Fprintf(&p.out, "peer allows %q\n", d.PeerAllows())
		return nil, nil
	}
	p.t.Fatalf("no such event: %q", l.arg(0))
	return nil, nil
}

// prove answers a challenge by what it asks; one without a nonce can not be answered.
func prove(r *signal.Response, q *signal.Request) (signal.Header, error) {
	for challenge, reply := range map[string]string{"WWW-Authenticate": "Authorization", "Proxy-Authenticate": "Proxy-Authorization"} {
		if nonce, ok := strings.CutPrefix(r.Headers.Get(challenge), "nonce="); ok {
			return signal.Header{Name: reply, Value: nonce + "-" + string(q.Method)}, nil
		}
	}
	return signal.Header{}, errors.New("no challenge")
}

// request makes a request of the peer. Its tag is "them" unless the line says otherwise.
func (p *player) request(l line, m signal.Method) *signal.Request {
	cseq, _ := strconv.ParseUint(l.named["cseq"], 10, 32)
	r := &signal.Request{ID: fmt.Sprintf("%s/%d", m, cseq), Method: m, From: bob.WithTag("them"),
		To: alice, CallID: "call1", CSeq: uint32(cseq), Headers: l.fields, Origin: signal.Origin{Flow: flowTo(5060)}}
	if l.arg(0) == "recv" {
		r.To = r.To.WithTag("us")
	}
	if tag, ok := l.named["tag"]; ok {
		r.From = bob.WithTag(tag)
	}
	if port, err := strconv.ParseUint(l.named["port"], 10, 16); err == nil {
		r.Origin.Flow = flowTo(uint16(port))
	}
	if c := l.named["contact"]; c != "" {
		r.Contacts = []signal.Party{mustParty(c)}
	}
	if rr := l.named["route"]; rr != "" {
		r.Routes = []string{rr}
	}
	if body := l.sdp(); body != nil {
		r.ContentType, r.Body = sdpType, body
	}
	if body := l.named["body"]; body != "" {
		r.ContentType, r.Body = l.named["type"], []byte(body)
	}
	return r
}

// response answers the last request of a method that the dialog sent, or the one named by id.
func (p *player) response(l line) *signal.Response {
	m := signal.Method(l.arg(2))
	asked := p.asked[l.arg(2)]
	if id := l.named["id"]; id != "" {
		asked = p.asked[id]
	}
	if asked == nil {
		p.t.Fatalf("no %s was sent", m)
	}
	tag := "them"
	if v, ok := l.named["tag"]; ok {
		tag = v
	}
	r := &signal.Response{Request: asked.ID, Method: asked.Method, Status: l.number(1),
		To: bob, Headers: l.fields, Local: l.arg(3) == "local"}
	if tag != "" && r.Status != 100 {
		r.To = bob.WithTag(tag)
	}
	if c := l.named["contact"]; c != "" {
		r.Contacts = []signal.Party{mustParty(c)}
	}
	if rr := l.named["route"]; rr != "" {
		r.Routes = []string{rr}
	}
	if body := l.sdp(); body != nil {
		r.ContentType, r.Body = sdpType, body
	}
	return r
}

// effect writes one effect down.
func (p *player) effect(e Effect) {
	w := &p.out
	switch e := e.(type) {
	case Send:
		r := e.Request
		p.asked[string(r.Method)], p.asked[r.ID] = r, r
		fmt.Fprintf(w, "send %s %s cseq=%d id=%s", r.Method, r.URI, r.CSeq, r.ID)
		if tag := r.To.Tag(); tag != "them" {
			fmt.Fprintf(w, " to-tag=%q", tag)
		}
		if e.Flow.Remote.Port() != 5060 {
			fmt.Fprintf(w, " port=%d", e.Flow.Remote.Port())
		}
		for _, route := range r.Routes {
			fmt.Fprintf(w, " route=%s", route)
		}
		writeRest(w, r.Headers, r.Body)
	case Respond:
		r := e.Response
		fmt.Fprintf(w, "respond %d", r.Status)
		if r.Reason != "" {
			fmt.Fprintf(w, " (%s)", r.Reason)
		}
		fmt.Fprintf(w, " to %s", r.Request)
		for _, route := range r.Routes {
			fmt.Fprintf(w, " route=%s", route)
		}
		writeRest(w, r.Headers, r.Body)
	case Cancel:
		fmt.Fprintf(w, "cancel %s %s\n", e.Request, e.Reason)
	case StartTimer:
		p.timers[e.ID.Kind] = e
		fmt.Fprintf(w, "timer %s in %s\n", e.ID.Kind, e.After)
	default:
		writeTold(w, e)
	}
}

// writeRest writes the fields that are not the owner's, and the body.
func writeRest(w *bytes.Buffer, h signal.Headers, body []byte) {
	for _, f := range h {
		if f.Name != "Supported" || !strings.HasPrefix(f.Value, "replaces, norefersub") {
			fmt.Fprintf(w, " [%s: %s]", f.Name, f.Value)
		}
	}
	if body != nil {
		fmt.Fprintf(w, " body=%s", strings.TrimSpace(string(body)))
	}
	w.WriteByte('\n')
}

// writeTold writes an effect towards the leg; bytes as text, pointers followed.
func writeTold(w *bytes.Buffer, e Effect) {
	name := strings.TrimPrefix(fmt.Sprintf("%T", e), "dialog.")
	switch e := e.(type) {
	case Progressed:
		fmt.Fprintf(w, "%s %d tag=%s sdp=%s\n", name, e.Status, e.Tag, e.SDP)
	case Accepted:
		fmt.Fprintf(w, "%s first=%t needsACK=%t tag=%s sdp=%s\n", name, e.First, e.NeedsACK, e.Tag, e.SDP)
	case Refused:
		fmt.Fprintf(w, "%s %d local=%t contacts=%v\n", name, e.Status, e.Local, e.Contacts)
	case Offered:
		fmt.Fprintf(w, "%s sdp=%s\n", name, e.SDP)
	case Confirmed:
		fmt.Fprintf(w, "%s first=%t sdp=%s\n", name, e.First, e.SDP)
	case Referred:
		fmt.Fprintf(w, "%s id=%s %s by=%q silent=%t", name, e.ID, e.Target, e.ReferredBy, e.Silent)
		if e.Replaces != nil {
			fmt.Fprintf(w, " replaces=%+v", *e.Replaces)
		}
		w.WriteByte('\n')
	case Informed:
		fmt.Fprintf(w, "%s %s %s\n", name, e.ContentType, e.Body)
	case Messaged:
		fmt.Fprintf(w, "%s %s %s\n", name, e.ContentType, e.Body)
	case Ended:
		fmt.Fprintf(w, "%s by=%s %d %s\n", name, [...]string{"peer", "us", "failure"}[e.Cause.By],
			e.Cause.Status, e.Cause.Reason)
	default:
		fmt.Fprintf(w, "%s %+v\n", name, e)
	}
}
