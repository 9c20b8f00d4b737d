package session

import (
	"time"

	"tandem/ximss/object"
)

// post is one HTTP POST with operations.
type post struct {
	seq       uint64
	ask       int // who waits for the answer; 0: nobody
	async     bool
	fetch     bool // what waits for a poll is wanted too
	open      int  // operations that are not answered, and one while they are read
	documents []string
	bytes     int // of what its operations have to say
	done      bool
}

// posts are the last POST of either kind, whose answer may have to be given again.
type posts struct {
	sync, async *post
	reading     bool // its operations are being begun: it is answered when they have been
}

// Post does the operations of a POST in order. One that was done already is answered as it was, and an earlier one than
// that with nothing: nobody waits for it.
func (s *Session) Post(ask int, seq uint64, requests []*object.XML, async, fetch bool, now time.Time) {
	s.Asked(now)
	last := &s.posts.sync
	if async {
		last = &s.posts.async
	}
	if p := *last; p != nil && seq != 0 && seq <= p.seq {
		s.repeated(p, ask, seq)
		return
	}
	p := &post{seq: seq, ask: ask, async: async, fetch: fetch, open: 1 + len(requests)}
	if seq != 0 {
		*last = p
	}
	if async {
		s.do(Posted{Ask: ask})
		p.ask = 0
	}
	s.posts.reading = true
	for _, x := range requests {
		s.run(&Operation{XML: x, session: s, post: p})
	}
	s.posts.reading = false
	s.finished(p, nil)
}

// repeated answers a POST that has come before.
func (s *Session) repeated(p *post, ask int, seq uint64) {
	if p.async || p.done || seq < p.seq {
		var documents []string
		if seq == p.seq {
			documents = p.documents
		}
		s.do(Posted{Ask: ask, Documents: documents})
		return
	}
	if p.ask != 0 {
		s.do(Posted{Ask: p.ask}) // its HTTP request was given up
	}
	p.ask = ask
}

// finished takes the answer to one operation of a POST.
func (s *Session) finished(p *post, said []string) {
	p.open--
	if p.async {
		if len(said) > 0 {
			s.tell(said...)
		}
		return
	}
	if p.documents = append(p.documents, said...); p.open == 0 {
		s.answerPost(p)
	}
}

func (s *Session) answerPost(p *post) {
	if p.done {
		return
	}
	if p.done = true; p.fetch && !s.line {
		waiting, lost := s.out.take()
		p.documents = append(append(p.documents, told(lost)...), waiting...)
	}
	if p.ask != 0 {
		s.do(Posted{Ask: p.ask, Documents: p.documents})
	}
	p.ask = 0
}

// settle answers what is still under way when the session ends, with what there is.
func (p *posts) settle(s *Session) {
	if p.sync != nil && !p.reading {
		s.answerPost(p.sync)
	}
}

// told are the words of a loss.
func told(lost bool) []string {
	if lost {
		return []string{"<overflow/>"}
	}
	return nil
}

// polls is the poll that waits, and the last batch until it is acknowledged.
type polls struct {
	ask   int // who waits; 0: nobody
	until time.Time
	seq   uint64 // of the last batch
	batch []string
}

// unheard is what no client is known to have.
func (p *polls) unheard() []string {
	b := p.batch
	p.batch = nil
	return b
}

// Poll waits for messages. The batch that the client has is forgotten; one that it has not is given again.
func (s *Session) Poll(ask int, acked uint64, most time.Duration, now time.Time) {
	s.Asked(now)
	s.answerPoll(Polled{})
	if acked == s.polls.seq {
		s.polls.batch = nil
	}
	s.polls.ask, s.polls.until = ask, now.Add(most)
	if s.polls.batch != nil {
		s.answerPoll(Polled{Seq: s.polls.seq, Documents: s.polls.batch})
		return
	}
	s.flush()
	if s.polls.ask != 0 {
		s.takeStats()
	}
	if most <= 0 || s.state == ended {
		s.answerPoll(Polled{})
	}
}

// Owes tells whether a client that polls, and has acknowledged a batch, is still to be told something. That outlives the
// session: the answer to bye comes to the poll after it.
func (s *Session) Owes(acked uint64) bool {
	return !s.out.empty() || s.polls.batch != nil && acked != s.polls.seq
}

// flush gives what waits to the poll that waits, as one batch.
func (s *Session) flush() {
	if s.polls.ask == 0 || s.out.empty() {
		return
	}
	waiting, lost := s.out.take()
	s.polls.seq++
	s.polls.batch = append(told(lost), waiting...)
	s.answerPoll(Polled{Seq: s.polls.seq, Documents: s.polls.batch})
}

func (s *Session) answerPoll(p Polled) {
	if s.polls.ask == 0 {
		return
	}
	p.Ask, s.polls.ask = s.polls.ask, 0
	s.do(p)
}

// Asked notes that the client asks over HTTP. One whose connection is lost may go on so.
func (s *Session) Asked(now time.Time) {
	s.now = now
	if s.state == ended {
		return
	}
	s.heard = now
	if s.state == detached {
		s.become(attached, "asks over HTTP")
	}
}
