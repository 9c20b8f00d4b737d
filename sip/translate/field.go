package translate

import (
	"strings"

	"github.com/emiago/sipgo/sip"
)

// compact are the one-letter names of header fields: RFC 3261 section 7.3.3 and the IANA registry.
var compact = [256]string{
	'a': "Accept-Contact", 'b': "Referred-By", 'c': "Content-Type", 'd': "Request-Disposition",
	'e': "Content-Encoding", 'f': "From", 'i': "Call-ID", 'j': "Reject-Contact", 'k': "Supported",
	'l': "Content-Length", 'm': "Contact", 'n': "Identity-Info", 'o': "Event", 'r': "Refer-To",
	's': "Subject", 't': "To", 'u': "Allow-Events", 'v': "Via", 'x': "Session-Expires", 'y': "Identity",
}

// structural are the fields that have a place of their own in a signal, or belong to the edge.
var structural = [...]string{
	"Via", "From", "To", "Call-ID", "CSeq", "Max-Forwards", "Contact", "Route", "Record-Route",
	"Content-Type", "Content-Length",
}

// Canonical is the long name of a header field in its usual spelling where the field is one that
// the translation reads or has a compact form; any other name comes back as it is.
func Canonical(name string) string {
	if len(name) == 1 {
		if long := compact[name[0]|0x20]; long != "" {
			return long
		}
		return name
	}
	for _, s := range structural {
		if len(s) == len(name) && strings.EqualFold(s, name) {
			return s
		}
	}
	return name
}

// isStructural reports whether a field of that canonical name may not stand among signal.Headers
// of a message to be written.
func isStructural(canonical string) bool {
	for _, s := range structural {
		if s == canonical {
			return true
		}
	}
	return false
}

// Parser makes a sipgo parser that keeps every field it does not need for framing, matching and
// routing as text, so that nothing of it is lost before Request and Response see it. It is safe
// for concurrent use.
func Parser() *sip.Parser {
	own := sip.DefaultHeadersParser()
	kept := make(map[string]sip.HeaderParser)
	for _, name := range [...]string{"via", "v", "call-id", "i", "cseq", "max-forwards", "content-length", "l"} {
		kept[name] = own[name]
	}
	return sip.NewParser(sip.WithHeadersParsers(kept))
}

// text is the value of a header field as it stands, or should have stood, on the wire. Only for
// sipgo's typed address fields is there anything to mend: it keeps spaces around ';' and '=' in the
// names and values of parameters.
func text(h sip.Header) string {
	switch h := h.(type) {
	case *sip.FromHeader:
		return addressText(h.DisplayName, &h.Address, h.Params)
	case *sip.ToHeader:
		return addressText(h.DisplayName, &h.Address, h.Params)
	case *sip.ContactHeader:
		if h.Address.Wildcard {
			return "*"
		}
		return addressText(h.DisplayName, &h.Address, h.Params)
	}
	return h.Value()
}

func addressText(display string, uri *sip.Uri, params sip.HeaderParams) string {
	var b strings.Builder
	if display != "" {
		// sipgo leaves the escapes of a quoted name in it, so it can stand between quotes again.
		b.WriteString(`"` + display + `" `)
	}
	b.WriteByte('<')
	mended := *uri
	mended.Host = strings.TrimSpace(uri.Host)
	mended.StringWrite(&b)
	b.WriteByte('>')
	for _, p := range params {
		b.WriteString(";" + strings.TrimSpace(p.K))
		if v := strings.TrimSpace(p.V); v != "" {
			b.WriteString("=" + v)
		}
	}
	return b.String()
}
