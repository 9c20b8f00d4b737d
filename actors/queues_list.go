package actors

import (
	"time"

	"tandem/actors/agent"
	"tandem/actors/desk"
	"tandem/actors/queue"
	"tandem/web"
)

// What others see of queues and agents: pages, commands, programs.

func (h *House) deskQueues() desk.Queues {
	return desk.Queues{Ledger: h.ledger, Rows: h.queueRows, Agents: h.deskAgents(), Journal: h.store.Journal(), Member: h.member}
}

func (h *House) deskAgents() desk.Agents {
	return desk.Agents{Ledger: h.ledger, Rows: h.agentRows, Journal: h.store.Journal(), Member: h.member}
}

// queueRows are the living queues whose owner this member is, by name.
func (h *House) queueRows() []desk.QueueRow {
	rows := h.queues.Rows()
	now, out := time.Now(), make([]desk.QueueRow, len(rows))
	for i, r := range rows {
		out[i] = desk.QueueRow{Epoch: r.Epoch, Queue: queueRow(r, now)}
		out[i].Member = h.member.Name()
	}
	return out
}

// queueRow is a queue as it stands now. Its owner writes the row when something changes, and the wait has gone on since.
func queueRow(r *queue.Row, now time.Time) web.Queue {
	c, longest := r.Counters, r.Longest
	if r.Waiting > 0 {
		longest += max(0, now.Sub(r.At))
	}
	return web.Queue{Name: r.Name, Waiting: r.Waiting, Callbacks: r.Callbacks, Longest: web.InSeconds(longest),
		Answered: c.Answered, InTime: c.AnsweredInTime, Completed: c.Completed, Abandoned: c.Abandoned,
		LostInTime: c.AbandonedInTime, Refused: c.Refused, Hold: web.InSeconds(c.Hold), Talk: web.InSeconds(c.Talk),
		Gathering: r.Gathering, At: now}
}

// agentRows are the living agents whose owner this member is, by name.
func (h *House) agentRows() []desk.AgentRow {
	rows := h.agents.Rows()
	out := make([]desk.AgentRow, len(rows))
	for i, r := range rows {
		out[i] = desk.AgentRow{Epoch: r.Epoch, Agent: agentRow(r)}
		out[i].Member = h.member.Name()
	}
	return out
}

func agentRow(r *agent.Row) web.Agent {
	v := r.View
	a := web.Agent{Name: r.Name, State: v.State.String(), Since: v.Since, Reachable: v.Reachable, Reason: v.Reason,
		Next: v.Next.String(), Queue: v.Queue, Caller: v.Caller, Number: v.Number, CallerName: v.Name, CallerSince: v.CallerSince,
		WrapUpUntil: v.WrapUpUntil, Devices: append([]string{}, r.Devices...), Outside: v.Outside, Queues: []web.AgentQueue{}}
	if r.Record.LoggedOn {
		a.LoggedOn = r.Record.Since
	}
	d := r.Record.Day
	a.Day = web.AgentDay{Calls: d.Calls, Worked: web.InSeconds(d.Worked), Talk: web.InSeconds(d.Talk), WrapUp: web.InSeconds(d.WrapUp),
		Paused: web.InSeconds(d.Paused)}
	for _, m := range r.Record.Queues {
		a.Queues = append(a.Queues, web.AgentQueue{Queue: m.Queue, Penalty: m.Penalty, Level: m.Level, Position: m.Position,
			RingInUse: m.RingInUse, Dynamic: m.Dynamic, Paused: m.Paused, Reason: m.Reason, Calls: m.Calls, LastCall: m.LastCall})
	}
	return a
}
