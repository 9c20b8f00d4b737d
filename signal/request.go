package signal

import "net/netip"

// Method is a request's method, spelled as on the wire; case matters (RFC 3261 section 7.1).
type Method string

// The methods that this server understands.
const (
	INVITE    Method = "INVITE"
	ACK       Method = "ACK"
	BYE       Method = "BYE"
	CANCEL    Method = "CANCEL"
	REGISTER  Method = "REGISTER"
	OPTIONS   Method = "OPTIONS"
	INFO      Method = "INFO"
	MESSAGE   Method = "MESSAGE"
	REFER     Method = "REFER"
	NOTIFY    Method = "NOTIFY"
	SUBSCRIBE Method = "SUBSCRIBE"
	UPDATE    Method = "UPDATE"
	PRACK     Method = "PRACK"
	PUBLISH   Method = "PUBLISH"
)

// Flow names the way to a peer as seen from one member: the transport connection, or for UDP the
// pair of addresses, that its packets use (RFC 5626 section 3). A flow is opaque to all but the
// edge that made it; it can be stored and sent. The zero Flow means "none: resolve the URI".
type Flow struct {
	Edge      string         // the member whose edge holds the flow
	Transport string         // "UDP", "TCP", "TLS", "WS", "WSS", "XIMSS"
	Local     netip.AddrPort // our end
	Remote    netip.AddrPort // the peer's end
	Conn      uint64         // connection number for stream transports, 0 for UDP
	Session   string         // handler of the XIMSS session that the flow leads to, "" for all others
}

// XIMSS is the Transport of a flow to a session: no text travels over it, but requests and responses themselves.
const XIMSS = "XIMSS"

// IsZero reports whether no flow is named.
func (f Flow) IsZero() bool { return f.Transport == "" }

// Origin says where a request came from and what was proved about it.
type Origin struct {
	Flow    Flow
	Account AOR    // the account that proved its password, "" when none did
	Agent   string // User-Agent of the sender, for records and lists
	Trunk   string // the trunk that it comes from, "" when from none
	Trusted bool   // its sender is trusted by his address (RFC 3325)
}

// Request is one request, as received or to be sent.
//
// A received request carries the name of its server transaction in ID, by which every Response
// refers to it. A request to be sent gets its ID from its author, unique on the member; the edge
// uses it to name the client transaction. Via is the edge's own business and never appears here.
type Request struct {
	ID          string
	Method      Method
	URI         URI
	From, To    Party
	CallID      string
	CSeq        uint32
	MaxForwards int      // hops left; 0 in a request to be sent means the default, 70
	Contacts    []Party  // Contact header; "*" of REGISTER is a Party whose URI.Scheme is "*"
	Routes      []string // to send: Route, top first. Received: Record-Route, as on the wire
	Headers     Headers  // all other fields, in order
	ContentType string
	Body        []byte
	Origin      Origin // received requests only
	Urgent      bool   // it calls for help: limits have more room for it
}

// InDialog reports whether the request belongs to an existing dialog: its To has a tag.
func (r *Request) InDialog() bool { return r.To.Tag() != "" }
