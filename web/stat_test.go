package web

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// statHouse has some statistics open, and notes what it is asked.
type statHouse struct {
	mu     sync.Mutex
	told   []string
	values map[string]StatValue
	events []StatEvent
	ended  func()
}

// statMoment is when the values of a statHouse are.
var statMoment = moment.UnixMilli()

func newStatHouse() *statHouse {
	asked := StatRequest{Object: "Queue:sales", Category: "RelativeNumberPercentage", Subject: "DNAction", Main: "CallAnswered", Relative: "CallEntered",
		Profile: "Growing 0:00", Range: "0-20", Range2: "0-20"}
	day := statMoment - 3600_000
	return &statHouse{values: map[string]StatValue{
		"percent": {ID: "percent", Object: "Queue:sales", Number: 62.5, At: statMoment, Since: day, Complete: day, LastFact: statMoment - 4000, Age: 4000,
			Valid: true, Member: "tandem1", Definition: &asked, Explain: &StatExplanation{From: day, To: statMoment, Sides: []StatFigure{
				{Mask: "CallAnswered", Number: 5, Time: 90.5, InRange: [2]int64{4, 4}, Longest: 31, Shortest: 2}, {Mask: "CallEntered", Number: 8, Running: 1}},
				Facts: []StatFact{{Name: "CallAnswered", Object: "Queue:sales", From: statMoment - 9000, Until: statMoment - 4000, Instant: true, Conn: "c-" + hostile}}}},
		"state": {ID: "state", Object: "Agent:1002", Number: 1, Whole: true, Empty: true, At: statMoment, Age: -1, Member: "tandem2",
			State: &StatState{Object: "Agent:1002", Status: "CallInbound", Since: day, Attached: &StatAttached{Pairs: map[string]string{"ReasonCode": "lunch"}},
				Parts: []StatState{{Object: "RegDN:1002", Actions: []StatDoing{{"CallInbound", "c1", day}}}}}},
		"lost": {ID: "lost", Object: "Queue:support", Problem: "the statistics of this object have no owner at the moment, or he is not ready yet; ask again"},
	}}
}

func (h *statHouse) note(words ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told = append(h.told, strings.Join(words, " "))
}

// set gives a statistic another value, now.
func (h *statHouse) set(id string, value float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	v := h.values[id]
	v.Number, v.At, v.LastFact = value, time.Now().UnixMilli(), time.Now().UnixMilli()
	h.values[id] = v
}

func (h *statHouse) Open(_ context.Context, _ Asker, q StatRequest) (StatValue, error) {
	if q.Type != "CurrentCallsWaiting" {
		return StatValue{}, Invalid("stat type: there is none named %q", q.Type)
	}
	h.note("open", q.Object, q.Type, q.Filter)
	return h.values["percent"], nil
}

func (h *statHouse) Peek(_ context.Context, ids []string, _ int64, explain bool) (out []StatValue, _ error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range ids {
		v, ok := h.values[id]
		if !ok {
			v = StatValue{ID: id, Problem: "there is no such statistic"}
		}
		if !explain {
			v.Explain = nil
		}
		out = append(out, v)
	}
	return out, nil
}

func (h *statHouse) Look(ctx context.Context, ids []string) []StatValue {
	v, _ := h.Peek(ctx, ids, 0, false)
	return v
}

func (h *statHouse) List(search StatSearch) (out []Statistic, all int) {
	for _, id := range []string{"lost", "percent", "state"} {
		v := h.values[id]
		q := StatRequest{Object: v.Object, Category: "TotalNumber", Main: "CallAbandoned", Profile: "Growing 0:00",
			Solution: map[string]string{"state": "west"}[id]}
		x := Statistic{ID: id, StatRequest: q, Opened: statMoment - 7200_000, Asked: statMoment - 60_000, Leaves: statMoment + 86_400_000, Owner: "tandem1"}
		if search.Wanted != nil && !search.Wanted(x) {
			continue
		}
		if all++; id > search.After && len(out) < search.Limit {
			out = append(out, x)
		}
	}
	return out, all
}

func (h *statHouse) Drop(_ context.Context, id string) error {
	if _, ok := h.values[id]; !ok {
		return NotFound("there is no such statistic")
	}
	h.note("drop", id)
	return nil
}

func (*statHouse) Profile(string) (StatProfile, error) {
	return StatProfile{Types: map[string]StatRequest{"CurrentCallsWaiting": {Category: "CurrentNumber", Main: "CallWait"}},
		Profiles: map[string]string{"Default": "Growing 0:00", "LastHour": "Sliding 3600,15"}, Ranges: map[string]string{"Default": "0-20"},
		Filters: map[string]string{"Gold": `PairExists("grade","gold")`}, Categories: []string{"CurrentNumber", "TotalNumber"}}, nil
}

func (*statHouse) Solutions() []StatSolution {
	return []StatSolution{{Name: "west", Own: true, Named: []string{"tandem1", "tandem2"}, Members: []string{"tandem1"}}}
}

func (h *statHouse) Follow(_ context.Context, f StatFollowing) (StatStream, error) {
	if f.Mode == "Sometimes" {
		return nil, Invalid("mode: %q is none", f.Mode)
	}
	h.note("follow", strings.Join(f.IDs, "+"), f.Mode)
	return h, nil
}

// Wake, Next and Close are a stream that has some events, and then ends.
func (h *statHouse) Wake() <-chan struct{} {
	wake := make(chan struct{}, 1)
	wake <- struct{}{}
	return wake
}

func (h *statHouse) Next() []StatEvent {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := h.events
	if h.events = nil; out == nil {
		h.ended()
	}
	return out
}

func (*statHouse) Close() {}

func withStatistics(t testing.TB) (*Server, *statHouse) {
	t.Helper()
	s := inTown(t, newTown())
	s.now = func() time.Time { return moment }
	h := newStatHouse()
	s.services.Statistics = h
	s.handler = s.routes()
	return s, h
}

// TestStatisticsAnswer: REST about statistics, word for word.
func TestStatisticsAnswer(t *testing.T) {
	for _, c := range []struct{ name, method, path, body, told string }{
		{"stat-open", "PUT", "/api/v1/stat/statistics", `{"object":"Queue:sales","stat_type":"CurrentCallsWaiting"}`, "open Queue:sales CurrentCallsWaiting "},
		{"stat-open-many", "PUT", "/api/v1/stat/statistics", `{"statistics":[{"object":"Queue:sales","stat_type":"CurrentCallsWaiting"},{"object":"Queue:x","stat_type":"No"}]}`, "open Queue:sales CurrentCallsWaiting "},
		{"stat-list", "GET", "/api/v1/stat/statistics?limit=2", "", ""},
		{"stat-match", "GET", "/api/v1/stat/statistics?match=west", "", ""},
		{"stat-show", "GET", "/api/v1/stat/statistics/state", "", ""},
		{"stat-explain", "GET", "/api/v1/stat/statistics/percent/explain", "", ""},
		{"stat-values", "GET", "/api/v1/stat/values?id=percent,none", "", ""},
		{"stat-profile", "GET", "/api/v1/stat/profile", "", ""},
		{"stat-solutions", "GET", "/api/v1/stat/solutions", "", ""},
		{"stat-drop", "DELETE", "/api/v1/stat/statistics/percent", "", "drop percent"},
	} {
		s, h := withStatistics(t)
		w := ask(s, c.method, c.path, c.body)
		if w.Code != 200 || strings.Join(h.told, "|") != c.told {
			t.Errorf("%s: %d %s, told %q", c.path, w.Code, w.Body, h.told)
			continue
		}
		golden(t, c.name+".json", w.Body.Bytes())
	}
}

func TestStatisticsRefused(t *testing.T) {
	s, h := withStatistics(t)
	for _, c := range []struct {
		method, path, body, says string
		code                     int
	}{
		{"PUT", "/api/v1/stat/statistics", `{"object":"Queue:sales","stat_type":"No"}`, "stat type", 400},
		{"PUT", "/api/v1/stat/statistics", `{"object":"Queue:sales","mainMask":"x"}`, "mainMask", 400},
		{"PUT", "/api/v1/stat/statistics", `{`, "", 400},
		{"GET", "/api/v1/stat/statistics/none", "", "no such statistic", 404},
		{"GET", "/api/v1/stat/statistics/lost", "", "no owner", 503},
		{"GET", "/api/v1/stat/statistics/percent?at=soon", "", "at=soon", 400},
		{"GET", "/api/v1/stat/statistics?limit=-1", "", "limit", 400},
		{"GET", "/api/v1/stat/events", "", "id=", 400},
		{"GET", "/api/v1/stat/events?id=a&mode=Sometimes", "", "Sometimes", 400},
		{"GET", "/api/v1/stat/events?id=a&insensitivity=much", "", "insensitivity=much", 400},
		{"GET", "/api/v1/stat/events?id=a&frequency=1.5", "", "frequency=1.5", 400},
		{"DELETE", "/api/v1/stat/statistics/none", "", "no such statistic", 404},
	} {
		w := ask(s, c.method, c.path, c.body)
		if w.Code != c.code || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s: %d %s", c.method, c.path, w.Code, w.Body)
		}
	}
	if len(h.told) != 0 {
		t.Errorf("%q", h.told)
	}
}

// TestStatisticsAreToldAsEvents: each with its kind; what was missed is said.
func TestStatisticsAreToldAsEvents(t *testing.T) {
	s, h := withStatistics(t)
	ctx, end := context.WithCancel(t.Context())
	defer end()
	h.ended = end
	h.events = []StatEvent{{"value", h.values["state"]}, {"overflow", StatValue{}}, {"invalid", h.values["percent"]}, {"gone", StatValue{ID: "state"}}}
	r := httptest.NewRequestWithContext(ctx, "GET", "/api/v1/stat/events?id=state,percent&mode=TimeBased&frequency=5&insensitivity=2", nil)
	r.Host = "127.0.0.1:8010"
	r.Header.Set("Authorization", "Bearer "+s.token)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	body := w.Body.String()
	at := 0
	for _, want := range []string{"event: beat\n", "event: value\ndata: {\"id\":\"state\"", "event: overflow\n", "event: invalid\ndata: {\"id\":\"percent\"", "event: gone\n"} {
		i := strings.Index(body[at:], want)
		if i < 0 {
			t.Fatalf("%q is not told, or not in its place: %s", want, body)
		}
		at += i
	}
	if h.told[0] != "follow state+percent TimeBased" || w.Header().Get("Content-Type") != "text/event-stream" {
		t.Errorf("%q %v", h.told, w.Header())
	}
}

// TestPagesOfStatistics: the browser of statistics arrives filled, opens and drops; strangers' words are words.
func TestPagesOfStatistics(t *testing.T) {
	s, h := withStatistics(t)
	u := as(t, s, "watcher")
	for path, want := range map[string][]string{
		"/monitors/statistics":                            {"Queue:sales", "62.5", "TotalNumber of CallAbandoned", "Taking over", "Invalid", "Valid", "New statistic", `href="/monitors/statistics/percent"`},
		"/monitors/statistics?search=agent":               {"Agent:1002", "1 statistic"},
		"/monitors/statistics?search=west":                {"Agent:1002", "west", "1 statistic"},
		"/monitors/statistics?search=none":                {"No statistic is like that; 3 statistics in all."},
		"/monitors/statistics/percent":                    {"62.5", "Complete since", "relative: CallEntered", "90.5", "RelativeNumberPercentage", "main_mask", "statPeek", `class="line"`, `href="/monitors/legs?call=`},
		"/monitors/statistics/percent?span=1h":            {"of 1 hour", "15 min in the chart"},
		"/monitors/statistics/state":                      {"CallInbound", "› RegDN:1002", "empty, so 0", "can not be reached", "none was there yet"},
		"/monitors/statistics/lost":                       {"Taking over", "no owner at the moment"},
		"/monitors/statistics/new?object=sales":           {`value="sales"`, "CurrentCallsWaiting", "LastHour", "Gold", "Open statistic"},
		"/events?topics=statistics&now=1":                 {"62.5", "Taking over"},
		"/events?topics=statistic%3Fid%3Dpercent&now=1":   {"relative: CallEntered", `"line":"M`},
		"/events?topics=statistic%3Fid%3Dlost&now=1":      {"no owner"},
		"/search?q=statistics":                            {`href="/monitors/statistics"`},
		"/monitors/statistics?sort=-object&search=queue:": {`aria-sort="descending"`},
	} {
		w := u.get(path)
		for _, text := range want {
			if w.Code != 200 || !strings.Contains(w.Body.String(), text) {
				t.Errorf("%s: %d without %q", path, w.Code, text)
			}
		}
		if strings.Contains(w.Body.String(), "<script>") || strings.Contains(w.Body.String(), "<img") {
			t.Errorf("%s: a name of a stranger acts", path)
		}
	}
	if w := u.get("/monitors/statistics/none"); w.Code != 404 || !strings.Contains(w.Body.String(), "no such statistic") {
		t.Errorf("%d", w.Code)
	}
	page := u.follow(u.post("/monitors/statistics", "type", "Queue", "object", " sales ", "stat_type", "CurrentCallsWaiting", "filter", "Gold"))
	if !strings.Contains(page, "62.5") || h.told[len(h.told)-1] != "open Queue:sales CurrentCallsWaiting Gold" {
		t.Errorf("%q", h.told)
	}
	page = u.follow(u.post("/monitors/statistics", "type", "Queue", "object", "sales", "stat_type", "No"))
	if !strings.Contains(page, "there is none named") || !strings.Contains(page, `value="sales"`) {
		t.Error("what was said is lost, or what is wrong is not told")
	}
	if w := u.post("/monitors/statistics/percent/drop"); w.Code == 303 {
		t.Error("a supervisor drops a statistic")
	}
	admin := as(t, s, "admin")
	admin.follow(admin.post("/monitors/statistics/percent/drop"))
	if h.told[len(h.told)-1] != "drop percent" {
		t.Errorf("%q", h.told)
	}
}

// TestTrailsAreBounded: a trail has a point for each step, and the oldest trail goes.
func TestTrailsAreBounded(t *testing.T) {
	var all trails
	for i := range 3 * trailPoints {
		all.add(StatValue{ID: "a", Number: float64(i), At: int64(i) * 2500}, 0)
	}
	points := all.add(StatValue{ID: "a", Number: 7, At: 3 * trailPoints * 2500}, 0)
	if len(points) != trailPoints || points[len(points)-1].Value != 7 || points[0].At >= points[1].At {
		t.Errorf("%d points, %+v", len(points), points[len(points)-1])
	}
	for i := range maxTrails {
		all.add(StatValue{ID: string(rune('b' + i)), At: int64(1e9 + i)}, 1)
	}
	if len(all.all) != maxTrails || all.all["a"] != nil {
		t.Errorf("%d trails", len(all.all))
	}
}

// FuzzStatBodies: whatever is sent to open statistics is answered, and never by a fault of ours.
func FuzzStatBodies(f *testing.F) {
	f.Add(`{"object":"Queue:sales","stat_type":"CurrentCallsWaiting","statistics":[{}]}`)
	s, _ := withStatistics(f)
	f.Fuzz(func(t *testing.T, body string) {
		if w := ask(s, "PUT", "/api/v1/stat/statistics", body); w.Code >= 500 || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}
