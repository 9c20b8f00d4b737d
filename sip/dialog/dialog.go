package dialog

import (
	"time"

	"tandem/signal"
)

// Timers are the base intervals of RFC 3261 section 17.1.1.1.
type Timers struct{ T1, T2 time.Duration }

// Local is our side of a dialog.
type Local struct {
	Tag     string       // our tag: the handler of the leg that owns the dialog
	Contact signal.Party // where the peer reaches us: the edge that holds its flow
	Flow    signal.Flow  // way to the peer; follows the peer's requests when it is a UDP flow
	Timers  Timers
	Headers signal.Headers // put on every INVITE, response and BYE we send: User-Agent, Allow, Supported
}

// Call describes an INVITE to send.
type Call struct {
	Target   signal.URI   // request URI: the contact
	From, To signal.Party // without tags
	CallID   string
	Routes   []string       // Route set to begin with (Path of a registration)
	Headers  signal.Headers // extra fields of the first INVITE only
	Forwards int            // Max-Forwards, 0 for the default
}

// Dialog is the machine. Not safe for concurrent use: its owner is an actor.
type Dialog struct{}

// NewServer makes the dialog of a received INVITE.
func NewServer(invite *signal.Request, local Local, now time.Time) *Dialog { panic("to be written") }

// NewClient makes the dialog of an INVITE to be sent by Invite.
func NewClient(call Call, local Local, now time.Time) *Dialog { panic("to be written") }

// Events from the edge.

// Received takes a request inside the dialog (ACK, BYE, re-INVITE, UPDATE, INFO, REFER, NOTIFY, MESSAGE, OPTIONS).
func (d *Dialog) Received(r *signal.Request, now time.Time) []Effect { panic("to be written") }

// Cancelled takes the CANCEL of the first INVITE.
func (d *Dialog) Cancelled(reason string, now time.Time) []Effect { panic("to be written") }

// Answered takes a response to a request that this dialog sent.
func (d *Dialog) Answered(r *signal.Response, now time.Time) []Effect { panic("to be written") }

// TimerFired takes a timer that StartTimer asked for.
func (d *Dialog) TimerFired(id TimerID, now time.Time) []Effect { panic("to be written") }

// Commands from the leg. Each returns an error, and no effect, where the state does not allow it.

// Invite sends the first INVITE; sdp may be nil (the peer makes the SDP offer in its 2xx).
func (d *Dialog) Invite(sdp []byte, now time.Time) ([]Effect, error) { panic("to be written") }

// Progress sends a 1xx above 100 to the first INVITE.
func (d *Dialog) Progress(status int, reason string, sdp []byte, now time.Time) ([]Effect, error) {
	panic("to be written")
}

// Accept sends the 200 to the first INVITE and repeats it until the ACK comes; without ACK for
// 64*T1 the dialog ends itself with BYE.
func (d *Dialog) Accept(sdp []byte, now time.Time) ([]Effect, error) { panic("to be written") }

// Reject refuses the first INVITE.
func (d *Dialog) Reject(status int, reason string, headers signal.Headers, now time.Time) ([]Effect, error) {
	panic("to be written")
}

// Acknowledge sends the ACK with our SDP answer, after Accepted with NeedsACK.
func (d *Dialog) Acknowledge(sdp []byte, now time.Time) ([]Effect, error) { panic("to be written") }

// Reinvite sends an SDP offer in a re-INVITE; while another offer is under way it waits its turn.
func (d *Dialog) Reinvite(sdp []byte, now time.Time) ([]Effect, error) { panic("to be written") }

// AcceptOffer answers Offered: with the SDP answer, or with our SDP offer when the peer sent none.
func (d *Dialog) AcceptOffer(sdp []byte, now time.Time) ([]Effect, error) { panic("to be written") }

// RefuseOffer answers Offered with a refusal (488 and the like).
func (d *Dialog) RefuseOffer(status int, reason string, now time.Time) ([]Effect, error) {
	panic("to be written")
}

// Info sends an INFO.
func (d *Dialog) Info(contentType string, body []byte, now time.Time) ([]Effect, error) {
	panic("to be written")
}

// Refer asks the peer to call target (blind), or to replace a dialog (attended, replaces not nil).
func (d *Dialog) Refer(target signal.URI, replaces *Replaces, referredBy string, now time.Time) ([]Effect, error) {
	panic("to be written")
}

// AcceptRefer answers Referred with 202 and sends the first NOTIFY (100 Trying).
func (d *Dialog) AcceptRefer(id string, now time.Time) ([]Effect, error) { panic("to be written") }

// RefuseRefer answers Referred with a refusal.
func (d *Dialog) RefuseRefer(id string, status int, reason string, now time.Time) ([]Effect, error) {
	panic("to be written")
}

// ReportRefer sends a NOTIFY with the transfer's status; a final one ends the subscription.
func (d *Dialog) ReportRefer(id string, status int, reason string, now time.Time) ([]Effect, error) {
	panic("to be written")
}

// Hangup ends the dialog in whatever state it is: CANCEL (then ACK+BYE of a late 2xx), BYE, or a final
// refusal (status, 0 for the default 487/480) of an unanswered INVITE. reason becomes the Reason header
// (RFC 3326) when not empty, e.g. `SIP;cause=200;text="Call completed elsewhere"`.
// It may be called more than once.
func (d *Dialog) Hangup(status int, reason string, now time.Time) []Effect { panic("to be written") }
