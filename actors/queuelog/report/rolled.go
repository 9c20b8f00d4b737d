package report

// RollUse says what a Summary takes of a Roll.
type RollUse struct {
	Partition string
	Source    Source
	CallsOnly bool // no sessions and pauses
	Stints    bool // all of them; they touch the time that is asked for, and are whole where that is asked for
}

// Packed adds a packed Roll to a Summary: sessions, pauses and attempts as far as they are asked for. The error is ErrRoll;
// the Summary is of no use then.
func (s *Summary) Packed(text []byte, use RollUse) error {
	return unpack(text, &rolled{sum: s, use: use})
}

// rolled is a Roll that goes into a Summary.
type rolled struct {
	sum    *Summary
	use    RollUse
	coarse bool
}

func (r *rolled) begin(coarse bool) { r.coarse = coarse }

func (r *rolled) agent(name string) string { return r.use.Source.Agent(r.use.Partition, name) }

func (r *rolled) cell(queue, agent string, c *cell) {
	agent = r.agent(agent)
	if !among(queue, r.sum.ask.Queues) || !among(agent, r.sum.ask.Agents) {
		return
	}
	if r.use.Stints {
		r.sum.cell(c, queue, agent, r.use.Partition)
	}
	if r.coarse && agent != "" {
		r.sum.tries(c, agent)
	}
}

func (r *rolled) attempt(a Attempt) {
	a.Agent = r.agent(a.Agent)
	r.sum.Attempt(a)
}

func (r *rolled) session(agent string, all []Interval) {
	if r.use.CallsOnly {
		return
	}
	agent = r.agent(agent)
	for _, i := range all {
		r.sum.Session(&Session{Agent: agent, Start: i.Start, End: i.End})
	}
}

func (r *rolled) pause(queue, agent string, all []Interval) {
	if r.use.CallsOnly {
		return
	}
	agent = r.agent(agent)
	for _, i := range all {
		r.sum.Pause(&Pause{Agent: agent, Queue: queue, Start: i.Start, End: i.End})
	}
}

// cell adds the stints of a cell.
func (s *Summary) cell(c *cell, queue, agent, partition string) {
	if len(c.ends) == 0 {
		return
	}
	s.queue(queue).cell(c, s.ask.Within)
	in, out := c.answers()
	if in+out == 0 {
		return
	}
	w := s.worker(agent)
	w.callsIn += in
	w.talkIn += c.talk
	w.callsOut += out
	w.talkOut += c.talkOut
	if in > 0 {
		s.answered[partQueue{partition, queue}] += in
	}
}

// answers counts answered calls that came in, and those to the outside.
func (c *cell) answers() (in, out int64) {
	for _, e := range c.ends {
		switch {
		case e.state != Answered:
		case e.outbound:
			out += e.n
		default:
			in += e.n
		}
	}
	return in, out
}

func (q *tally) cell(c *cell, within int64) {
	for _, e := range c.ends {
		switch {
		case e.outbound && e.state == Answered:
			q.outbound["answered"] += e.n
		case e.outbound:
			q.outbound["lost"] += e.n
		case e.cause != "":
			q.causes[e.cause] += e.n
		}
	}
	for _, w := range c.answered {
		q.answered += w.n
		q.offered += w.n
		q.waitAnswered += w.n * w.seconds
		q.maxWait = max(q.maxWait, w.seconds)
		q.answeredWithin += w.n * one(w.seconds <= within)
	}
	for _, w := range c.lost {
		q.lost += w.n
		q.offered += w.n
		q.waitLost += w.n * w.seconds
		q.lostWithin += w.n * one(w.seconds <= within)
	}
	q.talks += c.talks
	q.talk += c.talk
}

// tries adds the attempts of a cell.
func (s *Summary) tries(c *cell, agent string) {
	for kind, n := range c.tries {
		if n[0] == 0 {
			continue
		}
		if AttemptKind(kind) == Taken {
			n[1] /= 1000
		}
		s.worker(agent).attempted(AttemptKind(kind), n[0], n[1])
	}
	if c.zero > 0 {
		s.worker(agent).attempted(overAtOnce, c.zero, 0)
	}
}
