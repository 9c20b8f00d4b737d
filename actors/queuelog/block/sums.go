package block

import "tandem/actors/queuelog/report"

// spread are the sum and the extremes of some numbers.
type spread struct{ n, sum, least, most int64 }

func (s *spread) add(x int64) {
	if s.n == 0 || x < s.least {
		s.least = x
	}
	if s.n == 0 || x > s.most {
		s.most = x
	}
	s.n++
	s.sum += x
}

func (s *spread) average() Cell { return average(s.sum, s.n) }
func (s *spread) min() Cell     { return told(Seconds, s.least, s.n > 0) }
func (s *spread) max() Cell     { return told(Seconds, s.most, s.n > 0) }
func (s *spread) total() Cell   { return seconds(s.sum) }

// sums are what some calls come to. Lengths of calls that a restart has cut are not known and left out.
type sums struct {
	calls, answered, lost, ongoing, cut int64
	waited, waitedLost, ring, talk      spread
	whole                               spread // wait and talk together, of answered ones
	attempts, attemptsLost              spread // of answered calls, of lost ones
	position, positionLost, exit        spread
	inTime, lostInTime                  int64
	effective                           int64
	outAnswered, outLost                int64
	held, heldTime                      int64 // calls on hold, seconds
	holds                               int64
	queueing                            spread // from the first choice in a menu to the queue
	sales, contacts, qualified, coded   int64
}

// add counts a call. Calls to the outside are counted by themselves where both directions come.
func (s *sums) add(r *run, c *call) {
	s.calls++
	if c.State == report.Lost {
		s.addLost(r, c)
	} else if c.answered() {
		s.addAnswered(r, c)
	}
	if c.said != nil {
		s.addSaid(r, c)
	}
}

func (s *sums) addLost(r *run, c *call) {
	s.lost++
	if c.Outbound {
		s.outLost++
	}
	wait := max(c.Wait, 0)
	s.waitedLost.add(wait)
	if wait <= r.ask.Within {
		s.lostInTime++
	}
	s.attemptsLost.add(c.Attempts)
	if c.Position > 0 {
		s.positionLost.add(c.Position)
	}
	if c.Last > 0 {
		s.exit.add(c.Last)
	}
}

func (s *sums) addAnswered(r *run, c *call) {
	s.answered++
	if c.Outbound {
		s.outAnswered++
	}
	wait := max(c.Wait, 0)
	s.waited.add(wait)
	if wait <= r.ask.Within {
		s.inTime++
	}
	if c.Ring != report.Unknown {
		s.ring.add(c.Ring)
	}
	s.attempts.add(c.Attempts)
	if c.Position > 0 {
		s.position.add(c.Position)
	}
	switch {
	case c.State == report.Talking:
		s.ongoing++
	case c.Talk == report.Unknown:
		s.cut++
	default:
		s.talk.add(c.Talk)
		s.whole.add(c.Talk + wait)
		if c.Talk >= r.ask.Effective {
			s.effective++
		}
	}
}

func (s *sums) addSaid(r *run, c *call) {
	if c.said.holds > 0 {
		s.held++
		s.holds += c.said.holds
		s.heldTime += c.said.held
	}
	if c.said.first != 0 && c.Enter >= c.said.first {
		s.queueing.add(c.Enter - c.said.first)
	}
	code := c.outcome()
	if code != "" {
		s.coded++
	}
	for _, kind := range r.kinds(code) {
		switch kind {
		case "sale":
			s.sales++
		case "contact":
			s.contacts++
		case "qualified":
			s.qualified++
		}
	}
}
