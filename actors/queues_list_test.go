package actors

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"tandem/actors/acttest"
	"tandem/conf"
	"tandem/web"
)

// rest asks a member as whoever holds its control token, or as an account by its password.
func rest(t testing.TB, h *House, method, path, body, account string) (status int, answer string) {
	t.Helper()
	c := h.live.Conf()
	url := "http://" + c.HTTP.Bind[0] + ":" + strconv.Itoa(h.Ports()["http"]) + "/api/v1/" + path
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if r.SetBasicAuth(account, "1234"); account == "" {
		token, err := os.ReadFile(filepath.Join(c.Member.Data, web.TokenFile))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// centreOf is a member with the queue sales (2000) and its agent 1001.
func centreOf(t *testing.T) *House {
	t.Helper()
	c := settingsOf(t.TempDir())
	c.Queues.Demo = []conf.DemoQueue{{Name: "sales", DisplayName: "Sales", Number: "2000", Strategy: "leastrecent"}}
	c.Queues.DemoAgents = []conf.DemoAgent{{Name: "1001", DisplayName: "bob", Queues: []string{"sales"}}}
	return start(t, c)
}

// An agent logs on by the REST interface, as himself; the queue shows it, and a stranger may nothing of that.
func TestAnAgentWorksByREST(t *testing.T) {
	h := centreOf(t)
	const bob, alice = "1001@tandem.local", "1000@tandem.local"
	if status, text := rest(t, h, "POST", "agents/1001/pause", `{}`, bob); status != 409 || !strings.Contains(text, "logged out") {
		t.Errorf("paused while he is logged out: %d %s", status, text)
	}
	if status, text := rest(t, h, "POST", "agents/1001/login", `{}`, alice); status != 404 {
		t.Errorf("logged on by somebody else: %d %s", status, text)
	}
	status, text := rest(t, h, "POST", "agents/1001/login", `{}`, bob)
	if status != 200 || !strings.Contains(text, `"state":"ready"`) {
		t.Fatalf("logged on: %d %s", status, text)
	}
	queue := func(so func(web.Queue) bool) func() bool {
		return func() bool {
			var v struct{ Queues []web.Queue }
			_, text := rest(t, h, "GET", "queues", "", bob)
			return json.Unmarshal([]byte(text), &v) == nil && len(v.Queues) == 1 && so(v.Queues[0])
		}
	}
	acttest.Until(t, "the queue has an agent", queue(func(q web.Queue) bool { return q.LoggedOn == 1 && q.Agents == 1 && q.State == web.QueueOnTarget }))
	if status, text := rest(t, h, "POST", "agents/1001/pause", `{"reason":"lunch"}`, ""); status != 200 || !strings.Contains(text, `"reason":"lunch"`) {
		t.Errorf("paused: %d %s", status, text)
	}
	acttest.Until(t, "he is paused", queue(func(q web.Queue) bool { return q.Paused == 1 && q.Ready == 0 }))
	status, text = rest(t, h, "GET", "agents?state=paused&queue=sales", "", "")
	if status != 200 || !strings.Contains(text, `"name":"1001"`) || !strings.Contains(text, `"devices":["1001@tandem.local"]`) {
		t.Errorf("agents: %d %s", status, text)
	}
	if status, text := rest(t, h, "GET", "queues", "", alice); status != 200 || !strings.Contains(text, `"queues":[]`) {
		t.Errorf("a stranger: %d %s", status, text)
	}
	acttest.Until(t, "what he did is told", func() bool {
		_, text := rest(t, h, "GET", "agents/1001/explain", "", bob)
		return strings.Contains(text, `"what":"logged on"`) && strings.Contains(text, `"what":"paused in all"`)
	})
	if status, text := rest(t, h, "POST", "agents/1001/logout", `{}`, bob); status != 200 || !strings.Contains(text, `"state":"logged out"`) {
		t.Errorf("logged off: %d %s", status, text)
	}
	acttest.Until(t, "the queue has nobody", queue(func(q web.Queue) bool { return q.State == web.QueueEmpty }))
}

// A queue that is changed acts at once, and so does its number.
func TestAQueueIsSetUpByREST(t *testing.T) {
	h := centreOf(t)
	status, text := rest(t, h, "PUT", "queues/shop", `{"definition":{"numbers":["2010"]},"reason":"new"}`, "")
	if status != 200 || !strings.Contains(text, `"reason":"new"`) || !strings.Contains(text, `"timeout":"15s"`) {
		t.Fatalf("%d %s", status, text)
	}
	if status, text = rest(t, h, "PATCH", "agents/1001", `{"definition":{"memberships":[{"queue":"shop","penalty":2}]}}`, ""); status != 200 {
		t.Fatalf("%d %s", status, text)
	}
	if status, text = rest(t, h, "GET", "queues", "", "1001@tandem.local"); !strings.Contains(text, `"name":"shop"`) || strings.Contains(text, `"name":"sales"`) {
		t.Errorf("bob sees %d %s", status, text)
	}
	if status, text = rest(t, h, "PATCH", "queues/shop", `{"definition":{"numbers":["1000"],"weight":-1}}`, ""); status != 400 || !strings.Contains(text, "weight") {
		t.Errorf("%d %s", status, text)
	}
	if status, text = rest(t, h, "PATCH", "queues/shop", `{"definition":{"numbers":["1000"]}}`, ""); status != 409 {
		t.Errorf("the number of an account: %d %s", status, text)
	}
	if status, text = rest(t, h, "DELETE", "queues/shop?reason=over", "", ""); status != 200 {
		t.Errorf("%d %s", status, text)
	}
	if a, ok := h.ledger.Agent("1001"); !ok || len(a.Memberships) != 0 {
		t.Errorf("the agent of a queue that is gone: %+v", a)
	}
}
