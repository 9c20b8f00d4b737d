package signal

// Receiver is how a protocol hands requests in. Its methods are called on the goroutine that read
// the request, in the order of the wire, or noticed the end of a connection; none of them may block.
type Receiver interface {
	// Recognize notes of a request outside any dialog what is known before it is judged: in Origin.Trunk the trunk that it
	// comes from, and in Urgent whether it calls for help. The protocol has already checked credentials:
	// r.Origin.Account says who proved to be who.
	Recognize(r *Request)
	// Admit judges a request outside any dialog, after Recognize, before state is made for it. What only trusted peers may
	// say is still in r.Headers: who admits it knows more ways to trust somebody than by r.Origin.Trusted.
	Admit(r *Request) Verdict
	// Emergency says whether an address is a number that calls for help.
	Emergency(u URI) bool
	// Receive takes an admitted request outside any dialog. It is answered by Edge.Respond.
	Receive(r *Request)
	// Deliver takes a request inside a dialog to the owner of the local tag (its To tag). False
	// means that nobody here or elsewhere owns it: the protocol answers 481.
	Deliver(r *Request) bool
	// Cancelled tells that the peer has cancelled the INVITE named by id (RFC 3261 section 9.2), or
	// that the connection is gone over which it came and could be answered. A CANCEL itself is
	// answered already.
	Cancelled(id string, reason string)
	// Lost tells that a flow that only the peer can open again (a WebSocket) has ended: who was
	// reached by it can not be reached any more (RFC 5626 section 5.3).
	Lost(f Flow)
}

// Edge is how the owner of a dialog sends through the protocol's transports on one member. All
// methods return at once.
type Edge interface {
	// Send starts a client transaction over the flow, or towards the request's URI and routes when
	// the flow is zero. Responses reach answered in order, on a goroutine of the edge; a final one
	// is the last, except that an INVITE may bring further 2xx (RFC 6026 section 7.2). Failure to
	// send and time-outs come as Local responses 503 and 408. ACK is sent without a transaction and
	// gets no answer.
	Send(r *Request, flow Flow, answered func(*Response))
	// Cancel cancels the pending INVITE client transaction named by the request's ID. The reason is
	// the value of the CANCEL's Reason header (RFC 3326), "" for none.
	Cancel(id, reason string)
	// Respond answers a received request. A final response ends the server transaction; for a 2xx
	// to INVITE the dialog repeats the response until the ACK comes (RFC 3261 section 13.3.1.4).
	Respond(r *Response)
}

// Verdict is what Admit decides.
type Verdict struct {
	Action  VerdictAction
	Status  int     // for Refuse and Answer
	Reason  string  // for Refuse: phrase on the wire, "" for the usual one
	Headers Headers // for Refuse and Answer
	Realm   string  // for Challenge
}

// VerdictAction is the kind of a Verdict.
type VerdictAction int

// The verdicts.
const (
	Proceed   VerdictAction = iota // take it
	Challenge                      // ask for credentials: 401 (or 407), sent once, statelessly
	Refuse                         // answer Status, statelessly
	Ignore                         // answer nothing
	Answer                         // that is all there is to it: answer Status, statelessly
)
