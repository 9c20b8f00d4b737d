package web

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/conf"
)

// moment is the time of every example.
var moment = time.Date(2026, 1, 31, 8, 0, 0, 0, time.UTC)

// house stands in for the services. It keeps what it was told.
type house struct {
	mu         sync.Mutex
	accounts   []Account
	changes    []AccountChange
	legs       []Leg
	records    []Record
	queries    []RecordQuery
	hungUp     []string
	kicked     []string
	condition  Condition
	reload     error
	guesses    int
	serve      func(*Socket)
	failStores error
}

type (
	houseAccounts      struct{ *house }
	houseRegistrations struct{ *house }
)

func (h houseAccounts) Find(_ context.Context, q AccountQuery) ([]Account, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.failStores != nil {
		return nil, h.failStores
	}
	var found []Account
	for _, a := range h.accounts {
		if (q.AOR == "" || q.AOR == a.AOR) && strings.Contains(a.AOR, q.Match) &&
			a.AOR > q.After && len(found) < q.Limit {
			found = append(found, a)
		}
	}
	return found, nil
}

func (h houseAccounts) Save(_ context.Context, c AccountChange) (Account, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.changes = append(h.changes, c)
	i := slices.IndexFunc(h.accounts, func(a Account) bool { return a.AOR == c.AOR })
	switch {
	case c.Create && i >= 0:
		return Account{}, Conflict("the account %q exists already", c.AOR)
	case c.Create:
		h.accounts = append(h.accounts, Account{AOR: c.AOR, Enabled: true, Revision: 1})
		i = len(h.accounts) - 1
	case i < 0:
		return Account{}, NotFound("there is no account %q", c.AOR)
	}
	if c.Display != nil {
		h.accounts[i].Display = *c.Display
	}
	return h.accounts[i], nil
}

func (h houseAccounts) Remove(_ context.Context, aor string, revision uint64) error {
	if revision == 99 {
		return Conflict("the account %q was changed since revision 99: look again", aor)
	}
	return nil
}

func (h houseRegistrations) Find(_ context.Context, q RegistrationQuery) ([]Registration, error) {
	return []Registration{exampleRegistration()}[:min(1, q.Limit)], nil
}

func (h houseRegistrations) Kick(_ context.Context, aor, contact string) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.kicked = append(h.kicked, aor+" "+contact)
	if contact == "sip:nobody" {
		return 0, nil
	}
	return 1, nil
}

func (h *house) Legs(_ context.Context, q LegQuery) ([]Leg, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var found []Leg
	for _, l := range h.legs {
		if (q.Handler == "" || q.Handler == l.Handler) && len(found) < q.Limit {
			found = append(found, l)
		}
	}
	return found, nil
}

func (h *house) Records(_ context.Context, q RecordQuery) ([]Record, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.queries = append(h.queries, q)
	return h.records[:min(len(h.records), q.Limit)], nil
}

func (h *house) Hangup(_ context.Context, handler string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hungUp = append(h.hungUp, handler)
	return nil
}

func (h *house) Tasks(_ context.Context, q TaskQuery) ([]Task, error) {
	if q.Handler != "" && q.Handler != exampleTask().Handler {
		return nil, nil
	}
	return []Task{exampleTask()}, nil
}

func (h *house) StartTask(_ context.Context, s TaskStart) (string, error) {
	if s.Program != "pbx" {
		return "", NotFound("there is no program %q", s.Program)
	}
	return exampleTask().Handler, nil
}

func (h *house) TellTask(_ context.Context, handler string, _ TaskEvent) error {
	if handler != exampleTask().Handler {
		return NotFound("async Object not found")
	}
	return nil
}

func (h *house) EndTasks(_ context.Context, account string) (int, error) {
	if account != exampleTask().Owner {
		return 0, NotFound("there is no account %q", account)
	}
	return 1, nil
}

func (h *house) EndTask(ctx context.Context, handler string) error {
	return h.TellTask(ctx, handler, TaskEvent{})
}

func (h *house) Health() Condition { return h.condition }

func (h *house) Effective() []Setting {
	return []Setting{{Key: "http.port", Value: "8010", Origin: "default"}}
}

func (h *house) Reload(context.Context) (Reloaded, error) { return Reloaded{}, h.reload }

func (h *house) ServeSocket(s *Socket) {
	if h.serve != nil {
		h.serve(s)
	}
}

func (h *house) Administrator(user, password string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.guesses++
	return user == "admin" && password == "1234"
}

// newHouse has one of everything.
func newHouse() *house {
	return &house{
		accounts: []Account{exampleAccount()}, legs: []Leg{exampleLeg()},
		records: []Record{exampleRecord()},
		condition: Condition{Member: "tandem1", Version: "1.0", Started: moment, Ready: true,
			Checks: []Check{{Name: "store", OK: true}, {Name: "sip", OK: true, Message: "udp 5060"}}},
	}
}

func exampleAccount() Account {
	return Account{AOR: "1000@tandem.local", Display: "Alice", Enabled: true,
		Roles: []string{"administrator"}, Aliases: []string{"alice@tandem.local"}, Record: true, MaxContacts: 10, Revision: 3,
		Forward: Forward{NoAnswer: "1001@tandem.local", NoAnswerAfter: 20}}
}

func exampleRegistration() Registration {
	return Registration{AOR: "1000@tandem.local", Contact: "sip:1000@192.0.2.7:5062",
		Transport: "udp", Source: "192.0.2.7:5062", Agent: "Phone/1.0", Since: moment,
		Expires: moment.Add(time.Hour), Member: "tandem1"}
}

func exampleLeg() Leg {
	return Leg{Handler: "leg.tandem1.7.x", Call: "c1", SIPCallID: "a84b4c76e66710",
		Account: "1000@tandem.local", Direction: "in", State: "connected", Peer: "192.0.2.7:5062",
		From: "1000@tandem.local", To: "9196@tandem.local", Application: "echo", Codec: "PCMU",
		Since: moment, Answered: moment.Add(time.Second), Member: "tandem1", MOS: 4.4}
}

func exampleTask() Task {
	return Task{Handler: "task.tandem1.3.x", Program: "pbx", Account: "pbx@tandem.local", Owner: "pbx@tandem.local",
		Mode: "connected", Waiting: "ReadInput", Where: "pbx.sppr:12:9 main", Party: "sip:1000@tandem.local",
		Leg: "leg.tandem1.7.x", Call: "c1", Since: moment, Member: "tandem1", Status: "{step=menu;}"}
}

func exampleRecord() Record {
	return Record{Leg: exampleLeg(), End: moment.Add(61 * time.Second), Duration: 60,
		Cause: "bye", By: "caller", Status: 200,
		Media: MediaReport{Sent: 3000, Received: 2990, Lost: 10, LossRatio: 0.0033, Jitter: 0.002}}
}

// settings are small limits, so that tests reach them.
func settings() Options {
	h := conf.DefaultHTTP()
	h.Bind, h.Port, h.MaxBody = []string{"127.0.0.1"}, 0, 4096
	h.Origins = []string{"https://phones.example"}
	h.Hosts = []string{"pbx.example"}
	return Options{HTTP: h, SIP: conf.DefaultSIP(), XIMSS: conf.DefaultXIMSS(), Adapter: conf.DefaultAdapters(), Token: "secret", Metrics: NewMetrics(),
		Log: slog.New(slog.DiscardHandler)}
}

func newServer(t testing.TB, h *house, o Options) *Server {
	t.Helper()
	s, err := New(o, Services{Accounts: houseAccounts{h}, Registrations: houseRegistrations{h},
		Calls: h, Tasks: h, Sessions: h, Queues: houseQueues{}, Agents: houseAgents{}, Recordings: houseRecordings{}, Health: h, Settings: h, Stored: &houseStored{}, Sockets: h, Authenticator: h,
		Trunks: houseTrunks{}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ask makes one request as the holder of the control token, unless edit changes that.
func ask(s *Server, method, path, body string, edit ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host, r.RemoteAddr = "127.0.0.1:8010", "127.0.0.1:40000"
	r.Header.Set("Authorization", "Bearer secret")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, e := range edit {
		e(r)
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

// errorOf reads code and message of a refusal.
func errorOf(t *testing.T, w *httptest.ResponseRecorder) (code, message string) {
	t.Helper()
	var body struct {
		Error struct{ Code, Message string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || body.Error.Code == "" {
		t.Fatalf("no refusal in our form: %d %q", w.Code, w.Body)
	}
	return body.Error.Code, body.Error.Message
}

// golden compares with a file of testdata. The command line's tests read the same files, so the two
// sides of the interface cannot drift apart. WEB_GOLDEN=write rewrites them.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, got, "", "  "); err != nil {
		t.Fatalf("%v in %q", err, got)
	}
	file := filepath.Join("testdata", name)
	if os.Getenv("WEB_GOLDEN") == "write" {
		if err := os.WriteFile(file, pretty.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, pretty.Bytes()) {
		t.Errorf("%s differs; got\n%s", file, &pretty)
	}
}

func drain(r io.Reader) string {
	b, _ := io.ReadAll(r)
	return string(b)
}
