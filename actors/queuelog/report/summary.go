package report

// Summary makes figures of stints, sessions, pauses and attempts. It is a Sink.
type Summary struct {
	ask      Ask
	queues   map[string]*tally
	agents   map[string]*worker
	answered map[partQueue]int64
}

type partQueue struct{ partition, queue string }

// tally counts the stints of a queue.
type tally struct {
	offered, answered, lost, waiting, talking int64
	waitAnswered, maxWait, waitLost           int64
	answeredWithin, lostWithin, talks, talk   int64
	causes, outbound                          map[string]int64
}

// worker is what an agent has done.
type worker struct {
	callsIn, talkIn, callsOut, talkOut int64
	sessions                           []Interval
	pauses                             map[string][]Interval
	attempts                           [overAtOnce + 1][2]int64 // how many of a kind, and of how long in all
}

// overAtOnce is the kind of those in vain that were over at once, which are counted as such too.
const overAtOnce = Dumped + 1

// NewSummary begins one.
func NewSummary(a Ask) *Summary {
	return &Summary{ask: a, queues: map[string]*tally{}, agents: map[string]*worker{}, answered: map[partQueue]int64{}}
}

func newTally() *tally { return &tally{causes: map[string]int64{}, outbound: map[string]int64{}} }

// Stint implements Sink.
func (s *Summary) Stint(c *Stint) {
	if !s.ask.Takes(c) {
		return
	}
	s.queue(c.Queue).add(c, s.ask.Within)
	if c.State == Talking || c.State == Answered {
		s.took(c)
	}
}

// queue is the tally of a queue.
func (s *Summary) queue(name string) *tally {
	q := s.queues[name]
	if q == nil {
		q = newTally()
		s.queues[name] = q
	}
	return q
}

// took counts an answered call for its agent and server.
func (s *Summary) took(c *Stint) {
	w := s.worker(c.Agent)
	talk := max(c.Talk, 0)
	if c.Outbound {
		w.callsOut++
		w.talkOut += talk
		return
	}
	w.callsIn++
	w.talkIn += talk
	s.answered[partQueue{c.Partition, c.Queue}]++
}

func (q *tally) add(c *Stint, within int64) {
	if c.Outbound {
		switch c.State {
		case Answered, Talking:
			q.outbound["answered"]++
		case Lost:
			q.outbound["lost"]++
		}
		return
	}
	switch c.State {
	case Waiting:
		q.waiting++
		return
	case Lost:
		q.lost++
		q.waitLost += max(c.Wait, 0)
		q.lostWithin += one(c.Wait <= within)
	default:
		q.answered++
		q.waitAnswered += max(c.Wait, 0)
		q.maxWait = max(q.maxWait, c.Wait)
		q.answeredWithin += one(c.Wait <= within)
		q.talking += one(c.State == Talking)
	}
	q.offered++
	if c.Cause != "" {
		q.causes[c.Cause]++
	}
	if c.State == Answered && c.Talk != Unknown {
		q.talks++
		q.talk += c.Talk
	}
}

func one(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

func (s *Summary) worker(name string) *worker {
	w := s.agents[name]
	if w == nil {
		w = &worker{pauses: map[string][]Interval{}}
		s.agents[name] = w
	}
	return w
}

// Session implements Sink.
func (s *Summary) Session(c *Session) {
	if i, ok := s.ask.Clip(c.Start, c.End); ok && among(c.Agent, s.ask.Agents) {
		w := s.worker(c.Agent)
		w.sessions = append(w.sessions, i)
	}
}

// Pause implements Sink.
func (s *Summary) Pause(c *Pause) {
	if i, ok := s.ask.Clip(c.Start, c.End); ok && among(c.Agent, s.ask.Agents) {
		w := s.worker(c.Agent)
		w.pauses[c.Queue] = append(w.pauses[c.Queue], i)
	}
}

// Attempt implements Sink. One that was over at once counts as lost and by itself: he could not be rung.
func (s *Summary) Attempt(c Attempt) {
	if !s.ask.TakesAttempt(c) {
		return
	}
	amount := c.Milliseconds
	if c.Kind == Taken {
		amount /= 1000
	}
	w := s.worker(c.Agent)
	w.attempted(c.Kind, 1, amount)
	if c.Kind == RungInVain && c.Milliseconds == 0 {
		w.attempted(overAtOnce, 1, 0)
	}
}

func (w *worker) attempted(kind AttemptKind, times, amount int64) {
	w.attempts[kind][0] += times
	w.attempts[kind][1] += amount
}
