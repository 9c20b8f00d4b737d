package sip

import (
	"errors"
	"strings"

	"github.com/emiago/sipgo/sip"

	"tandem/signal"
	"tandem/sip/auth"
	"tandem/sip/guard"
	"tandem/sip/translate"
	"tandem/sip/transport"
	"tandem/sip/txn"
)

// arrivals is the Server as its transports see it.
type arrivals struct{ *Server }

func (s *Server) arrivals() transport.Handler { return arrivals{s} }

// Message takes one whole message from a transport.
func (s arrivals) Message(flow signal.Flow, data []byte) {
	if !s.elsewhere(flow, data) {
		s.process(flow, data)
	}
}

// process takes one whole message, from a transport of ours or of another member's.
func (s *Server) process(flow signal.Flow, data []byte) {
	s.wire("received", flow, data)
	m, fault := s.guard.Parse(data)
	if fault != nil {
		s.fault(flow, len(data), fault)
		return
	}
	switch m := m.(type) {
	case *sip.Request:
		s.request(flow, asked{m, len(data)})
	case *sip.Response:
		s.response(flow, m)
	}
}

// Broken gives the last answer on a stream whose framing is lost.
func (s arrivals) Broken(flow signal.Flow, data []byte, cause error) {
	s.wire("broken", flow, data)
	m, fault := s.guard.Parse(data)
	switch {
	case fault != nil:
		s.fault(flow, len(data), fault)
	case errors.Is(cause, transport.ErrLength):
		// A datagram without Content-Length would do; a stream can not be read without it.
		s.count.faults.add("no content-length on a stream")
		if req, ok := m.(*sip.Request); ok && req.Method != sip.ACK {
			s.refuse(stampVia(req, flow), asked{req, len(data)}, &signal.Response{Status: 400, Reason: "Missing Content-Length"})
		}
	default:
		s.count.faults.add("framing")
	}
}

// Closed notes the end of a connection: who waits for an answer on it hears so soon, and who still
// works on an INVITE that came over it.
func (s arrivals) Closed(flow signal.Flow) {
	s.txns.Lost(flow.Edge, flow.Conn)
	s.hungUp(flow)
	if !s.draining.Load() && (flow.Transport == "WS" || flow.Transport == "WSS") {
		s.receiver.Lost(flow)
	}
	s.log.Debug("connection closed", "transport", flow.Transport, "peer", flow.Remote)
}

// orphaned gives up an INVITE whose connection is gone, as if its sender had cancelled it. RFC 3261
// section 18.2.2 would have us open a connection for the response. We do not: the sender's transaction
// has failed with the connection (section 17.1.4), behind a NAT or a browser nobody listens for
// another, and it would be strangers who choose where we connect to. To ring on would only let
// somebody answer a call in which nobody is.
func (s *Server) orphaned(key txn.Key) { s.receiver.Cancelled(key.ID(), lostReason) }

// lostReason says, in the words of a Reason field (RFC 3326), why an INVITE is given up.
const lostReason = `SIP;cause=503;text="Connection lost"`

// fault answers a message of so many octets that the guard refuses, when it deserves an answer.
func (s *Server) fault(flow signal.Flow, octets int, f *guard.Fault) {
	s.count.faults.add(f.Cause)
	if f.Reply != nil {
		s.reply(flow, octets, f.Status, f.Reply)
	}
	if f.Close && flow.Edge == s.member { // who passed it on has framed it
		s.transports.End(flow)
	}
}

// request does the work on one sound request, in the order that the package comment tells.
func (s *Server) request(flow signal.Flow, m asked) {
	s.count.request(received, signal.Method(m.Method), flow.Transport)
	flow = stampVia(m.Request, flow)
	switch m.Method {
	case sip.ACK:
		s.ack(flow, m)
		return
	case sip.CANCEL:
		s.cancelled(flow, m)
		return
	}
	key := txn.ServerKey(m.Request, m.Method)
	if tx := s.txns.Server(key); tx != nil {
		tx.Repeated(flow)
		return
	}
	r, err := translate.Request(m.Request, flow)
	if err != nil {
		s.untranslated(flow, m, err)
		return
	}
	r.ID = key.ID()
	r.Origin.Trusted = s.border.Load().Trusts(flow.Remote.Addr())
	if r.InDialog() {
		r.Headers = s.border.Load().Enter(r.Headers, flow.Remote.Addr())
		s.inDialog(flow, m, key, r)
		return
	}
	s.outside(flow, m, key, r)
}

// untranslated refuses what is sound SIP but can not become a signal.
func (s *Server) untranslated(flow signal.Flow, m asked, err error) {
	status := sip.StatusBadRequest
	if errors.Is(err, signal.ErrScheme) {
		status = 416
	}
	s.count.faults.add("translation")
	s.log.Debug("request refused", "peer", flow.Remote, "status", status, "err", err)
	s.refuse(flow, m, &signal.Response{Status: status})
}

// ack takes an ACK: for a refusal it belongs to the transaction of the INVITE, or to none when that
// was stateless; for a 2xx to the owner of the dialog. No ACK is ever answered.
func (s *Server) ack(flow signal.Flow, m asked) {
	key := txn.ServerKey(m.Request, sip.INVITE)
	if tx := s.txns.Server(key); tx != nil && !tx.Acked() {
		return
	}
	r, err := translate.Request(m.Request, flow)
	if err != nil || !r.InDialog() || r.To.Tag() == statelessTag(key) {
		return
	}
	r.ID = txn.ServerKey(m.Request, sip.ACK).ID()
	s.receiver.Deliver(r)
}

// cancelled takes a CANCEL. It gets its answer whatever becomes of the INVITE (RFC 3261 section 9.2),
// again and again when it is repeated, so it needs no transaction.
func (s *Server) cancelled(flow signal.Flow, m asked) {
	key := txn.ServerKey(m.Request, sip.INVITE)
	tx := s.txns.Server(key)
	first, tag, ours := false, "", false
	if tx != nil {
		first, tag, ours = tx.Cancelled(flow.Remote.Addr())
	}
	if !ours {
		s.refuse(flow, m, &signal.Response{Status: sip.StatusCallTransactionDoesNotExists})
		return
	}
	ok := &signal.Response{Status: sip.StatusOK}
	ok.To = ok.To.WithTag(tag)
	s.refuse(flow, m, ok)
	if first {
		s.receiver.Cancelled(key.ID(), reasonOf(m.Request))
	}
}

// reasonOf are the Reason fields of a message (RFC 3326), as one.
func reasonOf(m *sip.Request) string {
	var all []string
	for _, h := range m.Headers() {
		if strings.EqualFold(h.Name(), "Reason") {
			all = append(all, h.Value())
		}
	}
	return strings.Join(all, ", ")
}

// inDialog gives a request to the owner of its dialog. The transaction is made first, since the owner
// may answer before Deliver returns, and forgotten again when there is no owner.
func (s *Server) inDialog(flow signal.Flow, m asked, key txn.Key, r *signal.Request) {
	tx, err := s.txns.Begin(key, m.Request, flow, txn.Inside)
	if err != nil {
		s.overloaded(flow, m, err)
		return
	}
	if !s.receiver.Deliver(r) {
		s.txns.Abandon(tx)
		s.refuse(flow, m, &signal.Response{Status: sip.StatusCallTransactionDoesNotExists})
		return
	}
	s.missed(flow)
}

// outside judges a request outside any dialog, and makes its transaction when it may pass.
func (s *Server) outside(flow signal.Flow, m asked, key txn.Key, r *signal.Request) {
	if s.draining.Load() {
		s.overloaded(flow, m, txn.ErrFull)
		return
	}
	if s.txns.Merged(key, m.Request) { // its credentials are used up by the copy that was faster
		s.overloaded(flow, m, txn.ErrMerged)
		return
	}
	account, outcome := s.auth.Check(r)
	if outcome == auth.Valid {
		r.Origin.Account = account
	}
	s.receiver.Recognize(r)
	if !s.mayBegin(flow, m, r) {
		return
	}
	if outcome != auth.Valid && outcome != auth.Absent {
		s.count.failures.add(strings.ToLower(outcome.String()))
	}
	switch v := s.receiver.Admit(r); v.Action {
	case signal.Ignore:
		s.count.ignored.Add(1)
	case signal.Refuse, signal.Answer:
		s.refuse(flow, m, stateless(v))
	case signal.Challenge:
		s.challenge(flow, m, r, v.Realm, outcome)
	default:
		s.begin(flow, m, key, r)
	}
}

// stateless is the response that a verdict asks for. A 405 must say what is allowed (RFC 3261 section
// 8.2.1).
func stateless(v signal.Verdict) *signal.Response {
	r := &signal.Response{Status: v.Status, Reason: v.Reason, Headers: v.Headers}
	if v.Status == sip.StatusMethodNotAllowed {
		r.Headers = r.Headers.With("Allow", signal.Allow)
	}
	return r
}

// begin makes the server transaction and hands the request in.
func (s *Server) begin(flow signal.Flow, m asked, key txn.Key, r *signal.Request) {
	if _, err := s.txns.Begin(key, m.Request, flow, rankOf(r)); err != nil {
		s.overloaded(flow, m, err)
		return
	}
	s.receiver.Receive(r)
	s.missed(flow)
}

// missed tells of the end of a connection of ours that came after its last message was read and before that was known to
// need it. Nobody tells of it again.
func (s *Server) missed(flow signal.Flow) {
	if flow.Conn != 0 && flow.Edge == s.member && !s.transports.Holds(flow) {
		s.txns.Lost(flow.Edge, flow.Conn)
	}
}

// rankOf is what a request outside any dialog may ask of the transactions' limit.
func rankOf(r *signal.Request) txn.Rank {
	if r.Urgent {
		return txn.Urgent
	}
	return txn.Outside
}

// overloaded refuses a request for which no transaction can be made.
func (s *Server) overloaded(flow signal.Flow, m asked, err error) {
	switch {
	case errors.Is(err, txn.ErrExists): // another socket was faster with the same request
	case errors.Is(err, txn.ErrMerged):
		s.refuse(flow, m, &signal.Response{Status: sip.StatusLoopDetected, Reason: "Merged Request"})
	default:
		s.refuse(flow, m, &signal.Response{Status: sip.StatusServiceUnavailable,
			Headers: signal.Headers{{Name: "Retry-After", Value: "5"}}})
	}
}

// challenge asks for credentials, once and without a transaction (RFC 3261 section 22): 401 for a
// registration, 407 for the rest. Credentials that make no sense get 400 instead, since asking
// again would bring the same.
func (s *Server) challenge(flow signal.Flow, m asked, r *signal.Request, realm string, o auth.Outcome) {
	if o == auth.Malformed {
		s.refuse(flow, m, &signal.Response{Status: sip.StatusBadRequest, Reason: "Malformed Credentials"})
		return
	}
	status, field := sip.StatusProxyAuthRequired, "Proxy-Authenticate"
	if m.Method == sip.REGISTER {
		status, field = sip.StatusUnauthorized, "WWW-Authenticate"
	}
	resp := &signal.Response{Status: status}
	for _, value := range s.auth.Challenges(realm, r, o == auth.Stale) {
		resp.Headers = append(resp.Headers, signal.Header{Name: field, Value: value})
	}
	s.refuse(flow, m, resp)
}

// response gives a response to its client transaction. One that belongs to none, or comes from
// elsewhere than the request went to, is dropped.
func (s *Server) response(flow signal.Flow, m *sip.Response) {
	s.count.response(received, m.StatusCode)
	r, err := translate.Response(m, flow)
	if err != nil {
		s.count.faults.add("translation")
		return
	}
	r.Headers = s.border.Load().Enter(r.Headers, flow.Remote.Addr())
	key := txn.ClientKey(txn.Branch(m.Via()), m.CSeq().MethodName)
	if !s.txns.Answer(key, flow, r, toField(m)) {
		s.count.stray.Add(1)
	}
}

// toField is the To of a response as on the wire.
func toField(m *sip.Response) string {
	for _, h := range m.Headers() {
		if translate.Canonical(h.Name()) == "To" {
			return h.Value()
		}
	}
	return ""
}
