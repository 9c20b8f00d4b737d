package account

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/conf"
	"tandem/signal"
	"tandem/sip/registrar"
)

func TestStories(t *testing.T) {
	acttest.Play(t, "testdata", func(t *testing.T) acttest.Player {
		return &stage{t: t, account: newAccount(nil), now: epoch}
	})
}

var epoch = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

// stage is an account between phones and a journal that exist in the story alone.
type stage struct {
	t       *testing.T
	account *Account
	now     time.Time
	cseq    uint32
	record  *Record
}

// Do acts one event: what a phone, the journal, the clock or an administrator does.
func (s *stage) Do(line string) []string {
	word, rest, _ := strings.Cut(line, " ")
	number, _ := strconv.ParseUint(rest, 10, 64)
	switch word {
	case "register":
		return s.register(rest)
	case "written":
		return tell(s.account.Written(number), nil)
	case "failed":
		return tell(s.account.Failed(number), nil)
	case "late":
		return tell(s.account.Late(number), nil)
	case "kick":
		removed, c := s.account.Kick(rest, s.now)
		return append([]string{fmt.Sprint("removed ", removed)}, tell(nil, c)...)
	case "wait":
		d, _ := time.ParseDuration(rest)
		s.now = s.now.Add(d)
		return nil
	case "at-most":
		s.record = &Record{MaxContacts: int(number)}
		return nil
	case "durable":
		return []string{"durable " + names(s.account.durable)}
	}
	s.t.Fatalf("no act %q", word)
	return nil
}

// register is a REGISTER of contacts, each with its own expiry: "desk;60 mobile;0".
func (s *stage) register(contacts string) []string {
	s.cseq++
	r := &signal.Request{ID: fmt.Sprint("r", s.cseq), Method: signal.REGISTER, CallID: "c", CSeq: s.cseq,
		To:     signal.Party{URI: signal.URI{Scheme: "sip", User: "1000", Host: "t.local"}},
		Origin: signal.Origin{Flow: flow, Agent: "phone"}}
	for text := range strings.FieldsSeq(contacts) {
		name, expires, _ := strings.Cut(text, ";")
		p := signal.Party{URI: signal.URI{Scheme: "sip", User: name, Host: "10.0.0.1"}}
		if expires != "" {
			p.Params = signal.Params{{Name: "expires", Value: expires}}
		}
		r.Contacts = append(r.Contacts, p)
	}
	return tell(s.account.Register(r, registrar.Registrar{Limits: limits(settings, s.record)}, s.now))
}

var settings = conf.Accounts{MaxContacts: 2, MinExpires: 30 * time.Second, MaxExpires: time.Hour, DefaultExpires: 10 * time.Minute}

var flow = signal.Flow{Edge: "m1", Transport: "UDP", Local: netip.MustParseAddrPort("127.0.0.1:5060"),
	Remote: netip.MustParseAddrPort("10.0.0.1:5060")}

func tell(r *signal.Response, c *change) (out []string) {
	if c != nil {
		out = append(out, fmt.Sprintf("fact %d: %s", c.number, names(c.bindings)))
	}
	if r != nil {
		text := fmt.Sprintf("respond %s %d", r.Request, r.Status)
		for _, p := range r.Contacts {
			expires, _ := p.Params.Get("expires")
			text += " " + p.URI.User + ";" + expires
		}
		if after := r.Headers.Get("Retry-After"); after != "" {
			text += " retry after " + after
		}
		out = append(out, text)
	}
	return out
}

func names(bindings []registrar.Binding) string {
	users := []string{}
	for _, b := range bindings {
		users = append(users, b.Contact.User)
	}
	return "[" + strings.Join(users, " ") + "]"
}
