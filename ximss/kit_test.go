package ximss

import (
	"bytes"
	"context"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/conf"
	"tandem/ximss/object"
)

// patience is how long a test waits for what must come.
const patience = 10 * time.Second

// door stands in for actors/session: one domain, two accounts, sessions in a map.
type door struct {
	mu       sync.Mutex
	sessions map[string]*session
	n        int
	left     chan string // reasons of Leave
	refuse   error       // of Open
	asked    int         // how often for a password
}

var passwords = map[string]string{"alice": "1234", "bob": "pencil"}

func newDoor() *door { return &door{sessions: map[string]*session{}, left: make(chan string, 100)} }

func (d *door) Domain(_ netip.Addr, asked string) (string, error) {
	if asked != "" && asked != "one.test" && asked != "two.test" {
		return "", Fail(NumMalformed, "the domain %s is not served here", asked)
	}
	if asked == "" {
		asked = "one.test"
	}
	return asked, nil
}

func (d *door) Verify(ctx context.Context, name, domain, password string) (string, bool, error) {
	who, right, ok, err := d.Password(ctx, name, domain)
	return who, ok && subtle.ConstantTimeCompare(right, []byte(password)) == 1, err
}

func (d *door) Password(_ context.Context, name, domain string) (string, []byte, bool, error) {
	d.mu.Lock()
	d.asked++
	d.mu.Unlock()
	user, at, ok := strings.Cut(name, "@")
	if !ok {
		at = domain
	}
	p, ok := passwords[user]
	return user + "@" + at, []byte(p), ok, nil
}

func (d *door) Open(_ context.Context, l Login) (Session, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refuse != nil {
		return nil, d.refuse
	}
	d.n++
	s := &session{door: d, aor: l.AOR, urlID: fmt.Sprintf("%06d-ABC", d.n), login: l, replies: map[uint64][]string{},
		wake: make(chan struct{}, 1)}
	d.sessions[s.urlID] = s
	s.attach(l, "")
	return s, nil
}

func (d *door) Resume(_ context.Context, urlID, random string, l Login) (Session, error) {
	d.mu.Lock()
	s := d.sessions[urlID]
	d.mu.Unlock()
	switch {
	case s == nil:
		return nil, ErrGone
	case random != "R1":
		return nil, ErrCredentials
	}
	s.attach(l, "1")
	return s, nil
}

func (d *door) Find(_ context.Context, urlID string, from netip.Addr) (Session, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.sessions[urlID]
	if s == nil {
		return nil, ErrGone
	}
	return s, nil
}

// session answers what its requests ask for: <echo>text</echo>, <flood n=""/>, <later>text</later>.
type session struct {
	door  *door
	aor   string
	urlID string

	mu      sync.Mutex
	login   Login
	line    Line
	queue   []string // no line, or HTTP
	batch   Batch
	seq     uint64
	wake    chan struct{}
	replies map[uint64][]string
	done    int // requests
}

func (s *session) URLID() string { return s.urlID }

func (s *session) Greeting() *object.XML {
	return Message("session", "urlID", s.urlID, "userName", s.aor, "realName", "", "version", "T", "random", "R1")
}

func (s *session) attach(l Login, resumed string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.line != nil {
		s.line.Say("<bye/>")
		s.line.Close("taken over")
	}
	if s.line = l.Line; s.line == nil {
		return
	}
	g := s.Greeting()
	g.SetAttribute("id", "", l.RequestID)
	if resumed != "" {
		g.SetAttribute("resumed", "", resumed)
	}
	s.line.Say(Write(g), Write(Response(l.RequestID, nil)))
	s.line.Say(s.queue...)
	s.queue = nil
}

func (s *session) Take(_ context.Context, x *object.XML) error {
	s.door.mu.Lock()
	_, alive := s.door.sessions[s.urlID]
	s.door.mu.Unlock()
	if !alive {
		return ErrGone
	}
	if x.Type == "busy" {
		return ErrBusy
	}
	out := s.do(x)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.line != nil {
		s.line.Say(out...)
		if x.Type == "bye" {
			s.line.Close("bye")
			s.end()
		}
	}
	return nil
}

// end forgets the session.
func (s *session) end() {
	s.door.mu.Lock()
	defer s.door.mu.Unlock()
	delete(s.door.sessions, s.urlID)
}

func (s *session) do(x *object.XML) (out []string) {
	id := x.Attr("id")
	switch x.Type {
	case "noop", "bye":
	case "echo":
		out = append(out, Write(WithText(Message("echoed", "id", id), x.Text())))
	case "later":
		s.say(Write(WithText(Message("alert"), x.Text())))
	case "flood":
		var n int
		_, _ = fmt.Sscan(x.Attr("n"), &n)
		for range n {
			out = append(out, Write(WithText(Message("alert"), strings.Repeat("x", 1000))))
		}
	case "login":
		return []string{Write(Response(id, ErrState))}
	default:
		return []string{Write(Response(id, ErrUnknown))}
	}
	s.mu.Lock()
	s.done++
	s.mu.Unlock()
	return append(out, Write(Response(id, nil)))
}

// say says something that nobody asked for.
func (s *session) say(document string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.line != nil {
		s.line.Say(document)
		return
	}
	s.queue = append(s.queue, document)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *session) Leave(l Line, reason string) {
	s.mu.Lock()
	if s.line == l {
		s.line = nil
	}
	s.mu.Unlock()
	s.door.left <- reason
}

func (s *session) Sync(_ context.Context, seq uint64, requests []*object.XML, async bool) (out []string, err error) {
	s.mu.Lock()
	old, again := s.replies[seq]
	s.mu.Unlock()
	if again && seq != 0 {
		return old, nil
	}
	for _, x := range requests {
		out = append(out, s.do(x)...)
		if x.Type == "bye" {
			s.end()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if async {
		out, s.queue = append(out, s.queue...), nil
	}
	s.replies[seq] = out
	return out, nil
}

func (s *session) Async(ctx context.Context, seq uint64, requests []*object.XML) error {
	out, err := s.Sync(ctx, seq, requests, false)
	for _, d := range out {
		s.say(d)
	}
	return err
}

func (s *session) Poll(ctx context.Context, acked uint64, most time.Duration) (Batch, error) {
	limit := time.After(most)
	for {
		s.mu.Lock()
		if s.batch.Seq > acked {
			b := s.batch
			s.mu.Unlock()
			return b, nil
		}
		if len(s.queue) > 0 {
			s.seq++
			s.batch = Batch{s.seq, slices.Clone(s.queue)}
			s.queue = nil
		}
		waiting := s.batch.Seq <= acked
		s.mu.Unlock()
		if !waiting {
			continue
		}
		select {
		case <-s.wake:
		case <-limit:
			return Batch{}, nil
		case <-ctx.Done():
			return Batch{}, ctx.Err()
		}
	}
}

// settings are those of tests, on a free port of loopback.
func settings() conf.XIMSS {
	c := conf.DefaultXIMSS()
	c.Bind, c.Port = []string{"127.0.0.1"}, 0
	return c
}

// listening is a server on a free port.
func listening(t testing.TB, d *door, change func(*conf.XIMSS)) *Server {
	t.Helper()
	c := settings()
	if change != nil {
		change(&c)
	}
	s, err := New(Options{XIMSS: c, Door: d, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	s.porter.wrong = time.Millisecond
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return s
}

// trim cuts what a document may have around it.
func trim(s string) string { return string(bytes.TrimSpace([]byte(s))) }
