package actors

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/actors/account"
	"tandem/conf"
	"tandem/web"
)

// A recording of another server is found by its call, and sent from any place on, to who may hear calls of its queue.
func TestRecordingsOfOtherServers(t *testing.T) {
	folder := t.TempDir()
	sound := strings.Repeat("RIFF", 1000)
	file := filepath.Join(folder, "2026", "11", "22", "q-sales-1795305028.4.wav")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(sound), 0o644); err != nil {
		t.Fatal(err)
	}
	c := settingsOf(t.TempDir())
	c.Reports.Recordings, c.Reports.RecordingsZone = []conf.Address{conf.Address("B=" + folder + "/%Y/%m/%d/*-{queue}-{callid}*.wav")}, "Europe/Berlin"
	h := start(t, c)
	b := logCase(t, "ast22-r2-B")
	loadText(t, h, "B", "b", b, 50, false)
	awaitRows(t, h, "B", uint64(strings.Count(b, "\n")))

	const call = "/api/v1/queuelog/calls/B:1795305028.4/recordings"
	var list struct{ Recordings []web.LogRecording }
	if status := askREST(t, h, "GET", call, nil, "", &list); status != 200 || len(list.Recordings) != 1 || list.Recordings[0].Size != 4000 {
		t.Fatal(status, list)
	}
	if got := partOfSound(t, h, list.Recordings[0].Href, "bytes=3996-"); got != "RIFF" {
		t.Errorf("the end of the recording is %q", got)
	}
	for path, want := range map[string]int{call + "/1": 404, "/api/v1/queuelog/calls/B:1795305036.8/recordings": 200,
		"/api/v1/queuelog/calls/B:nothing/recordings": 404, "/api/v1/queuelog/calls/D:1795305028.4/recordings": 404} {
		if status := askREST(t, h, "GET", path, nil, "", nil); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	key := web.LogCall{Partition: "B", ID: "1795305028.4"}
	services := h.services().LogRecordings
	h.directory.SetAccount(&account.Record{AOR: "1700@tandem.local"})
	h.directory.SetAccount(&account.Record{AOR: "1701@tandem.local", Rights: []string{"CanListen:sales"}})
	if _, _, err := services.Find(t.Context(), web.Asker{Account: "1700@tandem.local"}, key); err == nil {
		t.Error("anybody may hear recordings")
	}
	if all, _, err := services.Find(t.Context(), web.Asker{Account: "1701@tandem.local"}, key); err != nil || len(all) != 1 {
		t.Error("who may listen to the queue's calls finds no recording", all, err)
	}
}

// partOfSound fetches a part of a recording.
func partOfSound(t *testing.T, h *House, href, part string) string {
	t.Helper()
	at, err := url.Parse(href)
	if err != nil {
		t.Fatal(err)
	}
	r := requestOf(t, h, "GET", at.Path, at.Query(), "")
	r.Header.Set("Range", part)
	client := http.Client{Timeout: time.Minute}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusPartialContent {
		t.Fatal(res.Status, err)
	}
	return string(text)
}
