package sip

import (
	"context"

	"github.com/emiago/sipgo/sip"

	"tandem/signal"
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
	if flow, ok := s.direct(hop); ok {
		if err := s.sendOver(r, flow, reply); err != nil {
			s.notSent(r, err, reply)
		}
		return
	}
	s.lookup(r, hop, reply)
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

// lookup finds the way on a goroutine of its own, then sends.
func (s *Server) lookup(r *signal.Request, hop hop, reply txn.Answered) {
	ctx, stop := context.WithTimeout(s.ctx, 64*s.live.Load().T1)
	l := &lookup{stop: stop}
	if !s.lookups.add(r.ID, l) {
		stop()
		s.notSent(r, errLookups, reply)
		return
	}
	s.work.start(func() {
		defer s.lookups.remove(r.ID, l)
		flow, err := s.reach(ctx, hop)
		if l.cancelled.Load() {
			reply(&signal.Response{Status: sip.StatusRequestTerminated, Local: true})
			return
		}
		if err == nil {
			err = s.sendOver(r, flow, reply)
		}
		if err != nil {
			s.notSent(r, err, reply)
		}
		if l.cancelled.Load() { // just while it was sent
			s.txns.Cancel(r.ID, l.reason)
		}
	})
}

// sendOver writes the request and sends it over the flow.
func (s *Server) sendOver(r *signal.Request, flow signal.Flow, reply txn.Answered) error {
	if flow.Edge != s.member {
		return errForeign
	}
	via, branch := s.newVia(flow)
	out := *r
	out.Contacts = s.contacts(flow, r.URI.Scheme == "sips", r.Contacts)
	m, err := translate.ToRequest(&out, via)
	if err != nil {
		return err
	}
	if s.conf.UserAgent != "" && r.Headers.Get("User-Agent") == "" {
		m.AppendHeader(sip.NewHeader("User-Agent", s.conf.UserAgent))
	}
	s.count.request(sent, r.Method, flow.Transport)
	data := serialise(m)
	if r.Method == signal.ACK {
		return s.sendBytes(flow, data)
	}
	return s.txns.Ask(r.ID, txn.ClientKey(branch, m.Method), m.Method == sip.INVITE, flow, data, reply)
}

// Cancel cancels a pending INVITE; see signal.Edge. One whose way is still being found is not sent
// at all: its answer is a Local 487.
func (s *Server) Cancel(id, reason string) {
	s.lookups.cancel(id, reason)
	s.txns.Cancel(id, reason)
}
