package actors

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/msg"
	"tandem/actors/queuelog/loader"
	"tandem/web"
)

const logCases = "queuelog/report/testdata/cases"

// askREST asks the member's REST interface as its own user does.
func askREST(t testing.TB, h *House, method, path string, q url.Values, body string, into any) int {
	t.Helper()
	return answered(t, requestOf(t, h, method, path, q, body), into)
}

// requestOf is a request of the member's own user.
func requestOf(t testing.TB, h *House, method, path string, q url.Values, body string) *http.Request {
	t.Helper()
	token, err := os.ReadFile(filepath.Join(h.live.Conf().Member.Data, web.TokenFile))
	if err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("http://%s:%d%s?%s", h.live.Conf().HTTP.Bind[0], h.Ports()["http"], path, q.Encode())
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	if strings.HasPrefix(body, "{") {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

func answered(t testing.TB, r *http.Request, into any) int {
	t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatalf("%s: %s", res.Status, text)
		}
	}
	return res.StatusCode
}

// sendTo sends to a member; of every third offer the answer is lost, if so wanted.
func sendTo(t testing.TB, h *House, partition, run string, losing bool) loader.Send {
	n := 0
	return func(_ context.Context, o loader.Offer) (a loader.Answer, err error) {
		q := url.Values{"writer": {"test"}, "run": {run}, "file": {o.File}, "hash": {o.Hash}, "from": {strconv.FormatUint(o.From, 10)},
			"to": {strconv.FormatUint(o.To, 10)}}
		status := askREST(t, h, "POST", "/api/v1/queuelog/partitions/"+partition+"/text", q, string(o.Text), &a)
		if n++; status != 200 || losing && n%3 == 0 {
			return a, errors.New("no answer")
		}
		return a, nil
	}
}

var loadRuns int

func loadText(t testing.TB, h *House, partition, file, text string, batch int, losing bool) loader.Answer {
	t.Helper()
	loadRuns++
	l := &loader.Load{Name: file, Lines: batch, Wait: time.Millisecond, Send: sendTo(t, h, partition, strconv.Itoa(loadRuns), losing),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
	sum, err := l.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func logCase(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(logCases, name+".queue_log"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// figuresOf are those of a source, as JSON.
func figuresOf(t testing.TB, h *House, source string) (out map[string]any) {
	t.Helper()
	if status := askREST(t, h, "GET", "/api/v1/queuelog/report", url.Values{"source": {source}}, "", &out); status != 200 {
		t.Fatalf("%s: %d %v", source, status, out)
	}
	return out
}

// awaitRows waits until the tables have so many lines of a partition.
func awaitRows(t testing.TB, h *House, partition string, lines uint64) {
	t.Helper()
	acttest.Until(t, "the lines of "+partition+" are in the tables", func() bool {
		m, err := h.tables.Have(t.Context(), partition)
		return err == nil && m.Lines == lines
	})
}

// expectations are the results of a set, by expression.
func expectations(t testing.TB, set string) (out map[string]map[string]any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(logCases, "expected", set+".json"))
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func sameFigures(t testing.TB, got, want map[string]any) {
	t.Helper()
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(want)
	if !reflect.DeepEqual(got, want) && !bytes.Equal(a, b) {
		t.Errorf("%v:\n%s\nwant\n%s", want["spec"], a, b)
	}
}

// The loader cases 1 to 8 over HTTP, against a member with its store and its tables.
func TestQueueLogsAreLoadedOnce(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	a, b, c := logCase(t, "ast22-r2-A"), logCase(t, "ast22-r2-B"), logCase(t, "ast22-r2-C")
	want := expectations(t, "ast22-r2")
	third := strings.Index(a[len(a)/3:], "\n") + len(a)/3 + 1
	half := third + strings.Index(a[third+len(a)/3:], "\n") + len(a)/3 + 1
	for partition, load := range map[string]func(p string){
		"one": func(p string) { loadText(t, h, p, "f", a, 1, true) },
		"two": func(p string) { loadText(t, h, p, "f", a, 7, true); loadText(t, h, p, "f", a, 50, false) },
		"cut": func(p string) { loadText(t, h, p, "f", a[:len(a)/2+5], 50, true); loadText(t, h, p, "f", a, 50, true) },
		"pieces": func(p string) {
			for i, text := range []string{a[:third], a[third:half], a[half:]} {
				loadText(t, h, p, "f."+strconv.Itoa(i), text, 50, true)
			}
		},
	} {
		load(partition)
		awaitRows(t, h, partition, 241)
		got, expect := figuresOf(t, h, "sql:"+partition), want["sql:A"]
		for _, f := range []map[string]any{got, expect} {
			delete(f, "spec")
			f["restarts"] = fmt.Sprint(reflect.ValueOf(f["restarts"]).Len())
			f["answered_on_server"] = strings.ReplaceAll(strings.ReplaceAll(fmt.Sprint(f["answered_on_server"]), "A/", ""), partition+"/", "")
		}
		sameFigures(t, got, expect)
	}
	loadText(t, h, "B", "b", b, 7, true) // before A, which is loaded last
	loadText(t, h, "C", "c", c, 50, true)
	loadText(t, h, "A", "a", a, 50, true)
	for _, p := range []string{"A", "B", "C"} {
		awaitRows(t, h, p, uint64(strings.Count(logCase(t, "ast22-r2-"+p), "\n")))
	}
	want = expectations(t, "ast22-r2")
	for spec, w := range want {
		if w["spec"] == nil {
			w["spec"] = spec
		}
		if strings.Contains(spec, "*") {
			continue // there are other partitions here
		}
		sameFigures(t, figuresOf(t, h, spec), w)
	}
	cluster, swapped := figuresOf(t, h, "cluster:A|B|C"), figuresOf(t, h, "cluster:C|B|A")
	swapped["spec"] = cluster["spec"]
	sameFigures(t, swapped, cluster)
}

// A member that starts again has all lines and goes on; tables that were lost are made anew.
func TestQueueLogsOutliveTheirMember(t *testing.T) {
	c := settingsOf(t.TempDir())
	h, err := open(t, liveOf(t, c, ""))
	if err != nil {
		t.Fatal(err)
	}
	a := logCase(t, "ast22-r2-A")
	cut := len(a) / 2
	loadText(t, h, "A", "f", a[:cut], 50, false)
	stop(t, h)
	for _, name := range []string{"queuelog.db", "queuelog.db-wal", "queuelog.db-shm"} {
		if err := os.Remove(filepath.Join(c.Member.Data, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	h = start(t, c)
	loadText(t, h, "A", "f", a, 50, true)
	awaitRows(t, h, "A", 241)
	var p web.Partition
	if status := askREST(t, h, "GET", "/api/v1/queuelog/partitions/A", nil, "", &p); status != 200 || p.Lines != 241 || p.Rows != 241 ||
		p.State != "cut off" || len(p.Loads) != 1 || p.Loads[0].Present == 0 {
		t.Errorf("%d %+v", status, p)
	}
}

// A loader that was written for QueueMetrics sends to us: it asks for the mark, and sends what is not older.
func TestLoaderAPI(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	say := func(user, password, command string) (status int, a struct {
		CommandID, ResultStatus, Token, Name string
		Result                               any
	}) {
		t.Helper()
		address := fmt.Sprintf("http://%s:%d/jsonQLoaderApi.do", h.live.Conf().HTTP.Bind[0], h.Ports()["http"])
		r, err := http.NewRequestWithContext(t.Context(), "POST", address, strings.NewReader(url.Values{"COMMANDSTRING": {command}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth(user, password)
		return answered(t, r, &a), a
	}
	mark := `{"commandId":"checkHWM","version":"1.0","token":"P08"}`
	row := `{"commandId":"insertRow","version":"1.0","token":"P08","timeId":1700000000,"callId":"1.1","queue":"q","agent":"Agent/1",` +
		`"verb":"RINGNOANSWER","data1":"1000","data2":"","data3":"","data4":"","data5":""}`
	if status, _ := say("admin", "wrong", mark); status/100 != 4 {
		t.Errorf("a wrong password: %d", status)
	}
	if status, a := say("1000", "1234", mark); status != 403 || a.ResultStatus != "KO" {
		t.Errorf("no right: %d %+v", status, a)
	}
	if status, a := say("admin", "1234", row); status != 409 || a.ResultStatus != "KO" {
		t.Errorf("a row without a mark: %d %+v", status, a)
	}
	if _, a := say("admin", "1234", mark); a.ResultStatus != "OK" || a.Result != nil || a.Token != "P08" || a.Name != "Check High WaterMark" {
		t.Errorf("nothing is there: %+v", a)
	}
	say("admin", "1234", row)
	say("admin", "1234", row) // two calls in one second
	if _, a := say("admin", "1234", mark); a.Result != 1700000000.0 {
		t.Errorf("mark: %+v", a)
	}
	say("admin", "1234", row) // again
	if _, a := say("admin", "1234", row); a.Result != 2.0 {
		t.Errorf("again: %+v", a)
	}
	for _, bad := range []string{"", "{", `{"commandId":"x"}`, strings.Replace(row, "1700000000", `"x"`, 1), strings.Replace(row, "RINGNOANSWER", "", 1),
		strings.Replace(row, `"1.1"`, `"1\n1"`, 1), strings.Replace(row, "P08", "a/b", 1)} {
		if status, a := say("admin", "1234", bad); status != 400 || a.ResultStatus != "KO" {
			t.Errorf("%s: %d %+v", bad, status, a)
		}
	}
}

// The lines of a member's own queues are a partition named as it, which is read together with loaded ones, and into which
// nobody loads.
func TestOwnPartition(t *testing.T) {
	c := settingsOf(t.TempDir())
	h, err := open(t, liveOf(t, c, ""))
	if err != nil {
		t.Fatal(err)
	}
	own := h.Name()
	awaitRows(t, h, own, 1) // the start of the queues
	say := func(h *House, verb string) {
		t.Helper()
		if err := h.writeLogLine(&msg.FactLine{Call: "c1", Queue: "sales", Verb: verb}, nil); err != nil {
			t.Fatal(err)
		}
	}
	say(h, "ENTERQUEUE")
	loadText(t, h, "A", "f", logCase(t, "ast22-r2-A"), 50, false)
	awaitRows(t, h, "A", 241)
	awaitRows(t, h, own, 2)
	alone, both := figuresOf(t, h, "sql:A"), figuresOf(t, h, "cluster:A|"+own)
	waiting := func(f map[string]any) float64 { return f["all"].(map[string]any)["waiting_at_end"].(float64) }
	if waiting(both) != waiting(alone)+1 {
		t.Errorf("%v wait, and with our own caller %v", waiting(alone), waiting(both))
	}
	var refusal map[string]any
	askREST(t, h, "POST", "/api/v1/queuelog/partitions/"+own+"/text", url.Values{"writer": {"test"}, "run": {"1"}, "file": {"f"}}, "1700000000|c|q|a|INFO|\n", &refusal)
	if refusal["refusal"] != "own" {
		t.Errorf("lines for our own partition: %v", refusal)
	}
	var shown web.Partition
	if askREST(t, h, "GET", "/api/v1/queuelog/partitions/"+own, nil, "", &shown); !shown.Own || shown.Writer != own || shown.Lines != 2 || shown.State != "live" {
		t.Errorf("%+v", shown)
	}
	if s := liveOfSource(t, h, "sql:"+own).Servers[0]; s.State != web.LiveOn || s.Log.Why != "" {
		t.Errorf("our own lines are live, and shown as %+v", s)
	}
	stop(t, h)
	if h, err = open(t, liveOf(t, c, "")); err != nil {
		t.Fatal(err)
	}
	say(h, "ABANDON")
	awaitRows(t, h, own, 4) // it has started again
	stop(t, h)
}
