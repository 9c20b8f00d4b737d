package txn

// server is a server transaction's machine (RFC 3261 sections 17.2.1 and 17.2.2, RFC 6026).
type server struct {
	clock
	state    State
	invite   bool
	reliable bool // the transport repeats by itself
}

// newServer begins a transaction with the request's arrival.
func newServer(t Times, now Tick, invite, reliable bool) server {
	s := server{state: Trying, invite: invite, reliable: reliable}
	if invite {
		s.state = Proceeding
		s.endAt, s.repeatAt = now+patience, now+tryingAfter
	} else {
		// When the client gave up at its timer F, an answer helps nobody.
		s.endAt = now + t.long()
	}
	return s
}

// repeated: the request came again.
func (s *server) repeated() Action {
	if s.state == Proceeding && s.repeatAt != 0 {
		return s.try()
	}
	if s.state == Proceeding || s.state == Completed {
		return Repeat
	}
	return 0 // Trying: nothing to say yet. Accepted: absorbed, the 2xx is repeated by the dialog
}

// try: an INVITE has no response yet, and its sender is to stop repeating it.
func (s *server) try() Action {
	s.repeatAt = 0
	return Try | Send | Keep
}

// respond: the user answers.
func (s *server) respond(t Times, now Tick, status int) Action {
	switch s.state {
	case Trying, Proceeding:
		if status < 200 {
			s.state = Proceeding
			if s.invite {
				s.endAt, s.repeatAt = now+patience, 0
			}
			return Send | Keep
		}
		return s.finish(t, now, status)
	case Accepted:
		if status >= 200 && status < 300 {
			return Repeat
		}
	}
	return 0 // there was a final response already
}

// finish enters the state after a final response and starts timers L, or H and G, or J.
func (s *server) finish(t Times, now Tick, status int) Action {
	s.endAt, s.repeatAt = now+t.long(), 0
	switch {
	case s.invite && status < 300:
		s.state = Accepted
	case s.invite:
		s.state = Completed
		if !s.reliable {
			s.repeatFrom(now, t.T1)
		}
	case s.reliable:
		s.state = Ended
		return Send | End
	default:
		s.state = Completed
	}
	return Send | Keep
}

// acked: an ACK came that belongs to this INVITE transaction. The one for a 2xx is the dialog's.
func (s *server) acked(t Times, now Tick) Action {
	switch s.state {
	case Accepted:
		return Up
	case Completed:
		s.repeatAt = 0
		if s.reliable {
			s.state = Ended
			return Forget | End
		}
		s.state = Confirmed
		s.endAt = now + t.T4
		return Forget
	}
	return 0
}

// tick: the time that next named has come.
func (s *server) tick(t Times, now Tick) Action {
	if s.ended(now) {
		late := s.state == Trying || s.state == Proceeding || s.state == Completed && s.invite
		s.state = Ended
		if late {
			return Late | Forget | End
		}
		return Forget | End
	}
	switch {
	case !s.repeats(now):
	case s.state == Proceeding:
		return s.try()
	default:
		s.repeatFrom(now, min(2*s.gap, t.T2))
		return Repeat
	}
	return 0
}
