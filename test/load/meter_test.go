package load

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// reading is what a member has at one moment. Memory is in bytes.
type reading struct {
	at, collected        time.Time // collected: when the last collection of the memory ended
	series               map[string]float64
	live, goal, rss      float64 // what the last collection left; up to where the heap may grow before the next; resident
	blocks               float64 // of live: what the store keeps of what it writes
	goroutines, files    float64
	ports, legs, tasks   float64
	signals, sessions    float64
	transactions, actors float64
}

// measure reads the member's metrics.
func (s *soak) measure() reading {
	s.t.Helper()
	r := readingOf(series(s.t, s.m))
	r.blocks = openBlocks(filepath.Join(s.m.Data, s.m.Name, "store"), r.at)
	return r
}

// roomsOf are the sizes, in octets, that the store has for what it keeps of a block.
var roomsOf = []int64{256 << 10, 1 << 20, 4 << 20, 8 << 20}

// openBlocks is the memory that the store keeps of the last block of each stream that was written in the last minute.
func openBlocks(store string, now time.Time) (sum float64) {
	streams, _ := filepath.Glob(filepath.Join(store, "jetstream", "*", "streams", "*", "msgs"))
	for _, dir := range streams {
		blocks, _ := filepath.Glob(filepath.Join(dir, "*.blk"))
		var last os.FileInfo
		for _, name := range blocks {
			if f, err := os.Stat(name); err == nil && (last == nil || f.ModTime().After(last.ModTime())) {
				last = f
			}
		}
		if last == nil || last.Size() == 0 || now.Sub(last.ModTime()) > time.Minute {
			continue
		}
		i, _ := slices.BinarySearch(roomsOf, last.Size())
		sum += float64(roomsOf[min(i, len(roomsOf)-1)])
	}
	return sum
}

func readingOf(v map[string]float64) reading {
	// The runtime collects when the heap has grown by GOGC percent beyond what the last collection left.
	goal := v["go_memstats_next_gc_bytes"]
	live := goal / (1 + v["go_gc_gogc_percent"]/100)
	kind := func(k string) float64 { return v[`tandem_actor_count{kind="`+k+`"}`] }
	collected := time.UnixMicro(int64(1e6 * v["go_memstats_last_gc_time_seconds"]))
	return reading{at: time.Now(), collected: collected, series: v, live: live, goal: goal, rss: v["process_resident_memory_bytes"],
		goroutines: v["go_goroutines"], files: v["process_open_fds"],
		ports: v[`tandem_rtp_ports{state="used"}`] + v[`tandem_rtp_ports{state="quarantined"}`], legs: kind("leg"), tasks: kind("task"), signals: kind("signal"),
		sessions:     v[`tandem_sessions{state="attached"}`] + v[`tandem_sessions{state="detached"}`],
		transactions: v[`tandem_sip_transactions{side="client"}`] + v[`tandem_sip_transactions{side="server"}`],
		actors:       kind("leg") + kind("task") + kind("signal") + kind("session") + kind("mixer") + kind("connection")}
}

// idle are the series that must be nothing when nobody does anything.
var idle = []string{`tandem_actor_count{kind="leg"}`, `tandem_actor_count{kind="signal"}`, `tandem_actor_count{kind="task"}`,
	`tandem_actor_count{kind="session"}`, `tandem_actor_count{kind="mixer"}`,
	`tandem_actor_count{kind="connection"}`, `tandem_rtp_ports{state="used"}`, `tandem_rtp_ports{state="quarantined"}`,
	"tandem_rtp_streams", "tandem_conferences", "tandem_registrations", `tandem_sessions{state="attached"}`,
	`tandem_sessions{state="detached"}`, "tandem_sip_connections", `tandem_sip_transactions{side="client"}`,
	`tandem_sip_transactions{side="server"}`, "tandem_websockets", `tandem_ximss_connections{binding="tcp"}`,
	`tandem_ximss_connections{binding="websocket"}`, "tandem_store_pending_facts", `tandem_queue_callers{state="waiting"}`}

// left names what is not over yet, "" when all is.
func (r reading) left() string {
	var all []string
	for _, name := range idle {
		v, known := r.series[name]
		if !known || v != 0 {
			all = append(all, fmt.Sprint(name, " ", v))
		}
	}
	return strings.Join(all, ", ")
}

// series are the member's metrics by name and labels.
func series(t testing.TB, m *lab.Member) map[string]float64 {
	t.Helper()
	answer, err := http.Get(m.URL() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	values := map[string]float64{}
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		at := strings.LastIndexByte(lines.Text(), ' ')
		if at < 0 {
			continue
		}
		if v, err := strconv.ParseFloat(lines.Text()[at+1:], 64); err == nil {
			values[lines.Text()[:at]] = v
		}
	}
	return values
}

// crew is how many goroutines a member keeps for its actors once it has needed them at a time.
const crew = 64

// Limits of what may change: while the load lasts, for an hour, and from before it to after it. The heap and the memory
// rise and fall while nothing is wrong: of each stream the store keeps what it writes in memory until that is 8 MiB, and
// begins anew, some within minutes and some in hours. That is taken off the heap, and of the rest it is the least that must
// not rise, from the middle third of the load to the last. Of what is resident the collector is granted some five times as
// much as lives, so what lies beyond that is looked at. After the load they keep what is bounded: the last 10,000 records of
// legs, of 1 kB, which the first third has filled, and what the store has not let go of yet.
const (
	maxLiveTrend, maxRSSTrend         = 8 << 20, 48 << 20
	maxGoroutinesTrend, maxFilesTrend = crew / 2, 5
	maxLiveKept, maxGoroutinesKept    = 24 << 20, crew + 10
	maxFilesKept                      = 3
	judgedFrom                        = 55 * time.Minute // a shorter soak shows trends and does not judge them
)

// meter collects readings.
type meter struct {
	began time.Time
	all   []reading
	seen  float64 // blocks of the newest reading
}

func newMeter(base reading) *meter {
	fmt.Printf("\n%6s %9s %10s %9s %10s %6s %6s %6s %6s %8s %9s %13s\n", "min", "live MiB", "blocks MiB", "RSS MiB", "goroutines", "files", "ports",
		"legs", "tasks", "signals", "sessions", "transactions")
	m := &meter{began: base.at, seen: base.blocks}
	m.add(base)
	return m
}

// add keeps a reading and prints its line. What lives is as old as the last collection, and the blocks are of this moment: of
// these only what was there then, too, may be taken off.
func (m *meter) add(r reading) {
	blocks := min(r.blocks, m.seen)
	if n := len(m.all); n > 0 && m.all[n-1].live == r.live { // no collection since
		blocks = m.all[n-1].blocks
	}
	m.seen, r.blocks = r.blocks, blocks
	m.all = append(m.all, r)
	fmt.Printf("%6.1f %9.2f %10.2f %9.2f %10.0f %6.0f %6.0f %6.0f %6.0f %8.0f %9.0f %13.0f\n", r.at.Sub(m.began).Minutes(), r.live/(1<<20),
		r.blocks/(1<<20), r.rss/(1<<20), r.goroutines, r.files, r.ports, r.legs, r.tasks, r.signals, r.sessions, r.transactions)
}

// loaded are the readings while the load lasted: all but the first and the last two.
func (m *meter) loaded() []reading { return m.all[1:max(1, len(m.all)-2)] }

// trend is by how much a figure grows in an hour, by the line that fits the second half of the readings under load best.
func (m *meter) trend(figure func(reading) float64) float64 {
	half := m.loaded()
	half = half[len(half)/2:]
	var x, y []float64
	for _, r := range half {
		x, y = append(x, r.at.Sub(m.began).Hours()), append(y, figure(r))
	}
	return slope(x, y)
}

// floor is by how much the least of a figure grows in an hour, from the middle third of the readings under load to the
// last; 0 for less than three.
func (m *meter) floor(figure func(reading) float64) float64 {
	third := len(m.loaded()) / 3
	if third == 0 {
		return 0
	}
	last := m.loaded()[len(m.loaded())-third:]
	middle := m.loaded()[len(m.loaded())-2*third:][:third]
	took := last[0].at.Sub(middle[0].at).Hours()
	return (slices.Min(each(last, figure)) - slices.Min(each(middle, figure))) / took
}

// slope is that of the line for which the squares of the distances are least; 0 for less than three points.
func slope(x, y []float64) float64 {
	if len(x) < 3 {
		return 0
	}
	n := float64(len(x))
	var sx, sy, sxy, sxx float64
	for i := range x {
		sx, sy, sxy, sxx = sx+x[i], sy+y[i], sxy+x[i]*y[i], sxx+x[i]*x[i]
	}
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}

// judged are the figures that have limits.
var judged = []struct {
	name        string
	unit        float64
	figure      func(reading) float64
	grows       func(*meter, func(reading) float64) float64
	trend, kept float64 // 0: no limit
}{
	{"live heap, MiB", 1 << 20, func(r reading) float64 { return r.live - r.blocks }, (*meter).floor, maxLiveTrend, maxLiveKept},
	{"resident beyond the heap's goal, MiB", 1 << 20, func(r reading) float64 { return r.rss - r.goal }, (*meter).floor, maxRSSTrend, 0},
	{"goroutines", 1, func(r reading) float64 { return r.goroutines }, (*meter).trend, maxGoroutinesTrend, maxGoroutinesKept},
	{"open files", 1, func(r reading) float64 { return r.files }, (*meter).trend, maxFilesTrend, maxFilesKept},
}

// print shows trends and what was kept.
func (m *meter) print() {
	tb := table{title: "The member under the soak"}
	tb.add("", "before", "least", "median", "most", "grows in an hour by", "limit", "afterwards", "limit")
	base, after := m.all[0], m.all[len(m.all)-1]
	for _, j := range judged {
		under := each(m.loaded(), j.figure)
		slices.Sort(under)
		limit, kept := "-", "-"
		if j.trend > 0 {
			limit = fmt.Sprint(j.trend / j.unit)
		}
		if j.kept > 0 {
			kept = fmt.Sprint("+", j.kept/j.unit)
		}
		tb.add(j.name, j.figure(base)/j.unit, quantile(under, 0)/j.unit, quantile(under, 0.5)/j.unit, quantile(under, 1)/j.unit,
			j.grows(m, j.figure)/j.unit, limit, j.figure(after)/j.unit, kept)
	}
	tb.print()
}

// judge says what has grown, or was not given back.
func (m *meter) judge(base, after reading) (wrong []string) {
	long := len(m.loaded()) > 0 && after.at.Sub(m.began) > judgedFrom
	for _, j := range judged {
		if grows := j.grows(m, j.figure); long && grows > j.trend {
			wrong = append(wrong, fmt.Sprintf("%s: grows by %.2f in an hour", j.name, grows/j.unit))
		}
		if kept := j.figure(after) - j.figure(base); j.kept > 0 && kept > j.kept {
			wrong = append(wrong, fmt.Sprintf("%s: %.2f more than before the load", j.name, kept/j.unit))
		}
	}
	return wrong
}

// TestBlocksOfTheCollection takes off what the collection can have seen.
func TestBlocksOfTheCollection(t *testing.T) {
	m := newMeter(reading{live: 10, blocks: 2})
	for _, look := range []struct{ live, blocks, taken float64 }{
		{20, 8, 2}, // they may have come after the collection
		{20, 9, 2}, // which is the same still
		{30, 9, 9},
		{25, 4, 4}, // they may have gone before it
	} {
		m.add(reading{live: look.live, blocks: look.blocks})
		if got := m.all[len(m.all)-1].blocks; got != look.taken {
			t.Errorf("of %v blocks %v are taken off %v, not %v", look.blocks, got, look.live, look.taken)
		}
	}
}

// TestSlope fits a line.
func TestSlope(t *testing.T) {
	if s := slope([]float64{0, 1, 2, 3}, []float64{5, 7, 9, 11}); s != 2 {
		t.Errorf("the slope is %v, not 2", s)
	}
	if s := slope([]float64{0, 1, 2}, []float64{1, 0, 1}); s != 0 {
		t.Errorf("the slope is %v, not 0", s)
	}
}

// TestFloor looks at the least of what rises and falls.
func TestFloor(t *testing.T) {
	began := time.Now()
	m := &meter{began: began}
	for minute := range 63 {
		saw := float64(minute % 15)
		m.all = append(m.all, reading{at: began.Add(time.Duration(minute) * time.Minute), live: saw, rss: saw + float64(minute)/60})
	}
	if grows := m.floor(func(r reading) float64 { return r.live }); grows != 0 {
		t.Errorf("a saw grows by %v", grows)
	}
	if grows := m.floor(func(r reading) float64 { return r.rss }); grows < 0.5 || grows > 1.5 {
		t.Errorf("a saw that grows by 1 in an hour grows by %v", grows)
	}
	for phase := range 15 { // of the shortest that is judged
		m := &meter{began: began}
		for minute := range int(judgedFrom/time.Minute) + 3 {
			m.all = append(m.all, reading{at: began.Add(time.Duration(minute) * time.Minute), live: float64((minute + phase) % 15)})
		}
		if grows := m.floor(func(r reading) float64 { return r.live }); grows != 0 {
			t.Errorf("a saw that begins at %d grows by %v", phase, grows)
		}
	}
}
