package load

import (
	"fmt"
	"net/http"
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

// Goals for what one of them keeps, bytes.
const (
	callGoal         = 30_000
	registrationGoal = 2_000
)

// TestMemory measures what calls that have talked and registrations keep in the member's memory, and what remains of
// them. It does so twice: with the collector as it is set, for the memory of the process; and with
// one that collects all the time, so that the heap holds what lives and little else.
func TestMemory(t *testing.T) {
	onDemand(t)
	for _, how := range []struct {
		name, title string
		looks       int
		env         []string
	}{
		{"as it is", "as it is", 1, nil},
		{"eager collector", "with an eager collector (GOGC=10): what lives", eagerLooks, []string{"GOGC=10"}},
	} {
		t.Run(how.name, func(t *testing.T) {
			w := newWatch(t, how.title, how.looks, how.env...)
			w.registrations(t)
			w.calls(t)
			w.table.print()
			for _, line := range w.lines {
				fmt.Println(line)
			}
		})
	}
}

// watch looks at a member after each thing that was done to it.
type watch struct {
	member *lab.Member
	server server
	looks  int
	last   sample
	table  table
	lines  []string
}

func newWatch(t *testing.T, how string, looks int, env ...string) *watch {
	w := &watch{looks: looks, table: table{title: "Memory of the member, " + how}}
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

// sum says in a line what each of n things has added since a moment.
func (w *watch) sum(t *testing.T, what string, before sample, n, goal int) {
	each := func(now, then float64) float64 { return (now - then) / float64(n) / 1000 }
	w.lines = append(w.lines, fmt.Sprintf("%s keeps %.1f kB of heap, %.1f kB of stacks, %.1f kB resident (%d of them; the goal is %.0f kB)", what,
		each(w.last.heap, before.heap), each(w.last.stacks, before.stacks), each(w.last.rss, before.rss), n, float64(goal)/1000))
	if *judge && each(w.last.heap, before.heap)+each(w.last.stacks, before.stacks) > float64(goal)/1000 {
		t.Error(w.lines[len(w.lines)-1])
	}
}

// registrations registers, and keeps that.
func (w *watch) registrations(t *testing.T) {
	users := addAccounts(t, w.member, (*contacts+perAccount-1)/perAccount)
	d := &desk{conn: dial(t, w.server.at)}
	mustDo(t, d.run(&registering{users: users, contacts: perAccount}, len(users), registerPace), "registering the first of each account")
	w.quiet(t, fmt.Sprintf("%d accounts, each with a registration", len(users)), len(users))
	before, more := w.last, *contacts-len(users)
	mustDo(t, d.run(&registering{users: users, contacts: perAccount, first: 1}, more, registerPace/2), "registering")
	w.quiet(t, fmt.Sprintf("%d registrations more", more), more)
	w.sum(t, "a registration", before, more, registrationGoal)
}

// calls sets calls up, lets them talk, and ends them.
func (w *watch) calls(t *testing.T) {
	caller, called := openPhones(t), openPhones(t)
	to, as, before := answering(t, w.server, demo(1, 1)[0], called.port, nil), &demo(0, 1)[0], w.last
	var groups []*held
	for i := range 2 {
		h := &held{desk: &desk{conn: dial(t, w.server.at)}, as: as, to: to}
		h.more(t, *keep/2, caller.port)
		for _, o := range h.desk.ops {
			caller.targets = append(caller.targets, o.media)
		}
		groups = append(groups, h)
		w.next(t, fmt.Sprintf("%d calls held", (i+1)*(*keep/2)), *keep/2)
	}
	called.targets = to.targets()
	r := talk(t, servers{w.server}, time.Duration(*seconds*float64(time.Second)), caller, called)
	n := 2 * (*keep / 2)
	w.next(t, fmt.Sprintf("they have talked (%.1f %% lost)", r.lost()), n)
	w.sum(t, "a relayed call", before, n, callGoal)
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
	values := map[string]float64{}
	for one, v := range series(t, m) {
		name, _, _ := strings.Cut(one, "{")
		values[name] += v
	}
	return values
}
