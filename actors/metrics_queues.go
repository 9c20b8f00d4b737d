package actors

import (
	"strings"
	"sync"
	"time"

	"tandem/actors/agent"
	"tandem/actors/msg"
	"tandem/web"
)

// tallyOfQueues counts what has happened in the queues whose owner this member is, since its start.
type tallyOfQueues struct {
	mu     sync.Mutex
	facts  map[string]uint64
	waited func(float64, ...string)
	talked func(float64, ...string)
}

// happened is told each fact.
func (t *tallyOfQueues) happened(f *msg.QueueFact) {
	t.mu.Lock()
	if t.facts == nil {
		t.facts = map[string]uint64{}
	}
	t.facts[strings.ToLower(f.What.String())]++
	t.mu.Unlock()
	switch f.What {
	case msg.QueueFact_JOINED:
		t.waited(seconds(f.Waited))
	case msg.QueueFact_COMPLETED_BY_AGENT, msg.QueueFact_COMPLETED_BY_CALLER, msg.QueueFact_BLIND_TRANSFERRED,
		msg.QueueFact_ATTENDED_TRANSFERRED:
		t.talked(seconds(f.Talked))
	}
}

func seconds(ms int64) float64 { return (time.Duration(ms) * time.Millisecond).Seconds() }

// queueMetrics are those of the queues and agents whose owner this member is. Labels are states and words, never names.
func (h *House) queueMetrics(m *web.Metrics) (err error) {
	t := &h.centre.tally
	if t.waited, err = m.Histogram("queue_wait_seconds", "From a caller's entry to its conversation.", setupBuckets); err != nil {
		return err
	}
	if t.talked, err = m.Histogram("queue_talk_seconds", "Conversations of callers with agents.", durationBuckets); err != nil {
		return err
	}
	return m.Add(func(emit web.Emit) {
		rows := h.queues.Rows()
		waiting, back, agents, ready := 0, 0, 0, 0
		for _, r := range rows {
			waiting, back, agents, ready = waiting+r.Waiting-r.Callbacks, back+r.Callbacks, agents+r.Agents, ready+r.Ready
		}
		emit("queues", float64(len(rows)))
		emit("queue_callers", float64(waiting), "waiting")
		emit("queue_callers", float64(back), "callback")
		emit("queue_agents", float64(agents), "logged_on")
		emit("queue_agents", float64(ready), "ready")
		states := h.agents.States()
		for s := agent.LoggedOut; s <= agent.Paused; s++ {
			emit("agents", float64(states[s]), s.String())
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		for what, n := range t.facts {
			emit("queue_facts_total", float64(n), what)
		}
	},
		gauge("queues", "Queues that live here."),
		gauge("queue_callers", "Callers in line in the queues that live here.", "state"),
		gauge("queue_agents", "Agents of the queues that live here, once for each queue.", "state"),
		gauge("agents", "Agents who live here.", "state"),
		counter("queue_facts_total", "What has happened in the queues that live here.", "what"),
	)
}
