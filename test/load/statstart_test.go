package load

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// Of the start with many statistics.
const (
	manyStats = 100_000
	statsEach = 10 // of one object
	largeWait = 2 * time.Minute
)

// TestStartWithStatistics has a member open 100,000 statistics, by a backup that is made of one, kills it, and starts it again:
// how long it takes until it is ready, and until it tells the value of the last one. It fails when a statistic is missing,
// never because it took long.
func TestStartWithStatistics(t *testing.T) {
	onDemand(t)
	m := startGroup(t, lab.ClusterOptions{Members: 1}).members[0]
	openStatistic(t, m, "Queue:first", "CallEntered")
	backup, last := manyOf(t, fetch(t, m, http.MethodGet, "stat/backup", nil))
	began := time.Now()
	var restored struct{ Restored int }
	if err := json.Unmarshal(fetch(t, m, http.MethodPost, "stat/restore", backup), &restored); err != nil || restored.Restored != manyStats {
		t.Fatal(restored, err)
	}
	value := func() bool {
		var v struct{ Problem string }
		return m.Ask(http.MethodGet, "stat/statistics/"+last, nil, &v) == nil && v.Problem == ""
	}
	lab.Wait(t, largeWait, "the last one is told", value)
	opened := time.Since(began)
	lab.Wait(t, largeWait, "a checkpoint has all of them", func() bool { return m.Metric("tandem_stat_unsaved_facts") == 0 })
	tb := table{title: fmt.Sprintf("%d statistics at one member", manyStats)}
	tb.add("", "ready after s", "told after s")
	tb.add("opened", "", opened.Seconds())
	for _, how := range []string{"killed, started", "again"} {
		m.Kill()
		began = time.Now()
		m.Restart()
		ready := time.Since(began)
		lab.Wait(t, largeWait, "the last one is told", value)
		tb.add(how, ready.Seconds(), time.Since(began).Seconds())
	}
	tb.print()
}

// manyOf makes a backup of many statistics of one of a single one, and gives the id of the last.
func manyOf(t *testing.T, backup []byte) (many []byte, last string) {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(backup))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	head, line, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	var one struct {
		ID      string          `json:"id"`
		Request json.RawMessage `json:"request"`
	}
	if err := json.Unmarshal([]byte(line), &one); err != nil {
		t.Fatal(err)
	}
	idOf := func(request string) string { // as a backup must have it
		sum := sha256.Sum256([]byte(request))
		return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:len(one.ID)]
	}
	if idOf(string(one.Request)) != one.ID {
		t.Fatalf("the id of %s is not %s", one.Request, one.ID)
	}
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = fmt.Fprintln(w, head)
	names := []string{"CallEntered", "CallAbandoned", "CallAnswered", "CallDistributed", "CallCleared", "CallReleased", "CallForwarded", "CallMissed",
		"ACWCompleted", "CallWait"}
	for n := range manyStats {
		request := strings.Replace(string(one.Request), "Queue:first", fmt.Sprint("Queue:", n/statsEach), 1)
		request = strings.Replace(request, "CallEntered", names[n%statsEach], 1)
		last = idOf(request)
		_, _ = fmt.Fprintln(w, strings.NewReplacer(string(one.Request), request, one.ID, last).Replace(line))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), last
}

// fetch asks a member for what is no JSON.
func fetch(t *testing.T, m *lab.Member, method, path string, body []byte) []byte {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, m.URL()+"/api/v1/"+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth("admin", "1234")
	r.Header.Set("Content-Type", "application/json")
	answer, err := (&http.Client{Timeout: largeWait}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatal(answer.Status, string(text), err)
	}
	return text
}
