package load

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"tandem/test/lab"
)

// Of the storm: each agent belongs to two queues.
const (
	agentsOfQueue = 10 // a queue has twice as many
	askersAtEach  = 24 // who ask one member at a time
	phonesOfStaff = 50 // one in so many has a phone: a password takes a while to be hashed
	phonePace     = 300
	stormWait     = 90 * time.Second // for what should take ten
)

// firstAgent is the first number of an account and its agent.
const firstAgent = 20000

// TestLogOnStorm has all agents of a large call centre log on at once at three members that have just started: how long
// the members take to start, and the agents until all are ready for all of their queues. It fails when somebody is
// missing, never because it took long.
func TestLogOnStorm(t *testing.T) {
	onDemand(t)
	agents := *staff
	g := startGroup(t, lab.ClusterOptions{})
	began := time.Now()
	employ(t, g, agents)
	filled := time.Since(began)
	g.written(t)
	for _, m := range g.members {
		m.Stop()
	}
	began = time.Now()
	for _, m := range g.members {
		m.Begin()
	}
	for i, m := range g.members {
		m.AwaitReady()
		g.servers[i].pid = m.PID()
	}
	ready := time.Since(began)
	s := logOn(t, g, agents)
	g.written(t)
	tb := table{title: fmt.Sprintf("%d agents of %d queues log on at three members", agents, agents/agentsOfQueue)}
	tb.add("filled s", "start s", "answered s", "ready s", "answer p50 ms", "p99 ms", "asked again", "members' CPU s", "ms each")
	tb.add(filled.Seconds(), ready.Seconds(), s.answered.Seconds(), s.ready.Seconds(), millis(quantile(s.took, 0.5)),
		millis(quantile(s.took, 0.99)), s.again, s.cpu.Seconds(), millis(s.cpu/time.Duration(agents)))
	tb.print()
}

// each has members asked for n things, many at a time, and says how long each took and how often they had to be asked
// again. A member that does not know yet who answers for a name says so, and is asked again.
func (g group) each(t *testing.T, n int, ask func(m *lab.Member, i int) error) (took []time.Duration, again int) {
	t.Helper()
	var mu sync.Mutex
	var work sync.WaitGroup
	askers := askersAtEach * len(g.members)
	deadline := time.Now().Add(stormWait)
	for first := range askers {
		work.Go(func() {
			for i := first; i < n; i += askers {
				began, tries := time.Now(), 0
				for err := ask(g.members[i%len(g.members)], i); err != nil; err = ask(g.members[i%len(g.members)], i) {
					if tries++; time.Now().After(deadline) {
						t.Errorf("%d: %v", i, err)
						return
					}
					time.Sleep(50 * time.Millisecond)
				}
				mu.Lock()
				took, again = append(took, time.Since(began)), again+tries
				mu.Unlock()
			}
		})
	}
	work.Wait()
	slices.Sort(took)
	return took, again
}

// written waits until nothing waits to be written: the last member that stops finds nobody who writes with it.
func (g group) written(t *testing.T) {
	t.Helper()
	lab.Wait(t, stormWait, "all is written", func() bool {
		sum := 0.0
		for _, m := range g.members {
			sum += m.Metric("tandem_store_later") + m.Metric("tandem_store_pending_facts")
		}
		return sum == 0
	})
}

// employ makes the queues, the agents with their accounts, and has their phones register.
func employ(t *testing.T, g group, agents int) {
	t.Helper()
	queues := agents / agentsOfQueue
	put := func(m *lab.Member, path string, definition map[string]any) error {
		return m.Ask(http.MethodPut, path, map[string]any{"definition": definition}, nil)
	}
	g.each(t, queues, func(m *lab.Member, i int) error { return put(m, fmt.Sprint("queues/q", i), map[string]any{}) })
	users := addAccounts(t, g.members[0], agents/phonesOfStaff)
	consoles := make(chan *lab.Console, askersAtEach)
	for i := range askersAtEach {
		consoles <- g.members[i%len(g.members)].Console()
	}
	g.each(t, agents-len(users), func(_ *lab.Member, i int) error {
		c := <-consoles
		defer func() { consoles <- c }()
		_, err := c.Do(fmt.Sprintf("CREATEACCOUNT %d {}", firstAgent+len(users)+i))
		return err
	})
	g.each(t, agents, func(m *lab.Member, i int) error {
		memberships := []map[string]any{{"queue": fmt.Sprint("q", i%queues)}, {"queue": fmt.Sprint("q", (i*7+1)%queues)}}
		if (i*7+1)%queues == i%queues {
			memberships = memberships[:1]
		}
		return put(m, fmt.Sprint("agents/", firstAgent+i), map[string]any{"memberships": memberships})
	})
	d := &desk{conn: dial(t, g.servers[0].at)}
	mustDo(t, d.run(&registering{users: users, contacts: 1}, len(users), phonePace), "registering")
}

// storm is what came of it.
type storm struct {
	answered, ready time.Duration
	took            []time.Duration // sorted
	again           int
	cpu             time.Duration // of all members
}

// logOn has all agents log on and waits until all of their queues know.
func logOn(t *testing.T, g group, agents int) (s storm) {
	t.Helper()
	var all, ready float64 // of each queue
	for i, queues := 0, agents/agentsOfQueue; i < agents; i++ {
		n := 2.0
		if (i*7+1)%queues == i%queues {
			n = 1
		}
		if all += n; i < agents/phonesOfStaff {
			ready += n
		}
	}
	before, began := g.servers.cpuTime(t), time.Now()
	s.took, s.again = g.each(t, agents, func(m *lab.Member, i int) error {
		return m.Ask(http.MethodPost, fmt.Sprintf("agents/%d/login", firstAgent+i), struct{}{}, nil)
	})
	s.answered = time.Since(began)
	lab.Wait(t, stormWait, "all queues know all of their agents", func() bool {
		var logged, free float64
		for _, m := range g.members {
			logged += m.Metric("tandem_queue_agents", `state="logged_on"`)
			free += m.Metric("tandem_queue_agents", `state="ready"`)
		}
		return logged == all && free == ready
	})
	s.ready = time.Since(began)
	s.cpu = g.servers.cpuTime(t) - before
	return s
}
