package msg

import (
	"net/netip"

	"tandem/signal"
)

// A message that holds others is made in one piece of memory with them: many are made for each call.
type (
	partyPiece struct {
		party Party
		uri   URI
	}
	requestPiece struct {
		request  Request
		uri      URI
		from, to partyPiece
		flow     Flow
	}
	responsePiece struct {
		response Response
		to       partyPiece
		flow     Flow
	}
)

// FromRequest makes the message form of a request.
func FromRequest(r *signal.Request) *Request {
	p := new(requestPiece)
	m := &p.request
	m.Id, m.Method, m.Uri = r.ID, string(r.Method), p.uri.set(r.URI)
	m.From, m.To = p.from.set(r.From), p.to.set(r.To)
	m.CallId, m.Cseq, m.MaxForwards = r.CallID, r.CSeq, int32(r.MaxForwards)
	m.Contacts, m.Routes, m.Headers = fromParties(r.Contacts), r.Routes, FromHeaders(r.Headers)
	m.ContentType, m.Body = r.ContentType, r.Body
	m.Flow, m.Account, m.Agent = p.flow.set(r.Origin.Flow), string(r.Origin.Account), r.Origin.Agent
	m.Trunk, m.Trusted, m.Urgent = r.Origin.Trunk, r.Origin.Trusted, r.Urgent
	return m
}

// Signal is the request that the message holds.
func (r *Request) Signal() *signal.Request {
	return &signal.Request{
		ID: r.Id, Method: signal.Method(r.Method), URI: r.Uri.Signal(),
		From: r.From.Signal(), To: r.To.Signal(),
		CallID: r.CallId, CSeq: r.Cseq, MaxForwards: int(r.MaxForwards),
		Contacts: toParties(r.Contacts), Routes: r.Routes, Headers: ToHeaders(r.Headers),
		ContentType: r.ContentType, Body: r.Body, Urgent: r.Urgent,
		Origin: signal.Origin{Flow: r.Flow.Signal(), Account: signal.AOR(r.Account), Agent: r.Agent, Trunk: r.Trunk, Trusted: r.Trusted},
	}
}

// GetUrgent tells that the request calls for help.
func (m *SignalStart) GetUrgent() bool { return m.GetRequest().GetUrgent() }

// GetUrgent tells that the Task is to serve a call for help.
func (m *TaskStart) GetUrgent() bool { return m.GetRequest().GetUrgent() }

// FromResponse makes the message form of a response.
func FromResponse(r *signal.Response) *Response {
	p := new(responsePiece)
	m := &p.response
	m.Request, m.Method, m.Status, m.Reason = r.Request, string(r.Method), int32(r.Status), r.Reason
	m.To, m.Contacts, m.Routes = p.to.set(r.To), fromParties(r.Contacts), r.Routes
	m.Headers, m.ContentType, m.Body = FromHeaders(r.Headers), r.ContentType, r.Body
	m.Local, m.Flow, m.Sent = r.Local, p.flow.set(r.Origin.Flow), fromParties(r.Sent)
	return m
}

// Signal is the response that the message holds.
func (r *Response) Signal() *signal.Response {
	return &signal.Response{
		Request: r.Request, Method: signal.Method(r.Method), Status: int(r.Status),
		Reason: r.Reason, To: r.To.Signal(), Contacts: toParties(r.Contacts), Routes: r.Routes,
		Headers: ToHeaders(r.Headers), ContentType: r.ContentType, Body: r.Body, Local: r.Local, Sent: toParties(r.Sent),
		Origin: signal.Origin{Flow: r.Flow.Signal()},
	}
}

// Unsent is the response to a request of ours for which no edge is known: nobody is there, and nothing went out.
func Unsent(r *signal.Request) *SignalResponse {
	return &SignalResponse{Response: &Response{Request: r.ID, Method: string(r.Method), Status: 503, Local: true}}
}

// FromURI makes the message form of a URI.
func FromURI(u signal.URI) *URI { return new(URI).set(u) }

func (u *URI) set(v signal.URI) *URI {
	u.Scheme, u.User, u.Host, u.Port = v.Scheme, v.User, v.Host, int32(v.Port)
	u.Params, u.Headers = fromParams(v.Params), v.Headers
	return u
}

// Signal is the URI that the message holds; that of nil is the zero URI.
func (u *URI) Signal() signal.URI {
	if u == nil {
		return signal.URI{}
	}
	return signal.URI{Scheme: u.Scheme, User: u.User, Host: u.Host, Port: int(u.Port),
		Params: toParams(u.Params), Headers: u.Headers}
}

// FromParty makes the message form of a party.
func FromParty(p signal.Party) *Party { return new(partyPiece).set(p) }

func (p *partyPiece) set(v signal.Party) *Party {
	m := &p.party
	m.Display, m.Uri, m.Params = v.Display, p.uri.set(v.URI), fromParams(v.Params)
	return m
}

// Signal is the party that the message holds; that of nil is the zero party.
func (p *Party) Signal() signal.Party {
	if p == nil {
		return signal.Party{}
	}
	return signal.Party{Display: p.Display, URI: p.Uri.Signal(), Params: toParams(p.Params)}
}

// FromHeaders makes the message form of header fields.
func FromHeaders(h signal.Headers) []*Header {
	return pieces(h, func(m *Header, f signal.Header) *Header {
		m.Name, m.Value = f.Name, f.Value
		return m
	})
}

// ToHeaders are the header fields that the messages hold.
func ToHeaders(h []*Header) signal.Headers {
	return convert(h, func(f *Header) signal.Header { return signal.Header{Name: f.Name, Value: f.Value} })
}

// FromFlow makes the message form of a flow; the zero flow is nil.
func FromFlow(f signal.Flow) *Flow {
	if f.IsZero() {
		return nil
	}
	return new(Flow).set(f)
}

func (f *Flow) set(v signal.Flow) *Flow {
	if v.IsZero() {
		return nil
	}
	f.Edge, f.Transport, f.Conn, f.Session = v.Edge, v.Transport, v.Conn, v.Session
	f.Local, f.Remote = fromAddr(v.Local), fromAddr(v.Remote)
	return f
}

// Signal is the flow that the message holds; that of nil is the zero flow.
func (f *Flow) Signal() signal.Flow {
	if f == nil {
		return signal.Flow{}
	}
	return signal.Flow{Edge: f.Edge, Transport: f.Transport, Conn: f.Conn, Session: f.Session,
		Local: toAddr(f.Local), Remote: toAddr(f.Remote)}
}

func fromAddr(a netip.AddrPort) []byte {
	b, _ := a.MarshalBinary() // never fails
	return b
}

// toAddr reads an address; one that is malformed is the zero address, which no edge sends to.
func toAddr(b []byte) netip.AddrPort {
	var a netip.AddrPort
	_ = a.UnmarshalBinary(b)
	return a
}

func fromParties(p []signal.Party) []*Party {
	return pieces(p, func(m *partyPiece, v signal.Party) *Party { return m.set(v) })
}

func fromParams(p signal.Params) []*Param {
	return pieces(p, func(m *Param, v signal.Param) *Param {
		m.Name, m.Value = v.Name, v.Value
		return m
	})
}

func toParties(p []*Party) []signal.Party { return convert(p, (*Party).Signal) }
func toParams(p []*Param) signal.Params   { return convert(p, toParam) }
func toParam(p *Param) signal.Param       { return signal.Param{Name: p.Name, Value: p.Value} }

// convert maps a slice; an empty one stays nil.
func convert[A, B any](in []A, f func(A) B) []B {
	if len(in) == 0 {
		return nil
	}
	out := make([]B, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return out
}

// pieces maps a slice to messages that lie in one piece of memory; an empty one stays nil.
func pieces[A, P, M any](in []A, set func(*P, A) *M) []*M {
	if len(in) == 0 {
		return nil
	}
	all, out := make([]P, len(in)), make([]*M, len(in))
	for i, v := range in {
		out[i] = set(&all[i], v)
	}
	return out
}
