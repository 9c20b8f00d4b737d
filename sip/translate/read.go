package translate

import (
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"

	"tandem/signal"
)

// DefaultForwards is the Max-Forwards of a request that has none (RFC 3261 section 8.1.1.6).
const DefaultForwards = 70

// Request reads a received request that came over flow. Its ID stays empty: the edge gives it.
// The body is shared with m. Errors wrap one of this package's or signal.ErrScheme.
func Request(m *sip.Request, flow signal.Flow) (*signal.Request, error) {
	var f fields
	if err := f.read(m.Headers()); err != nil {
		return nil, err
	}
	if err := f.need(); err != nil {
		return nil, err
	}
	uri, err := requestURI(&m.Recipient)
	if err != nil {
		return nil, at("request URI", err)
	}
	method := signal.Method(m.Method)
	if !isToken(string(method)) || f.method != method {
		return nil, at("CSeq", ErrMalformed)
	}
	forwards := DefaultForwards
	if f.seen(seenForwards) {
		forwards = f.forwards
	}
	return &signal.Request{
		Method: method, URI: uri, From: f.from, To: f.to, CallID: f.callID, CSeq: f.cseq,
		MaxForwards: forwards, Contacts: f.contacts, Routes: f.routes, Headers: f.others,
		ContentType: f.contentType, Body: m.Body(),
		Origin: signal.Origin{Flow: flow, Agent: f.agent},
	}, nil
}

// Response reads a received response that came over flow. The name of the request it answers stays
// empty: the client transaction knows it. The body is shared with m.
func Response(m *sip.Response, flow signal.Flow) (*signal.Response, error) {
	if m.StatusCode < 100 || m.StatusCode > 699 {
		return nil, ErrStatus
	}
	f := fields{response: true}
	if err := f.read(m.Headers()); err != nil {
		return nil, err
	}
	if err := f.need(); err != nil {
		return nil, err
	}
	return &signal.Response{
		Method: f.method, Status: m.StatusCode, Reason: harmless(m.Reason), To: f.to,
		Contacts: f.contacts, Routes: f.routes, Headers: f.others,
		ContentType: f.contentType, Body: m.Body(),
		Origin: signal.Origin{Flow: flow, Agent: f.agent},
	}, nil
}

// requestURI reads a request URI, in which headers have no place (RFC 3261 section 19.1.1).
func requestURI(u *sip.Uri) (signal.URI, error) {
	uri, err := signal.ParseURI(u.String())
	if err != nil {
		return uri, err
	}
	if uri.Headers != "" {
		return uri, ErrMalformed
	}
	return uri, checkURI(&uri)
}

// The fields that may stand only once, as bits of fields.once.
const (
	seenFrom = 1 << iota
	seenTo
	seenCallID
	seenCSeq
	seenForwards
	seenType
)

// fields collects what the header fields of one message say.
type fields struct {
	response    bool
	once        int // bits of the single fields seen
	from, to    signal.Party
	callID      string
	cseq        uint32
	method      signal.Method // of CSeq
	forwards    int
	contacts    []signal.Party
	routes      []string
	others      signal.Headers
	contentType string
	agent       string
}

func (f *fields) seen(bit int) bool { return f.once&bit != 0 }

// mark notes that a single field has come; it is an error the second time.
func (f *fields) mark(bit int) error {
	if f.seen(bit) {
		return ErrDuplicate
	}
	f.once |= bit
	return nil
}

// need checks that the fields of RFC 3261 section 8.1.1 are there. A response without From is of
// no harm: it is the transaction that matches it.
func (f *fields) need() error {
	switch {
	case !f.response && !f.seen(seenFrom):
		return at("From", ErrMissing)
	case !f.seen(seenTo):
		return at("To", ErrMissing)
	case !f.seen(seenCallID):
		return at("Call-ID", ErrMissing)
	case !f.seen(seenCSeq):
		return at("CSeq", ErrMissing)
	}
	return nil
}

func (f *fields) read(headers []sip.Header) error {
	f.others = make(signal.Headers, 0, len(headers))
	for _, h := range headers {
		name := Canonical(h.Name())
		if err := f.field(name, h); err != nil {
			return at(name, err)
		}
	}
	if len(f.others) == 0 {
		f.others = nil
	}
	return nil
}

func (f *fields) field(name string, h sip.Header) (err error) {
	switch name {
	case "Content-Length":
		return nil
	case "Via":
		if !soundVia(h) { // or the response could not be written
			return ErrUnsafe
		}
	case "From":
		if err = f.mark(seenFrom); err == nil {
			f.from, err = readParty(text(h))
		}
	case "To":
		if err = f.mark(seenTo); err == nil {
			f.to, err = readParty(text(h))
		}
	case "Call-ID":
		if err = f.mark(seenCallID); err == nil {
			f.callID, err = readCallID(h.Value())
		}
	case "CSeq":
		if err = f.mark(seenCSeq); err == nil {
			f.cseq, f.method, err = readCSeq(h)
		}
	case "Max-Forwards":
		if err = f.mark(seenForwards); err == nil {
			f.forwards, err = readForwards(h)
		}
	case "Contact":
		f.contacts, err = readContacts(f.contacts, text(h), f.response)
	case "Record-Route":
		f.routes, err = readRoutes(f.routes, h.Value())
	case "Content-Type":
		if err = f.mark(seenType); err == nil {
			f.contentType, err = readValue(h.Value())
		}
	default:
		err = f.other(name, h.Value())
	}
	return err
}

// other keeps a field that has no place of its own.
func (f *fields) other(name, value string) error {
	if !isToken(name) {
		return ErrUnsafe
	}
	value, err := readValue(value)
	if err != nil {
		return err
	}
	f.others = append(f.others, signal.Header{Name: name, Value: value})
	if f.agent == "" && (strings.EqualFold(name, "User-Agent") || strings.EqualFold(name, "Server")) {
		f.agent = value
	}
	return nil
}

func readValue(s string) (string, error) {
	s = strings.Trim(s, lws)
	if !all(s, inField) {
		return "", ErrUnsafe
	}
	return s, nil
}

// readCallID takes a Call-ID: one word, or two joined by '@'; only what could end it is refused.
func readCallID(s string) (string, error) {
	s, err := readValue(s)
	if err == nil && (s == "" || strings.ContainsAny(s, lws)) {
		err = ErrMalformed
	}
	return s, err
}

func readCSeq(h sip.Header) (uint32, signal.Method, error) {
	var seq uint32
	var method string
	if typed, ok := h.(*sip.CSeqHeader); ok {
		seq, method = typed.SeqNo, string(typed.MethodName)
	} else {
		digits, rest, _ := strings.Cut(strings.ReplaceAll(h.Value(), "\t", " "), " ")
		n, err := strconv.ParseUint(digits, 10, 32)
		if err != nil {
			return 0, "", ErrMalformed
		}
		seq, method = uint32(n), rest
	}
	method = strings.Trim(method, lws)
	if !isToken(method) || seq > maxCSeq {
		return 0, "", ErrMalformed
	}
	return seq, signal.Method(method), nil
}

// maxCSeq is the largest sequence number (RFC 3261 section 8.1.1.5: less than 2**31).
const maxCSeq = 1<<31 - 1

func readForwards(h sip.Header) (int, error) {
	if typed, ok := h.(*sip.MaxForwardsHeader); ok {
		if typed.Val() > maxForwards {
			return 0, ErrMalformed
		}
		return int(typed.Val()), nil
	}
	n, err := strconv.ParseUint(strings.Trim(h.Value(), lws), 10, 8)
	if err != nil {
		return 0, ErrMalformed
	}
	return int(n), nil
}

// maxForwards is the largest Max-Forwards (RFC 3261 section 20.22).
const maxForwards = 255
