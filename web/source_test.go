package web

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// switches stand in for what takes lines of sources. The first line of an offer says what becomes of it.
type switches struct {
	people
	mu     sync.Mutex
	told   []SourceOffer
	bound  string // the account that may send
	gone   bool   // that account
	stands []Source
	ends   chan SourceOffer // of connections
}

// first is what was told first.
func (h *switches) first() SourceOffer {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.told[0]
}

func (h *switches) Offer(_ context.Context, o SourceOffer) (SourceAnswer, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told = append(h.told, o)
	if o.Step == "ends" {
		h.ends <- o
	}
	switch {
	case o.Source != "pbx":
		return SourceAnswer{}, NotFound("there is no such source; adapters.sources names those there are")
	case o.Step == "opens":
		return SourceAnswer{Next: 8}, nil
	}
	switch first, _, _ := strings.Cut(string(o.Text), "\n"); first {
	case "bad":
		return SourceAnswer{Next: 10, Taken: 1, Malformed: 1, Faults: []SourceFault{{Line: 2, Seq: 9, Reason: `EventRinging needs "conn"`}}}, nil
	case "gap":
		return SourceAnswer{Next: 8, Resend: true}, nil
	case "again":
		return SourceAnswer{Next: 8, Duplicates: 3, Query: []string{"c1"}}, nil
	case "fast":
		return SourceAnswer{}, Refuse(http.StatusTooManyRequests, "too_many", "more lines than adapters.max_rate allows in a second")
	case "nobody":
		return SourceAnswer{}, Unavailable("nobody holds this source at the moment; send again")
	case "replaced":
		return SourceAnswer{}, Conflict("another connection sends for this source now")
	}
	return SourceAnswer{Next: 9, Taken: 1}, nil
}

func (h *switches) Stand(_ context.Context, name string) (out []Source, _ error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.stands {
		if name == "" || name == s.Name {
			out = append(out, s)
		}
	}
	return out, nil
}

func (h *switches) Feeds(source, account string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if source != "pbx" {
		return NotFound("there is no such source")
	}
	if account != h.bound {
		return Refuse(http.StatusForbidden, "no_right", "%s may not send for the source %q", account, source)
	}
	return nil
}

// Identity knows two adapters beside the others.
func (h *switches) Identity(account string) (Identity, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if account == "bridge" || account == "stray" {
		return Identity{Account: account, Roles: []string{"adapter"}, Stamp: "1"}, !h.gone
	}
	return h.people.Identity(account)
}

func (h *switches) Login(user, password string) (Identity, bool) {
	who, ok := h.Identity(user)
	return who, ok && password == "1234"
}

func newSwitches() *switches {
	return &switches{bound: "bridge", ends: make(chan SourceOffer, 10), stands: []Source{
		{Name: "chat", State: "never heard", Next: 1},
		{Name: "pbx", State: "live", Holder: "tandem2", Next: 8, Latest: moment, Arrived: moment, Heard: moment, Address: "192.0.2.9:4000",
			Connected: true, Lines: 7, Malformed: 1, Objects: 3, Calls: 1, Rate: 12.5,
			Refused: []SourceRefusal{{At: moment, Seq: 3, Reason: `EventRinging needs "conn"`}}},
		{Name: "shop", State: "lost", Holder: "tandem1", Next: 40, Heard: moment.Add(-time.Hour), Lines: 39},
	}}
}

// withSources is a server that takes lines.
func withSources(t *testing.T, h *switches) *Server {
	t.Helper()
	s := inTown(t, newTown())
	s.now = func() time.Time { return moment }
	s.services.Sources, s.services.Logins = h, h
	s.handler = s.routes()
	return s
}

func withPassword(user string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(user, "1234") }
}

// TestWhoSendsForASource: an adapter sends for the sources that are bound to its account, and sees how these stand; a supervisor
// sees all, and sends for none.
func TestWhoSendsForASource(t *testing.T) {
	s := withSources(t, newSwitches())
	for _, c := range []struct {
		who, method, path string
		code              int
		says              string
	}{
		{"admin", "POST", "/pbx", 200, `"next"`}, {"bridge", "POST", "/pbx", 200, `"next"`},
		{"stray", "POST", "/pbx", 403, `stray may not send for the source \"pbx\"`}, {"bridge", "POST", "/other", 404, "no such source"},
		{"watcher", "POST", "/pbx", 403, "lacks the role adapter"}, {"1000", "POST", "/pbx", 403, "lacks the role adapter"},
		{"nobody", "POST", "/pbx", 401, ""}, {"", "POST", "/pbx", 401, "password"},
		{"bridge", "GET", "/pbx", 200, "EventRinging needs"}, {"stray", "GET", "/pbx", 403, "stray may not"}, {"watcher", "GET", "/pbx", 200, `"holder":"tandem2"`},
		{"watcher", "GET", "/none", 404, "there is no source"}, {"1000", "GET", "/pbx", 403, "lacks the role"}, {"", "GET", "/pbx", 401, ""},
		{"watcher", "GET", "", 200, `"rate":12.5`}, {"admin", "GET", "", 200, `"pbx"`}, {"bridge", "GET", "", 401, ""}, {"1000", "GET", "", 401, ""},
	} {
		w := ask(s, c.method, "/api/v1/stat/sources"+c.path, "", func(r *http.Request) {
			r.Header.Del("Authorization")
			if c.who != "" {
				withPassword(c.who)(r)
			}
		})
		if w.Code != c.code || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s %s: %d %s", c.who, c.method, c.path, w.Code, w.Body)
		}
	}
	golden(t, "sources.json", ask(s, "GET", "/api/v1/stat/sources", "").Body.Bytes())
	golden(t, "source.json", ask(s, "GET", "/api/v1/stat/sources/pbx", "").Body.Bytes())
	if w := ask(newServer(t, newHouse(), settings()), "POST", "/api/v1/stat/sources/pbx", "x"); w.Code != 404 {
		t.Errorf("a member without sources: %d %s", w.Code, w.Body)
	}
}

// offers are what is sent, and what is answered by either door.
var offers = []struct {
	text, answer string
	code         int
}{
	{"good", `{"next":9,"taken":1,"duplicates":0,"malformed":0}`, 200},
	{"bad\nbad", `{"next":10,"taken":1,"duplicates":0,"malformed":1,"faults":[{"line":2,"seq":9,"reason":"EventRinging needs \"conn\""}]}`, 200},
	{"gap", `{"next":8,"taken":0,"duplicates":0,"malformed":0,"resend":true}`, 200},
	{"again", `{"next":8,"taken":0,"duplicates":3,"malformed":0,"query":["c1"]}`, 200},
	{"fast", `{"error":{"code":"too_many","message":"more lines than adapters.max_rate allows in a second"}}`, 429},
	{"nobody", `{"error":{"code":"unavailable","message":"nobody holds this source at the moment; send again"}}`, 503},
	{"replaced", `{"error":{"code":"conflict","message":"another connection sends for this source now"}}`, 409},
}

func oneLine(t *testing.T, text []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	out, _ := json.Marshal(v)
	return string(out)
}

// TestLinesByRequests: what becomes of lines is answered with number and reason; too many bytes are refused before they are read.
func TestLinesByRequests(t *testing.T) {
	h := newSwitches()
	s := withSources(t, h)
	for _, c := range offers {
		w := ask(s, "POST", "/api/v1/stat/sources/pbx", c.text, withPassword("bridge"))
		if w.Code != c.code || oneLine(t, w.Body.Bytes()) != oneLine(t, []byte(c.answer)) {
			t.Errorf("%s: %d %s", c.text, w.Code, w.Body)
		}
	}
	before := len(h.told)
	w := ask(s, "POST", "/api/v1/stat/sources/pbx", strings.Repeat("x", maxSourceBody+1), withPassword("bridge"))
	if w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(w.Body.String(), "at most 262144 bytes") || len(h.told) != before {
		t.Errorf("too much: %d %s, %d offers", w.Code, w.Body, len(h.told)-before)
	}
	if last := h.told[before-1]; last.Source != "pbx" || last.Step != "" || last.Conn != "" || last.Address == "" {
		t.Errorf("%+v", last)
	}
}

// sourceConn is the connection of an adapter, or the answer that refuses it.
func sourceConn(t *testing.T, s *Server, who, name string) (*websocket.Conn, *http.Response) {
	t.Helper()
	d := websocket.Dialer{Subprotocols: []string{"tandem-source"}, HandshakeTimeout: patience}
	header := http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(who+":1234"))}}
	conn, res, _ := d.Dial("ws://"+net.JoinHostPort("127.0.0.1", portText(s))+"/api/v1/stat/sources/"+name, header)
	if conn != nil {
		t.Cleanup(func() { _ = conn.Close() })
		_ = conn.SetReadDeadline(time.Now().Add(patience))
	}
	return conn, res
}

// answers sends a text, and demands an answer; "": that the connection ends.
func answers(t *testing.T, conn *websocket.Conn, text, want string) {
	t.Helper()
	if err := conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		t.Fatal(err)
	}
	hears(t, conn, text, want)
}

func hears(t *testing.T, conn *websocket.Conn, what, want string) {
	t.Helper()
	_, got, err := conn.ReadMessage()
	switch {
	case want == "" && err == nil:
		t.Errorf("%.20s: the connection stays, and says %s", what, got)
	case want == "":
	case err != nil:
		t.Fatalf("%.20s: %v", what, err)
	case oneLine(t, got) != oneLine(t, []byte(want)):
		t.Errorf("%.20s: %s", what, got)
	}
}

// TestLinesByAConnection: the first answer says which line is wanted; each message is answered as a request is. Where another
// connection sends, too much comes at once, or the account may send no more, it ends; the holder hears of each end.
func TestLinesByAConnection(t *testing.T) {
	h := newSwitches()
	s := withSources(t, h)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop(context.Background()) })
	for who, code := range map[string]int{"stray": 403, "watcher": 403, "nobody": 401} {
		if conn, res := sourceConn(t, s, who, "pbx"); conn != nil || res == nil || res.StatusCode != code {
			t.Errorf("%s is let in, or answered %+v", who, res)
		}
	}
	if conn, res := sourceConn(t, s, "admin", "other"); conn != nil || res.StatusCode != 404 {
		t.Errorf("a source that is not there: %+v", res)
	}

	const first = `{"next":8,"taken":0,"duplicates":0,"malformed":0}`
	const no = `{"error":{"code":"no_right","message":"`
	for name, end := range map[string]func(conn *websocket.Conn){
		"another connection": func(conn *websocket.Conn) {
			for _, c := range offers {
				answers(t, conn, c.text, c.answer)
			}
			hears(t, conn, "after another one has come", "")
		},
		"too much": func(conn *websocket.Conn) { answers(t, conn, strings.Repeat("x", maxSourceBody+1), "") },
		"not bound any more": func(conn *websocket.Conn) {
			h.mu.Lock()
			h.bound = "another"
			h.mu.Unlock()
			answers(t, conn, "good", no+`bridge may not send for the source \"pbx\""}}`)
			hears(t, conn, "after that", "")
		},
		"disabled": func(conn *websocket.Conn) {
			h.mu.Lock()
			h.gone = true
			h.mu.Unlock()
			answers(t, conn, "good", no+`bridge is not any more what it was when it showed its password: show it again"}}`)
			hears(t, conn, "after that", "")
		},
		"its own end": func(conn *websocket.Conn) { _ = conn.Close() },
	} {
		h.mu.Lock()
		h.bound, h.gone, h.told = "bridge", false, nil
		h.mu.Unlock()
		conn, res := sourceConn(t, s, "bridge", "pbx")
		if conn == nil {
			t.Fatalf("%s: %+v", name, res)
		}
		hears(t, conn, "the first answer", first)
		end(conn)
		select {
		case last := <-h.ends:
			if first := h.first(); last.Conn != first.Conn || last.Conn == "" || first.Step != "opens" {
				t.Errorf("%s: the holder hears of the end of another connection: %+v, %+v", name, first, last)
			}
		case <-time.After(patience):
			t.Errorf("%s: the holder does not hear of the end", name)
		}
	}
}

// TestPageOfSources: it arrives filled, for supervisors and nobody below them; what strangers wrote is text.
func TestPageOfSources(t *testing.T) {
	h := newSwitches()
	h.stands[1].Refused[0].Reason = `event: "<script>alert(1)</script>" is none that is known`
	s := withSources(t, h)
	page := as(t, s, "watcher").get("/monitors/sources").Body.String()
	for _, want := range []string{"Live", "Lost", "Never heard", "tandem2", "12.5", "192.0.2.9:4000", "&lt;script&gt;alert(1)", `href="#h-refused"`, "3 sources"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "<script>alert") {
		t.Error("what a stranger wrote is markup")
	}
	for who, code := range map[string]int{"admin": 200, "leader": 403, "watcher": 200} {
		if w := as(t, s, who).get("/monitors/sources"); w.Code != code {
			t.Errorf("%s gets %d", who, w.Code)
		}
	}
	h.stands = nil
	if page := as(t, s, "admin").get("/monitors/sources").Body.String(); !strings.Contains(page, "No source is set up.") {
		t.Error("without sources the page does not say so")
	}
}
