package web

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metricPrefix begins the name of every family of ours.
const metricPrefix = "tandem_"

// maxSeries bounds the series of one family: labels are for kinds and states, never for callers.
const maxSeries = 200

// Kind is what a family's values mean.
type Kind int

// The kinds.
const (
	Gauge   Kind = iota // goes up and down
	Counter             // only grows; its name ends in _total
)

// Family is a named group of series that differ in their labels.
type Family struct {
	Name   string // without the prefix, e.g. "rtp_packets_total"
	Help   string // one sentence
	Kind   Kind
	Labels []string
}

// Emit gives one value of a family: its name without the prefix, and its labels' values in order.
type Emit func(name string, value float64, labels ...string)

// Metrics are the numbers that /metrics shows. They come from snapshots: whoever counts keeps the
// counts, and is asked once per scrape.
type Metrics struct {
	registry *prometheus.Registry
	dropped  atomic.Uint64
}

// NewMetrics makes a set that holds the Go runtime's and the process's own numbers.
func NewMetrics() *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.registry.MustRegister(collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: metricPrefix + "metrics_dropped_total",
		Help: "Values not shown: unknown family, wrong labels, doubled, or too many series.",
	}, func() float64 { return float64(m.dropped.Load()) }))
	return m
}

// Add shows the families, filled by one call of snapshot per scrape. It fails when a family is
// malformed or known already. The snapshot may be called from any goroutine.
func (m *Metrics) Add(snapshot func(Emit), families ...Family) error {
	c := &snapshotCollector{snapshot: snapshot, families: map[string]*described{}, dropped: &m.dropped}
	for _, f := range families {
		if f.Help == "" {
			return fmt.Errorf("metric %s: a family needs a sentence of help", f.Name)
		}
		if strings.HasSuffix(f.Name, "_total") != (f.Kind == Counter) {
			return fmt.Errorf("metric %s: counters end in _total, and nothing else does", f.Name)
		}
		if c.families[f.Name] != nil {
			return fmt.Errorf("metric %s: given twice", f.Name)
		}
		c.families[f.Name] = &described{kind: valueType(f.Kind), labels: len(f.Labels),
			desc: prometheus.NewDesc(metricPrefix+f.Name, f.Help, f.Labels, nil)}
	}
	return m.registry.Register(c)
}

// Histogram shows a distribution and returns the function that observes one value, with the labels'
// values in order. Buckets are upper bounds in rising order. The function is safe for concurrent
// use; a wrong number of labels is dropped and counted.
func (m *Metrics) Histogram(name, help string, buckets []float64, labels ...string) (
	func(value float64, labels ...string), error) {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: metricPrefix + name, Help: help, Buckets: buckets}, labels)
	if err := m.registry.Register(h); err != nil {
		return nil, fmt.Errorf("metric %s: %w", name, err)
	}
	return func(value float64, labels ...string) {
		o, err := h.GetMetricWithLabelValues(labels...)
		if err != nil {
			m.dropped.Add(1)
			return
		}
		o.Observe(value)
	}, nil
}

// handler is /metrics.
func (m *Metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}

func valueType(k Kind) prometheus.ValueType {
	if k == Counter {
		return prometheus.CounterValue
	}
	return prometheus.GaugeValue
}

// snapshotCollector asks a snapshot function at each scrape.
type snapshotCollector struct {
	snapshot func(Emit)
	families map[string]*described
	dropped  *atomic.Uint64
}

// described is a family as the registry knows it.
type described struct {
	desc   *prometheus.Desc
	kind   prometheus.ValueType
	labels int
}

// Describe implements prometheus.Collector.
func (c *snapshotCollector) Describe(out chan<- *prometheus.Desc) {
	for _, f := range c.families {
		out <- f.desc
	}
}

// Collect implements prometheus.Collector. One bad value must not cost the whole page, so it is
// dropped and counted.
func (c *snapshotCollector) Collect(out chan<- prometheus.Metric) {
	series := map[string]int{}
	seen := map[string]bool{}
	c.snapshot(func(name string, value float64, labels ...string) {
		f := c.families[name]
		key := name + "\xff" + strings.Join(labels, "\xff")
		if f == nil || len(labels) != f.labels || seen[key] || series[name] >= maxSeries ||
			!utf8.ValidString(strings.Join(labels, "")) {
			c.dropped.Add(1)
			return
		}
		seen[key] = true
		series[name]++
		if metric, err := prometheus.NewConstMetric(f.desc, f.kind, value, labels...); err == nil {
			out <- metric
		}
	})
}

// registerMetrics adds the listener's own numbers.
func (s *Server) registerMetrics() error {
	return s.metrics.Add(func(emit Emit) {
		emit("websockets", float64(s.sockets.count()))
		emit("http_auth_failures_total", float64(s.authFailures.Load()))
		for class := range s.answered {
			emit("http_responses_total", float64(s.answered[class].Load()), fmt.Sprintf("%dxx", class+1))
		}
	},
		Family{Name: "websockets", Help: "WebSockets open now."},
		Family{Name: "http_auth_failures_total", Kind: Counter,
			Help: "Requests refused for wrong credentials or too many guesses."},
		Family{Name: "http_responses_total", Kind: Counter, Labels: []string{"class"},
			Help: "HTTP responses by class of their status."},
	)
}

// count counts responses by class. A WebSocket counts as 1xx, when it is opened.
func (s *Server) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&statusWriter{ResponseWriter: w, answered: &s.answered}, r)
	})
}

// responseClasses counts responses: 1xx, 2xx, 3xx, 4xx, 5xx.
type responseClasses [5]atomic.Uint64

// statusWriter sees the status of a response.
type statusWriter struct {
	http.ResponseWriter
	answered *responseClasses
	counted  bool
}

// note counts the response once.
func (w *statusWriter) note(status int) {
	if !w.counted {
		w.counted = true
		w.answered[min(max(status/100, 1), 5)-1].Add(1)
	}
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(status int) {
	w.note(status)
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *statusWriter) Write(b []byte) (int, error) {
	w.note(http.StatusOK)
	return w.ResponseWriter.Write(b)
}

// Unwrap lets a stream of events reach its connection (http.ResponseController).
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Hijack implements http.Hijacker, which the WebSocket upgrade asks for.
func (w *statusWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.note(http.StatusSwitchingProtocols)
	return http.NewResponseController(w.ResponseWriter).Hijack()
}
