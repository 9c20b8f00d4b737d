package dialog

import (
	"time"

	"tandem/signal"
)

// Effect is what the owner must do, in order. The set is closed.
type Effect interface{ effect() }

// Effects towards the edge.
type (
	// Send starts a client transaction (or sends an ACK). Its responses come back by Answered.
	Send struct {
		Request *signal.Request
		Flow    signal.Flow
	}
	// Cancel cancels the client INVITE transaction with that ID. Reason is the value of the CANCEL's
	// Reason field (RFC 3326), "" for none.
	Cancel struct{ Request, Reason string }
	// Respond answers a received request.
	Respond struct{ Response *signal.Response }
	// StartTimer asks for TimerFired(ID) after a while. There is no stop: a timer of an old state
	// is recognised and ignored.
	StartTimer struct {
		ID    TimerID
		After time.Duration
	}
)

// TimerID names one running of one timer.
type TimerID struct {
	Kind string // for logs
	Seq  uint64
}

// Effects towards the leg.
type (
	// Progressed: the peer sent a 1xx (above 100) to our first INVITE.
	Progressed struct {
		Status int
		Reason string
		SDP    []byte // answer to our SDP offer, or nil
		Tag    string // which fork
	}
	// Accepted: the peer sent 2xx to an INVITE of ours: the first, or a re-INVITE. SDP is the answer to our
	// SDP offer; it is the peer's SDP offer when our INVITE had none, and then the ACK waits for Acknowledge.
	Accepted struct {
		First    bool
		SDP      []byte
		NeedsACK bool // the leg must call Acknowledge with an SDP answer
		Tag      string
	}
	// Refused: our first INVITE got its final refusal; the dialog is over (no Ended follows).
	Refused struct {
		Status   int
		Reason   string
		Contacts []signal.Party // of a 3xx
		Headers  signal.Headers // Retry-After, Reason, Warning
		Local    bool           // no answer at all, or not sent
	}
	// ReofferRefused: our re-INVITE was refused (not 491, which is tried again by itself, and not
	// 481/408, which end the dialog). The old SDP state stands.
	ReofferRefused struct {
		Status int
		Reason string
	}
	// Offered: the peer re-INVITEs (or UPDATEs, or PRACKs with an SDP offer). SDP nil means: it wants our SDP offer. The leg
	// answers with AcceptOffer or RefuseOffer.
	Offered struct{ SDP []byte }
	// Withdrawn: the peer took back what Offered brought (CANCEL). The dialog has answered it.
	Withdrawn struct{}
	// AcceptSent: our 2xx to the first INVITE is on its way. What Accept wants may wait for a PRACK, and come to nothing:
	// the call is answered from here on.
	AcceptSent struct{}
	// Confirmed: the ACK to our 2xx came. First tells whether it was for the first INVITE. SDP is the
	// answer when our 2xx carried the SDP offer.
	Confirmed struct {
		First bool
		SDP   []byte
	}
	// EarlyAnswered: the PRACK of our 1xx with an SDP offer came. SDP is the answer, or nil where it has none.
	EarlyAnswered struct{ SDP []byte }
	// Refresh: the call must be refreshed, and the peer takes no UPDATE: the leg calls Reinvite with what stands.
	Refresh struct{}
	// Referred: the peer asks for a transfer. The leg answers with AcceptRefer or RefuseRefer.
	Referred struct {
		ID         string // names the refer in the leg's answers
		Target     signal.URI
		Replaces   *Replaces
		ReferredBy string // header value, "" when absent
		Silent     bool   // norefersub (RFC 4488): no NOTIFY wanted
	}
	// ReferProgress: the peer reports on our REFER (sipfrag).
	ReferProgress struct {
		ID     string // CSeq of the REFER
		Status int
		Final  bool
	}
	// ReferAnswered: the peer's answer to our REFER request itself.
	ReferAnswered struct {
		ID     string // CSeq of the REFER
		Status int
		Reason string
		Final  bool // no ReferProgress follows
	}
	// Replied: the peer's answer to an INFO, a MESSAGE or an OPTIONS of ours.
	Replied struct {
		Request string // ID of that request, as Send had it
		Status  int
		Reason  string
	}
	// Informed: an INFO came and was answered 200.
	Informed struct {
		ContentType string
		Body        []byte
	}
	// Messaged: a MESSAGE came inside the dialog and was answered 200.
	Messaged struct {
		ContentType string
		Body        []byte
	}
	// Ended: the dialog is over. No effect follows it, but retransmitted requests are still answered by 481.
	Ended struct{ Cause Cause }
)

// Cause tells how a dialog ended.
type Cause struct {
	By     By
	Status int    // SIP status that describes it: 200 normal, 408, 481, 487 cancelled, 500 ...
	Reason string // text for the record
	Field  string // the Reason field that the peer gave (RFC 3326), in our own writing, to be passed on; "" for none
}

// By tells who ended a dialog.
type By int

// Who ended it.
const (
	ByPeer    By = iota // BYE or CANCEL came
	ByUs                // Hangup was called
	ByFailure           // time-out, 481, protocol error
)

// Replaces is the content of a Replaces header (RFC 3891).
type Replaces struct {
	CallID   string
	LocalTag string // to-tag: our side's tag of the dialog to replace
	PeerTag  string // from-tag
	Early    bool   // early-only
}

func (Send) effect()           {}
func (Cancel) effect()         {}
func (Respond) effect()        {}
func (StartTimer) effect()     {}
func (Progressed) effect()     {}
func (Accepted) effect()       {}
func (Refused) effect()        {}
func (ReofferRefused) effect() {}
func (Offered) effect()        {}
func (Withdrawn) effect()      {}
func (AcceptSent) effect()     {}
func (Confirmed) effect()      {}
func (EarlyAnswered) effect()  {}
func (Refresh) effect()        {}
func (Referred) effect()       {}
func (ReferProgress) effect()  {}
func (ReferAnswered) effect()  {}
func (Replied) effect()        {}
func (Informed) effect()       {}
func (Messaged) effect()       {}
func (Ended) effect()          {}
