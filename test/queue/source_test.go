package queue

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"tandem/test/lab"
)

// source is how a source stands, as a member tells.
type source struct {
	State, Holder                      string
	Next, Lines, Duplicates, Malformed uint64
}

func sourceStands(m *lab.Member) (s source) {
	_ = m.Ask(http.MethodGet, "stat/sources/pbx", nil, &s)
	return s
}

// adapter sends lines of a source over a WebSocket. It keeps all of them, as one does that reads a log.
type adapter struct {
	t     *testing.T
	mu    sync.Mutex // of lines
	lines []string
	clock int64 // of the switch, ms since 1970
	conn  *websocket.Conn
	next  int // number of the line that is wanted
}

// say adds a line, which happens now by the clock of the switch.
func (a *adapter) say(event, rest string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lines = append(a.lines, fmt.Sprintf(`{"seq":%d,"at":%.3f,"event":%q,%s}`, len(a.lines)+1, float64(a.clock)/1000, event, rest))
}

// connect connects to a member and hears which line is wanted.
func (a *adapter) connect(m *lab.Member) bool {
	header := http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte("admin:1234"))}}
	d := websocket.Dialer{Subprotocols: []string{"tandem-source"}, HandshakeTimeout: patience}
	conn, _, err := d.Dial("ws"+strings.TrimPrefix(m.URL(), "http")+"/api/v1/stat/sources/pbx", header)
	if err != nil {
		a.t.Logf("%s does not take the adapter: %v", m.Name, err)
		return false
	}
	a.conn = conn
	return a.hear()
}

// hear takes an answer.
func (a *adapter) hear() bool {
	var answer struct {
		Next      int
		Malformed int
		Error     *struct{ Message string }
	}
	_ = a.conn.SetReadDeadline(time.Now().Add(patience))
	if err := a.conn.ReadJSON(&answer); err != nil {
		return false
	}
	if answer.Malformed > 0 {
		a.t.Errorf("lines are malformed: %+v", answer)
	}
	if answer.Error == nil {
		a.next = answer.Next
	}
	return answer.Error == nil
}

// send sends what is wanted, at most some lines; nothing at all says that it lives.
func (a *adapter) send(most int) bool {
	a.mu.Lock()
	from := min(a.next-1, len(a.lines))
	text := strings.Join(a.lines[from:min(len(a.lines), from+most)], "\n")
	a.mu.Unlock()
	return a.conn.WriteMessage(websocket.TextMessage, []byte(text)) == nil
}

// drain sends until nothing is left.
func (a *adapter) drain(most int) bool {
	for a.next <= len(a.lines) {
		if !a.send(most) || !a.hear() {
			return false
		}
	}
	return true
}

// call tells of a call through the queue Q.
func (a *adapter) call(n int) {
	dn, conn := fmt.Sprintf(`"dn":"700%d"`, n%3), fmt.Sprintf(`"conn":"c%d"`, n)
	a.say("EventQueued", `"dn":"Q",`+conn)
	a.clock += int64(n % 7)
	a.say("EventDiverted", `"dn":"Q",`+conn)
	a.say("EventRinging", dn+`,"queue":"Q","call_type":"Inbound",`+conn)
	a.clock += int64(n%5) + 1
	a.say("EventEstablished", dn+","+conn)
	a.clock += int64(n%11) + 1
	a.say("EventReleased", dn+","+conn)
}

// validity listens to what a member tells of statistics that become invalid and valid.
func validity(t *testing.T, m *lab.Member, ids []string) func() map[string][]string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, m.URL()+"/api/v1/stat/events?insensitivity=1000000&id="+strings.Join(ids, ","), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth("admin", "1234")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	told, ended := map[string][]string{}, make(chan struct{})
	go func() {
		defer close(ended)
		lines, kind := bufio.NewScanner(answer.Body), ""
		for lines.Scan() {
			if k, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				kind = k
			}
			var v struct{ ID string }
			if d, ok := strings.CutPrefix(lines.Text(), "data: "); ok && (kind == "invalid" || kind == "valid") && json.Unmarshal([]byte(d), &v) == nil {
				mu.Lock()
				told[v.ID] = append(told[v.ID], kind)
				mu.Unlock()
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-ended; _ = answer.Body.Close() })
	return func() map[string][]string {
		mu.Lock()
		defer mu.Unlock()
		out := map[string][]string{}
		for id, kinds := range told {
			out[id] = slices.Clone(kinds)
		}
		return out
	}
}

// An adapter tells a member of a switch outside over a WebSocket. The member, which holds the source, is killed; the adapter
// goes to another one, which says from which line on to send. Nothing is counted twice and nothing is lost: the values are
// those of the same lines without a server. Who follows them is told once that they are invalid, and once that they are valid.
func TestSourceMoves(t *testing.T) {
	lab.Long(t)
	all := lab.StartCluster(t, lab.ClusterOptions{Set: []string{"adapters.sources=[{name: pbx, switch: west, silence: 2s}]"}})
	dies := 0
	lab.Wait(t, patience, "the source has a holder whom all know", func() bool {
		holders := map[string]bool{}
		for n, m := range all {
			s := sourceStands(m)
			holders[s.Holder] = true
			if m.Name == s.Holder {
				dies = n
			}
		}
		return len(holders) == 1 && !holders[""]
	})
	opened := openWatched(t, all[(dies+1)%3])
	told := validity(t, all[(dies+2)%3], slices.Collect(func(yield func(string) bool) {
		for id := range opened {
			if !yield(id) {
				return
			}
		}
	}))

	a := &adapter{t: t, clock: time.Now().UnixMilli()}
	for n := range 3 {
		a.say("EventAgentLogin", fmt.Sprintf(`"dn":"700%d","agent":"W%d","place":"desk%d","queue":"Q"`, n, n, n))
		a.say("EventAgentReady", fmt.Sprintf(`"dn":"700%d"`, n))
	}
	if !a.connect(all[dies]) || a.next != 1 {
		t.Fatalf("the holder wants line %d", a.next)
	}
	for n := range 20 {
		a.call(n)
		if !a.drain(7) {
			t.Fatal("the holder does not answer")
		}
	}
	confirmed := a.next
	a.call(20)
	a.send(100) // whether this arrives nobody knows
	all[dies].Kill()
	for n := range 10 { // the switch goes on
		a.call(21 + n)
	}
	lives := []*lab.Member{all[(dies+1)%3], all[(dies+2)%3]}
	lab.Wait(t, patience, "its statistics are invalid", func() bool { return len(told()) == len(opened) })
	if v := value(t, lives[0], opened, "Queue:Q@west"); v.Valid {
		t.Errorf("while the source is lost: %+v", v)
	}
	lab.Wait(t, patience, "another member takes the adapter", func() bool { return a.connect(lives[0]) })
	if a.next < confirmed || a.next > confirmed+5 {
		t.Errorf("line %d is wanted, %d was wanted last", a.next, confirmed)
	}
	if !a.drain(100) {
		t.Fatal("the new holder does not answer")
	}
	lab.Wait(t, patience, "its statistics are valid", func() bool {
		if !a.send(1) || !a.hear() { // it lives
			t.Fatal("the new holder does not answer")
		}
		for _, kinds := range told() {
			if len(kinds) < 2 {
				return false
			}
		}
		return true
	})
	for id, kinds := range told() {
		if !slices.Equal(kinds, []string{"invalid", "valid"}) {
			t.Errorf("%s: told %v", opened[id].Object, kinds)
		}
	}
	if s := sourceStands(lives[1]); s.State != "live" || s.Lines != uint64(len(a.lines)) || s.Next != uint64(len(a.lines)+1) || s.Malformed > 0 {
		t.Errorf("it stands like this: %+v", s)
	}
	if out := lives[1].Tandem("stat", "sources"); !strings.Contains(out, "pbx") || !strings.Contains(out, "live") {
		t.Error(out)
	}
	sameAsWithout(t, lives, opened, a.lines)
	_ = a.conn.Close()
}

// watched is a statistic of the story, as REST takes it and a file for stat evaluate.
type watched struct {
	ID         string  `json:"id,omitempty"`
	Open       float64 `json:"open,omitempty"`
	Object     string  `json:"object"`
	Category   string  `json:"category"`
	Main       string  `json:"main_mask"`
	Subject    string  `json:"subject,omitempty"`
	Exact      bool    `json:"exact,omitempty"`
	TimeRange  string  `json:"time_range,omitempty"`
	TimeRange2 string  `json:"time_range2,omitempty"`
}

// statValue is what one comes to.
type statValue struct {
	ID       string
	Value    float64
	Valid    bool
	Complete int64
	Problem  string
}

// openWatched opens statistics over what the adapter tells, by their ids.
func openWatched(t *testing.T, m *lab.Member) map[string]*watched {
	t.Helper()
	opened := map[string]*watched{}
	for _, w := range []watched{
		{Object: "Queue:Q@west", Category: "TotalNumber", Main: "CallEntered"},
		{Object: "Queue:Q@west", Category: "TotalTime", Main: "CallDistributed", Exact: true},
		{Object: "Queue:Q@west", Category: "AverageTime", Main: "CallReleased", Exact: true},
		{Object: "RegDN:7001@west", Category: "TotalTime", Main: "CallInbound", Exact: true},
		{Object: "RegDN:7002@west", Category: "TotalNumber", Subject: "DNStatus", Main: "CallRinging"},
		{Object: "Agent:W0", Category: "TotalTime", Subject: "AgentStatus", Main: "CallInbound", Exact: true},
		{Object: "AgentPlace:desk1", Category: "TotalNumber", Main: "CallAnswered"},
		{Object: "Switch:west", Category: "MaxTime", Main: "CallWait", Exact: true},
	} {
		var v statValue
		lab.Wait(t, patience, m.Name+" opens "+w.Category+" of "+w.Object, func() bool {
			return m.Ask(http.MethodPut, "stat/statistics", w, &v) == nil && v.Problem == "" && v.ID != ""
		})
		w.ID, w.Open = v.ID, float64(v.Complete)/1000
		opened[v.ID] = &w
	}
	return opened
}

// value is that of the first statistic of an object, when it can be told.
func value(t *testing.T, m *lab.Member, opened map[string]*watched, object string) (v statValue) {
	t.Helper()
	for id, w := range opened {
		if w.Object == object {
			lab.Wait(t, patience, m.Name+" tells of "+object, func() bool {
				return m.Ask(http.MethodGet, "stat/statistics/"+id, nil, &v) == nil
			})
			break
		}
	}
	return v
}

// sameAsWithout demands of members the values that tandem stat evaluate has of the same lines, at one moment.
func sameAsWithout(t *testing.T, all []*lab.Member, opened map[string]*watched, lines []string) {
	t.Helper()
	at := time.Now().UnixMilli()
	file := map[string]any{"instants": []float64{float64(at) / 1000}, "facts": []any{}, "source": "pbx", "switch": "west"}
	var raw []json.RawMessage
	for _, l := range lines {
		raw = append(raw, json.RawMessage(l))
	}
	var stats []*watched
	for _, w := range opened {
		stats = append(stats, w)
	}
	file["lines"], file["statistics"] = raw, stats
	text, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "file.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	var result struct {
		Values []struct {
			ID    string
			Value float64
		}
	}
	if out := all[0].Tandem("stat", "evaluate", path, "--output", "json"); json.Unmarshal([]byte(out), &result) != nil || len(result.Values) != len(opened) {
		t.Fatal(out)
	}
	for _, want := range result.Values {
		for _, m := range all {
			var v statValue
			lab.Wait(t, patience, m.Name+" tells of "+opened[want.ID].Object, func() bool {
				return m.Ask(http.MethodGet, fmt.Sprintf("stat/statistics/%s?at=%d", want.ID, at), nil, &v) == nil
			})
			if v.Value != want.Value || !v.Valid || want.Value == 0 {
				t.Errorf("%s: %+v is %+v, without a server %g", m.Name, *opened[want.ID], v, want.Value)
			}
		}
	}
}

// The adapter of the README works: it numbers what it reads, sends again what was not taken, and says what is malformed.
func TestAdapterOfTheReadme(t *testing.T) {
	lab.Long(t)
	bash := lab.Tool(t, "bash", "bash")
	lab.Tool(t, "curl", "curl")
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```bash\n(#!/usr/bin/env bash\n# adapter.*?)```").FindSubmatch(readme)
	if found == nil {
		t.Fatal("the README has no adapter")
	}
	m := lab.Start(t, lab.Options{Set: []string{"adapters.sources=[{name: pbx, accounts: [bridge]}, {name: other}]"}})
	for _, name := range []string{"bridge", "stray"} {
		if err := m.Ask(http.MethodPost, "accounts", map[string]any{"aor": name + "@" + lab.Domain, "password": "over-the-river", "roles": []string{"adapter"}}, nil); err != nil {
			t.Fatal(err)
		}
	}
	script := filepath.Join(t.TempDir(), "adapter")
	if err := os.WriteFile(script, found[1], 0o700); err != nil {
		t.Fatal(err)
	}
	run := exec.Command(bash, script, m.URL(), "pbx", "bridge:over-the-river")
	run.Stdin = strings.NewReader(`{"event":"EventAgentLogin","dn":"7001","agent":"A1"}
{"event":"EventAgentReady","dn":"7001"}
{"event":"EventRinging","dn":"7001"}
{"event":"EventRinging","dn":"7001","conn":"c1","call_type":"Inbound"}
`)
	out, err := run.CombinedOutput()
	if err != nil || !strings.Contains(string(out), `EventRinging needs`) {
		t.Fatalf("%v:\n%s", err, out)
	}
	if s := sourceStands(m); s.State != "live" || s.Next != 5 || s.Lines != 3 || s.Malformed != 1 {
		t.Errorf("it stands like this: %+v\n%s", s, out)
	}
	for _, c := range []struct {
		who, source, says string
		status            int
	}{{"bridge", "pbx", `"next"`, 200}, {"bridge", "other", "bridge@" + lab.Domain + " may not send", 403}, {"stray", "pbx", "stray@" + lab.Domain + " may not send", 403},
		{"bridge", "none", "no such source", 404}} {
		r, err := http.NewRequest(http.MethodPost, m.URL()+"/api/v1/stat/sources/"+c.source, strings.NewReader(""))
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(c.who, "over-the-river")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if answer.StatusCode != c.status || !strings.Contains(string(text), c.says) {
			t.Errorf("%s sends for %s: %d %s", c.who, c.source, answer.StatusCode, text)
		}
	}
}
