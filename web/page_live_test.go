package web

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/web/screen"
)

// servers stand in for LiveLogs: A is heard, B is cut off.
type servers struct {
	now func() time.Time
	*ordered
}

// ordered is what servers were told, and what they answer.
type ordered struct {
	sync.Mutex
	acts    []string
	answers []LiveAnswer
	changed func(*LiveView) // what has happened since
}

// happens changes what goes on.
func (x servers) happens(change func(*LiveView)) {
	x.Lock()
	defer x.Unlock()
	x.changed = change
}

func (x servers) Live(_ context.Context, q LiveQuery) (LiveView, error) {
	if q.Source == "cluster:none" {
		return LiveView{}, NotFound("there is no partition none")
	}
	at := x.now()
	part := func(server, state string, cut, waiting int) LiveQueue {
		return LiveQueue{Name: "sales", Server: server, State: state, Servers: 1, Cut: cut, Waiting: waiting, Ready: waiting, Agents: waiting,
			Counts: LiveCounts{Offered: 8, Answered: 6, Lost: 2, InTime: 5}}
	}
	a, b := part("A", LiveOn, 0, 1), part("B", LiveCut, 1, 0)
	sales := part("", "", 1, 1)
	sales.Servers, sales.Parts, sales.Talking = 2, []LiveQueue{a, b}, 1
	v := LiveView{Source: q.Source, At: at, Within: 20, All: LiveCounts{Offered: 16, Answered: 12, Lost: 4, InTime: 10},
		Servers: []LiveServer{{Name: "A", State: LiveOn, Log: LiveFeed{State: LiveQuiet, Last: at.Add(-time.Hour)}, Manager: LiveFeed{State: LiveOn, Last: at}},
			{Name: "B", State: LiveCut, Log: LiveFeed{State: LiveCut, Why: "nobody follows its file"}}},
		Queues: []LiveQueue{sales},
		Calls: []LiveCall{{Server: "A", ID: "1.7", Queue: "sales", State: "waiting", Number: "<script>5550010", Enter: at.Unix() - 42, Known: true},
			{Server: "A", ID: "1.8", Queue: "sales", State: "talking", Agent: "Agent/101", Enter: at.Unix() - 60, Connect: at.Unix() - 50, Known: true, Hears: true},
			{Server: "B", ID: "1.7", Queue: "sales", State: "talking", Agent: "Agent/201", Enter: at.Unix() - 60, Connect: at.Unix() - 50}},
		Agents: []LiveAgent{{Name: "Agent/101", State: "talking", Since: at.Unix() - 50,
			Seats: []LiveSeat{{Server: "A", State: "talking", Known: true, Device: "SIP/101", Queues: []string{"sales"}, On: "sales"}, {Server: "B", State: "ready"}}},
			{Name: "Agent/102", State: "paused", Reason: "lunch", Since: at.Unix() - 300, Seats: []LiveSeat{{Server: "A", State: "paused", Known: true}}},
			{Name: "Agent/201", State: "not known", Was: "talking", Seats: []LiveSeat{{Server: "B"}}}}}
	x.Lock()
	defer x.Unlock()
	if x.changed != nil {
		x.changed(&v)
	}
	return v, nil
}

func (x servers) Act(_ context.Context, a LiveAct) ([]LiveAnswer, error) {
	x.Lock()
	defer x.Unlock()
	x.acts = append(x.acts, strings.TrimSpace(fmt.Sprintf("%s %s%s at %s in %v to %s%s %s, %s by %s", a.Verb, a.Agent, a.Call, a.Server, a.Queues, a.To, a.Device,
		a.Reason, a.Source, a.By.Account)))
	return append([]LiveAnswer(nil), x.answers...), nil
}

// told is what they were told.
func (x servers) told() []string {
	x.Lock()
	defer x.Unlock()
	return append([]string(nil), x.acts...)
}

// answer is what they answer from now on.
func (x servers) answer(all ...LiveAnswer) {
	x.Lock()
	defer x.Unlock()
	x.answers = all
}

func serversAt(now func() time.Time) servers {
	return servers{now, &ordered{answers: []LiveAnswer{{Server: "A", Done: true, Text: "done"}}}}
}

func TestTheWallboardOfServersArrivesFilled(t *testing.T) {
	s, _ := inCentre(t)
	s.services.LiveLogs = serversAt(s.now)
	u := as(t, s, "watcher")
	for path, want := range map[string][]string{
		"/monitors/live?source=cluster:A|B": {"1 of 2 cut off", "Over limit", "0:42", "62.5", "was Talking", "lunch, A", "A, B", "Quiet", "nobody follows its file", "was talking",
			`href="/reports/calls?queues=sales&amp;servers=A&amp;source=cluster%3AA%7CB&amp;where=state%3Dlost&amp;zone=UTC"`, `href="/reports/loads/B"`,
			`href="/reports/call?at=`},
		"/monitors/live?source=cluster:none":           {"there is no partition none"},
		"/monitors/live?target=many":                   {"target many is not 0 to 100 per cent"},
		"/events?topics=live%3Fsource%3Dcluster&now=1": {"Longest wait", "1 of 2 servers cut off"},
	} {
		w := u.get(path)
		for _, text := range want {
			if w.Code != 200 || !strings.Contains(w.Body.String(), text) {
				t.Errorf("%s: %d without %q", path, w.Code, text)
			}
		}
		if strings.Contains(w.Body.String(), "<script>5") {
			t.Errorf("%s: a name of a stranger acts", path)
		}
	}
}

// Every agent and every call of a server that can be told something has a menu of acts, each a question first; what is
// answered goes to the servers in the name of who asks, and what they say is told.
func TestActsAtServers(t *testing.T) {
	s, _ := inCentre(t)
	x := serversAt(s.now)
	s.services.LiveLogs = x
	u := as(t, s, "watcher")
	board := u.get("/monitors/live?source=cluster:A%7CB").Body.String()
	asked := url.QueryEscape("source=cluster%3AA%7CB")
	for _, text := range []string{`popovertarget="acts-agent-Agent%2F101"`, `href="/monitors/live/pause?agent=Agent%2F101&amp;board=` + asked + `"`, "Listen …",
		`href="/monitors/live/hangup?board=` + asked + `&amp;call=A%3A1.7"`, "Log on an agent …", "data-ask"} {
		if !strings.Contains(board, text) {
			t.Errorf("the board is without %q", text)
		}
	}
	for path, want := range map[string][]string{
		"pause?agent=Agent/101":              {"At A: talking", `name="reason"`, "A alone", "Pause Agent/101"},
		"logoff?agent=Agent/101":             {"A call that he has goes on", `class="risk"`},
		"add?agent=Agent/101":                {`value="SIP/101"`, "every server that has the queues"},
		"remove?agent=Agent/101":             {`value="sales"`},
		"logon":                              {`name="agent"`, `name="device"`},
		"hangup?call=A:1.7":                  {"waits in sales at A", "End the call of", `class="risk"`},
		"spy?call=A:1.8":                     {"talks with Agent/101", "nobody hears you", `name="device"`},
		"barge?call=A:1.8":                   {"both hear you"},
		"transfer?call=A:1.7&board=" + asked: {`href="/monitors/live?source=cluster%3AA%7CB"`, `name="board" value="source=cluster%3AA%7CB"`},
	} {
		w := u.get("/monitors/live/" + path)
		for _, text := range want {
			if w.Code != 200 || !strings.Contains(w.Body.String(), text) {
				t.Errorf("%s: %d without %q", path, w.Code, text)
			}
		}
	}
	for _, path := range []string{"pause?agent=nobody", "hangup?call=A:9", "dance"} {
		if w := u.get("/monitors/live/" + path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	for _, c := range []struct {
		verb   string
		form   []string
		answer []LiveAnswer
		says   string
	}{
		{"pause", []string{"agent", "Agent/101", "reason", "lunch", "board", "source=sql:A"}, []LiveAnswer{{Server: "A", Done: true}}, "Agent/101 is paused at A."},
		{"pause", []string{"agent", "Agent/101", "server", "B"}, []LiveAnswer{{Server: "A", Done: true}, {Server: "B", Text: "it did not answer"}}, "Not so at B: it did not answer."},
		{"hangup", []string{"call", "A:1.7"}, []LiveAnswer{{Server: "A", Text: "no such channel"}}, "Nothing was done. A: no such channel."},
		{"logon", []string{"agent", "Agent/9", "device", "SIP/9", "queues", "sales | care"}, []LiveAnswer{{Server: "A", Done: true}}, "Agent/9 is logged on at A."},
		{"logon", []string{"agent", "Agent/9"}, nil, "to which queues?"},
		{"spy", []string{"call", "A:1.8"}, nil, "who listens?"},
		{"add", []string{"agent", "Agent/9", "queues", "sales", "penalty", "low"}, nil, "penalty low is no number"},
	} {
		x.answer(c.answer...)
		if w := u.do("POST", "/monitors/live/"+c.verb, formOf(c.form), script); !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %v: %d %s", c.verb, c.form, w.Code, w.Body)
		}
	}
	want := []string{"pause Agent/101 at  in [] to  lunch, sql:A by watcher", "pause Agent/101 at B in [] to  , cluster:* by watcher",
		"hangup A:1.7 at  in [] to  , cluster:* by watcher", "logon Agent/9 at  in [sales care] to SIP/9 , cluster:* by watcher"}
	if got := x.told(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("told\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	x.answer(LiveAnswer{Server: "A", Text: "no such channel"})
	if page := u.follow(u.post("/monitors/live/hangup", "call", "A:1.7", "board", "source=sql:A")); !strings.Contains(page, "Try again") || !strings.Contains(page, "sql:A") {
		t.Error("without script a failure leads nowhere")
	}
}

// Who supervises a queue has the board too; what he sees there is his alone, so nobody shares it with him.
func TestTheWallboardOfServersIsForSupervisorsOfAQueue(t *testing.T) {
	s, _ := inCentre(t)
	s.services.LiveLogs = serversAt(s.now)
	leader := as(t, s, "leader")
	if w := leader.get("/monitors/live"); w.Code != 200 || !strings.Contains(w.Body.String(), `data-topic="live`) {
		t.Errorf("%d", w.Code)
	}
	if w := leader.post("/monitors/live/pause", "agent", "Agent/101"); w.Code != http.StatusSeeOther {
		t.Errorf("%d", w.Code)
	}
	v := visitor{Identity: Identity{Account: "leader", Leads: true}, right: screen.QueueSupervisor}
	topics, err := s.feedTopics([]string{"live?source=sql%3AA"}, v)
	if err != nil || !strings.HasPrefix(topics[0].Key, "read leader ") {
		t.Errorf("%v %v", topics, err)
	}
}

// An act reaches the servers of the board that it was asked for from, however long its question is; a board whose question is
// too long for an act to carry has none.
func TestActsOfABoardWithALongQuestion(t *testing.T) {
	s, _ := inCentre(t)
	x := serversAt(s.now)
	s.services.LiveLogs = x
	u := as(t, s, "watcher")
	board := url.Values{"source": {"cluster:A|" + strings.Repeat("B", 230)}, "queues": {strings.Repeat("q|", 100)}}
	at := url.Values{"agent": {"Agent/101"}, "board": {board.Encode()}}
	if body := u.get(livePath + "?" + board.Encode()).Body.String(); !strings.Contains(body, html.EscapeString(livePath+"/pause?"+at.Encode())) {
		t.Error("its acts have lost what the board was asked for")
	}
	form := u.get(livePath + "/pause?" + at.Encode()).Body.String()
	if !strings.Contains(form, html.EscapeString(board.Encode())) {
		t.Error("the question of an act has lost it")
	}
	u.post(livePath+"/pause", "agent", "Agent/101", "board", board.Encode())
	if told := x.told(); len(told) != 1 || !strings.Contains(told[0], board.Get("source")+" by") {
		t.Errorf("%v", told)
	}
	board.Set("source", "cluster:A"+strings.Repeat("|", 240))
	board.Set("queues", strings.Repeat("|", 250))
	if body := u.get(livePath + "?" + board.Encode()).Body.String(); strings.Contains(body, "acts-agent") || strings.Contains(body, "Log on an agent") {
		t.Error("a board that no act can name has acts")
	}
	for _, text := range []string{board.Encode(), "source=%zz"} {
		if w := u.post(livePath+"/pause", "agent", "Agent/101", "board", text); len(x.told()) != 1 {
			t.Errorf("%d: %v", w.Code, x.told())
		}
	}
}
