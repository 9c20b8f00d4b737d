package attack

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/test/lab"
)

// hall is a call centre on three members under attack: a caller and an agent who talk all the while, and a caller who
// waits, each on a member of its own.
type hall struct {
	t             *testing.T
	all           []*lab.Member
	caller, agent *lab.Call
}

func newHall(t *testing.T) *hall {
	t.Helper()
	lab.Long(t)
	h := &hall{t: t, all: lab.StartCluster(t, lab.ClusterOptions{})}
	phone := h.all[0].Phone(t, "1002")
	lab.Wait(t, patience, "the agent is registered", func() bool { return phone.TryRegister(600) == 200 })
	for _, m := range h.all[1:] { // each member takes registrations: names have owners then
		p := m.Phone(t, "1019")
		lab.Wait(t, patience, m.Name+" takes registrations", func() bool { return p.TryRegister(60) == 200 })
	}
	h.must(http.MethodPost, "agents/1002/login", map[string]any{})
	h.caller = h.all[1].Phone(t, "1001").Call("2000")
	h.agent = phone.Await()
	h.agent.Answer()
	h.talk("before")
	waits := h.all[2].Phone(t, "1000").Call("2000")
	if waits.Status != 200 {
		t.Fatalf("2000: %d", waits.Status)
	}
	t.Cleanup(func() { waits.Hangup(); h.caller.Hangup(); h.agent.AwaitEnd() })
	h.settled("before")
	return h
}

func (h *hall) must(method, path string, body any) {
	h.t.Helper()
	lab.Wait(h.t, patience, path, func() bool { return h.all[0].Ask(method, path, body, nil) == nil })
}

// may gives an account these rights and no others.
func (h *hall) may(who, rights string) {
	h.t.Helper()
	if _, err := h.all[0].Console().Do("SETACCOUNTRIGHTS " + who + " (" + rights + ")"); err != nil {
		h.t.Fatal(err)
	}
}

// talk has both hear each other.
func (h *hall) talk(when string) {
	h.t.Helper()
	h.t.Log(when)
	h.caller.Say(500)
	h.agent.Say(700)
	h.agent.AwaitTones(h.t, 500*time.Millisecond, 500)
	h.caller.AwaitTones(h.t, 500*time.Millisecond, 700)
}

// settled demands that every member tells the same: one waits, the agent talks, and the queues are as they were.
func (h *hall) settled(after string) {
	h.t.Helper()
	for _, m := range h.all {
		lab.Wait(h.t, patience, m.Name+" tells what is so, "+after, func() bool {
			var q struct {
				Waiting, Talking, Weight int
				Strategy                 string
			}
			var a struct{ State string }
			return m.Ask(http.MethodGet, "queues/sales", nil, &q) == nil && q.Waiting == 1 && q.Strategy == "leastrecent" &&
				m.Ask(http.MethodGet, "agents/1002", nil, &a) == nil && a.State == "talking"
		})
		if strings.Contains(m.Story(), "panic") {
			h.t.Errorf("%s has panicked, %s", m.Name, after)
		}
	}
	h.talk(after)
}

// asks sends any body as somebody, and gives the status.
func (h *hall) asks(m *lab.Member, who, method, path string, body io.Reader) (status int, answer string) {
	h.t.Helper()
	r, err := http.NewRequest(method, m.URL()+"/api/v1/"+path, body)
	if err != nil {
		h.t.Fatal(err)
	}
	r.SetBasicAuth(who+"@"+lab.Domain, lab.Password)
	r.Header.Set("Content-Type", "application/json")
	began := time.Now()
	res, err := http.DefaultClient.Do(r)
	if err != nil { // cut off while it sends: as good as refused
		return 0, err.Error()
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if took := time.Since(began); took > moment {
		h.t.Errorf("%s %.60s was answered after %v", method, path, took)
	}
	return res.StatusCode, string(text)
}

// TestCallCentreDoors comes with bodies that are huge, deep or odd, with lines without end, with logins that are never
// finished, and as somebody who may not.
func TestCallCentreDoors(t *testing.T) {
	h := newHall(t)
	t.Run("bodies", func(t *testing.T) { h.bodies(t); h.settled("after bodies") })
	t.Run("managers", func(t *testing.T) { h.managers(t); h.settled("after managers") })
	t.Run("strangers", func(t *testing.T) { h.strangers(t); h.settled("after strangers") })
	t.Run("requests", func(t *testing.T) { h.requests(t); h.settled("after requests") })
}

// bodies are those of an administrator: nobody else would come so far.
func (h *hall) bodies(t *testing.T) {
	huge := `{"reason":"` + strings.Repeat("a", 8<<20) + `"}`
	deep := strings.Repeat(`{"definition":`, 50_000) + "1" + strings.Repeat("}", 50_000)
	many := `{"definition":{"skills":{` + strings.TrimSuffix(strings.Repeat(`"a":1,`, 5000), ",") + `}}}`
	long := strings.Repeat("x", 3000)
	for _, c := range []struct{ method, path, body string }{
		{"POST", "agents/1002/pause", huge}, {"PATCH", "queues/sales", huge}, {"PUT", "queues/new", huge}, {"PATCH", "agents/1002", huge},
		{"PATCH", "queues/sales", deep}, {"POST", "agents/1002/pause", deep}, {"PUT", "agents/new", deep},
		{"PATCH", "queues/sales", `{"definition":{"strategy":"` + long + `"}}`}, {"PATCH", "queues/sales", `{"definition":{"timeout":"-5s"}}`},
		{"PATCH", "queues/sales", `{"definition":{"weight":1e308}}`}, {"PATCH", "queues/sales", `{"definition":{"numbers":["` + long + `"]}}`},
		{"PATCH", "queues/sales", `{"definition":` + "\x00" + `}`}, {"PATCH", "queues/sales", `[` + strings.Repeat("[", 100_000)},
		{"PUT", "queues/" + long, `{"definition":{}}`}, {"PUT", "queues/%00%0a", `{"definition":{}}`}, {"PUT", "queues/..%2f..%2fx", `{"definition":{}}`},
		{"GET", "queues/sales/callers?limit=99999999999999999999", ""}, {"GET", "queues/sales/callers?limit=-1", ""},
		{"GET", "queues/sales/callers?after=-9", ""}, {"GET", "queues/sales/callers/" + long, ""}, {"GET", "agents/" + long, ""},
		{"POST", "queues/sales/callers/x/move", `{"position":-1}`}, {"POST", "queues/sales/callers/x/promote", `{"priority":1e99}`},
		{"POST", "queues/sales/callers/" + long + "/send", `{"to":"` + long + `"}`}, {"POST", "agents/1002/wrapup", `{"seconds":-1e18}`},
		{"POST", "agents/1002/queues", `{"queue":"` + long + `","add":true}`}, {"POST", "agents/1002/login", `{"device":"` + long + `"}`},
		{"POST", "agents/1002/login", `{"queues":[` + strings.TrimSuffix(strings.Repeat(`"q",`, 50_000), ",") + `]}`},
		{"POST", "agents/1002/recording", `{"turn":"` + long + `"}`}, {"POST", "agents/1002/" + long, `{}`}, {"PATCH", "agents/1002", many},
	} {
		for _, m := range h.all[:2] {
			status, answer := h.asks(m, "1019", c.method, c.path, strings.NewReader(c.body))
			if status != 0 && (status < 400 || status >= 500) && !(c.body == many && status == 200) {
				t.Errorf("%s %.60s %.60s: %d %.200s", c.method, c.path, c.body, status, answer)
			}
			if len(answer) > 4096 {
				t.Errorf("%s %.60s is refused with %d bytes", c.method, c.path, len(answer))
			}
		}
	}
}

// managers are clients of the manager interface who never finish what they begin, or say too much at once.
func (h *hall) managers(t *testing.T) {
	over := make(chan struct{})
	var clients sync.WaitGroup
	m := h.all[0]
	at := net.JoinHostPort(m.Bind, strconv.Itoa(m.AMI))
	come := func(n int, rudeness func(net.Conn)) {
		for range n {
			clients.Go(func() {
				for {
					select {
					case <-over:
						return
					default:
					}
					conn, err := net.Dial("tcp", at)
					if err != nil {
						return // too many of us
					}
					stop := make(chan struct{})
					go func() {
						select {
						case <-over:
						case <-stop:
						}
						_ = conn.Close()
					}()
					rudeness(conn)
					close(stop)
				}
			})
		}
	}
	drain := func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
	boss := "Action: Login\r\nUsername: admin\r\nSecret: " + lab.Password + "\r\n"
	come(10, drain)                                                                                  // says nothing
	come(10, func(c net.Conn) { _, _ = io.WriteString(c, "Action: Login\r\nUsername: "); drain(c) }) // never ends
	come(5, func(c net.Conn) {                                                                       // a line without end
		line := []byte("Action: " + strings.Repeat("x", 64<<10))
		for {
			if _, err := c.Write(line); err != nil {
				return
			}
		}
	})
	come(3, func(c net.Conn) { // logged in, a line without end
		_, _ = io.WriteString(c, boss+"Events: off\r\n\r\n")
		for line := bytes.Repeat([]byte("y"), 64<<10); ; {
			if _, err := c.Write(line); err != nil {
				return
			}
		}
	})
	come(3, func(c net.Conn) { // logged in, asks without end and reads nothing
		_, _ = io.WriteString(c, boss+"\r\n")
		for all := strings.Repeat("Action: QueueStatus\r\n\r\nAction: QueueSummary\r\n\r\nAction: Status\r\n\r\n", 100); ; {
			if _, err := io.WriteString(c, all); err != nil {
				return
			}
		}
	})
	come(2, func(c net.Conn) { // logged in, with answers that would be lines
		_, _ = io.WriteString(c, boss+"\r\nAction: QueuePause\r\nInterface: SIP/1003\r\nPaused: true\r\nReason: a\tb\r\nActionID: x\x0by\r\n\r\n")
		drain(c)
	})
	began, worst := time.Now(), time.Duration(0)
	for time.Since(began) < flood {
		asked := time.Now()
		if err := h.all[1].Ask(http.MethodGet, "queues", nil, nil); err != nil {
			t.Error(err)
		}
		worst = max(worst, time.Since(asked))
	}
	t.Logf("a list of queues came within %v", worst)
	if worst > moment {
		t.Errorf("a list of queues took %v", worst)
	}
	close(over)
	clients.Wait()
	lab.Wait(t, patience, "a polite manager is let in", func() bool {
		conn, err := net.Dial("tcp", at)
		if err != nil {
			return false
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
		_, _ = io.WriteString(conn, boss+"Events: off\r\n\r\nAction: Logoff\r\n\r\n")
		text, _ := io.ReadAll(conn)
		return strings.Contains(string(text), "Authentication accepted")
	})
}

// operations are all that a session can have agents and queues do.
var operations = []string{
	`<agentSubscribe agent="1002"/>`, `<agentFind agent="1002"/>`, `<agentLogin agent="1002"/>`, `<agentLogin agent="1002" device="1001"/>`,
	`<agentLogout agent="1002"/>`, `<agentPause agent="1002" reason="x"/>`, `<agentReady agent="1002"/>`, `<agentMoreWrapUp agent="1002"/>`,
	`<agentQueue agent="1002" queue="sales" on="0"/>`, `<agentCheck agent="1002"/>`, `<agentRecording agent="1002" turn="pause"/>`,
	`<queueSubscribe queue="sales"/>`, `<queueCallers queue="sales"/>`, `<queueExplain queue="sales" caller="x"/>`,
	`<queueWithdraw queue="sales" caller="x"/>`, `<queueMove queue="sales" caller="x" position="1"/>`,
	`<queuePromote queue="sales" caller="x" priority="9"/>`,
}

// strangers are a user who is nobody, an agent of another queue, and a supervisor of another queue: none of them does or
// sees anything of the agent who talks, nor of his caller, by sessions or by REST.
func (h *hall) strangers(t *testing.T) {
	h.may("1000", `"CanSupervise:billing"`)
	for i, who := range []string{"1001", "1004", "1000"} {
		m := h.all[i]
		x := m.XIMSS(t, who)
		if who == "1000" {
			lab.Wait(t, patience, "the right is known", func() bool { return x.Ask(`<queueCallers queue="billing"/>`) == "" })
		}
		for _, o := range operations {
			if x.Ask(o) == "" {
				t.Errorf("%s may %s", who, o)
			}
		}
		for _, name := range []string{"agentState", "queueState", "queueCaller", "agentRecording", "queueReason"} {
			if got, ok := x.Look(name, "queue", "sales"); ok {
				t.Errorf("%s was told %v", who, got)
			}
			if got, ok := x.Look(name, "agent", "1002"); ok {
				t.Errorf("%s was told %v", who, got)
			}
		}
		for _, c := range []string{"GET queues/sales", "GET queues/sales/callers", "GET queues/sales/callers/x", "POST queues/sales/callers/x/withdraw",
			"GET agents/1002", "POST agents/1002/pause", "POST agents/1002/logout", "PUT queues/sales", "DELETE queues/sales", "PUT agents/1002",
			"DELETE agents/1002", "GET agents/1002/explain", "POST agents/1002/recording", "POST agents/1002/listen"} {
			method, path, _ := strings.Cut(c, " ")
			if status, answer := h.asks(m, who, method, path, strings.NewReader(`{"definition":{}}`)); status < 400 || strings.Contains(answer, "1001@") {
				t.Errorf("%s: %s: %d %s", who, c, status, answer)
			}
		}
		_, answer := h.asks(m, who, "GET", "agents", nil)
		if strings.Contains(answer, `"name":"1002"`) {
			t.Errorf("%s sees %s", who, answer)
		}
		if status, answer := h.asks(m, who, "GET", "queues?limit=100", nil); status != 200 || strings.Contains(answer, `"sales"`) {
			t.Errorf("%s sees %s", who, answer)
		}
	}
	h.halfSupervisor(t)
}

// halfSupervisor leads the agent by another queue of his: he sees him, and nothing of his caller in this one, whether he
// asks, follows, or looks at pages; and when the right is taken from him he is told nothing more.
func (h *hall) halfSupervisor(t *testing.T) {
	m := h.all[2]
	h.may("1000", `"CanSupervise:support"`)
	x := m.XIMSS(t, "1000")
	lab.Wait(t, patience, "the right is known", func() bool { return x.Ask(`<agentSubscribe agent="1002"/>`) == "" })
	x.Must(`<agentFind agent="1002"/>`)
	for {
		state, ok := x.Look("agentState", "agent", "1002")
		if !ok {
			break
		}
		if state.Attr("number")+state.Attr("caller")+state.Attr("queue") != "" {
			t.Errorf("the supervisor of support is told whom he talks to for sales: %v", state)
		}
		if _, sales := state.Child("queue"); sales && strings.Contains(fmt.Sprint(state), "name:sales") {
			t.Errorf("he is told of sales: %v", state)
		}
	}
	if _, answer := h.asks(m, "1000", "GET", "agents/1002", nil); strings.Contains(answer, `"number":"1001"`) || strings.Contains(answer, "sales") ||
		!strings.Contains(answer, "talking") {
		t.Errorf("he sees %s", answer)
	}
	if x.Ask(`<agentQueue agent="1002" queue="sales" on="0"/>`) == "" {
		t.Error("he pauses him in sales")
	}
	jar := map[string]string{}
	page := h.page(t, m, jar, "/login", url.Values{"account": {"1000"}, "password": {lab.Password}})
	if !strings.Contains(page, "support") || strings.Contains(page, "/monitors/queues/sales") || strings.Contains(page, "/monitors/members") {
		t.Errorf("his board shows %s", page)
	}
	for _, path := range []string{"/monitors/queues/sales", "/monitors/members", "/monitors/legs", "/settings/queues", "/reports/loads"} {
		if page := h.page(t, m, jar, path, nil); strings.Contains(page, "1001 ") || !strings.Contains(page, "alert") {
			t.Errorf("%s shows %s", path, page)
		}
	}
	if page := h.page(t, m, jar, "/reports/overview", nil); !strings.Contains(page, "Offered") || strings.Contains(page, "sales") {
		t.Errorf("of sales he reads %s", page)
	}
	h.may("1000", "")
	lab.Wait(t, patience, "the right is gone", func() bool { return x.Ask(`<agentFind agent="1002"/>`) != "" })
	for {
		if _, ok := x.Look("agentState", "agent", "1002"); !ok {
			break
		}
	}
	h.must(http.MethodPost, "agents/1002/pause", map[string]any{"reason": "secret"})
	h.must(http.MethodPost, "agents/1002/ready", map[string]any{})
	polite := m.XIMSS(t, "1010")
	polite.Must(`<agentFind agent="1002"/>`)
	x.Must("<noop/>")
	if state, ok := x.Look("agentState", "agent", "1002", "reason", "secret"); ok {
		t.Errorf("who may no more is told %v", state)
	}
}

// page gets a page, or sends a form, as a browser without script.
func (h *hall) page(t *testing.T, m *lab.Member, jar map[string]string, path string, form url.Values) string {
	t.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	for range 5 {
		r, err := http.NewRequest(method, m.URL()+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", "text/html")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for name, value := range jar {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		for _, c := range res.Cookies() {
			jar[c.Name] = c.Value
		}
		if res.StatusCode != http.StatusSeeOther {
			return string(text)
		}
		method, path, form = http.MethodGet, res.Header.Get("Location"), nil
	}
	t.Fatalf("%s leads to no page", path)
	return ""
}

// requests are those that say too much, or nothing.
func (h *hall) requests(t *testing.T) {
	x := h.all[1].XIMSS(t, "1001")
	for _, o := range []string{`<agentLogin/>`, `<agentLogin agent="` + strings.Repeat("a", 5000) + `"/>`, `<agentLogin agent="1002"><queue name="` + strings.Repeat("b", 5000) + `"/></agentLogin>`,
		`<agentMoreWrapUp agent="1002" seconds="99999999999999999999"/>`, `<queueSubscribe/>`, `<queueCallers queue=""/>`, `<agentQueue/>`} {
		if x.Ask(o) == "" {
			t.Errorf("%.80s is done", o)
		}
	}
}
