package guard

import (
	"hash/maphash"
	"strings"

	"github.com/emiago/sipgo/sip"

	"tandem/signal"
	"tandem/sip/translate"
)

// Limits bound a message. A zero field means the default.
type Limits struct {
	MaxMessage int      // octets of the whole message; beyond: 513
	MaxBody    int      // octets of the body; beyond: 413
	MaxURI     int      // octets of the request URI; beyond: 414
	MaxHeaders int      // header fields; beyond: 513
	MaxHeader  int      // octets of one header field, folded lines included; beyond: 513
	MaxVias    int      // hops that the request has passed; beyond: 483
	Options    []string // option tags that a Require may name (RFC 3261 section 20.32); others: 420
}

// DefaultLimits are generous for telephones and narrow for attackers.
func DefaultLimits() Limits {
	return Limits{MaxMessage: 65535, MaxBody: 65535, MaxURI: 2048, MaxHeaders: 256, MaxHeader: 8192,
		MaxVias: 70, Options: strings.Split(signal.Supported, ", ")}
}

// orDefault fills the zero fields.
func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	for _, f := range []struct{ have, use *int }{
		{&l.MaxMessage, &d.MaxMessage}, {&l.MaxBody, &d.MaxBody}, {&l.MaxURI, &d.MaxURI},
		{&l.MaxHeaders, &d.MaxHeaders}, {&l.MaxHeader, &d.MaxHeader}, {&l.MaxVias, &d.MaxVias},
	} {
		if *f.have <= 0 {
			*f.have = *f.use
		}
	}
	if l.Options == nil {
		l.Options = d.Options
	}
	return l
}

// Fault is why a message does not get past, and the answer it gets.
type Fault struct {
	Status int    // of the answer that such a message deserves, also when none is sent
	Reason string // phrase
	Reply  []byte // complete response for the sender; nil: drop the message
	Cause  string // short label for metrics and log, one of a fixed set
	Close  bool   // on a stream: the next message can not be found
}

// Error makes a Fault an error.
func (f *Fault) Error() string { return "guard: " + f.Cause }

// Guard judges messages. It is safe for concurrent use.
type Guard struct {
	limits Limits
	parser *sip.Parser
	seed   maphash.Seed // of the tags of our stateless responses
}

// New makes a guard with the given limits.
func New(l Limits) *Guard {
	g := &Guard{limits: l.orDefault(), parser: translate.Parser(), seed: maphash.MakeSeed()}
	g.parser.MaxMessageLength = 2 * g.limits.MaxMessage // judged already; tidy may lengthen it
	return g
}

// Parse judges one whole message, a datagram or a frame of a stream, and parses it. Address fields
// of the result stay text (see translate.Parser); a body longer than Content-Length is cut. Exactly
// one of message and fault is nil. data is not kept.
func (g *Guard) Parse(data []byte) (sip.Message, *Fault) {
	data = skipEmptyLines(data)
	if len(data) == 0 {
		return nil, &Fault{Status: 400, Cause: "empty"}
	}
	var s scan
	if p := g.judge(&s, data); p != nil {
		return nil, g.fault(data, s.start.response, p)
	}
	text := data[:s.size]
	if s.untidy {
		text = tidy(text, len(s.body))
	}
	m, err := g.parser.ParseSIP(text)
	if err != nil {
		return nil, g.fault(data, s.start.response, problemUnparsed)
	}
	finish(m, &s)
	return m, nil
}

// judge holds the message against every rule, the ones on octets first.
func (g *Guard) judge(s *scan, data []byte) *problem {
	if p := s.read(data, &g.limits); p != nil {
		return p
	}
	if p := s.checkCommon(); p != nil {
		return p
	}
	if s.start.response {
		return s.checkResponse()
	}
	return s.checkRequest(&g.limits)
}

// finish corrects what sipgo makes of a sound message: it writes methods in capitals, though case
// matters in them (RFC 3261 section 7.1), and keeps the version as the peer spelled it.
func finish(m sip.Message, s *scan) {
	switch m := m.(type) {
	case *sip.Request:
		if string(m.Method) != string(s.start.method) {
			m.Method = sip.RequestMethod(s.start.method)
		}
		m.SipVersion = version
	case *sip.Response:
		m.SipVersion = version
	}
}

const version = "SIP/2.0"

// skipEmptyLines drops what may stand before a start line (RFC 3261 section 7.5); a keep-alive is
// nothing else.
func skipEmptyLines(data []byte) []byte {
	for len(data) > 0 && (data[0] == '\r' || data[0] == '\n') {
		data = data[1:]
	}
	return data
}
