package trust

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/conf"
)

// entrance is the web listener of a member: it hands requests to an issuer, past one who listens and may change them.
type entrance struct {
	*httptest.Server
	issuer *Issuer

	mu       sync.Mutex
	requests [][]byte
	request  func([]byte) []byte // changes of one in the middle
	response func([]byte) []byte
	busy     atomic.Int32 // requests that are answered 503 first
}

var known = Neighbours{Seeds: []string{"127.0.0.1:7010"}, Store: []string{"127.0.0.1:7011", "127.0.0.2:7011"}}

func newEntrance(t *testing.T, i *Identity, o Office) *entrance {
	t.Helper()
	issuer, err := NewIssuer(i, o)
	if err != nil {
		t.Fatal(err)
	}
	e := &entrance{issuer: issuer}
	e.Server = httptest.NewServer(http.HandlerFunc(e.serve))
	t.Cleanup(e.Close)
	return e
}

func (e *entrance) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != JoinPath || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/octet-stream" {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if e.busy.Add(-1) >= 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	request, _ := io.ReadAll(r.Body)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.requests = append(e.requests, request)
	if e.request != nil {
		request = e.request(request)
	}
	answer, err := e.issuer.Answer(request)
	if err != nil {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	if e.response != nil {
		answer = e.response(answer)
	}
	_, _ = w.Write(answer)
}

func (e *entrance) at() string { return e.Listener.Addr().String() }

func (e *entrance) print(t *testing.T, uses int) Ticket {
	t.Helper()
	ticket, _, err := e.issuer.Print(e.at(), time.Hour, uses)
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}

// soon is a context that ends when a thing that must come has not.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func joinToday(t *testing.T, ticket Ticket, member string) (*Identity, error) {
	return join(soon(t), ticket, member, t.TempDir(), at(today))
}

func TestJoin(t *testing.T) {
	a := founded(t)
	e := newEntrance(t, a, Office{Neighbours: func() Neighbours { return known }})
	e.busy.Store(2) // it starts while others wait for it
	ticket, err := ParseTicket(" " + e.print(t, 2).Text() + "\n")
	if err != nil {
		t.Fatal(err)
	}
	for n, off := range []time.Duration{0, -20 * time.Hour} { // its clock
		name := fmt.Sprint("tandem", n+2)
		b, err := join(soon(t), ticket, name, t.TempDir(), at(today.Add(off)))
		if err != nil {
			t.Fatal(err)
		}
		if b.Member() != name || b.Cluster() != a.Cluster() || b.MayIssue() ||
			!slices.Equal(b.Neighbours().Seeds, known.Seeds) || !slices.Equal(b.Neighbours().Store, known.Store) {
			t.Errorf("%+v", b)
		}
		if s, c, err := meet(t, a.Server(), b.Client()); err != nil || s != name || c != "tandem1" {
			t.Errorf("%q %q %v", s, c, err)
		}
		if left, _ := os.ReadDir(filepath.Dir(b.dir)); len(left) != 1 {
			t.Errorf("left: %v", left)
		}
		if again, err := open(filepath.Dir(b.dir), at(today)); err != nil || len(again.Neighbours().Store) != 2 {
			t.Errorf("%v", err)
		}
		if _, err := join(soon(t), ticket, name, filepath.Dir(b.dir), at(today)); err == nil {
			t.Error("joined a second time")
		}
	}
	if _, err := joinToday(t, ticket, "tandem4"); !errors.Is(err, ErrRefused) {
		t.Errorf("a ticket that is used up: %v", err)
	}
	secret := ticket.secret[:]
	for _, r := range e.requests {
		if bytes.Contains(r, secret) || strings.Contains(string(r), strings.SplitN(ticket.Text(), "#", 2)[1]) {
			t.Error("the secret has travelled")
		}
	}
	kept, _ := os.ReadFile(filepath.Join(a.dir, fileTickets))
	if strings.Contains(string(kept), strings.SplitN(ticket.Text(), "#", 2)[1]) {
		t.Error("the secret is kept")
	}
	if strings.Contains(fmt.Sprintf("%v %s", ticket, ticket), strings.SplitN(ticket.Text(), "#", 2)[1]) {
		t.Error("the secret is printed")
	}
}

// All that is wrong with a ticket looks the same from outside.
func TestOneRefusal(t *testing.T) {
	now := today
	a := founded(t)
	a.now = func() time.Time { return now }
	e := newEntrance(t, a, Office{})
	wrong, _ := newTicket(e.at())
	expired, used, withdrawn := e.print(t, 1), e.print(t, 1), e.print(t, 1)
	if _, err := joinToday(t, used, "tandem2"); err != nil {
		t.Fatal(err)
	}
	now = now.Add(2 * time.Hour)
	late := e.print(t, 1)
	if err := e.issuer.Revoke(withdrawn.keys().ID); !errors.Is(err, ErrUnknown) {
		t.Errorf("one that has expired is withdrawn: %v", err)
	}
	if err := e.issuer.Revoke(late.keys().ID); err != nil {
		t.Fatal(err)
	}
	swapped := e.print(t, 1) // the right name, another secret
	k := wrong.keys()
	k.ID = swapped.keys().ID
	p, err := preparePending(t.TempDir(), k, "tandem3")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.issuer.Answer(p.request); err != ErrRefused {
		t.Errorf("%v", err)
	}
	for what, ticket := range map[string]Ticket{"wrong": wrong, "expired": expired, "used up": used, "withdrawn": late} {
		p, err := preparePending(t.TempDir(), ticket.keys(), "tandem3")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.issuer.Answer(p.request); err != ErrRefused {
			t.Errorf("%s: %v", what, err)
		}
		if _, err := joinToday(t, ticket, "tandem3"); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, bad := range [][]byte{nil, []byte("x"), []byte("{}"), make([]byte, MaxRequest+1)} {
		if _, err := e.issuer.Answer(bad); err != ErrRefused {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
}

func TestWhoHasATicketHearsWhatIsWrong(t *testing.T) {
	a := founded(t)
	e := newEntrance(t, a, Office{Taken: func(name string) bool { return name == "tandem2" }})
	ticket := e.print(t, 1)
	for _, name := range []string{"tandem1", "tandem2"} {
		if _, err := joinToday(t, ticket, name); err == nil || !strings.Contains(err.Error(), "a member named "+name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := joinToday(t, ticket, "a b"); err == nil {
		t.Error("a name that is none")
	}
	k := ticket.keys()
	good, err := preparePending(t.TempDir(), k, "tandem3")
	if err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*joinRequest){
		"of version 2":   func(r *joinRequest) { r.Version = 2 },
		"no nonce":       func(r *joinRequest) { r.Nonce = nil },
		"no name":        func(r *joinRequest) { r.Member = "a/b" },
		"the certificat": func(r *joinRequest) { r.CSR = []byte("x") },
		"more than 4096": func(r *joinRequest) { r.CSR = make([]byte, maxCSR+1) },
	} {
		r := good.asked
		change(&r)
		text, _ := seal(k.ID, k.Request, r)
		answer, err := e.issuer.Answer(text)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if _, err := parseJoined(answer, k, r, good.key); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if left := e.issuer.Tickets(); len(left) != 1 || len(left[0].Members) != 0 {
		t.Errorf("refusals have used the ticket: %+v", left)
	}
	if _, err := joinToday(t, ticket, "tandem3"); err != nil {
		t.Error(err)
	}
}

// A request that comes again is answered as before: it takes no use, and tells nothing new.
func TestAReplayGivesNothingNew(t *testing.T) {
	a := founded(t)
	now := Neighbours{Seeds: []string{"127.0.0.1:7010"}}
	e := newEntrance(t, a, Office{Neighbours: func() Neighbours { return now }})
	ticket := e.print(t, 2)
	if _, err := joinToday(t, ticket, "tandem2"); err != nil {
		t.Fatal(err)
	}
	first, err := e.issuer.Answer(e.requests[0])
	if err != nil {
		t.Fatal(err)
	}
	now.Seeds = append(now.Seeds, "127.0.0.99:7010")
	reopened, err := NewIssuer(a, Office{Neighbours: func() Neighbours { return now }})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []*Issuer{e.issuer, reopened} {
		again, err := i.Answer(e.requests[0])
		if err != nil || !bytes.Equal(again, first) {
			t.Errorf("%s\n%s %v", again, first, err)
		}
	}
	if left := reopened.Tickets(); len(left) != 1 || len(left[0].Members) != 1 {
		t.Errorf("%+v", left)
	}
}

// A member that is killed after it has asked asks the same again when it starts.
func TestAJoinThatWasCutShort(t *testing.T) {
	a := founded(t)
	e := newEntrance(t, a, Office{})
	ticket, data := e.print(t, 1), t.TempDir()
	e.response = func([]byte) []byte { return nil } // which it never hears
	if _, err := join(soon(t), ticket, "tandem2", data, at(today)); !errors.Is(err, ErrForged) {
		t.Fatal(err)
	}
	e.response = nil
	b, err := join(soon(t), ticket, "tandem2", data, at(today))
	if err != nil {
		t.Fatal(err)
	}
	if len(e.requests) != 2 || !bytes.Equal(e.requests[0], e.requests[1]) {
		t.Error("another request")
	}
	if _, _, err := meet(t, a.Server(), b.Client()); err != nil {
		t.Error(err)
	}
	// With another ticket, or another name, it begins anew.
	other := e.print(t, 2)
	data = t.TempDir()
	p, _ := preparePending(data, other.keys(), "tandem3")
	if q, err := preparePending(data, other.keys(), "tandem4"); err != nil || bytes.Equal(p.request, q.request) {
		t.Errorf("%v", err)
	}
}

// rewrite changes the words of an envelope and leaves its MAC, as one without the ticket must.
func rewrite[T any](t *testing.T, change func(*T)) func([]byte) []byte {
	return func(text []byte) []byte {
		var e envelope
		var words T
		if json.Unmarshal(text, &e) != nil || json.Unmarshal(e.Body, &words) != nil {
			t.Error("not to be rewritten")
		}
		change(&words)
		e.Body, _ = json.Marshal(words)
		text, _ = json.Marshal(e)
		return text
	}
}

func TestOneInTheMiddle(t *testing.T) {
	evil := founded(t)
	evilKey, _ := newKey()
	evilCSR, _ := certificateRequest("tandem2", evilKey)
	evilCert, _ := evil.authority.sign("tandem2", &evilKey.PublicKey, today)
	for what, c := range map[string]struct {
		request, response func([]byte) []byte
		want              error
	}{
		"swaps the certificate request": {request: rewrite(t, func(r *joinRequest) { r.CSR = evilCSR }), want: ErrRefused},
		"swaps the name":                {request: rewrite(t, func(r *joinRequest) { r.Member = "evil" }), want: ErrRefused},
		"swaps the seeds":               {response: rewrite(t, func(r *joinResponse) { r.Neighbours.Seeds = []string{"192.0.2.1:1"} }), want: ErrForged},
		"swaps the store":               {response: rewrite(t, func(r *joinResponse) { r.Neighbours.Store = nil }), want: ErrForged},
		"swaps the authority": {response: rewrite(t, func(r *joinResponse) {
			r.Authority, r.Certificate = evil.authority.cert.Raw, evilCert.Raw
		}), want: ErrForged},
		"says it is refused": {response: rewrite(t, func(r *joinResponse) { r.Refused = "no" }), want: ErrForged},
		"swaps the nonce":    {response: rewrite(t, func(r *joinResponse) { r.Nonce[0]++ }), want: ErrForged},
		"cuts it":            {response: func(b []byte) []byte { return b[:len(b)/2] }, want: ErrForged},
		"adds to it":         {response: func(b []byte) []byte { return append(b, "{}"...) }, want: ErrForged},
		"sends nothing":      {response: func([]byte) []byte { return nil }, want: ErrForged},
		"sends too much":     {response: func([]byte) []byte { return make([]byte, MaxResponse+9) }, want: ErrForged},
		"sends the request back": {response: func([]byte) []byte { return nil }, want: ErrForged,
			request: nil},
	} {
		e := newEntrance(t, founded(t), Office{Neighbours: func() Neighbours { return known }})
		e.request, e.response = c.request, c.response
		if what == "sends the request back" {
			e.response = func([]byte) []byte { return e.requests[0] }
		}
		data := t.TempDir()
		if _, err := join(soon(t), e.print(t, 1), "tandem2", data, at(today)); !errors.Is(err, c.want) {
			t.Errorf("one that %s: %v", what, err)
		}
		if _, err := Open(data); !errors.Is(err, ErrNone) {
			t.Errorf("one that %s leaves an identity: %v", what, err)
		}
	}
}

// One who has the ticket too, or a member gone bad, can still not pass a wrong certificate.
func TestResponsesOfWhoHasTheTicket(t *testing.T) {
	a, other := founded(t), founded(t)
	ticket, _ := newTicket("127.0.0.1:1")
	k := ticket.keys()
	p, err := preparePending(t.TempDir(), k, "tandem2")
	if err != nil {
		t.Fatal(err)
	}
	sign := func(by *Identity, name string, public any) []byte {
		cert, err := by.authority.sign(name, public, today)
		if err != nil {
			t.Fatal(err)
		}
		return cert.Raw
	}
	foreign, _ := newKey()
	good := joinResponse{Version: 1, Nonce: p.asked.Nonce, Authority: a.authority.cert.Raw,
		Certificate: sign(a, "tandem2", &p.key.PublicKey)}
	for what, change := range map[string]func(*joinResponse){
		"version":         func(r *joinResponse) { r.Version = 9 },
		"another nonce":   func(r *joinResponse) { r.Nonce = []byte("x") },
		"another name":    func(r *joinResponse) { r.Certificate = sign(a, "tandem9", &p.key.PublicKey) },
		"another key":     func(r *joinResponse) { r.Certificate = sign(a, "tandem2", &foreign.PublicKey) },
		"another cluster": func(r *joinResponse) { r.Certificate = sign(other, "tandem2", &p.key.PublicKey) },
		"no authority":    func(r *joinResponse) { r.Authority = r.Certificate },
		"no certificate":  func(r *joinResponse) { r.Certificate = nil },
		"a bad seed":      func(r *joinResponse) { r.Neighbours.Seeds = []string{"x"} },
		"many seeds":      func(r *joinResponse) { r.Neighbours.Seeds = make([]string, maxNeighbours+1) },
	} {
		r := good
		change(&r)
		text, _ := seal(k.ID, k.Response, r)
		if _, err := parseJoined(text, k, p.asked, p.key); err == nil {
			t.Errorf("%s was taken", what)
		}
		text, _ = seal(k.ID, k.Request, good)
		if _, err := parseJoined(text, k, p.asked, p.key); !errors.Is(err, ErrForged) {
			t.Errorf("the key of the other direction: %v", err)
		}
	}
	text, _ := seal(k.ID, k.Response, good)
	if j, err := parseJoined(text, k, p.asked, p.key); err != nil || j.cert.DNSNames[0] != "tandem2" {
		t.Errorf("%v", err)
	}
}

func TestJoinWhenNobodyAnswers(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ticket, _ := newTicket(l.Addr().String())
	_ = l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := Join(ctx, ticket, "tandem2", t.TempDir()); !errors.Is(err, ErrUnreachable) ||
		!strings.Contains(err.Error(), l.Addr().String()) {
		t.Errorf("%v", err)
	}
	elsewhere := httptest.NewServer(http.RedirectHandler("http://127.0.0.1:1/", http.StatusFound))
	defer elsewhere.Close()
	for what, handler := range map[string]http.Handler{
		"takes no member in": http.NotFoundHandler(),
		"answers 302":        http.RedirectHandler(elsewhere.URL, http.StatusFound),
		"it is alone": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusConflict)
			_, _ = w.Write([]byte(`{"error":{"code":"conflict","message":"it is alone"}}`))
		}),
	} {
		s := httptest.NewServer(handler)
		ticket, _ := newTicket(s.Listener.Addr().String())
		if _, err := Join(soon(t), ticket, "tandem2", t.TempDir()); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
		s.Close()
	}
}

func TestTickets(t *testing.T) {
	a := founded(t)
	e := newEntrance(t, a, Office{})
	b := issued(t, a, "tandem2", today)
	other, err := NewIssuer(b, Office{})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := other.Print("127.0.0.1:8010", time.Hour, 1); !errors.Is(err, ErrNoKey) {
		t.Errorf("%v", err)
	}
	for _, bad := range []struct {
		at   string
		life time.Duration
		uses int
	}{{"127.0.0.1:1", time.Second, 1}, {"127.0.0.1:1", MaxLife + 1, 1}, {"127.0.0.1:1", time.Hour, 0},
		{"127.0.0.1:1", time.Hour, MaxUses + 1}, {"127.0.0.1", time.Hour, 1}, {"", time.Hour, 1}, {":80", time.Hour, 1}} {
		if _, _, err := e.issuer.Print(bad.at, bad.life, bad.uses); !errors.Is(err, ErrOrder) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	var all []Ticket
	for range MaxTickets {
		all = append(all, e.print(t, 1))
	}
	if _, _, err := e.issuer.Print(e.at(), time.Hour, 1); !errors.Is(err, ErrFull) {
		t.Errorf("%v", err)
	}
	if _, err := joinToday(t, all[3], "tandem3"); err != nil { // several are valid at once
		t.Error(err)
	}
	list := e.issuer.Tickets()
	if len(list) != MaxTickets || list[3].ID != all[3].keys().ID || !slices.Equal(list[3].Members, []string{"tandem3"}) ||
		!list[3].Expires.Equal(today.Add(time.Hour)) {
		t.Errorf("%+v", list)
	}
	if err := e.issuer.Revoke("none"); !errors.Is(err, ErrUnknown) {
		t.Errorf("%v", err)
	}
	if err := e.issuer.Revoke(list[0].ID); err != nil {
		t.Error(err)
	}
	if again, err := NewIssuer(a, Office{}); err != nil || len(again.Tickets()) != MaxTickets-1 {
		t.Errorf("%v", err)
	}
	if err := os.WriteFile(filepath.Join(a.dir, fileTickets), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewIssuer(a, Office{}); err == nil {
		t.Error("a spoilt file was opened")
	}
}

// What can not be written was not promised.
func TestAUseThatCanNotBeKept(t *testing.T) {
	a := founded(t)
	e := newEntrance(t, a, Office{})
	ticket := e.print(t, 1)
	e.issuer.register.path = filepath.Join(a.dir, "none", "x")
	p, err := preparePending(t.TempDir(), ticket.keys(), "tandem2")
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := e.issuer.Answer(p.request); err == nil || answer != nil || errors.Is(err, ErrRefused) {
		t.Errorf("%s %v", answer, err)
	}
	if len(e.issuer.Tickets()[0].Members) != 0 {
		t.Error("a use is counted that is not kept")
	}
}

func TestParseTicket(t *testing.T) {
	good, _ := newTicket("[::1]:8010")
	if got, err := ParseTicket(good.Text()); err != nil || got != good {
		t.Errorf("%v %v", got, err)
	}
	secret := strings.SplitN(good.Text(), "#", 2)[1]
	for _, bad := range []string{"", "x", secret, "http://127.0.0.1:1", "http://127.0.0.1#" + secret,
		"https://127.0.0.1:1#" + secret, "http://u@127.0.0.1:1#" + secret, "http://127.0.0.1:1/x#" + secret,
		"http://127.0.0.1:1?x#" + secret, "http://127.0.0.1:0#" + secret, "http://127.0.0.1:1#" + secret[1:],
		"http://127.0.0.1:1#" + secret + "A", "http://:1#" + secret, "http://" + strings.Repeat("a", 600) + ":1#" + secret} {
		_, err := ParseTicket(bad)
		if err == nil {
			t.Errorf("%q was read", bad)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("%q: the error shows the secret", bad)
		}
	}
}

func TestSettle(t *testing.T) {
	c := conf.Default()
	c.Member.Data = t.TempDir()
	if i, how, err := Settle(soon(t), &c); i != nil || how != "" || err != nil {
		t.Errorf("a member alone: %v %v %v", i, how, err)
	}
	c.Cluster.Address = "127.0.0.1:7010"
	a, how, err := Settle(soon(t), &c)
	if err != nil || how != Founded || a.Member() != "tandem1" {
		t.Fatalf("%v %v", how, err)
	}
	e := newEntrance(t, a, Office{})
	ticket, _, err := e.issuer.Print(e.at(), time.Hour, 1)
	if err != nil {
		t.Fatal(err)
	}
	second := conf.Default()
	second.Member.Data, second.Member.Name = t.TempDir(), "tandem2"
	second.Cluster.Address, second.Cluster.Join = "127.0.0.2:7010", "nonsense"
	if _, _, err := Settle(soon(t), &second); err == nil || !strings.Contains(err.Error(), "cluster.join") {
		t.Errorf("%v", err)
	}
	second.Cluster.Join = conf.Secret(ticket.Text())
	for _, want := range []string{Joined, Opened} {
		if b, how, err := Settle(soon(t), &second); err != nil || how != want || b.Cluster() != a.Cluster() {
			t.Errorf("%s, want %s: %v", how, want, err)
		}
	}
	second.Member.Name = "tandem3"
	if _, _, err := Settle(soon(t), &second); err == nil || !strings.Contains(err.Error(), "member.name is tandem3") {
		t.Errorf("%v", err)
	}
	if err := os.WriteFile(filepath.Join(Dir(c.Member.Data), fileMember), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Settle(soon(t), &c); err == nil {
		t.Error("founded over a spoilt identity")
	}
}

func FuzzTicket(f *testing.F) {
	t, _ := newTicket("127.0.0.1:8010")
	f.Add(t.Text())
	f.Add("http://[::1]:1#")
	f.Fuzz(func(t *testing.T, text string) {
		one, err := ParseTicket(text)
		if err != nil {
			return
		}
		if again, err := ParseTicket(one.Text()); err != nil || again != one {
			t.Errorf("%q: %v", text, err)
		}
	})
}

// FuzzAnswer sends what strangers may send, and, sealed, what one with a ticket may.
func FuzzAnswer(f *testing.F) {
	a, err := found(f.TempDir(), "example.com", "tandem1", at(today))
	if err != nil {
		f.Fatal(err)
	}
	issuer, err := NewIssuer(a, Office{})
	if err != nil {
		f.Fatal(err)
	}
	ticket, _, err := issuer.Print("127.0.0.1:1", time.Hour, 1)
	if err != nil {
		f.Fatal(err)
	}
	k := ticket.keys()
	p, err := preparePending(f.TempDir(), k, "tandem2")
	if err != nil {
		f.Fatal(err)
	}
	body, _ := json.Marshal(p.asked)
	f.Add(p.request)
	f.Add(body)
	f.Fuzz(func(t *testing.T, text []byte) {
		if answer, err := issuer.Answer(text); err == nil && !bytes.Equal(text, p.request) {
			if e, ok := parseEnvelope(text, MaxRequest); !ok || !bytes.Equal(e.MAC, mac(k.Request, e.Body)) {
				t.Errorf("%q was answered %q", text, answer)
			}
		}
		if r, _, err := parseJoin(text); err == nil && (!nameLike(r.Member) || len(r.Nonce) != nonceSize) {
			t.Errorf("%+v", r)
		}
	})
}

func FuzzResponse(f *testing.F) {
	a, err := found(f.TempDir(), "example.com", "tandem1", at(today))
	if err != nil {
		f.Fatal(err)
	}
	ticket, _ := newTicket("127.0.0.1:1")
	k := ticket.keys()
	p, err := preparePending(f.TempDir(), k, "tandem2")
	if err != nil {
		f.Fatal(err)
	}
	cert, err := a.authority.sign("tandem2", &p.key.PublicKey, today)
	if err != nil {
		f.Fatal(err)
	}
	good, _ := json.Marshal(joinResponse{Version: 1, Nonce: p.asked.Nonce, Authority: a.authority.cert.Raw, Certificate: cert.Raw})
	f.Add(good)
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, body []byte) {
		if _, err := parseJoined(body, k, p.asked, p.key); err == nil {
			t.Errorf("%q was taken unsealed", body)
		}
		sealed, _ := json.Marshal(envelope{k.ID, body, mac(k.Response, body)})
		if j, err := parseJoined(sealed, k, p.asked, p.key); err == nil && j.cert.DNSNames[0] != "tandem2" {
			t.Errorf("%q", body)
		}
	})
}
