package load

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"tandem/test/lab"
)

// Of the lines of the source whose changes are watched.
const (
	linesASecond  = 2000
	linesEvery    = 40 * time.Millisecond // one message of the adapter
	sourceQueues  = 100
	sourceStats   = 5 // statistics of each of them
	probeEvery    = 5 // messages between two lines that are watched
	changeRun     = 20 * time.Second
	changeWait    = 30 * time.Second // for what should take milliseconds
	unansweredMax = 200              // messages
	hopEvery      = 100 * time.Millisecond
	hopBytes      = 8000 // as a frame of the journal has
)

// TestChanges has an adapter tell one of three members of 2,000 events a second, with 500 statistics open, and watches one
// statistic at every member: how long after its line was sent each of them has told the change. It fails when a change is
// missing, never because it came late.
func TestChanges(t *testing.T) {
	onDemand(t)
	g := startGroup(t, lab.ClusterOptions{Set: []string{"adapters.sources=[{name: pbx, switch: west, arrival: true}]"}})
	time.Sleep(settled)
	for n := range sourceQueues {
		for _, mask := range []string{"CallEntered", "CallAbandoned", "CallDistributed", "CallAnswered", "CallWait"}[:sourceStats] {
			openStatistic(t, g.members[n%len(g.members)], fmt.Sprintf("Queue:Q%d@west", n), mask)
		}
	}
	id := openStatistic(t, g.members[0], "Queue:P@west", "CallEntered")
	watch := &changes{sent: map[int]time.Time{}, heard: make([][]time.Duration, len(g.members)), passed: make([]int, len(g.members))}
	for i, m := range g.members {
		watch.follow(t, i, m, id)
	}
	a := newTeller(t, g.members)
	floor := newHops(t, g.members[0])
	before := g.spent(t)
	began, probes := time.Now(), 0
	for tick, at := 0, began; time.Since(began) < changeRun; tick++ {
		at = at.Add(linesEvery)
		time.Sleep(time.Until(at))
		if tick%probeEvery == 0 {
			probes++
			a.line(`"event":"EventQueued","dn":"P","conn":"p%d"`, probes)
			a.line(`"event":"EventAbandoned","dn":"P","conn":"p%d"`, probes)
			watch.expect(probes)
		}
		a.calls(linesASecond * int(linesEvery/time.Millisecond) / 1000)
		a.send(t)
	}
	took := time.Since(began)
	spent := g.spent(t) - before
	hops := floor.end()
	lab.Wait(t, changeWait, "all members have told the last change", func() bool { return watch.all(probes) })
	tb := table{title: fmt.Sprintf("%.0f events a second at one of three members, 500 statistics: from a line to who follows", float64(a.seq)/took.Seconds())}
	tb.add("at", "told", "passed over", "p50 ms", "p99 ms", "most ms", "p99 in hops")
	for i, m := range g.members {
		h := watch.sorted(i)
		tb.add(m.Name, len(h), watch.over(i), millis(quantile(h, 0.5)), millis(quantile(h, 0.99)), millis(quantile(h, 1)),
			ratio(quantile(h, 0.99), quantile(hops, 0.99)))
	}
	tb.add("one hop", len(hops), "", millis(quantile(hops, 0.5)), millis(quantile(hops, 0.99)), millis(quantile(hops, 1)), "")
	tb.print()
	fmt.Printf("processor time of all members: %.0f %% of a core, %.0f µs a line\n", 100*spent.Seconds()/took.Seconds(),
		float64(spent.Microseconds())/float64(a.seq))
}

// hops are a calibration: what it takes, while the load lasts, to ask a member something that it knows at once and to have
// some bytes synced to the disk. A change needs about two syncs, one behind the other, and five processes to do something.
type hops struct {
	stop chan struct{}
	all  chan []time.Duration
}

func newHops(t *testing.T, m *lab.Member) *hops {
	t.Helper()
	file, err := os.CreateTemp(t.TempDir(), "sync")
	if err != nil {
		t.Fatal(err)
	}
	h := &hops{make(chan struct{}), make(chan []time.Duration, 1)}
	go func() {
		defer func() { _ = file.Close() }()
		var all []time.Duration
		each := time.NewTicker(hopEvery)
		defer each.Stop()
		for {
			select {
			case <-each.C:
			case <-h.stop:
				slices.Sort(all)
				h.all <- all
				return
			}
			began := time.Now()
			answer, err := http.Get(m.URL() + "/healthz")
			if err != nil {
				continue
			}
			_ = answer.Body.Close()
			if _, err := file.Write(make([]byte, hopBytes)); err != nil || file.Sync() != nil {
				continue
			}
			all = append(all, time.Since(began))
		}
	}()
	return h
}

// end gives how long each took, in order.
func (h *hops) end() []time.Duration { close(h.stop); return <-h.all }

// TestPassedOver: a value that a member has not told is no change that it has told.
func TestPassedOver(t *testing.T) {
	c := &changes{sent: map[int]time.Time{}, heard: make([][]time.Duration, 2), passed: make([]int, 2)}
	for v := range 5 {
		c.expect(v + 1)
	}
	for _, v := range []int{0, 1, 4, 4, 3, 5} {
		c.tell(0, v)
	}
	c.tell(1, 5)
	if len(c.sorted(0)) != 3 || c.over(0) != 2 || len(c.sorted(1)) != 1 || c.over(1) != 4 || !c.all(5) {
		t.Errorf("told %d and %d, passed over %d and %d", len(c.sorted(0)), len(c.sorted(1)), c.over(0), c.over(1))
	}
}

// spent is the processor time of all members so far.
func (g group) spent(t *testing.T) (sum time.Duration) {
	t.Helper()
	for i := range g.members {
		used, err := cpuTime(g.servers[i].pid)
		if err != nil {
			t.Fatal(err)
		}
		sum += used
	}
	return sum
}

// openStatistic opens one that counts, and gives its id.
func openStatistic(t *testing.T, m *lab.Member, object, mask string) string {
	t.Helper()
	var v struct{ ID string }
	lab.Wait(t, changeWait, m.Name+" opens a statistic of "+object, func() bool {
		return m.Ask(http.MethodPut, "stat/statistics", map[string]string{"object": object, "category": "TotalNumber", "main_mask": mask}, &v) == nil
	})
	return v.ID
}

// changes are when the lines that are watched were sent, and how long after it their changes were told at each member.
type changes struct {
	mu     sync.Mutex
	sent   map[int]time.Time // by the value that the line makes
	heard  [][]time.Duration // by member
	passed []int             // by member: values that it has not told, since a later one was there before
	last   [8]int            // value that each has told last
}

func (c *changes) expect(value int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent[value] = time.Now()
}

// tell notes a value that a member has told. Those before it that it has not told were passed over, and have no time: that of
// this one would be told for theirs.
func (c *changes) tell(member, value int) {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	for v := c.last[member] + 1; v <= value; v++ {
		switch at, ok := c.sent[v]; {
		case !ok:
		case v < value:
			c.passed[member]++
		default:
			c.heard[member] = append(c.heard[member], now.Sub(at))
		}
	}
	c.last[member] = max(c.last[member], value)
}

func (c *changes) all(value int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.heard {
		if c.last[i] < value {
			return false
		}
	}
	return true
}

func (c *changes) over(member int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.passed[member]
}

func (c *changes) sorted(member int) []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(slices.Values(c.heard[member]))
}

// follow listens to a statistic at a member.
func (c *changes) follow(t *testing.T, i int, m *lab.Member, id string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, m.URL()+"/api/v1/stat/events?id="+id, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth("admin", "1234")
	answer, err := http.DefaultClient.Do(r)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatal(err, answer)
	}
	go func() {
		defer func() { _ = answer.Body.Close() }()
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			text, ok := strings.CutPrefix(lines.Text(), "data: ")
			var v struct{ Value float64 }
			if ok && json.Unmarshal([]byte(text), &v) == nil {
				c.tell(i, int(v.Value))
			}
		}
	}()
}

// teller is an adapter that does not wait for answers.
type teller struct {
	conn    *websocket.Conn
	seq     int
	conns   int
	message strings.Builder
	answers chan error // one for each message that was answered
	open    int        // messages that were not
}

// newTeller connects to a member that takes it.
func newTeller(t *testing.T, members []*lab.Member) (a *teller) {
	t.Helper()
	a = &teller{answers: make(chan error, 2*unansweredMax)}
	header := http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte("admin:1234"))}}
	d := websocket.Dialer{Subprotocols: []string{"tandem-source"}, HandshakeTimeout: changeWait}
	lab.Wait(t, changeWait, "a member takes the adapter", func() bool {
		conn, answer, err := d.DialContext(t.Context(), "ws"+strings.TrimPrefix(members[0].URL(), "http")+"/api/v1/stat/sources/pbx", header)
		if err != nil {
			if answer != nil {
				_ = answer.Body.Close()
			}
			return false
		}
		a.conn = conn
		return conn.ReadJSON(&struct{}{}) == nil
	})
	t.Cleanup(func() { _ = a.conn.Close() })
	go func() {
		for {
			var answer struct {
				Malformed int
				Error     *struct{ Message string }
			}
			err := a.conn.ReadJSON(&answer)
			if err == nil && (answer.Malformed > 0 || answer.Error != nil) {
				err = fmt.Errorf("the member answers %+v", answer)
			}
			select {
			case a.answers <- err:
			case <-t.Context().Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return a
}

func (a *teller) line(form string, values ...any) {
	a.seq++
	fmt.Fprintf(&a.message, `{"seq":%d,`+form+"}\n", append([]any{a.seq}, values...)...)
}

// calls tells of calls that come and go at the queues, in so many lines.
func (a *teller) calls(lines int) {
	for range lines / 2 {
		a.conns++
		a.line(`"event":"EventQueued","dn":"Q%d","conn":"c%d"`, a.conns%sourceQueues, a.conns)
		a.line(`"event":"EventAbandoned","dn":"Q%d","conn":"c%d"`, a.conns%sourceQueues, a.conns)
	}
}

// send sends what was told since the last time.
func (a *teller) send(t *testing.T) {
	t.Helper()
	if err := a.conn.WriteMessage(websocket.TextMessage, []byte(a.message.String())); err != nil {
		t.Fatal(err)
	}
	a.message.Reset()
	for a.open++; ; a.open-- {
		select {
		case err := <-a.answers:
			if err != nil {
				t.Fatal(err)
			}
			continue
		default:
		}
		if a.open > unansweredMax {
			t.Fatalf("%d messages are not answered", a.open)
		}
		return
	}
}
