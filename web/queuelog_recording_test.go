package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// houseLogRecordings has two recordings of the call B:1795305028.4: a sound, and a file that no browser plays.
type houseLogRecordings struct{}

type closing struct{ *strings.Reader }

func (closing) Close() error { return nil }

// endless is a sound of which nobody has told how long it is.
type endless struct{ closing }

func (e endless) Seek(offset int64, whence int) (int64, error) {
	if whence == io.SeekEnd {
		return 0, errors.New("how long it is is not known")
	}
	return e.closing.Seek(offset, whence)
}

func (houseLogRecordings) Find(_ context.Context, by Asker, c LogCall) ([]LogRecording, string, error) {
	switch {
	case !may(by) || c.Partition != "B":
		return nil, "", NotFound("there is no call %s that you may hear", c)
	case c.ID != "1795305028.4":
		return nil, "Some places did not answer.", nil
	}
	return []LogRecording{{Name: "q-sales-" + hostile + ".wav", Size: 12, Kind: "audio/wav"}, {Name: "x.gsm", Size: -1, Kind: plainBytes},
		{Name: "ours.wav", Size: 4, Kind: "audio/wav", Href: exampleRecording().Address()}}, "", nil
}

func (h houseLogRecordings) Open(ctx context.Context, by Asker, c LogCall, number int) (LogRecording, io.ReadSeekCloser, error) {
	all, _, err := h.Find(ctx, by, c)
	if err != nil {
		return LogRecording{}, nil, err
	}
	if all = all[:2]; number >= len(all) {
		return LogRecording{}, nil, NotFound("it has %d", len(all))
	}
	if all[number].Size < 0 {
		return all[number], endless{closing{strings.NewReader("0123456789ab")}}, nil
	}
	return all[number], closing{strings.NewReader("0123456789ab")}, nil
}

func TestLogRecordings(t *testing.T) {
	s := newServer(t, newHouse(), settings())
	s.services.LogRecordings = houseLogRecordings{}
	for _, c := range []struct {
		path string
		code int
		says string
	}{
		{"B:1795305028.4/recordings?at=1795305028", 200, `"href":"/api/v1/queuelog/calls/B:1795305028.4/recordings/1?at=1795305028"`},
		{"B:1795305028.4/recordings", 200, `"href":"/api/v1/recordings/recordings@tandem.local/calls/2030/01/02/150405.000-sales-1002-c1.wav"`},
		{"B:1.1/recordings", 200, `"recordings":[],"trouble":"Some places`},
		{"C:1.1/recordings", 404, "no call"},
		{"B/recordings", 400, "PARTITION:ID"},
		{"B:/recordings", 400, "PARTITION:ID"},
		{"B:1.1/recordings?at=x", 400, "no time"},
		{"B:" + strings.Repeat("1", maxField) + "/recordings", 400, "PARTITION:ID"},
		{"B:1795305028.4/recordings/0", 200, "0123456789ab"},
		{"B:1795305028.4/recordings/2", 404, "it has 2"},
		{"B:1795305028.4/recordings/-1", 404, "no recording"},
		{"B:1795305028.4/recordings/x", 404, "no recording"},
		{"C:1.1/recordings/0", 404, "no call"},
	} {
		w := ask(s, "GET", "/api/v1/queuelog/calls/"+c.path, "")
		if body := w.Body.String(); w.Code != c.code || !strings.Contains(body, c.says) {
			t.Errorf("%.60s: %d %s", c.path, w.Code, body)
		}
	}
	part := ask(s, "GET", "/api/v1/queuelog/calls/B:1795305028.4/recordings/0", "", func(r *http.Request) { r.Header.Set("Range", "bytes=-3") })
	if part.Code != http.StatusPartialContent || part.Body.String() != "9ab" || part.Header().Get("Content-Type") != "audio/wav" {
		t.Errorf("%d %s %v", part.Code, part.Body, part.Header())
	}
	file := ask(s, "GET", "/api/v1/queuelog/calls/B:1795305028.4/recordings/1", "")
	if file.Code != http.StatusOK || file.Body.String() != "0123456789ab" || file.Header().Get("Accept-Ranges") != "" {
		t.Errorf("what has no known length is not sent whole: %d %s %v", file.Code, file.Body, file.Header())
	}
	if file.Header().Get("Content-Disposition") != "attachment" {
		t.Errorf("what is no sound is shown: %v", file.Header())
	}
}

// TestPageOfLogCall: a call in a list leads to its page, where its recordings are played.
func TestPageOfLogCall(t *testing.T) {
	s := inTown(t, newTown())
	u := as(t, s, "watcher")
	if list := u.get("/reports/calls").Body.String(); !strings.Contains(list, `href="/reports/call?at=1&amp;key=B%3A0"`) {
		t.Error("no call leads to its page")
	}
	body := u.get("/reports/call?key=B:1795305028.4&at=1795305028").Body.String()
	if !strings.Contains(body, "Its way through queues") {
		t.Error("its way through queues is not told")
	}
	if w := as(t, s, "admin").get("/reports/call?key=B:1795305028.4&at=1795305028").Body.String(); !strings.Contains(w, `<audio controls preload="none" src="/api/v1/queuelog/calls/B:1795305028.4/recordings/0?at=1795305028"`) || !strings.Contains(w, "q-sales-&lt;img") {
		t.Error("no sound is played")
	}
	if w := as(t, s, "leader").get("/reports/call?key=B:1795305028.4&at=1795305028"); w.Code != http.StatusOK {
		t.Error("who supervises a queue does not see the page of its call", w.Code)
	}
	if w := u.get("/reports/call?key=B"); w.Code != http.StatusBadRequest {
		t.Error(w.Code)
	}
}
