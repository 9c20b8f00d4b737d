package presence

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/signal"
	"tandem/sip/pidf"
	"tandem/sip/subscription"
)

// TestStories acts out what is told an account's presence, and what that tells. Events:
//
//	roster [domain] PEER:sees|asks|both|none ...   the roster is read anew; domain: its whole domain may see the account
//	set SESSION STATE [attend] [| TEXT]      what a session of the account says; STATE - is nothing
//	watch SESSION ACCOUNT    unwatch SESSION    gone SESSION
//	publish STATE [if=TAG] [for=SECONDS] [type=T] [event=E] [body=TEXT] [| TEXT]   STATE - has no body
//	subscribe ACCOUNT CALL CSEQ [for=SECONDS] [to=TAG]      answer STATUS: to the last NOTIFY
//	ask ACCOUNT    refuse ACCOUNT    leave    find
//	wait DURATION                            time goes by, with all that is due in it
func TestStories(t *testing.T) {
	acttest.Play(t, "testdata", func(t *testing.T) acttest.Player {
		p := &player{t: t, now: time.Unix(1e9, 0)}
		limits := DefaultLimits
		limits.Sources, limits.Each, limits.Phones.Each = 3, 2, 2
		p.presentity = New("1000@t.local", "ours", limits, func() string { p.tokens++; return fmt.Sprint("tag", p.tokens) }, p.now)
		return p
	})
}

type player struct {
	t          *testing.T
	presentity *Presentity
	now        time.Time
	tokens     int
	last       *signal.Request
}

// Do takes one event.
func (p *player) Do(event string) []string {
	line, text, _ := strings.Cut(event, " | ")
	words := strings.Fields(line)
	word := func(i int) string {
		if i < len(words) {
			return words[i]
		}
		return ""
	}
	m, account := p.presentity, signal.AOR(word(1)+"@t.local")
	switch words[0] {
	case "roster":
		return p.says(m.Reread(rosterOf(words[1:]), word(1) == "domain", p.now))
	case "set":
		return p.says(m.Set(Session(word(1)), State{stateOf(word(2)), text}, word(3) == "attend", p.now))
	case "watch":
		return p.says(m.Watch(Session(word(1)), signal.AOR(word(2)+"@t.local"), p.now))
	case "unwatch":
		m.Unwatch(Session(word(1)))
	case "gone":
		return p.says(m.Gone(Session(word(1)), p.now))
	case "publish":
		return p.says(m.Request(publication(words[1:], text), p.now))
	case "subscribe":
		return p.says(m.Request(subscribe(words[1:]), p.now))
	case "answer":
		status, _ := strconv.Atoi(word(1))
		return p.says(m.Answered(&signal.Response{Request: p.last.ID, Method: signal.NOTIFY, Status: status}, p.now))
	case "ask":
		return p.says(m.Ask(account, p.now))
	case "refuse":
		return p.says(m.Refuse(account, p.now))
	case "leave":
		return p.says(m.Leave(p.now))
	case "find":
		s := m.State()
		return []string{fmt.Sprintf("%s %q of %d, empty: %v", s.Presence, s.Status, m.Sources(), m.Empty())}
	case "wait":
		return p.wait(word(1))
	default:
		p.t.Fatalf("no such event: %s", event)
	}
	return nil
}

func (p *player) wait(text string) (out []string) {
	d, err := time.ParseDuration(text)
	if err != nil {
		p.t.Fatal(err)
	}
	for end, rounds := p.now.Add(d), 0; ; rounds++ {
		next := p.presentity.Next()
		if next.IsZero() || next.After(end) || rounds > 100 {
			p.now = end
			return out
		}
		if next.After(p.now) {
			p.now = next
		}
		out = append(out, p.says(p.presentity.Elapsed(p.now))...)
	}
}

func stateOf(word string) signal.Presence {
	s, _ := signal.ParsePresence(word)
	return s
}

func rosterOf(words []string) (all []Item) {
	for _, w := range words {
		peer, what, ok := strings.Cut(w, ":")
		if !ok {
			continue
		}
		i := Item{Peer: signal.AOR(peer + "@t.local"), Sees: what == "sees" || what == "both"}
		switch what {
		case "asks":
			i.Wanted = Asking
		case "both":
			i.Wanted = Seeing
		}
		all = append(all, i)
	}
	return all
}

func option(words []string, name, or string) string {
	for _, w := range words {
		if v, ok := strings.CutPrefix(w, name+"="); ok {
			return v
		}
	}
	return or
}

func party(user string) signal.Party {
	return signal.Party{URI: signal.URI{Scheme: "sip", User: user, Host: "t.local"}}
}

func publication(words []string, text string) *signal.Request {
	r := &signal.Request{ID: "p", Method: signal.PUBLISH, To: party("1000"), ContentType: option(words, "type", pidf.Type),
		Headers: signal.Headers{{Name: "Event", Value: option(words, "event", "presence")}}}
	if tag := option(words, "if", ""); tag != "" {
		r.Headers = r.Headers.With("SIP-If-Match", tag)
	}
	if life := option(words, "for", ""); life != "" {
		r.Headers = r.Headers.With("Expires", life)
	}
	if words[0] != "-" {
		r.Body = []byte(pidf.Document{Entity: "sip:x", Presence: stateOf(words[0]), Note: text}.String())
	}
	if body := option(words, "body", ""); body != "" {
		r.Body = []byte(body)
	}
	return r
}

func subscribe(words []string) *signal.Request {
	cseq, _ := strconv.Atoi(words[2])
	r := &signal.Request{ID: words[1] + words[2], Method: signal.SUBSCRIBE, CallID: words[1], CSeq: uint32(cseq),
		From: party(words[0]).WithTag("theirs"), To: party("1000"), Contacts: []signal.Party{party(words[0])},
		Headers: signal.Headers{{Name: "Event", Value: "presence"}, {Name: "Expires", Value: option(words, "for", "600")}},
		Origin:  signal.Origin{Account: signal.AOR(words[0] + "@t.local")}}
	if tag := option(words, "to", ""); tag != "" {
		r.To = r.To.WithTag(tag)
	}
	return r
}

// says writes effects as lines.
func (p *player) says(effects []Effect) (out []string) {
	for _, e := range effects {
		switch e := e.(type) {
		case subscription.Respond:
			line := strconv.Itoa(e.Response.Status)
			for _, h := range e.Response.Headers {
				line += " " + h.Name + "=" + h.Value
			}
			out = append(out, line)
		case subscription.Send:
			p.last = e.Request
			d, err := pidf.Read(e.Request.Body)
			if err != nil {
				p.t.Error(err)
			}
			out = append(out, fmt.Sprintf("NOTIFY %s %d %s: %s %q", e.Request.CallID, e.Request.CSeq,
				e.Request.Headers.Get("Subscription-State"), d.Presence, d.Note))
		case Tell:
			out = append(out, fmt.Sprintf("%s is told: %s %q%s", e.To, e.State.Presence, e.State.Status,
				[]string{"", ", pending", ", refused"}[e.Standing]))
		case Asked:
			out = append(out, fmt.Sprintf("%s hears that %s asks", e.To, e.From.User()))
		case Changed:
			if e.Whole {
				out = append(out, fmt.Sprintf("%s hears its roster:", e.To))
			}
			for _, i := range e.Items {
				out = append(out, fmt.Sprintf("%s hears of its roster: %s, sees %v, wanted %d, gone %v", e.To, i.Peer.User(), i.Sees, i.Wanted, i.Gone))
			}
		}
	}
	return out
}
