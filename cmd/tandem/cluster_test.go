package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// clusterVerbCases are verbs that need one answer, as in TestVerbsAskTheMember.
var clusterVerbCases = []struct{ line, answer, asked, body, says string }{
	{"cluster members", `{"member":"tandem1","quorum":true,"controller":{"member":"tandem2","epoch":7},
		"willing":{"members":["tandem2"]},"members":[{"name":"tandem1","address":"127.0.0.1:7010","state":"up","load":125,
		"call_legs":"remotely","farm":"member","own_legs":3,"elsewhere_legs":2,"clock_offset":0.0125,"store":true}]}`,
		"GET /api/v1/cluster", "", "tandem1  up     127.0.0.1:7010  remotely   member  3    0           2          0      12.5%  yes    +0.01"},
	{"cluster undrain tandem2", `{"undrained":"tandem2"}`, "POST /api/v1/cluster/members/tandem2/undrain", "", "undrained  tandem2"},
	{"cluster drain a/b --no-wait --limit 30s", `{"draining":"a/b"}`, "POST /api/v1/cluster/members/a%2Fb/drain", `{"limit":30}`, "draining  a/b"},
	{"cluster drain tandem2 --no-wait", `{"draining":"tandem2"}`, "POST /api/v1/cluster/members/tandem2/drain", "", "draining  tandem2"},
	{"cluster ticket --uses 2 --life 1h --at 10.0.0.1:8010", `{"id":"ab12","ticket":"http://10.0.0.1:8010#SECRET","uses":2}`,
		"POST /api/v1/cluster/tickets", `{"at":"10.0.0.1:8010","life":3600,"uses":2}`, "http://10.0.0.1:8010#SECRET\n"},
	{"cluster ticket --list", `{"tickets":[{"id":"ab12","uses":2,"members":["tandem2","tandem3"]}]}`,
		"GET /api/v1/cluster/tickets", "", "ab12  -     -        2     tandem2, tandem3"},
	{"cluster ticket --revoke ab12", `{"revoked":"ab12"}`, "DELETE /api/v1/cluster/tickets/ab12", "", "revoked  ab12"},
}

func TestClusterVerbs(t *testing.T) {
	for _, c := range clusterVerbCases {
		url, requests := fakeMember(t, 200, c.answer)
		code, out, errs := tandem(t, "", append(strings.Fields(c.line), "--server", url)...)
		if code != codeDone || !strings.Contains(out, c.says) {
			t.Errorf("%s: %d\n%s%s", c.line, code, out, errs)
		}
		if r := (*requests)[0]; len(*requests) != 1 || r.method+" "+r.path != c.asked || r.body != c.body {
			t.Errorf("%s asked %+v", c.line, *requests)
		}
		url, _ = fakeMember(t, 409, `{"error":{"code":"conflict","message":"it is not so"}}`)
		code, out, errs = tandem(t, "", append(strings.Fields(c.line), "--server", url)...)
		if code != codeFailed || out != "" || !strings.Contains(errs, "it is not so") {
			t.Errorf("%s refused: %d %q %q", c.line, code, out, errs)
		}
		if code, _, _ := tandem(t, "", append(strings.Fields(c.line), "--server", "http://127.0.0.1:1")...); code != codeUnreachable {
			t.Errorf("%s without a member: %d", c.line, code)
		}
	}
	for _, line := range []string{"cluster", "cluster drain", "cluster drain a b", "cluster drain a --limit -1s", "cluster undrain",
		"cluster members x", "cluster ticket --list --revoke x"} {
		if code, _, _ := tandem(t, "", strings.Fields(line)...); code != codeUsage {
			t.Errorf("%s: %d", line, code)
		}
	}
}

func TestWordsOfTheMembersTable(t *testing.T) {
	for want, m := range map[string]memberRow{
		"up":                           {State: "up", Why: "heard"},
		"up, draining":                 {State: "up", Draining: true},
		"up, cut off":                  {State: "up", CutOff: true},
		"suspect (its wire is broken)": {State: "suspect", Why: "its wire is broken"},
	} {
		if got := m.condition(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if note := membersTable(clusterView{Member: "tandem1"}).note; !strings.Contains(note, "cut off from the store") {
		t.Error(note)
	}
}

// drainer is a member that has fewer legs each time that it is asked.
func drainer(t *testing.T, views ...string) string {
	t.Helper()
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			_, _ = io.WriteString(w, `{"draining":"tandem2"}`)
			return
		}
		_, _ = fmt.Fprintf(w, `{"members":[{"name":"tandem1","state":"up"},%s]}`, views[min(asked, len(views)-1)])
		asked++
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestDrainWaitsForTheLastCall(t *testing.T) {
	t.Parallel()
	url := drainer(t, `{"name":"tandem2","state":"up","legs":2}`,
		`{"name":"tandem2","state":"up","draining":true,"legs":2,"tasks":1}`,
		`{"name":"tandem2","state":"up","draining":true,"legs":2,"tasks":1}`,
		`{"name":"tandem2","state":"up","draining":true,"legs":1}`, `{"name":"tandem2","state":"up","draining":true,"tasks":1}`)
	code, out, errs := tandem(t, "", "cluster", "drain", "tandem2", "--server", url)
	if code != codeDone || out != "drained  tandem2\n" ||
		errs != "tandem2: legs left: 2\ntandem2: legs left: 1\n" {
		t.Errorf("%d %q %q", code, out, errs)
	}
	code, out, _ = tandem(t, "", "cluster", "drain", "tandem2", "--server", url, "-o", "json")
	if code != codeDone || !json.Valid([]byte(out)) {
		t.Errorf("%d %q", code, out)
	}
	url = drainer(t, `{"name":"tandem2","state":"up","draining":true,"legs":1}`, `{"name":"tandem2","state":"up","legs":1}`)
	code, out, errs = tandem(t, "", "cluster", "drain", "tandem2", "--server", url)
	if code != codeFailed || out != "" || !strings.Contains(errs, "takes calls again") {
		t.Errorf("%d %q %q", code, out, errs)
	}
}

func TestWhatDrainSees(t *testing.T) {
	began := time.Unix(1000, 0)
	draining := func(legs int, until time.Time) clusterView {
		return clusterView{Members: []memberRow{{Name: "m", State: "up", Draining: true, Legs: legs, DrainUntil: until}}}
	}
	state := func(word string) clusterView { return clusterView{Members: []memberRow{{Name: "m", State: word}}} }
	for what, c := range map[string]struct {
		heard bool
		view  clusterView
		after time.Duration
		done  bool
		says  string
	}{
		"nothing is left":           {view: draining(0, time.Time{}), done: true},
		"one is left":               {view: draining(1, began.Add(time.Minute))},
		"the limit is just over":    {view: draining(1, began), after: time.Second},
		"it does not end them":      {view: draining(1, began), after: drainGrace + time.Second, says: "after its limit: 1"},
		"it has gone":               {heard: true, view: clusterView{}, done: true},
		"it has left":               {view: state("left"), done: true},
		"it was never there":        {view: clusterView{}, says: "no member m"},
		"it has died":               {heard: true, view: state("dead"), says: "died"},
		"it has not heard yet":      {view: state("up"), after: time.Second},
		"it never hears":            {view: state("up"), after: drainHeard + time.Second, says: "does not say"},
		"somebody else undrains it": {heard: true, view: state("up"), says: "takes calls again"},
	} {
		w := drainWatch{member: "m", began: began, heard: c.heard, left: -1}
		done, err := w.see(c.view, began.Add(c.after))
		if done != c.done || (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v %v", what, done, err)
		}
	}
}
