package sip

import (
	"bytes"
	"errors"
	"strings"
	"sync"

	"github.com/emiago/sipgo/sip"

	"tandem/signal"
	"tandem/sip/translate"
	"tandem/sip/txn"
)

// Respond answers a received request; see signal.Edge. A response whose author has no dialog to name
// gets the tag that all such answers to one request share: all but 100 must have one, and the same
// one (RFC 3261 section 8.2.6.2).
func (s *Server) Respond(r *signal.Response) {
	key, ok := txn.ParseID(r.Request)
	if !ok {
		s.log.Error("response to an unknown request", "id", r.Request, "status", r.Status)
		return
	}
	if r.To.Tag() == "" && r.Status > sip.StatusTrying {
		tagged := *r
		tagged.To = r.To.WithTag(statelessTag(key))
		r = &tagged
	}
	unwritable, err := s.respond(key, r)
	if unwritable != nil {
		s.log.Error("response can not be written", "id", r.Request, "status", r.Status,
			"err", unwritable)
		if r.Status >= 200 { // the peer must not wait for a final response that we can not write
			_, err = s.respond(key, &signal.Response{Status: sip.StatusInternalServerError, To: r.To})
		}
	}
	if err != nil && !errors.Is(err, txn.ErrNone) { // ErrNone: the time of the request is over
		s.log.Debug("response not sent", "id", r.Request, "status", r.Status, "err", err)
	}
}

// respond gives a response to its transaction. It tells apart what the author of the response has
// to answer for, and what became of it afterwards.
func (s *Server) respond(key txn.Key, r *signal.Response) (unwritable, err error) {
	err = s.txns.Respond(key, r.Status, r.To.Tag(), func(req *sip.Request, flow signal.Flow) ([]byte, error) {
		data, err := s.written(flow, req, r)
		if unwritable = err; err == nil {
			s.count.response(sent, r.Status)
		}
		return data, err
	})
	if unwritable != nil {
		return unwritable, nil
	}
	return nil, err
}

// trying tells the peer that its INVITE has come, so that it does not repeat it (RFC 3261 section 17.2.1).
func (s *Server) trying(req *sip.Request) []byte {
	s.count.response(sent, sip.StatusTrying)
	return tryingTo(req)
}

// tryingTo writes the 100 for a request: nothing but the fields that lead it back (RFC 3261 section
// 8.2.6). It needs no translation.
func tryingTo(req *sip.Request) []byte {
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	b.WriteString("SIP/2.0 100 Trying\r\n")
	for _, h := range req.Headers() {
		name := translate.Canonical(h.Name())
		if !inTrying(name) {
			continue
		}
		b.WriteString(name)
		b.WriteString(": ")
		b.WriteString(h.Value())
		b.WriteString("\r\n")
	}
	b.WriteString("Content-Length: 0\r\n\r\n")
	return finished(b)
}

// inTrying reports whether a 100 returns the field. Canonical leaves Timestamp as the peer spelled it.
func inTrying(name string) bool {
	switch name {
	case "Via", "From", "To", "Call-ID", "CSeq":
		return true
	}
	return strings.EqualFold(name, "Timestamp")
}

// asked is a request as it came, in so many octets.
type asked struct {
	*sip.Request
	octets int
}

// refuse answers a request without a transaction: once for each time that it comes. The To tag is
// the same each time (RFC 3261 section 8.2.7).
func (s *Server) refuse(flow signal.Flow, req asked, r *signal.Response) {
	if r.To.Tag() == "" {
		r.To = r.To.WithTag(statelessTag(txn.ServerKey(req.Request, sip.INVITE)))
	}
	data, err := s.written(flow, req.Request, r)
	if err != nil {
		s.log.Debug("request can not be answered", "peer", flow.Remote, "err", err)
		return
	}
	s.reply(flow, req.octets, r.Status, data)
}

// noChallenge is the fault of whoever could not be challenged: a phone among them does not register, and its owner asks why.
const noChallenge = "no room for a challenge"

// reply sends an answer without a transaction to a message of so many octets. Only of a datagram it is not known who sent
// it: see fit.
func (s *Server) reply(flow signal.Flow, octets, status int, data []byte) {
	if flow.Transport == "UDP" {
		if data = fit(data, octets); data == nil {
			s.count.faults.add("no room for the answer")
			return
		}
		if said := statusIn(data); said != status {
			s.count.faults.add(noChallenge)
			status = said
		}
	}
	s.count.response(sent, status)
	if err := s.sendBytes(flow, data); err != nil {
		s.unsent(flow, err)
	}
}

// statelessTag is the To tag of all answers to one request that have none from a dialog, those without
// a transaction among them: the ACK that may follow is known by it. The key is that of the request,
// or of the request were it an INVITE. It has the 32 bits of RFC 3261 section 19.3, and no more: see fit.
func statelessTag(key txn.Key) string { return key.ID()[:8] }

func (s *Server) unsent(flow signal.Flow, err error) {
	s.log.Debug("message not sent", "transport", flow.Transport, "peer", flow.Remote, "err", err)
}

// written writes a response as it goes out over flow.
func (s *Server) written(flow signal.Flow, req *sip.Request, r *signal.Response) ([]byte, error) {
	if len(r.Contacts) > 0 {
		r = s.withContacts(flow, req, r)
	}
	if h := s.border.Load().Leave(r.Headers, flow.Remote.Addr()); len(h) != len(r.Headers) {
		stripped := *r
		stripped.Headers = h
		r = &stripped
	}
	m, err := translate.ToResponse(r, req)
	if err != nil {
		return nil, err
	}
	if s.conf.UserAgent != "" && r.Status > sip.StatusTrying && r.Headers.Get("Server") == "" {
		m.AppendHeader(sip.NewHeader("Server", s.conf.UserAgent))
	}
	return serialise(m), nil
}

// buffers are for writing messages; what is sent is a copy of the right size, since it may be kept.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxPooled is the largest buffer that is kept for the next message.
const maxPooled = 16 << 10

func serialise(m sip.Message) []byte {
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	m.StringWrite(b)
	return finished(b)
}

// finished copies what was written to a buffer and puts the buffer back.
func finished(b *bytes.Buffer) []byte {
	data := bytes.Clone(b.Bytes())
	if b.Cap() <= maxPooled {
		buffers.Put(b)
	}
	return data
}
