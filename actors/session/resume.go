package session

import (
	"slices"
	"time"

	"tandem/ximss"
	"tandem/ximss/object"
)

// Greet says the first words to the connection of a login: the data message, then the response.
func (s *Session) Greet(request string, now time.Time) {
	s.now = now
	s.greet(request, s.Greeting())
}

func (s *Session) greet(request string, x *object.XML) {
	x.SetAttribute("id", "", request)
	s.say(x)
	s.say(ximss.Response(request, nil))
}

// Attach gives the session to another connection, whose client has proved that it may. What it had is told goodbye and
// closed; what was waiting is said.
func (s *Session) Attach(request string, c Client, now time.Time) {
	if s.now = now; s.state == ended {
		return
	}
	s.answerPoll(Polled{})
	if s.line {
		s.do(Say{Documents: []string{"<bye/>"}, Close: true, Reason: "taken over"})
	}
	c.Name = s.client.Name
	s.client, s.line, s.heard = c, true, now
	s.do(Turn{})
	s.do(Publish{})
	s.become(attached, "resumed")
	waiting, lost := s.out.take()
	s.forgot = lost
	if !lost {
		waiting = append(s.polls.unheard(), waiting...)
	}
	x := s.Greeting()
	x.SetAttribute("resumed", "", "1")
	if lost {
		x.SetAttribute("overflow", "", "1")
	}
	s.greet(request, x)
	if len(waiting) > 0 {
		s.tell(waiting...)
	}
	for _, f := range families {
		if f.resumed != nil {
			f.resumed(s)
		}
	}
}

// Leave: the connection is lost. It is closed on our side too, which is the last that it hears.
func (s *Session) Leave(reason string, now time.Time) {
	if s.now = now; !s.line {
		return
	}
	s.do(Say{Close: true, Reason: reason})
	s.line, s.heard, s.returned = false, now, 0
	s.become(detached, reason)
}

// Unsaid takes back what the connection that was lost last could not say any more. It comes in order, and was said
// before all that waits now.
func (s *Session) Unsaid(documents []string, now time.Time) {
	if s.now = now; s.state == ended || s.line {
		return
	}
	waiting, lost := s.out.take()
	n := min(s.returned, len(waiting))
	s.returned = n + len(documents)
	if lost || !s.out.put(slices.Concat(waiting[:n], documents, waiting[n:]), s.limits) {
		s.out = outbox{overflow: true}
	}
	s.flush()
}
