package load

import (
	"bufio"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

const (
	// perAccount is how many contacts each account of the memory program registers.
	perAccount = 10
	// brief shortens T1 and with it the 64*T1 for which transactions of ended calls stay (RFC 3261
	// section 17): 13 s to wait for instead of 32.
	brief = "TANDEM_SIP__T1=200ms"
	// lingering is how long they may stay at most.
	lingering = 45 * time.Second
	// eagerLooks is how many looks in a row make a collector with GOGC=10 run: each costs garbage.
	eagerLooks = 25
)

// sample is what a member uses at one moment, in bytes.
type sample struct {
	rss, heap, stacks, goroutines float64
	busy                          float64 // legs and transactions
}

// TestMemory measures what calls and registrations keep in the member's memory, and what remains of
// them. It does so twice: with the collector as it is set, for the memory of the process; and with
// one that collects all the time, so that the heap holds what lives and little else.
func TestMemory(t *testing.T) {
	onDemand(t)
	t.Run("as it is", func(t *testing.T) {
		w := newWatch(t, "as it is", 1)
		w.calls(t)
		w.table.print()
	})
	t.Run("eager collector", func(t *testing.T) {
		w := newWatch(t, "with an eager collector (GOGC=10): what lives", eagerLooks, "GOGC=10")
		w.registrations(t)
		w.calls(t)
		w.table.print()
	})
}

// watch looks at a member after each thing that was done to it.
type watch struct {
	member *lab.Member
	server server
	media  int
	looks  int
	last   sample
	table  table
}

func newWatch(t *testing.T, how string, looks int, env ...string) *watch {
	w := &watch{looks: looks, media: openPhones(t).port, table: table{title: "Memory of the member, " + how}}
	w.member, w.server = startMember(t, append(env, brief)...)
	w.table.add("after", "RSS MiB", "heap MiB", "goroutines",
		"each: RSS KiB", "heap KiB", "stack KiB", "goroutines")
	w.next(t, "start", 0)
	return w
}

// next adds a row: how things are after n things more.
func (w *watch) next(t *testing.T, what string, n int) {
	t.Helper()
	now := look(t, w.member, w.looks)
	w.table.sample(what, now, w.last, n)
	w.last = now
}

func (w *watch) registrations(t *testing.T) {
	users := addAccounts(t, w.member, (*keep+perAccount-1)/perAccount)
	w.next(t, fmt.Sprintf("%d accounts", len(users)), len(users))
	registered := (&desk{conn: dial(t, w.server.at)}).run(
		&registering{users: users, contacts: perAccount}, *keep, registerPace)
	mustDo(t, registered, "registering")
	w.quiet(t, fmt.Sprintf("%d registrations", *keep), *keep)
}

func (w *watch) calls(t *testing.T) {
	to, as := answering(t, w.server, demo(1, 1)[0], w.media, nil), &demo(0, 1)[0]
	var groups []*held
	for i := range 2 {
		h := &held{desk: &desk{conn: dial(t, w.server.at)}, as: as, to: to}
		h.more(t, *keep/2, w.media)
		groups = append(groups, h)
		w.next(t, fmt.Sprintf("%d calls held", (i+1)*(*keep/2)), *keep/2)
	}
	for _, h := range groups {
		h.hangUp(t)
	}
	w.next(t, "all hung up", 0)
	w.quiet(t, "transactions over", 0)
}

// quiet waits until no transaction is left, then adds a row.
func (w *watch) quiet(t *testing.T, what string, n int) {
	t.Helper()
	for over := time.Now().Add(lingering); look(t, w.member, 1).busy > 0; time.Sleep(time.Second) {
		if time.Now().After(over) {
			t.Fatalf("transactions and streams are left %v after the last operation", lingering)
		}
	}
	w.next(t, what, n)
}

// sample adds a row: a moment, and for n things what each has added since the last.
func (tb *table) sample(what string, now, last sample, n int) {
	const kib, mib = 1 << 10, 1 << 20
	row := []any{what, now.rss / mib, now.heap / mib, int(now.goroutines)}
	for _, grown := range []float64{(now.rss - last.rss) / kib, (now.heap - last.heap) / kib,
		(now.stacks - last.stacks) / kib, now.goroutines - last.goroutines} {
		if n == 0 {
			row = append(row, "")
			continue
		}
		row = append(row, grown/float64(n))
	}
	tb.add(row...)
}

// addAccounts makes accounts to register.
func addAccounts(t *testing.T, m *lab.Member, n int) (users []identity) {
	t.Helper()
	for i := range n {
		u := identity{user: fmt.Sprint(20000 + i), password: "load-password"}
		body := map[string]string{"aor": u.user + "@" + lab.Domain, "password": u.password}
		if err := m.Ask(http.MethodPost, "accounts", body, nil); err != nil {
			t.Fatal(err)
		}
		users = append(users, u)
	}
	return users
}

// look reads the member's own metrics, several times if asked, and keeps the smallest heap: that
// just after a collection.
func look(t *testing.T, m *lab.Member, times int) (s sample) {
	t.Helper()
	for i := range times {
		now := scrape(t, m)
		if i > 0 {
			now.heap = min(now.heap, s.heap)
		}
		s = now
	}
	return s
}

func scrape(t *testing.T, m *lab.Member) sample {
	t.Helper()
	values := metrics(t, m)
	if values["process_resident_memory_bytes"] == 0 {
		t.Fatal("the member does not tell its memory")
	}
	return sample{rss: values["process_resident_memory_bytes"], heap: values["go_memstats_heap_alloc_bytes"],
		stacks: values["go_memstats_stack_inuse_bytes"], goroutines: values["go_goroutines"],
		busy: values["tandem_sip_transactions"] + values["tandem_rtp_streams"]}
}

// metrics are the member's metrics by name, all labels together.
func metrics(t *testing.T, m *lab.Member) map[string]float64 {
	t.Helper()
	answer, err := http.Get(m.URL() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	values := map[string]float64{}
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		name, _, _ = strings.Cut(name, "{")
		if v, err := strconv.ParseFloat(value, 64); err == nil {
			values[name] += v
		}
	}
	return values
}
