package session

import (
	"time"

	"tandem/actors/session/phone"
	"tandem/signal"
	"tandem/ximss"
	"tandem/ximss/object"
)

// callFamily are the operations of the telephone: its binding, its calls, its messages (reference communigate.md 2.2
// to 2.4). Package phone does them.
var callFamily = family{rows: phoneRows(), ended: func(s *Session) {
	if s.phone != nil {
		s.phone.End(s.now)
		s.phoned()
	}
}}

func phoneRows() map[string]run {
	rows := map[string]run{}
	for _, word := range phone.Operations() {
		rows[word] = dial
	}
	return rows
}

// dial has the telephone do an operation.
func dial(s *Session, o *Operation) {
	p := s.telephone()
	if p == nil {
		o.fail(ximss.ErrUnavailable)
		return
	}
	p.Do(o.XML, reply{o}, s.now)
	s.phoned()
	s.boundBy(o)
}

// reply answers an operation for the telephone.
type reply struct{ operation *Operation }

func (r reply) Answer(x *object.XML)  { r.operation.answer(x) }
func (r reply) Done(err *ximss.Error) { r.operation.end(err) }

// telephone is the session's, made when it is needed first: most sessions have none. nil: there can be none.
func (s *Session) telephone() *phone.Phone {
	if s.phone == nil && s.Phone != nil {
		self, limits := s.Phone()
		self.AOR, self.Display = s.AOR, s.RealName
		if self.Agent = s.client.Version; s.client.Name != "" {
			self.Agent = s.client.Name
		}
		s.phone = phone.New(self, limits, s.log)
	}
	return s.phone
}

// phoned takes what the telephone wants done: what it says is for the client, the rest for the shell.
func (s *Session) phoned() {
	for _, e := range s.phone.Effects() {
		if say, ok := e.(phone.Say); ok {
			s.say(say.Message)
			continue
		}
		s.do(e)
	}
	s.deviceBound(s.phone.Bound())
	if n := s.phone.Calls(); n != s.calls {
		s.calls = n
		s.do(Publish{})
	}
}

// Requested takes a request of a leg's, or a message that a Signal brings.
func (s *Session) Requested(r *signal.Request, now time.Time) {
	if s.now = now; s.telephone() != nil {
		s.phone.Request(r, now)
		s.phoned()
	}
}

// Answered takes an answer to a request of the telephone's.
func (s *Session) Answered(r *signal.Response, now time.Time) {
	if s.now = now; s.phone != nil {
		s.phone.Response(r, now)
		s.phoned()
	}
}

// Cancelled: an INVITE of a leg's is not meant any more.
func (s *Session) Cancelled(request, reason string, now time.Time) {
	if s.now = now; s.phone != nil {
		s.phone.Cancelled(request, reason, now)
		s.phoned()
	}
}

// Fired takes a timer of the telephone's.
func (s *Session) Fired(t phone.Timer, now time.Time) {
	if s.now = now; s.phone != nil && s.state != ended {
		s.phone.Fired(t, now)
		s.phoned()
	}
}

// LegGone: a leg that was watched is no more. lost: with its member.
func (s *Session) LegGone(leg string, lost bool, now time.Time) {
	if s.now = now; s.phone != nil && s.state != ended {
		s.phone.Gone(leg, lost, now)
		s.phoned()
	}
}
