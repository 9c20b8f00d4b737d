package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tandem/web/screen"
	"tandem/web/static"
)

func TestPagesOfTheCallCentreArriveFilled(t *testing.T) {
	s, _ := inCentre(t)
	u := as(t, s, "watcher")
	for path, want := range map[string][]string{
		"/monitors/queues": {"Over limit", "Nobody logged in", "Longest wait", "62.5", "80 in 0:20", `popovertarget="acts-agent-1004"`, `popovertarget="acts-caller-sales&#43;c-2"`, `href="/monitors/queues/sales/callers/c-1"`, "1000 alice",
			"anonymous", "callback", "1003 agent 1003", "Unreachable", `<rect class="fg" width="50"`, "board.css"},
		"/monitors/queues/sales": {"leastrecent", "Move up 1001", "Take out 1000 alice", `value="1"`, "Talking", "1003"},
		"/monitors/queues/sales/callers/c-1": {"Why it still waits", "is paused", "least recent; 1003: talks", "Promote", "c-1",
			`href="/monitors/legs?call=c-1"`},
		"/monitors/queues/sales/callers/c-9":          {"Gone", "no more", "entered"},
		"/monitors/queues/sales/callers/c-2/withdraw": {"waits at position 2 of sales", "goes where the queue sends"},
		"/monitors/queues/sales/callers/c-2/move":     {"To position", `name="position"`},
		"/monitors/queues/sales/callers/c-3/promote":  {`value="5"`, "the higher one goes first"},
		"/monitors/agents":                            {"Set ready 1004", "Pause 1005", "Log off 1002", "sales (1), support", "1003@tandem.local", "2:05", "then paused"},
		"/monitors/agents?state=paused":               {"shown alone", "1004"},
		"/monitors/agents?queue=sales&state=wrap-up":  {"1007"},
		"/monitors/agents/1004":                       {"Paused", "nobody waits there", "not his", "became ready", "french 2", "Check 1004"},
		"/monitors/agents/1005/pause":                 {"a word for reports", "1005 agent 1005 is ready."},
		"/monitors/agents/1003/logout":                {"he is logged off after it"},
		"/events?topics=queues&topics=agents&now=1":   {"Longest wait", "unreachable"},
		"/events?topics=queue%3Fname%3Dsales&now=1":   {"Move up", "c-4"},
		"/events?topics=agents%3Fqueue%3Dsales&now=1": {"sales (1), support"},
		"/events?topics=queues&topics=members&now=1":  {"Nobody logged in", "tandem3"},
	} {
		w := u.get(path)
		for _, text := range want {
			if w.Code != 200 || !strings.Contains(w.Body.String(), text) {
				t.Errorf("%s: %d without %q", path, w.Code, text)
			}
		}
		if strings.Contains(w.Body.String(), "<script>") || strings.Contains(w.Body.String(), "<img") {
			t.Errorf("%s: a name of a stranger acts", path)
		}
	}
}

func TestWhatIsNotThereInACallCentre(t *testing.T) {
	s, c := inCentre(t)
	u := as(t, s, "admin")
	for _, path := range []string{"/monitors/queues/none", "/monitors/agents/none", "/monitors/queues/sales/callers/none",
		"/monitors/queues/sales/callers/c-1/dance", "/monitors/queues/sales/callers/c-4/move", "/monitors/queues/sales/callers/c-9/withdraw",
		"/monitors/agents/1002/dance", "/monitors/agents/none/pause"} {
		if w := u.get(path); w.Code != 404 || !strings.Contains(w.Body.String(), "alert bad") {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	c.change(func(c *callCentre) { c.deaf = true })
	if page := u.get("/monitors/queues").Body.String(); !strings.Contains(page, "The owner of sales did not say who waits there.") ||
		!strings.Contains(page, "Over limit") {
		t.Error("a silent owner costs the board, or is not named")
	}
	c.change(func(c *callCentre) { c.queues, c.agents = nil, nil })
	if page := u.get("/monitors/queues").Body.String(); !strings.Contains(page, "No queue has been set up.") ||
		!strings.Contains(page, "No agent has been set up.") || !strings.Contains(page, "Nobody waits.") {
		t.Error("nothing is there, and no next step")
	}
}

// Supervisors act on callers and agents; each act is told to the owner in the name of who did it.
func TestActsOnCallersAndAgents(t *testing.T) {
	const caller = "/monitors/queues/sales/callers/c-2/"
	for _, x := range []struct {
		path  string
		form  []string
		told  string
		shows string
	}{
		{caller + "withdraw", []string{"text", "closing"}, `withdraw sales c-2 "closing" 0 0 by watcher`, "being taken out of sales"},
		{caller + "move", []string{"position", "1"}, `move sales c-2 "" 1 0 by watcher`, "moved to position 1"},
		{caller + "promote", []string{"priority", "-3"}, `promote sales c-2 "" 0 -3 by watcher`, "has priority -3"},
		{caller + "move", []string{"position", "0"}, "", "a number from 1 to"},
		{caller + "move", nil, "", "a number from 1 to"},
		{caller + "promote", []string{"priority", "first"}, "", "a number from -1000000"},
		{caller + "dance", nil, "", "nothing like"},
		{"/monitors/queues/sales/callers/none/withdraw", nil, "", "no caller"},
		{"/monitors/agents/1005/pause", []string{"reason", " lunch "}, `pause 1005 "lunch" by watcher`, "1005 is paused now."},
		{"/monitors/agents/1004/ready", nil, `ready 1004 "" by watcher`, "1004 is ready now."},
		{"/monitors/agents/1003/check", nil, `check 1003 "" by watcher`, "1003 is talking now, and paused after it."},
		{"/monitors/agents/1002/logout", nil, `logout 1002 "" by watcher`, "1002 is ringing now."},
		{caller + "send", []string{"to", " support "}, `send sales c-2 "support" 0 0 by watcher`, "being sent to support"},
		{"/monitors/agents/1002/login", []string{"device", "1009"}, `login 1002 "1009" by watcher`, "1002 is ringing now."},
		{"/monitors/agents/1002/whisper", nil, "", "Your own phone rings"},
		{"/monitors/agents/1003/listen", nil, "", "CanListen"},
		{"/monitors/agents/1002/unrecord", nil, "", "is paused now"},
		{"/monitors/agents/1002/record", nil, "", "is on now"},
		{"/monitors/agents/1002/queues", nil, "", "nothing like"},
		{"/monitors/agents/none/pause", nil, "", "no agent"},
	} {
		s, c := inCentre(t)
		u := as(t, s, "watcher")
		w := u.do("POST", x.path, formOf(x.form), script)
		if told := strings.Join(c.told, "|"); told != x.told || !strings.Contains(w.Body.String(), x.shows) {
			t.Errorf("%s %v: told %q, says %s", x.path, x.form, told, w.Body)
		}
	}
	s, c := inCentre(t)
	if page := as(t, s, "watcher").follow(as(t, s, "watcher").post(caller+"move", "position", "1")); !strings.Contains(page, "Move up") {
		t.Error("an act without script leads nowhere")
	}
	c.told = nil
	strange := func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }
	if w := as(t, s, "watcher").do("POST", caller+"withdraw", "", strange); w.Code != 403 || len(c.told) != 0 {
		t.Errorf("a stranger's page acts: %d %v", w.Code, c.told)
	}
}

func formOf(pairs []string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

// Every number of the figures leads to a list of so many.
func TestNumbersOfAgentsLeadToTheirList(t *testing.T) {
	s, c := inCentre(t)
	u := as(t, s, "watcher")
	for _, state := range agentWords {
		n := 0
		for _, a := range c.agents {
			if a.shown() == state {
				n++
			}
		}
		body := u.get("/monitors/agents?state=" + url.QueryEscape(state)).Body.String()
		if got := strings.Count(body, `<th scope="row">`); got != n {
			t.Errorf("%s: %d in the list, %d in the figure", state, got, n)
		}
	}
}

// What a supervisor of one queue sees is not shared with another one.
func TestTopicsOfQueuesAreForWhoAsks(t *testing.T) {
	s, _ := inCentre(t)
	keys := map[string]bool{}
	for _, v := range []visitor{{Identity: Identity{Account: "a"}, right: screen.Supervisor}, {Identity: Identity{Account: "b"}, right: screen.Supervisor},
		{Identity: Identity{Account: "c"}, right: screen.Administrator}, {Identity: Identity{Account: "d"}, right: screen.Administrator}} {
		topics, err := s.feedTopics([]string{"queues", "members"}, v)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range topics {
			keys[x.Key] = true
		}
	}
	if len(keys) != 5 {
		t.Errorf("%v", keys)
	}
}

// Who supervises some queue, and has no role, has the pages of queues and agents and nothing else.
func TestSupervisorsOfAQueueHaveItsPages(t *testing.T) {
	s, c := inCentre(t)
	u := as(t, s, "leader")
	for path, want := range map[string]struct {
		status int
		says   string
	}{
		"/monitors/queues": {200, `<a href="/monitors/queues">Monitors</a>`}, "/monitors/queues/sales": {200, "Take out"}, "/monitors/agents": {200, "Set ready"},
		"/monitors/agents/1003": {200, "1003"}, "/monitors/queues/sales/callers/c-2": {200, "c-2"}, "/search?q=sales": {200, "/monitors/queues/sales"},
		"/monitors": {303, ""}, "/monitors/members": {403, "the role supervisor"}, "/monitors/legs": {403, "the role supervisor"},
		"/reports/loads": {403, "the role supervisor"}, "/settings/queues": {403, "the role administrator"}, "/": {403, "the role administrator"},
	} {
		w := u.get(path)
		if body := w.Body.String(); w.Code != want.status || !strings.Contains(body, want.says) {
			t.Errorf("%s: %d %s", path, w.Code, body)
		}
		for _, closed := range []string{`href="/monitors/members"`, `href="/monitors/legs`, `href="/reports/loads`, `href="/settings`} {
			if strings.Contains(w.Body.String(), closed) {
				t.Errorf("%s leads to %s, which is closed to him", path, closed)
			}
		}
	}
	if to := u.get("/monitors").Header().Get("Location"); to != queuesPath {
		t.Errorf("Monitors begin at %s", to)
	}
	if body := u.get("/search?q=tandem").Body.String(); strings.Contains(body, "member") && strings.Contains(body, membersPath) {
		t.Errorf("the search finds members: %s", body)
	}
	leader := visitor{Identity: Identity{Account: "leader", Leads: true}, right: screen.QueueSupervisor}
	for _, name := range []string{"members", "legs", "tasks", "sessions", "registrations", "cluster", "home"} {
		if _, err := s.feedTopics([]string{name}, leader); err == nil {
			t.Errorf("he can follow %s", name)
		}
		if name != "home" && u.get("/api/v1/"+name).Code != 403 {
			t.Errorf("he can ask for %s", name)
		}
	}
	if _, err := s.feedTopics([]string{"queues", "queue?name=sales", "agents"}, leader); err != nil {
		t.Error(err)
	}
	if w := u.post("/monitors/agents/1004/ready"); w.Code != 303 || len(c.told) != 1 {
		t.Errorf("%d, told %v", w.Code, c.told)
	}
	if w := u.post("/monitors/legs/x/hangup"); w.Code != 403 {
		t.Errorf("he hangs up: %d", w.Code)
	}
}

func TestTheBoardIsLight(t *testing.T) {
	s, c := inCentre(t)
	c.change(func(c *callCentre) {
		for i := range 40 {
			q := c.queues[1]
			q.Name = fmt.Sprintf("queue-%d", i)
			c.queues = append(c.queues, q)
		}
	})
	weight := len(as(t, s, "watcher").get("/monitors/queues").Body.String())
	for _, file := range append([]string{"board.css", "js/board.js"}, firstFiles...) {
		if static.Size(file) == 0 {
			t.Errorf("there is no %s", file)
		}
		weight += static.Size(file)
	}
	t.Logf("%d bytes", weight)
	if weight > 120<<10 {
		t.Errorf("the board weighs %d bytes", weight)
	}
}
