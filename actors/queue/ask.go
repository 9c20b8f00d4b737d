package queue

// What the shell asks of the machine, beside events.

// newer tells whether the queue would hear a standing: it is not older than what is known of that agent.
func (q *Queue) newer(s Standing) bool {
	a := q.agents[s.Agent]
	return a == nil || s.Epoch > a.stands.Epoch || s.Epoch == a.stands.Epoch && s.Turn >= a.stands.Turn
}

// epochOf is the epoch under which an agent stands; 0: he does not.
func (q *Queue) epochOf(name AgentName) uint64 {
	if a := q.agents[name]; a != nil {
		return a.stands.Epoch
	}
	return 0
}

// minds tells whether it matters to callers that nobody is there.
func (q *Queue) minds() bool { return q.settings.JoinEmpty != 0 || q.settings.LeaveEmpty != 0 }

// dialling is the offer for which a caller is called back at the moment.
func (q *Queue) dialling(id CallerID) (OfferID, bool) {
	c := q.callers[id]
	if c == nil || c.state != dialling || len(c.offers) == 0 {
		return OfferID{}, false
	}
	return c.offers[0].id, true
}

// arrival is a caller that is called back, as its new Task announces it, with the agent who is held for it.
func (q *Queue) arrival(id CallerID) (a Arrival, agent AgentName) {
	c := q.callers[id]
	if c == nil || c.callback == nil {
		return Arrival{Join: Join{Caller: id}}, ""
	}
	a = c.record()
	for _, o := range c.offers {
		a.Offers, agent = append(a.Offers, Held{o.id, o.name, o.stage, o.at}), o.name
	}
	return a, agent
}
