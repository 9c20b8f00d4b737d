package translate

import (
	"strings"

	"github.com/emiago/sipgo/sip"

	"tandem/signal"
)

// ToRequest writes a request. via becomes its only Via field; nil leaves it to the caller to add
// one. The body is shared with r. An error means that some value can not stand in its place;
// nothing may be sent then.
func ToRequest(r *signal.Request, via *sip.ViaHeader) (*sip.Request, error) {
	if !isToken(string(r.Method)) {
		return nil, at("method", ErrUnsafe)
	}
	uri, err := wireURI(&r.URI)
	if err != nil {
		return nil, at("request URI", err)
	}
	if r.MaxForwards < 0 || r.MaxForwards > maxForwards {
		return nil, at("Max-Forwards", ErrMalformed)
	}
	if r.CSeq > maxCSeq {
		return nil, at("CSeq", ErrMalformed)
	}
	m := sip.NewRequest(sip.RequestMethod(r.Method), uri)
	w := writer{m: m}
	if via != nil {
		w.via(via)
	}
	w.routes("Route", r.Routes)
	forwards := sip.MaxForwardsHeader(r.MaxForwards)
	if r.MaxForwards == 0 {
		forwards = DefaultForwards
	}
	m.AppendHeader(&forwards)
	w.party("From", &r.From)
	w.party("To", &r.To)
	w.callID(r.CallID)
	m.AppendHeader(&sip.CSeqHeader{SeqNo: r.CSeq, MethodName: sip.RequestMethod(r.Method)})
	w.contacts(r.Contacts)
	w.rest(r.Headers, r.ContentType, r.Body)
	if w.err != nil {
		return nil, w.err
	}
	return m, nil
}

// ToResponse writes the response to req. Via, From, To, Call-ID, CSeq and Record-Route are those
// of the request (RFC 3261 sections 8.2.6.2 and 12.1.1), the tag of r.To is added where the request
// has none, and everything else comes from r. Where those fields hold control characters, the
// response has spaces: a request whose Via, Call-ID and CSeq are sound can always be answered.
func ToResponse(r *signal.Response, req *sip.Request) (*sip.Response, error) {
	if r.Status < 100 || r.Status > 699 {
		return nil, ErrStatus
	}
	reason := harmless(r.Reason)
	if reason == "" {
		reason = signal.ReasonPhrase(r.Status)
	}
	m := sip.NewResponse(r.Status, reason)
	w := writer{m: m}
	for _, h := range req.Headers() {
		switch name := Canonical(h.Name()); name {
		case "Via":
			w.via(h)
		case "Call-ID", "CSeq":
			w.put(name, h.Value())
		case "From":
			w.put(name, harmless(text(h)))
		case "To":
			w.answeredTo(text(h), r.To.Tag())
		case "Record-Route":
			if r.Status > 100 && r.Status < 300 && req.Method != sip.REGISTER {
				w.put(name, harmless(h.Value()))
			}
		default:
			// RFC 3261 section 8.2.6.1: a 100 returns the Timestamp.
			if r.Status == 100 && strings.EqualFold(name, "Timestamp") {
				w.put("Timestamp", harmless(h.Value()))
			}
		}
	}
	w.contacts(r.Contacts)
	w.rest(r.Headers, r.ContentType, r.Body)
	if w.err != nil {
		return nil, w.err
	}
	return m, nil
}

// wireURI makes sipgo's form of a URI for the request line. Headers have no place there.
func wireURI(u *signal.URI) (sip.Uri, error) {
	if err := checkURI(u); err != nil {
		return sip.Uri{}, err
	}
	var out sip.Uri
	if u.Scheme == "tel" {
		return out, sip.ParseUri(u.String(), &out)
	}
	out = sip.Uri{Scheme: u.Scheme, User: u.User, Host: u.Host, Port: u.Port}
	if strings.Contains(u.Host, ":") {
		out.Host = "[" + u.Host + "]"
	}
	if len(u.Params) > 0 {
		out.UriParams = make(sip.HeaderParams, len(u.Params))
		for i, p := range u.Params {
			out.UriParams[i] = sip.HeaderKV{K: p.Name, V: p.Value}
		}
	}
	return out, nil
}

// writer adds fields to a message until the first error.
type writer struct {
	m   sip.Message
	err error
}

func (w *writer) fail(field string, err error) {
	if w.err == nil && err != nil {
		w.err = at(field, err)
	}
}

// put adds a field whose value is complete. Here nothing gets by that could end the field.
func (w *writer) put(name, value string) {
	if !all(value, inField) {
		w.fail(name, ErrUnsafe)
		return
	}
	w.m.AppendHeader(sip.NewHeader(name, value))
}

// via adds a Via field as it is: ours, or one that a response returns on its way.
func (w *writer) via(h sip.Header) {
	v, ok := h.(*sip.ViaHeader)
	switch {
	case !soundVia(h):
		w.fail("Via", ErrUnsafe)
	case ok:
		w.m.AppendHeader(sip.HeaderClone(v))
	default:
		w.m.AppendHeader(sip.NewHeader("Via", h.Value()))
	}
}

// soundVia reports a Via field that a response can return.
func soundVia(h sip.Header) bool {
	v, ok := h.(*sip.ViaHeader)
	if !ok {
		return all(h.Value(), inField)
	}
	sound := all(v.ProtocolName, inField) && all(v.ProtocolVersion, inField) &&
		all(v.Transport, inField) && all(v.Host, inField)
	for i := range v.Params {
		sound = sound && all(v.Params[i].K, inField) && all(v.Params[i].V, inField)
	}
	return sound
}

func (w *writer) party(name string, p *signal.Party) {
	if err := checkParty(p); err != nil {
		w.fail(name, err)
		return
	}
	// A display name is for people: its controls become spaces rather than an error.
	if !all(p.Display, inField) {
		safe := *p
		safe.Display = harmless(p.Display)
		p = &safe
	}
	w.put(name, p.String())
}

func (w *writer) contacts(parties []signal.Party) {
	for i := range parties {
		if parties[i].URI.Scheme == "*" {
			w.put("Contact", "*")
			continue
		}
		w.party("Contact", &parties[i])
	}
}

func (w *writer) routes(name string, routes []string) {
	for _, r := range routes {
		w.fail(name, checkRoute(r))
		w.put(name, r)
	}
}

func (w *writer) callID(s string) {
	id, err := readCallID(s)
	w.fail("Call-ID", err)
	h := sip.CallIDHeader(id)
	w.m.AppendHeader(&h)
}

// answeredTo adds the To of a request with our tag, unless the request had one. A To that can not be
// read is returned all the same: its sender must get to know that.
func (w *writer) answeredTo(value, tag string) {
	if has, err := tagOf(value); tag != "" && (err != nil || has == "") {
		if !isToken(tag) {
			w.fail("To", ErrUnsafe)
			return
		}
		value = strings.TrimRight(value, "; \t") + ";tag=" + tag
	}
	w.put("To", harmless(value))
}

// rest adds the free fields and the body.
func (w *writer) rest(headers signal.Headers, contentType string, body []byte) {
	for i := range headers {
		name := Canonical(headers[i].Name)
		switch {
		case !isToken(name):
			w.fail("header name", ErrUnsafe)
		case isStructural(name):
			w.fail(name, ErrReserved)
		default:
			w.put(name, strings.Trim(headers[i].Value, lws))
		}
	}
	if contentType != "" {
		w.put("Content-Type", strings.Trim(contentType, lws))
	}
	w.m.SetBody(body)
}
