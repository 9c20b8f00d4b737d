package web

import (
	"fmt"
	"strings"
	"testing"
)

func TestMetricsShowSnapshots(t *testing.T) {
	s := newServer(t, newHouse(), settings())
	err := s.metrics.Add(func(emit Emit) {
		emit("calls", 3, "ringing")
		emit("calls", 4, "connected")
		emit("rtp_packets_total", 12345, "in")
	},
		Family{Name: "calls", Help: "Legs by state.", Labels: []string{"state"}},
		Family{Name: "rtp_packets_total", Help: "Packets.", Kind: Counter, Labels: []string{"dir"}})
	if err != nil {
		t.Fatal(err)
	}
	observe, err := s.metrics.Histogram("call_setup_seconds", "From INVITE to answer.",
		[]float64{1, 5}, "direction")
	if err != nil {
		t.Fatal(err)
	}
	observe(0.5, "in")
	observe(3, "in")
	observe(3) // a label is missing
	ask(s, "GET", "/nothing", "")
	page := drain(ask(s, "GET", "/metrics", "").Body)
	for _, line := range []string{
		`tandem_calls{state="ringing"} 3`, `tandem_calls{state="connected"} 4`,
		"# TYPE tandem_rtp_packets_total counter", `tandem_rtp_packets_total{dir="in"} 12345`,
		`tandem_call_setup_seconds_bucket{direction="in",le="1"} 1`,
		`tandem_call_setup_seconds_count{direction="in"} 2`,
		"tandem_metrics_dropped_total 1", `tandem_http_responses_total{class="4xx"} 1`,
		"tandem_websockets 0", "go_goroutines", "process_resident_memory_bytes",
	} {
		if !strings.Contains(page, line) {
			t.Errorf("missing: %s", line)
		}
	}
}

func TestOneBadValueDoesNotCostThePage(t *testing.T) {
	s := newServer(t, newHouse(), settings())
	err := s.metrics.Add(func(emit Emit) {
		emit("good", 1)
		emit("good", 2)          // doubled
		emit("unknown", 1)       // no such family
		emit("good", 1, "label") // it has none
		emit("many", 1, "\xff")  // not UTF-8
		for i := range maxSeries + 5 {
			emit("many", 1, fmt.Sprint(i))
		}
	},
		Family{Name: "good", Help: "One."},
		Family{Name: "many", Help: "Too many.", Labels: []string{"n"}})
	if err != nil {
		t.Fatal(err)
	}
	page := drain(ask(s, "GET", "/metrics", "").Body)
	if !strings.Contains(page, "tandem_good 1\n") ||
		strings.Count(page, "tandem_many{") != maxSeries {
		t.Errorf("page:\n%s", page)
	}
	if page = drain(ask(s, "GET", "/metrics", "").Body); strings.Contains(page, "dropped_total 0") {
		t.Error("drops are not counted")
	}
}

func TestFamiliesMustBeWellFormed(t *testing.T) {
	nothing := func(Emit) {}
	for name, families := range map[string][]Family{
		"no help":                  {{Name: "a"}},
		"counter without _total":   {{Name: "a", Help: "x", Kind: Counter}},
		"gauge with _total":        {{Name: "a_total", Help: "x"}},
		"twice":                    {{Name: "a", Help: "x"}, {Name: "a", Help: "x"}},
		"a name that cannot be":    {{Name: "a", Help: "x", Labels: []string{"a", "a"}}},
		"a name of the registry's": {{Name: "metrics_dropped_total", Help: "x", Kind: Counter}},
	} {
		if NewMetrics().Add(nothing, families...) == nil {
			t.Errorf("%s: taken", name)
		}
	}
	m := NewMetrics()
	if _, err := m.Histogram("h", "x", []float64{1}); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Histogram("h", "x", []float64{1}); err == nil {
		t.Error("a histogram was taken twice")
	}
}

func TestTwoListenersCannotShareMetrics(t *testing.T) {
	o := settings()
	newServer(t, newHouse(), o)
	if _, err := New(o, Services{}); err == nil {
		t.Error("taken")
	}
}
