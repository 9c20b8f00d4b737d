package web

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/web/feed"
)

// listener reads a stream of events.
type listener struct {
	t     *testing.T
	lines *bufio.Scanner
	body  interface{ Close() error }
}

// listen opens a stream of a page over a real connection.
func listen(t *testing.T, s *Server, u *user, topics string) *listener {
	t.Helper()
	return listenTo(t, s, u, "/events?"+topics)
}

// listenTo opens the stream of a path.
func listenTo(t *testing.T, s *Server, u *user, path string) *listener {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", "http://127.0.0.1:"+portText(s)+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: loginCookie, Value: u.cookie})
	res, err := http.DefaultClient.Do(r)
	if err != nil || res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%v %v", res, err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	return &listener{t: t, lines: lines, body: res.Body}
}

// change is the next change; ok is false when the stream has ended.
func (l *listener) change() (m feed.Message, ok bool) {
	l.t.Helper()
	kind := ""
	for l.lines.Scan() {
		if word, is := strings.CutPrefix(l.lines.Text(), "event: "); is {
			kind = word
		}
		if data, is := strings.CutPrefix(l.lines.Text(), "data: "); is && kind == "change" {
			if err := json.Unmarshal([]byte(data), &m); err != nil {
				l.t.Fatal(err)
			}
			return m, true
		}
	}
	return m, false
}

// inTownListening is a member of a town with a port.
func inTownListening(t *testing.T, c *town) *Server {
	t.Helper()
	s := inTown(t, c)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_ = s.Stop(ctx)
	})
	return s
}

func TestEventsAreASnapshotAndThenWhatChanges(t *testing.T) {
	c := newTown()
	s := inTownListening(t, c)
	l := listen(t, s, as(t, s, "watcher"), "topics=members&topics=legs")
	seen := map[string]feed.Message{}
	for len(seen) < 2 {
		m, ok := l.change()
		if !ok {
			t.Fatal("ended")
		}
		seen[m.Topic] = m
	}
	if m := seen["members"]; !m.Whole || m.Version == 0 || len(m.Parts["r/members/tandem2"]) == 0 || len(m.Parts["view"]) == 0 {
		t.Errorf("%+v", m)
	}
	c.change(func(v *ClusterView) { v.Members[1].Calls = 4711; v.Members = v.Members[:2] })
	m, ok := l.change()
	for ok && m.Topic != "members" {
		m, ok = l.change()
	}
	if !ok || m.Whole || !strings.Contains(string(m.Parts["r/members/tandem2"]), "4711") || m.Parts["f/controller"] != nil ||
		strings.Join(m.Gone, " ") != "r/members/tandem3 r/sights/tandem3" {
		t.Errorf("%+v", m)
	}
}

func TestEventsTellOfTroubleAndHideItsWords(t *testing.T) {
	c := newTown()
	s := inTownListening(t, c)
	l := listen(t, s, as(t, s, "watcher"), "topics=members")
	if _, ok := l.change(); !ok {
		t.Fatal("ended")
	}
	c.mu.Lock()
	c.fails = errors.New("nats: at /secret/place")
	c.mu.Unlock()
	for m, ok := l.change(); ; m, ok = l.change() {
		if !ok || strings.Contains(m.Trouble, "secret") {
			t.Fatalf("%v %q", ok, m.Trouble)
		}
		if m.Trouble != "" {
			return
		}
	}
}

func TestEventsEndWithTheLogin(t *testing.T) {
	s := inTownListening(t, newTown())
	u := as(t, s, "admin")
	l := listen(t, s, u, "topics=members")
	if _, ok := l.change(); !ok {
		t.Fatal("ended")
	}
	u.post("/logout")
	for _, ok := l.change(); ok; _, ok = l.change() {
	}
	if l.lines.Err() != nil {
		t.Errorf("did not end: %v", l.lines.Err())
	}
}

func TestAStopEndsTheEvents(t *testing.T) {
	s := inTownListening(t, newTown())
	l := listen(t, s, as(t, s, "admin"), "topics=members")
	if _, ok := l.change(); !ok {
		t.Fatal("ended")
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// A stream outlives the times that a request has for its header and its answer.
func TestEventsOutliveTheTimesOfARequest(t *testing.T) {
	c := newTown()
	s := inTown(t, c)
	s.bound.Timeout = 50 * time.Millisecond
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Stop(t.Context()) }()
	l := listen(t, s, as(t, s, "admin"), "topics=members")
	for i := range 3 { // each takes a second
		c.change(func(v *ClusterView) { v.Members[1].Calls = i + 5000 })
		if _, ok := l.change(); !ok {
			t.Fatalf("ended: %v", l.lines.Err())
		}
	}
}

func TestStreamsAreBounded(t *testing.T) {
	s := inTown(t, newTown())
	u := as(t, s, "admin")
	topics, err := s.feedTopics([]string{"members"}, visitor{right: 2})
	if err != nil {
		t.Fatal(err)
	}
	for range feed.MaxStreams {
		stream, err := s.feed.Open(topics)
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Close()
	}
	if w := u.get("/events?topics=members"); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d", w.Code)
	}
}
