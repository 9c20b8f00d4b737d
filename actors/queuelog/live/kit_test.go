package live

import (
	"cmp"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/actors/msg"
	"tandem/actors/queuelog/report"
	"tandem/web"
	"tandem/ximss/ami"
)

const cases = "../report/testdata/cases/"

// moving is one server that is played: its lines and its events, in order of time.
type moving struct {
	name   string
	fold   *report.Fold
	sum    *report.Summary
	told   Told
	found  msg.ExchangeFound
	events []happening
}

// happening is a line, a packet, or a greeting.
type happening struct {
	ms     int64
	line   string
	packet ami.Packet
	greets bool
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// recorded reads a recorded stream.
func recorded(t testing.TB, text string) (all []happening) {
	t.Helper()
	for block := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		stamp, rest, _ := strings.Cut(block, "\n")
		at, err := strconv.ParseFloat(stamp, 64)
		if err != nil {
			t.Fatal(err)
		}
		h := happening{ms: int64(at*1000 + 0.5), greets: strings.HasPrefix(rest, "Asterisk Call Manager/")}
		for line := range strings.SplitSeq(rest, "\n") {
			if name, value, ok := strings.Cut(line, ":"); ok {
				h.packet = append(h.packet, ami.Header{Name: name, Value: strings.TrimSpace(value)})
			}
		}
		all = append(all, h)
	}
	return all
}

// play begins a server of the run; with ami its manager interface is heard too.
func play(t testing.TB, name string, manager bool) *moving {
	m := &moving{name: name, sum: report.NewSummary(report.Ask{Within: 20})}
	m.fold = report.NewFold(report.Part{Name: name}, report.Source{}, report.Names{}, m.sum)
	m.told.Clear()
	for line := range strings.Lines(read(t, cases+"ast22-r2-"+name+".queue_log")) {
		at, _, _ := strings.Cut(line, "|")
		s, _ := strconv.ParseInt(at, 10, 64)
		m.events = append(m.events, happening{ms: s * 1000, line: line})
	}
	if manager {
		m.events = append(m.events, recorded(t, read(t, "testdata/ast22-r2-"+name+".ami.txt"))...)
	}
	// A line of a second comes at its end at the latest: it is played there, so that the order is that of the servers.
	slices.SortStableFunc(m.events, func(a, b happening) int { return cmp.Compare(a.ms, b.ms) })
	return m
}

// until plays all that has happened up to a moment.
func (m *moving) until(ms int64) {
	for len(m.events) > 0 && m.events[0].ms <= ms {
		h := m.events[0]
		m.events = m.events[1:]
		switch {
		case h.line != "":
			m.fold.Line([]byte(h.line))
		case h.greets:
			m.told.Clear()
			m.found = msg.ExchangeFound{State: web.LiveOn, SinceMs: h.ms}
		default:
			m.told.Hear(h.packet, time.UnixMilli(h.ms))
		}
	}
	if m.found.State != "" {
		m.found.ClockMs, m.found.HeardMs, m.found.EventMs = ms, ms, ms
	}
}

// server is how it stands.
func (m *moving) server(at time.Time) Server {
	sum := *m.sum
	figures := (&sum).Figures(m.name, m.fold.Read())
	s := Server{Part: report.Part{Name: m.name}, Log: LogOf(m.fold, figures), LogFeed: web.LiveFeed{State: web.LiveOn, Heard: at, Last: at}}
	if m.found.State != "" {
		f := &msg.ExchangeFound{State: m.found.State, SinceMs: m.found.SinceMs, ClockMs: m.found.ClockMs, HeardMs: m.found.HeardMs, EventMs: m.found.EventMs}
		m.told.Show(f)
		s.Told = f
	}
	return s
}

// viewOf plays servers up to a moment and looks at them.
func viewOf(t testing.TB, source string, ms int64, all ...*moving) web.LiveView {
	t.Helper()
	return viewFor(t, nil, source, ms, all...)
}

// viewFor is viewOf for somebody who sees some queues; nil: all.
func viewFor(t testing.TB, sees func(queue string) bool, source string, ms int64, all ...*moving) web.LiveView {
	t.Helper()
	s, err := report.ParseSource(source)
	if err != nil {
		t.Fatal(err)
	}
	at := time.UnixMilli(ms)
	var servers []Server
	for _, p := range s.Parts {
		for _, m := range all {
			if m.name == p.Name {
				m.until(ms)
				one := m.server(at)
				one.Part = p
				servers = append(servers, one)
			}
		}
	}
	return Make(s, servers, Ask{Now: at, Within: 20, Quiet: time.Minute, Sees: sees})
}

func expected(t testing.TB, source string) (f report.Figures) {
	t.Helper()
	all := map[string]report.Figures{}
	if err := json.Unmarshal([]byte(read(t, cases+"expected/ast22-r2.json")), &all); err != nil {
		t.Fatal(err)
	}
	return all[source]
}
