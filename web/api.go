package web

import (
	"context"
	"net"
	"net/http"
	"time"
)

// Accounts are the accounts of the cluster. A refusal is an *Error.
type Accounts interface {
	// Find returns the accounts that match, in the order of their AORs, at most q.Limit.
	Find(ctx context.Context, q AccountQuery) ([]Account, error)
	// Save makes an account or changes one, and returns it as it is now.
	Save(ctx context.Context, c AccountChange) (Account, error)
	// Remove ends an account and its registrations. A revision other than 0 must be the current one.
	Remove(ctx context.Context, aor string, revision uint64) error
}

// Registrations are the contacts bound to AORs.
type Registrations interface {
	// Find returns the registrations that match, ordered by AOR, at most q.Limit.
	Find(ctx context.Context, q RegistrationQuery) ([]Registration, error)
	// Kick removes one contact of the AOR, or all when contact is "", and returns how many.
	Kick(ctx context.Context, aor, contact string) (int, error)
}

// Calls are the legs that live and the records of those that ended.
type Calls interface {
	// Legs returns the living legs that match, oldest first, at most q.Limit.
	Legs(ctx context.Context, q LegQuery) ([]Leg, error)
	// Records returns the records that match, newest first, at most q.Limit.
	Records(ctx context.Context, q RecordQuery) ([]Record, error)
	// Hangup ends the leg that the handler's text names.
	Hangup(ctx context.Context, handler string) error
}

// Health tells whether the member can do its work.
type Health interface {
	// Health must answer at once, from what is known already.
	Health() Condition
}

// Settings are the member's own settings. LiveSettings makes them of a conf.Live.
type Settings interface {
	// Effective returns every setting with its value, secrets masked, and its origin.
	Effective() []Setting
	// Reload reads the file and the environment again. A bad file changes nothing: the answer is an
	// *Error that names every mistake.
	Reload(ctx context.Context) (Reloaded, error)
}

// SIPSockets takes over WebSockets that carry SIP.
type SIPSockets interface {
	// ServeSocket reads the socket until it fails. The listener closes it afterwards.
	ServeSocket(s *Socket)
}

// XIMSS takes over what clients of sessions say.
type XIMSS interface {
	// ServeSocket takes over a WebSocket and closes it; ended is called behind that. It returns at once.
	ServeSocket(s *Socket, ended func())
	// ServeConn takes over a connection on which no HTTP is spoken. It returns at once.
	ServeConn(conn net.Conn)
	// ServeHTTP serves what IsPath says is its own.
	http.Handler
	IsPath(path string) bool
}

// Authenticator knows the administrators.
type Authenticator interface {
	// Administrator reports whether the password is that of an enabled administrator. It must take
	// the same time for a user that does not exist.
	Administrator(user, password string) bool
}

// Services are what the listener hands requests to. All of them are required but XIMSS, Logins,
// without which only administrators log in to the pages, Reports, without which there are none, and Cluster and
// Joiner: a member without them is alone.
type Services struct {
	Accounts      Accounts
	Registrations Registrations
	Calls         Calls
	Tasks         Tasks
	Sessions      Sessions
	Queues        Queues
	Agents        Agents
	QueueLogs     QueueLogs // nil: nobody keeps any
	LiveLogs      LiveLogs  // nil likewise
	Recordings    Recordings
	Reports       Reports
	LogRecordings LogRecordings
	Statistics    Statistics // nil: there are none
	StatFiles     StatFiles  // nil: there are none
	Sources       Sources    // nil: none are taken
	Trunks        Trunks     // nil: there are none
	Health        Health
	Settings      Settings
	Stored        StoredSettings
	Sockets       SIPSockets
	XIMSS         XIMSS // nil: nobody listens
	Authenticator Authenticator
	Tickets       Tickets // nil: this member is alone
	Logins        Logins
	Cluster       Cluster
	Joiner        Joiner
}

// whole says what a member is that has no cluster.
func (v Services) whole() Services {
	if v.Logins == nil {
		v.Logins = administratorsAlone{v.Authenticator}
	}
	if v.Cluster == nil {
		v.Cluster = alone{v}
	}
	if v.Joiner == nil {
		v.Joiner = alone{v}
	}
	return v
}

// Seconds is a length of time on the wire: a JSON number in seconds.
type Seconds float64

// InSeconds turns a duration into its form on the wire.
func InSeconds(d time.Duration) Seconds { return Seconds(d.Seconds()) }

// Duration is the length as Go counts it.
func (s Seconds) Duration() time.Duration { return time.Duration(float64(s) * float64(time.Second)) }

// Account is one account as an administrator sees it. The password is never part of it.
type Account struct {
	AOR         string    `json:"aor"`          // user@domain
	Display     string    `json:"display"`      // name shown to people
	Enabled     bool      `json:"enabled"`      // a disabled account neither registers nor calls
	Roles       []string  `json:"roles"`        // e.g. "administrator", "agent", "supervisor"
	Forward     Forward   `json:"forward"`      // where its calls go instead
	Voicemail   Voicemail `json:"voicemail"`    // when its calls go to voice mail
	Aliases     []string  `json:"aliases"`      // further addresses that mean this account
	Record      bool      `json:"record"`       // its answered calls are recorded
	MaxContacts int       `json:"max_contacts"` // registrations at once; 0 means the member's setting
	SRTP        string    `json:"srtp"`         // encryption of its phones' audio: never, offered, required; "" as media.srtp says
	Revision    uint64    `json:"revision"`     // grows with every change
}

// Forward says where calls of an account go instead. Empty addresses do nothing.
type Forward struct {
	All           string  `json:"all,omitempty"`
	Busy          string  `json:"busy,omitempty"`
	NoAnswer      string  `json:"no_answer,omitempty"`
	NoAnswerAfter Seconds `json:"no_answer_after,omitempty"` // 0 means the member's setting
	Failure       string  `json:"failure,omitempty"`         // also when nothing is registered
}

// AccountQuery selects accounts.
type AccountQuery struct {
	AOR   string // exactly this one; "" for all
	Match string // part of the AOR or of the display name, without regard to case
	After string // only AORs behind this one: the next page
	Limit int
}

// AccountChange is what Save is told. A nil field stays as it is, or takes its default in a new
// account.
type AccountChange struct {
	AOR         string  // whose
	Create      bool    // it must not exist yet; otherwise it must
	Revision    uint64  // other than 0: the revision that the change was made upon
	Author      string  // who asked
	Password    *string // new password, clear text
	Display     *string
	Enabled     *bool
	Roles       *[]string
	Forward     *ForwardChange
	Voicemail   *Voicemail
	Aliases     *[]string
	Record      *bool
	MaxContacts *int
	SRTP        *string
}

// Voicemail says when calls of an account go to voice mail.
type Voicemail struct {
	On      bool    `json:"on"`              // when nobody has answered
	After   Seconds `json:"after,omitempty"` // for so long; 0 means the member's setting
	OnBusy  bool    `json:"on_busy"`
	OnError bool    `json:"on_error"` // also when nothing is registered
}

// ForwardChange changes some of the forwards. A nil field stays as it is; an empty address ends the
// forward.
type ForwardChange struct {
	All           *string  `json:"all"`
	Busy          *string  `json:"busy"`
	NoAnswer      *string  `json:"no_answer"`
	NoAnswerAfter *Seconds `json:"no_answer_after"`
	Failure       *string  `json:"failure"`
}

// Apply returns f as it is after the change. A nil change changes nothing.
func (c *ForwardChange) Apply(f Forward) Forward {
	if c == nil {
		return f
	}
	for to, from := range map[*string]*string{
		&f.All: c.All, &f.Busy: c.Busy, &f.NoAnswer: c.NoAnswer, &f.Failure: c.Failure,
	} {
		if from != nil {
			*to = *from
		}
	}
	if c.NoAnswerAfter != nil {
		f.NoAnswerAfter = *c.NoAnswerAfter
	}
	return f
}

// Registration is one contact bound to an AOR.
type Registration struct {
	AOR       string    `json:"aor"`
	Contact   string    `json:"contact"`   // the URI that the phone gave
	Transport string    `json:"transport"` // udp, tcp, tls, ws or wss
	Source    string    `json:"source"`    // address and port it came from
	Agent     string    `json:"agent"`     // User-Agent header of the phone
	Since     time.Time `json:"since"`     // first registration of this contact
	Expires   time.Time `json:"expires"`
	Member    string    `json:"member"` // the edge that holds the flow
}

// RegistrationQuery selects registrations.
type RegistrationQuery struct {
	AOR   string // "" for all
	Limit int
}

// Leg is one living leg.
type Leg struct {
	Handler     string    `json:"handler"`
	Call        string    `json:"call"` // legs of one call share it
	SIPCallID   string    `json:"sip_call_id,omitempty"`
	Account     string    `json:"account,omitempty"` // AOR on whose behalf
	Direction   string    `json:"direction"`         // in or out
	State       string    `json:"state"`
	Peer        string    `json:"peer"` // address and port signalling goes to
	From        string    `json:"from"`
	To          string    `json:"to"`
	Application string    `json:"application,omitempty"` // what answered, if not a phone
	Recording   string    `json:"recording,omitempty"`   // file with the call's audio, left the party that called
	Codec       string    `json:"codec,omitempty"`
	Encryption  string    `json:"encryption,omitempty"` // DTLS-SRTP, SDES-SRTP; none: the audio is sent as it is
	Since       time.Time `json:"since"`
	Answered    time.Time `json:"answered,omitzero"`
	Member      string    `json:"member"`
	Trunk       string    `json:"trunk,omitempty"`     // over which the party was reached or called
	Needs       string    `json:"needs,omitempty"`     // member that needs it, if another one
	Placement   string    `json:"placement,omitempty"` // word by which its member was chosen
	MOS         float64   `json:"mos,omitempty"`       // 1 to 4.5, 0 when unknown
}

// LegQuery selects living legs.
type LegQuery struct {
	Account string
	Handler string
	Limit   int
}

// Record is what remains of a leg that has ended. Every leg has exactly one.
type Record struct {
	Leg
	End      time.Time   `json:"end"`
	Duration Seconds     `json:"duration"`         // from answer to end; 0 when never answered
	Cause    string      `json:"cause"`            // why it ended, one word of the journal
	By       string      `json:"by"`               // who ended it: caller, callee or member
	Status   int         `json:"status,omitempty"` // final SIP status of the INVITE
	Media    MediaReport `json:"media"`
}

// MediaReport is what the leg's stream measured.
type MediaReport struct {
	Sent          uint64  `json:"sent"`     // packets
	Received      uint64  `json:"received"` // packets
	Lost          uint64  `json:"lost"`     // packets expected and not received
	LossRatio     float64 `json:"loss_ratio"`
	Jitter        Seconds `json:"jitter"`
	RoundTrip     Seconds `json:"round_trip"` // 0 when unknown
	RemoteLoss    float64 `json:"remote_loss_ratio"`
	RemoteJitter  Seconds `json:"remote_jitter"`
	Discarded     uint64  `json:"discarded"` // packets from elsewhere, malformed or too late
	Concealed     uint64  `json:"concealed"` // frames made up
	RemoteAddress string  `json:"remote_address,omitempty"`
	Fax           *Fax    `json:"fax,omitempty"` // none: the call never was a fax
}

// Fax is what passed of T.38.
type Fax struct {
	Sent     uint64 `json:"sent"`     // datagrams
	Received uint64 `json:"received"` // datagrams
	Lost     uint64 `json:"lost"`     // by the gaps in their numbers
}

// RecordQuery selects records.
type RecordQuery struct {
	Account   string
	SIPCallID string
	Since     time.Time // only records that ended at or after; zero for all
	Limit     int
}

// Condition is the health of the member.
type Condition struct {
	Member   string    `json:"member"`
	Version  string    `json:"version"`
	Started  time.Time `json:"started"`
	Ready    bool      `json:"ready"` // new calls are welcome
	Draining bool      `json:"draining"`
	Checks   []Check   `json:"checks"`
}

// Check is one thing that readiness stands on.
type Check struct {
	Name    string `json:"name"`
	OK      bool   `json:"ok"`
	Message string `json:"message,omitempty"`
}

// Setting is one effective setting.
type Setting struct {
	Key    string `json:"key"`    // section.key
	Value  string `json:"value"`  // as it would be written in the file; secrets masked
	Origin string `json:"origin"` // default, file:line, environment variable or flag
}

// Reloaded tells what a reload has done.
type Reloaded struct {
	Changes []SettingChange `json:"changes"`
}

// SettingChange is one setting that differs from before.
type SettingChange struct {
	Key    string `json:"key"`
	Old    string `json:"old"`
	New    string `json:"new"`
	Origin string `json:"origin"` // where the new value comes from
	Effect string `json:"effect"` // when it acts: now, next call or restart
}
