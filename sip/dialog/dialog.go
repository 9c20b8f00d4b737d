package dialog

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"tandem/signal"
)

// Timers are the base intervals of RFC 3261 section 17.1.1.1. Zero means the usual value.
type Timers struct{ T1, T2 time.Duration }

// The usual base intervals.
const (
	usualT1 = 500 * time.Millisecond
	usualT2 = 4 * time.Second
)

// lastMargin is what a dialog that ends gets beyond the time in which its peer has to answer.
const lastMargin = 8 * time.Second

// LastWords is how long the owner of a dialog waits, after Hangup, until it gives the dialog up: longer than the dialog itself
// waits for the answer to its CANCEL or BYE, 64*T1 (RFC 3261 section 9.1).
func (t Timers) LastWords() time.Duration { return 64*t.usual().T1 + lastMargin }

// usual are the intervals with the usual values in place of zeros.
func (t Timers) usual() Timers {
	if t.T1 <= 0 {
		t.T1 = usualT1
	}
	if t.T2 < t.T1 {
		t.T2 = max(usualT2, t.T1)
	}
	return t
}

// Local is our side of a dialog.
type Local struct {
	Tag     string       // our tag: the handler of the leg that owns the dialog
	Contact signal.Party // where the peer reaches us: the edge that holds its flow
	// Flow is the way to the peer; it follows the peer's requests. Zero means: that of the INVITE
	// for a server; for a client, resolve the target, now and later.
	Flow    signal.Flow
	Timers  Timers
	Headers signal.Headers // put on every request but ACK, and on every response: User-Agent, Allow, Supported
	Seed    uint64         // of the random pauses; 0 means: made from Call-ID and tag
	Moved   func(Move)     // told every change of state, for the log; may be nil
	// Prove makes the field that answers the challenges of a 401 or 407 to a request of ours. Nil: they are refusals.
	Prove func(*signal.Response, *signal.Request) (signal.Header, error)

	Reliably Reliably     // which 1xx ask for PRACK
	Timing   SessionTimer // our terms for session timers

	// Dress makes the body of an INVITE of ours, with what goes beside its SDP. Nil: nothing does.
	Dress func(sdp []byte) (contentType string, body []byte)
	// After is the number that those of our requests begin behind: who has several dialogs under one tag keeps their IDs apart.
	After uint64
}

// Call describes an INVITE to send.
type Call struct {
	Target   signal.URI   // request URI: the contact
	From, To signal.Party // without tags
	CallID   string
	Routes   []string       // Route set to begin with (Path of a registration)
	Headers  signal.Headers // extra fields of the first INVITE only
	Forwards int            // Max-Forwards, 0 for the default
	Other    func() []byte  // makes the SDP offer to be tried once after 488; nil, or what gives nil: there is none
}

// Dialog is the machine. Not safe for concurrent use: its owner is an actor.
type Dialog struct {
	local  Local
	callID string
	us     signal.Party // our name with our tag: From of our requests
	state  State
	aware  bool  // the peer wants to know whether it is recorded
	cause  Cause // of the end that is under way
	byeID  string

	allow    []string // methods that the peer takes, as it says
	path     *path    // towards the peer; nil in a client before the first 2xx
	client   client
	server   server
	unacked  *acceptance // our 2xx that waits for its ACK
	exchange exchange
	refers   refers
	unproven []*unproven
	timing   timing

	now    time.Time // of the present event
	out    []Effect  // of the present event
	timers timers
	lastID uint64
	random *rand.Rand
}

// NewServer makes the dialog of a received INVITE.
func NewServer(invite *signal.Request, local Local, now time.Time) *Dialog {
	if local.Flow.IsZero() {
		local.Flow = invite.Origin.Flow
	}
	d := newDialog(invite.CallID, invite.To, local, now)
	d.state = Incoming
	d.server.invite, d.server.cseq, d.server.began = invite, invite.CSeq, true
	d.path = &path{peer: invite.From, target: invite.From.URI,
		routes: routeSet(invite.Routes), seen: invite.CSeq}
	d.path.refresh(invite.Contacts)
	d.allow, d.aware = allowed(invite.Headers), invite.Headers.Has("Supported", optionAware)
	return d
}

// NewClient makes the dialog of an INVITE to be sent by Invite.
func NewClient(call Call, local Local, now time.Time) *Dialog {
	d := newDialog(call.CallID, call.From, local, now)
	d.client.call = &call
	return d
}

// Limits of the parameters that an owner puts on our Contact.
const (
	maxContactParams = 16
	maxContactParam  = 128 // bytes of a value
)

// SetContactParam sets a parameter of our Contact, as messages show it from here on; a flag has no value. It
// is false, and changes nothing, where the name is no token, or the value can not be written or is too long.
func (d *Dialog) SetContactParam(name, value string) bool {
	if !token(name) || len(name)+len(value) > maxContactParam {
		return false
	}
	if value != "" && !token(value) {
		if strings.ContainsFunc(value, func(c rune) bool { return c < ' ' || c == 0x7f || c == '"' || c == '\\' }) {
			return false
		}
		value = `"` + value + `"`
	}
	with := d.local.Contact.Params.With(name, value)
	if len(with) > maxContactParams {
		return false
	}
	d.local.Contact.Params = with
	return true
}

// RemoveContactParam takes a parameter off our Contact.
func (d *Dialog) RemoveContactParam(name string) {
	d.local.Contact.Params = d.local.Contact.Params.Without(name)
}

// supported are the owner's headers without the extensions that this dialog does not do. Appending to them does not
// reach into the owner's array.
func (l *Local) supported() signal.Headers {
	h := l.Headers[:len(l.Headers):len(l.Headers)]
	if l.Reliably == Never {
		h = withoutOption(h, option100rel)
	}
	if l.Timing.Interval <= 0 {
		h = withoutOption(h, optionTimer)
	}
	return h
}

// withoutOption takes an extension off Supported; h itself is left as it was.
func withoutOption(h signal.Headers, option string) signal.Headers {
	if !h.Has("Supported", option) {
		return h
	}
	out := slices.Clone(h)
	for i := range out {
		if !strings.EqualFold(out[i].Name, "Supported") {
			continue
		}
		var left []string
		for o := range strings.SplitSeq(out[i].Value, ",") {
			if o = strings.TrimSpace(o); !strings.EqualFold(o, option) {
				left = append(left, o)
			}
		}
		out[i].Value = strings.Join(left, ", ")
	}
	return slices.Clip(out)
}

func newDialog(callID string, us signal.Party, local Local, now time.Time) *Dialog {
	local.Timers = local.Timers.usual()
	if local.Seed == 0 {
		h := fnv.New64a()
		h.Write([]byte(callID + "\n" + local.Tag))
		local.Seed = h.Sum64()
	}
	local.Headers = local.supported()
	return &Dialog{local: local, callID: callID, us: us.WithTag(local.Tag), now: now, lastID: local.After}
}
