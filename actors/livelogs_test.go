package actors

import (
	"net"
	"net/url"
	"strings"
	"testing"

	"tandem/actors/acttest"
	"tandem/actors/queuelog/report"
	"tandem/conf"
	"tandem/web"
)

// liveOfSource is what goes on at the servers of a source, of all time.
func liveOfSource(t testing.TB, h *House, source string) (v web.LiveView) {
	t.Helper()
	if status := askREST(t, h, "GET", "/api/v1/queuelog/live", url.Values{"source": {source}, "from": {"2000-01-01"}}, "", &v); status != 200 {
		t.Fatalf("%s: %d", source, status)
	}
	return v
}

// sameAsReport compares a view with the report of the same instant.
func sameAsReport(t testing.TB, v web.LiveView, f report.Figures) {
	t.Helper()
	for _, q := range v.Queues {
		want := f.Queues[q.Name]
		got := [...]int64{q.Counts.Offered, q.Counts.Answered, q.Counts.Lost, q.Counts.InTime, q.Counts.WaitAnswered, q.Counts.Talk}
		if got != [...]int64{want.Offered, want.Answered, want.Lost, want.AnsWithin, want.WaitAnswered, want.Talk} {
			t.Errorf("%s: live %v, the report has %+v", q.Name, got, want)
		}
	}
	if len(v.Queues) != len(f.Queues) {
		t.Errorf("live queues %v, the report has %v", v.Queues, f.Queues)
	}
}

// Whoever asks for a live view gets what the tables have, and hears which servers are cut off.
func TestLiveViewOfLoadedLogs(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	for _, p := range []string{"A", "B", "C"} {
		text := logCase(t, "ast22-r2-"+p)
		loadText(t, h, p, p, text, 50, false)
		awaitRows(t, h, p, uint64(strings.Count(text, "\n")))
	}
	v := liveOfSource(t, h, "cluster:A|B|C")
	var f report.Figures
	askREST(t, h, "GET", "/api/v1/queuelog/report", url.Values{"source": {"cluster:A|B|C"}, "within": {"20"}}, "", &f)
	sameAsReport(t, v, f)
	for _, s := range v.Servers {
		if s.State != web.LiveCut || s.Log.Why != "nobody follows its file" {
			t.Errorf("%s: %+v", s.Name, s)
		}
	}
	for _, x := range []struct {
		query  url.Values
		status int
	}{{url.Values{"source": {"cluster:*"}}, 200}, {url.Values{"source": {"cluster:A|none"}}, 404}, {url.Values{"source": {"A"}}, 400},
		{url.Values{"source": {"sql:A"}, "zone": {"Nowhere"}}, 400}, {url.Values{"source": {"sql:A"}, "from": {"then"}}, 400}} {
		if status := askREST(t, h, "GET", "/api/v1/queuelog/live", x.query, "", nil); status != x.status {
			t.Errorf("%v: %d", x.query, status)
		}
	}
}

// Our own manager interface is one of those that are heard, and does what it is told.
func TestOurOwnManagerInterfaceIsHeard(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	_ = l.Close()
	c := settingsOf(t.TempDir())
	c.AMI.Port, c.AMI.Bind = port, []string{"127.0.0.1"}
	c.Exchanges.Servers = []conf.Exchange{{Name: "self", Address: l.Addr().String(), User: "admin", Secret: "1234"},
		{Name: "wrong", Address: l.Addr().String(), User: "admin", Secret: "12345"}}
	h := start(t, c)
	of := func(name string) web.LiveFeed { return liveOfSource(t, h, "sql:"+name).Servers[0].Manager }
	acttest.Until(t, "it is heard", func() bool { return of("self").State != web.LiveCut })
	acttest.Until(t, "a wrong secret is refused", func() bool { return strings.Contains(of("wrong").Why, "Authentication failed") })
	var out struct{ Answers []web.LiveAnswer }
	status := askREST(t, h, "POST", "/api/v1/queuelog/live/add", nil, `{"agent":"1001","device":"SIP/1001","queues":["none"],"server":"self"}`, &out)
	if status != 200 || len(out.Answers) != 1 || out.Answers[0].Done || !strings.Contains(out.Answers[0].Text, "queue") {
		t.Errorf("%d %v", status, out)
	}
}

// Who supervises one queue sees that one and acts in that one, by his password at the same doors as everybody.
func TestASupervisorOfOneQueueAtTheLiveView(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	for _, p := range []string{"A", "B"} {
		text := logCase(t, "ast22-r2-"+p)
		loadText(t, h, p, p, text, 50, false)
		awaitRows(t, h, p, uint64(strings.Count(text, "\n")))
	}
	if _, failure := run(t, h, "admin@tandem.local", `SETACCOUNTRIGHTS 1001 ("CanSupervise:sales")`); failure != "" {
		t.Fatal(failure)
	}
	as := func(user, method, path string, q url.Values, body string, into any) int {
		r := requestOf(t, h, method, path, q, body)
		r.SetBasicAuth(user, "1234")
		return answered(t, r, into)
	}
	source := url.Values{"source": {"cluster:A|B"}, "from": {"2000-01-01"}}
	var v web.LiveView
	acttest.Until(t, "the right acts", func() bool {
		return as("1001@tandem.local", "GET", "/api/v1/queuelog/live", source, "", &v) == 200
	})
	if all := liveOfSource(t, h, "cluster:A|B"); len(v.Queues) != 1 || v.Queues[0].Name != "sales" || len(all.Queues) < 2 || v.All != v.Queues[0].Counts {
		t.Errorf("he sees %v of %v", v.Queues, all.Queues)
	}
	for _, x := range []struct {
		user, verb, body string
		status           int
		told             string // servers to which the order went; no interface of them is set
	}{
		{"1001@tandem.local", "add", `{"agent":"Agent/9","device":"SIP/9","queues":["support"],"source":"cluster:A|B"}`, 403, ""},
		{"1001@tandem.local", "add", `{"agent":"Agent/9","device":"SIP/9","queues":["sales"],"source":"cluster:A|B"}`, 200, "A B"},
		{"1001@tandem.local", "add", `{"agent":"Agent/9","device":"SIP/9","queues":["sales"],"source":"sql:B"}`, 200, "B"},
		{"1000@tandem.local", "add", `{"agent":"Agent/9","device":"SIP/9","queues":["sales"],"source":"cluster:A|B"}`, 403, ""},
	} {
		var out struct{ Answers []web.LiveAnswer }
		status := as(x.user, "POST", "/api/v1/queuelog/live/"+x.verb, nil, x.body, &out)
		var told []string
		for _, a := range out.Answers {
			told = append(told, a.Server)
			if a.Done || !strings.Contains(a.Text, "exchanges.servers") {
				t.Errorf("%s %s: %+v", x.verb, x.body, a)
			}
		}
		if status != x.status || strings.Join(told, " ") != x.told {
			t.Errorf("%s %s %s: %d, told %v", x.user, x.verb, x.body, status, told)
		}
	}
	var blocks struct {
		Blocks []struct{ Rows [][]any }
	}
	source.Set("block", "RealtimeDO.RtLiveQueues")
	if status := as("1001@tandem.local", "GET", "/api/v1/reports", source, "", &blocks); status != 200 ||
		len(blocks.Blocks) != 1 || len(blocks.Blocks[0].Rows) != 1 || blocks.Blocks[0].Rows[0][1] != "sales" {
		t.Errorf("%d %v", status, blocks)
	}
}
