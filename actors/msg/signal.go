package msg

import (
	"net/netip"

	"tandem/signal"
)

// FromRequest makes the message form of a request.
func FromRequest(r *signal.Request) *Request {
	return &Request{
		Id: r.ID, Method: string(r.Method), Uri: FromURI(r.URI),
		From: FromParty(r.From), To: FromParty(r.To),
		CallId: r.CallID, Cseq: r.CSeq, MaxForwards: int32(r.MaxForwards),
		Contacts: fromParties(r.Contacts), Routes: r.Routes, Headers: FromHeaders(r.Headers),
		ContentType: r.ContentType, Body: r.Body,
		Flow: FromFlow(r.Origin.Flow), Account: string(r.Origin.Account), Agent: r.Origin.Agent,
		Trunk: r.Origin.Trunk, Trusted: r.Origin.Trusted, Urgent: r.Urgent,
	}
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
	return &Response{
		Request: r.Request, Method: string(r.Method), Status: int32(r.Status), Reason: r.Reason,
		To: FromParty(r.To), Contacts: fromParties(r.Contacts), Routes: r.Routes,
		Headers: FromHeaders(r.Headers), ContentType: r.ContentType, Body: r.Body,
		Local: r.Local, Flow: FromFlow(r.Origin.Flow), Sent: fromParties(r.Sent),
	}
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
func FromURI(u signal.URI) *URI {
	return &URI{Scheme: u.Scheme, User: u.User, Host: u.Host, Port: int32(u.Port),
		Params: fromParams(u.Params), Headers: u.Headers}
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
func FromParty(p signal.Party) *Party {
	return &Party{Display: p.Display, Uri: FromURI(p.URI), Params: fromParams(p.Params)}
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
	return convert(h, func(f signal.Header) *Header { return &Header{Name: f.Name, Value: f.Value} })
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
	return &Flow{Edge: f.Edge, Transport: f.Transport, Conn: f.Conn, Session: f.Session,
		Local: fromAddr(f.Local), Remote: fromAddr(f.Remote)}
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

func fromParties(p []signal.Party) []*Party { return convert(p, FromParty) }
func toParties(p []*Party) []signal.Party   { return convert(p, (*Party).Signal) }
func toParams(p []*Param) signal.Params     { return convert(p, toParam) }
func fromParams(p signal.Params) []*Param   { return convert(p, fromParam) }
func toParam(p *Param) signal.Param         { return signal.Param{Name: p.Name, Value: p.Value} }
func fromParam(p signal.Param) *Param       { return &Param{Name: p.Name, Value: p.Value} }

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
