package sip

import (
	"github.com/emiago/sipgo/sip"

	"tandem/signal"
	"tandem/sip/resolve"
	"tandem/sip/translate"
	"tandem/sip/txn"
)

// Send starts a client transaction, or sends an ACK; see signal.Edge. A zero flow means that the
// way is found from the request: then a Contact without a host gets the one of the flow found.
func (s *Server) Send(r *signal.Request, flow signal.Flow, answered func(*signal.Response)) {
	reply := replyTo(r, answered)
	if !flow.IsZero() {
		if err := s.sendOver(r, flow, reply); err != nil {
			s.notSent(r, err, reply)
		}
		return
	}
	hop, err := s.nextHop(r)
	if err != nil {
		s.notSent(r, err, reply)
		return
	}
	if !s.sendDirect(r, hop, reply) {
		s.pursue(r, hop, reply)
	}
}

// sendDirect sends a datagram to an address, which takes no waiting; false where that is not the way.
func (s *Server) sendDirect(r *signal.Request, hop resolve.Hop, reply txn.Answered) bool {
	flow, ok := s.direct(hop)
	if !ok {
		return false
	}
	out, err := s.write(r, flow)
	if err == nil && len(out.data) > maxDatagram && hop.Transport == "" {
		return false
	}
	if err == nil {
		err = s.ask(r, out, reply)
	}
	if err != nil {
		s.notSent(r, err, reply)
	}
	return true
}

// replyTo completes responses with what only the request tells. It keeps nothing else of the
// request for the life of the transaction.
func replyTo(r *signal.Request, answered func(*signal.Response)) txn.Answered {
	id, method, to := r.ID, r.Method, r.To
	return func(resp *signal.Response) {
		resp.Request = id
		if resp.Local {
			resp.Method, resp.To = method, to
		}
		if answered != nil {
			answered(resp)
		}
	}
}

// notSent reports a failure to send as a Local response, on a goroutine of its own: the caller of
// Send must not be called back from within.
func (s *Server) notSent(r *signal.Request, err error, reply txn.Answered) {
	s.log.Debug("request not sent", "id", r.ID, "method", r.Method, "err", err)
	s.count.unsent.Add(1)
	if r.Method == signal.ACK {
		return
	}
	s.work.start(func() { reply(&signal.Response{Status: sip.StatusServiceUnavailable, Local: true}) })
}

// sendOver writes the request and sends it over the flow.
func (s *Server) sendOver(r *signal.Request, flow signal.Flow, reply txn.Answered) error {
	out, err := s.write(r, flow)
	if err != nil {
		return err
	}
	return s.ask(r, out, reply)
}

// prepared is a request as it goes out over a flow.
type prepared struct {
	data     []byte
	flow     signal.Flow
	branch   string
	contacts []signal.Party // as they are sent
}

// write writes a request for a flow.
func (s *Server) write(r *signal.Request, flow signal.Flow) (prepared, error) {
	if flow.Edge != s.member {
		return prepared{}, errForeign
	}
	via, branch := s.newVia(flow)
	out := *r
	out.Contacts = s.contacts(flow, r.URI.Scheme == "sips", r.Contacts)
	out.Headers = s.border.Load().Leave(r.Headers, flow.Remote.Addr())
	m, err := translate.ToRequest(&out, via)
	if err != nil {
		return prepared{}, err
	}
	if s.conf.UserAgent != "" && r.Headers.Get("User-Agent") == "" {
		m.AppendHeader(sip.NewHeader("User-Agent", s.conf.UserAgent))
	}
	return prepared{serialise(m), flow, branch, out.Contacts}, nil
}

// ask sends a request and begins its client transaction; an ACK has none.
func (s *Server) ask(r *signal.Request, w prepared, reply txn.Answered) error {
	s.count.request(sent, r.Method, w.flow.Transport)
	if r.Method == signal.ACK {
		return s.sendBytes(w.flow, w.data)
	}
	method, kind := sip.RequestMethod(r.Method), txn.Other
	switch {
	case method == sip.INVITE && r.Urgent:
		kind = txn.InviteForHelp
	case method == sip.INVITE:
		kind = txn.Invite
	case r.Method == signal.REGISTER:
		reply = telling(w.contacts, reply)
	}
	return s.txns.Ask(r.ID, txn.ClientKey(w.branch, method), kind, w.flow, w.data, reply)
}

// telling has who registers hear under which Contacts that is: he left their host to us.
func telling(sent []signal.Party, reply txn.Answered) txn.Answered {
	return func(r *signal.Response) {
		r.Sent = sent
		reply(r)
	}
}

// Cancel cancels a pending INVITE; see signal.Edge. One whose way is still being found is not sent
// at all: its answer is a Local 487.
func (s *Server) Cancel(id, reason string) {
	s.lookups.cancel(id, reason)
	s.txns.Cancel(id, reason)
}
