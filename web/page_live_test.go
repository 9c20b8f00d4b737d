package web

import (
	"context"
	"strings"
	"testing"
	"time"
)

// servers stand in for LiveLogs: A is heard, B is cut off.
type servers struct{ now func() time.Time }

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
	return LiveView{Source: q.Source, At: at, Within: 20, All: LiveCounts{Offered: 16, Answered: 12, Lost: 4, InTime: 10},
		Servers: []LiveServer{{Name: "A", State: LiveOn, Log: LiveFeed{State: LiveQuiet, Last: at.Add(-time.Hour)}, Manager: LiveFeed{State: LiveOn, Last: at}},
			{Name: "B", State: LiveCut, Log: LiveFeed{State: LiveCut, Why: "nobody follows its file"}}},
		Queues: []LiveQueue{sales},
		Calls: []LiveCall{{Server: "A", ID: "1.7", Queue: "sales", State: "waiting", Number: "<script>5550010", Enter: at.Unix() - 42, Known: true},
			{Server: "A", ID: "1.8", Queue: "sales", State: "talking", Agent: "Agent/101", Enter: at.Unix() - 60, Connect: at.Unix() - 50, Known: true},
			{Server: "B", ID: "1.7", Queue: "sales", State: "talking", Agent: "Agent/201", Enter: at.Unix() - 60, Connect: at.Unix() - 50}},
		Agents: []LiveAgent{{Name: "Agent/101", State: "talking", Since: at.Unix() - 50, Seats: []LiveSeat{{Server: "A"}, {Server: "B"}}},
			{Name: "Agent/102", State: "paused", Reason: "lunch", Since: at.Unix() - 300, Seats: []LiveSeat{{Server: "A"}}},
			{Name: "Agent/201", State: "not known", Was: "talking", Seats: []LiveSeat{{Server: "B"}}}}}, nil
}

func (servers) Act(context.Context, LiveAct) ([]LiveAnswer, error) {
	return []LiveAnswer{{Server: "A", Done: true, Text: "done"}}, nil
}

func TestTheWallboardOfServersArrivesFilled(t *testing.T) {
	s, _ := inCentre(t)
	s.services.LiveLogs = servers{s.now}
	u := as(t, s, "watcher")
	for path, want := range map[string][]string{
		"/monitors/live?source=cluster:A|B":            {"1 of 2 cut off", "Over limit", "0:42", "62.5", "was Talking", "lunch, A", "A, B", "Quiet", "nobody follows its file", "was talking"},
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
