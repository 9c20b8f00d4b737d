package live

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/actors/queuelog/report"
	"tandem/web"
)

// theEnd is behind the last thing that happened in the run.
const theEnd = 1795305400_000

// same compares a view with the figures of the report for the same instant.
func same(t *testing.T, v web.LiveView, f report.Figures) {
	t.Helper()
	if got, want := v.All, counts(f.All); got != want {
		t.Errorf("all: %+v, the report has %+v", got, want)
	}
	for name, want := range f.Queues {
		i := slices.IndexFunc(v.Queues, func(q web.LiveQueue) bool { return q.Name == name })
		if i < 0 {
			t.Errorf("no queue %s", name)
			continue
		}
		q := v.Queues[i]
		if q.Counts != counts(want) || int64(q.Waiting) != want.Waiting || int64(q.Talking) != want.Talking {
			t.Errorf("%s: %+v, the report has %+v, %d waiting, %d talking", name, q, counts(want), want.Waiting, want.Talking)
		}
	}
}

func TestTheEndOfTheRunIsWhatTheReportSays(t *testing.T) {
	for _, source := range []string{"cluster:A|B|C", "cluster:C|B|A", "sql:B", "cluster:A|B-|C-"} {
		for _, manager := range []bool{false, true} {
			v := viewOf(t, source, theEnd, play(t, "A", manager), play(t, "B", manager), play(t, "C", manager))
			want := expected(t, source)
			if want.Spec == "" {
				want = expected(t, "cluster:A|B|C")
			}
			same(t, v, want)
		}
	}
}

// At every second in which nothing has happened for a while the manager interface and the log say the same of calls.
func TestLogAndManagerInterfaceAgree(t *testing.T) {
	for _, name := range []string{"A", "B", "C"} {
		logged, both := play(t, name, false), play(t, name, true)
		compared := 0
		for at := int64(1795305016_500); at < theEnd; at += 500 {
			a, b := viewOf(t, "sql:"+name, at, logged), viewOf(t, "sql:"+name, at, both)
			if !calm(both, at) {
				continue
			}
			compared++
			if x, y := stays(a), stays(b); x != y {
				t.Errorf("%s at %d: the log has %s, both have %s", name, at, x, y)
			}
		}
		if compared < 30 {
			t.Errorf("%s: only %d moments compared", name, compared)
		}
	}
}

// calm: nothing happens within two seconds before and after a moment.
func calm(m *moving, at int64) bool {
	return at-int64(m.fold.Read().Last)*1000 > 2000 && (len(m.events) == 0 || m.events[0].ms-at > 1000)
}

func stays(v web.LiveView) string {
	var all []string
	for _, c := range v.Calls {
		all = append(all, fmt.Sprintf("%s/%s/%s/%s/%t", c.ID, c.Queue, c.State, c.Agent, c.Outbound))
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// B is killed and started again: the second before and the second after, nothing else is different at A and C.
func TestARestartTouchesNoOtherServer(t *testing.T) {
	const restart = 1795305202_000
	look := func(source string, at int64) web.LiveView {
		return viewOf(t, source, at, play(t, "A", true), play(t, "B", true), play(t, "C", true))
	}
	of := func(v web.LiveView, server string) (calls []web.LiveCall) {
		for _, c := range v.Calls {
			if c.Server == server {
				calls = append(calls, c)
			}
		}
		return calls
	}
	all := look("cluster:A|B|C", restart+900)
	for _, name := range []string{"A", "C"} {
		alone := look("sql:"+name, restart+900)
		if got, want := of(all, name), of(alone, name); len(want) == 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s with B: %v, alone: %v", name, got, want)
		}
	}
	if before, after := of(look("cluster:A|B|C", restart-1), "B"), of(all, "B"); len(before) == 0 || len(after) != 0 {
		t.Errorf("B has %v before and %v after it was started again", before, after)
	}
	agents := func(v web.LiveView) (names []string) {
		for _, a := range v.Agents {
			for _, s := range a.Seats {
				if s.Server != "B" {
					names = append(names, s.Server+" "+a.Name+" "+s.State)
				}
			}
		}
		return names
	}
	if x, y := agents(look("cluster:A|C", restart+900)), agents(all); !slices.Equal(x, y) {
		t.Errorf("agents of A and C: %v, with B %v", x, y)
	}
}

// Who supervises one queue sees of it what everybody sees, and nothing of another one: no call, no count, no agent who does
// not serve it. An agent who talks elsewhere is busy.
func TestWhoSupervisesOneQueueSeesItAlone(t *testing.T) {
	for _, manager := range []bool{true, false} {
		t.Run(fmt.Sprint("manager ", manager), func(t *testing.T) { seesOneQueueAlone(t, manager) })
	}
}

func seesOneQueueAlone(t *testing.T, manager bool) {
	const source, busyMoment = "cluster:A|B|C", 1795305150_000
	servers := func() []*moving {
		return []*moving{play(t, "A", manager), play(t, "B", manager), play(t, "C", manager)}
	}
	all := viewOf(t, source, busyMoment, servers()...)
	one := viewFor(t, func(queue string) bool { return queue == "sales" }, source, busyMoment, servers()...)
	i := slices.IndexFunc(all.Queues, func(q web.LiveQueue) bool { return q.Name == "sales" })
	if len(one.Queues) != 1 || !reflect.DeepEqual(one.Queues[0], all.Queues[i]) {
		t.Errorf("he sees %+v, all see %+v", one.Queues, all.Queues[i])
	}
	if one.All != all.Queues[i].Counts || len(all.Queues) < 2 {
		t.Errorf("all of his: %+v, of the queue: %+v", one.All, all.Queues[i].Counts)
	}
	if len(one.Calls) == 0 || len(one.Calls) == len(all.Calls) || slices.ContainsFunc(one.Calls, func(c web.LiveCall) bool { return c.Queue != "sales" }) {
		t.Errorf("calls: %+v", one.Calls)
	}
	elsewhere := map[string]bool{} // agent and server: he talks in another queue
	for _, a := range all.Agents {
		for _, seat := range a.Seats {
			elsewhere[a.Name+" "+seat.Server] = seat.On != "" && seat.On != "sales"
		}
	}
	busy := 0
	for _, a := range one.Agents {
		for _, seat := range a.Seats {
			if elsewhere[a.Name+" "+seat.Server] {
				busy++
				if seat.State != "busy" {
					t.Errorf("%s talks in another queue: %+v", a.Name, seat)
				}
			}
			if seat.On != "" && seat.On != "sales" || slices.ContainsFunc(seat.Queues, func(q string) bool { return q != "sales" }) || seat.State == "talking" && seat.On == "" {
				t.Errorf("%s: %+v", a.Name, seat)
			}
		}
	}
	if len(one.Agents) == 0 || busy == 0 {
		t.Errorf("he sees %d agents, %d who talk elsewhere", len(one.Agents), busy)
	}
	if none := viewFor(t, func(string) bool { return false }, source, busyMoment, servers()...); len(none.Queues)+len(none.Calls)+len(none.Agents) != 0 || none.All.Offered != 0 {
		t.Errorf("who supervises none sees %+v", none)
	}
}

// Each block of what goes on now has as many cells in a row as it has heads, and calls stand where others expect them.
func TestBlocksOfWhatGoesOnNow(t *testing.T) {
	v := viewOf(t, "cluster:A|B|C", 1795305199_500, play(t, "A", true), play(t, "B", true), play(t, "C", true))
	var names []string
	for _, b := range Blocks {
		names = append(names, b.Name)
	}
	tables, unknown := Tables(v, time.UTC, names)
	if unknown != "" {
		t.Fatal(unknown)
	}
	for _, b := range tables {
		if len(b.Rows) == 0 {
			t.Errorf("%s has no rows", b.Name)
		}
		for _, row := range b.Rows {
			if len(row) != len(b.Columns) {
				t.Errorf("%s: %d cells below %d heads", b.Name, len(row), len(b.Columns))
			}
		}
	}
	raw := tables[len(tables)-1].Rows[0]
	if c := v.Calls[0]; raw[0].Text != c.Queue || raw[1].Text != c.ID || int64(raw[2].Value) != c.Enter || raw[5].Text != c.Agent || raw[6].Text != c.Number {
		t.Errorf("%v is the row of %+v", raw, c)
	}
	if _, unknown := Tables(v, time.UTC, []string{"RealtimeDO.Nothing"}); unknown != "RealtimeDO.Nothing" {
		t.Error(unknown)
	}
}
