package load

import (
	"cmp"
	"fmt"
	"testing"
	"time"
)

// Paces, operations a second. At a low one each datagram wakes somebody who sleeps, which costs the answerer half as much
// again and a member twice as much: what is compared goes at the same pace.
const (
	lowPace, fairPace = 300, 900
	registerPace      = lowPace
)

// affordable is how often one account registers in the whole program: a member lets an account change
// its registrations 60 times in a minute.
const affordable = 50

// warmUp is how many operations go before those that are measured.
const warmUp = 20

// tolerated is the part of operations that may fail before the figures say nothing.
const tolerated = 0.01

// workload is one row of the table: operations of one script at one server.
type workload struct {
	name   string
	server server
	desk   *desk
	script script
	pace   float64
	floor  *workload // what it is compared with; nil: with itself

	outcomes []outcome
	spent    []spent
}

// TestCycle measures what a call from INVITE to BYE costs the member's processor, and a REGISTER.
func TestCycle(t *testing.T) {
	onDemand(t)
	floor := startFloor(t, "answerer")
	m, member := startMember(t)
	registrations := registerPace*(*seconds)*float64(*rounds) + warmUp
	users := addAccounts(t, m, 1+int(registrations/affordable))
	sink := openPhones(t)
	answering(t, member, demo(1, 1)[0], sink.port, nil)

	answers := func(pace float64) *workload {
		return &workload{name: "byte-level answerer", server: floor, pace: pace,
			script: &calling{as: &demo(0, 1)[0], numbers: []string{"9196"}, media: sink.port}}
	}
	low, fair := answers(lowPace), answers(fairPace)
	echo := func(beside *workload) *workload {
		return &workload{name: "member, 9196 (echo)", server: member, pace: beside.pace, floor: beside,
			script: &calling{as: &identity{user: "guest"}, numbers: []string{"9196"}, media: sink.port}}
	}
	loads := []*workload{low, echo(low), fair, echo(fair),
		{name: "member, 1000 calls 1001", server: member, pace: lowPace, floor: low,
			script: &calling{as: &demo(0, 1)[0], numbers: []string{"1001"}, media: sink.port}},
		{name: "member, REGISTER with digest", server: member, pace: registerPace, floor: low,
			script: &registering{users: users, contacts: 1}},
	}
	for range *rounds {
		for _, l := range loads {
			l.round(t)
		}
	}
	idle := member.spend(t, func() { time.Sleep(time.Second - settle) })
	printCycles(loads, idle.cpu)
}

// round runs a workload once.
func (l *workload) round(t *testing.T) {
	t.Helper()
	if l.desk == nil {
		l.desk = &desk{conn: dial(t, l.server.at)}
		l.desk.run(l.script, warmUp, 100) // learns the challenge, too
	}
	n := int(l.pace * *seconds)
	var o outcome
	took := l.server.spend(t, func() { o = l.desk.run(l.script, n, l.pace) })
	if float64(o.failures()) > tolerated*float64(n) {
		t.Errorf("%s: %d of %d failed, by status (0: no answer): %v", l.name, o.failures(), n, o.failed)
	}
	l.outcomes = append(l.outcomes, o)
	l.spent = append(l.spent, took)
}

// cost is the processor time of the server for each operation, the median of the rounds.
func (l *workload) cost() time.Duration {
	var each []time.Duration
	for i, o := range l.outcomes {
		each = append(each, l.spent[i].cpu/time.Duration(max(o.done, 1)))
	}
	return median(each)
}

func others(s spent) float64 { return s.others }

func printCycles(loads []*workload, idle time.Duration) {
	tb := table{title: fmt.Sprintf("INVITE to BYE, and REGISTER: medians of %d rounds of %v s; "+
		"an idle member takes %v in a second", *rounds, *seconds, idle.Round(10*time.Microsecond))}
	tb.add("operation", "per s", "done", "failed", "repeated", "p50 ms", "p99 ms",
		"others % of core", "µs CPU each", "ratio", "")
	for _, l := range loads {
		base := cmp.Or(l.floor, l).cost()
		var done, failed, repeated int
		for _, o := range l.outcomes {
			done, failed, repeated = done+o.done, failed+o.failures(), repeated+o.repeated
		}
		took := func(part float64) float64 {
			return median(each(l.outcomes, func(o outcome) float64 {
				return quantile(o.took, part).Seconds() * 1000
			}))
		}
		foreign := median(each(l.spent, others))
		tb.add(l.name, fmt.Sprint(l.pace), done, failed, repeated, took(0.5), took(0.99),
			foreign, l.cost(), ratio(l.cost(), base), doubt(foreign))
	}
	tb.print()
}
