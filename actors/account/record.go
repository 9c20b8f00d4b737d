package account

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/argon2"

	"tandem/signal"
	"tandem/ximss/object"
)

// Roles that an account may have.
const (
	Administrator = "administrator"
	Supervisor    = "supervisor"
	Agent         = "agent"
	Robot         = "robot"   // a program that asks for reports
	Loader        = "loader"  // loads queue logs, and no more
	Adapter       = "adapter" // sends for sources of statistics, and no more
)

// Record is an account as the store keeps it: JSON, in the bucket "accounts" under its AOR. Secrets
// are kept as hashes, and sealed.
type Record struct {
	AOR         signal.AOR
	Display     string        `json:",omitempty"`
	Disabled    bool          `json:",omitempty"`
	Roles       []string      `json:",omitempty"`
	Aliases     []signal.AOR  `json:",omitempty"`
	Telnums     []string      `json:",omitempty"` // telephone numbers that reach it, as signal.Telnum reads them
	Forward     Forward       `json:",omitzero"`
	Voicemail   Voicemail     `json:",omitzero"`
	SignalRules []signal.Rule `json:",omitempty"` // checked by signal.CheckRules before they are stored
	Recorded    bool          `json:",omitempty"` // its answered calls are recorded
	SRTP        string        `json:",omitempty"` // encryption of its phones' audio, a word of media.srtp; "": as the settings say
	MaxContacts int           `json:",omitempty"` // 0: the member's setting
	MD5         string        `json:",omitempty"` // HA1 (RFC 7616 section 3.4.2) with each hash
	SHA256      string        `json:",omitempty"`
	Web         string        `json:",omitempty"` // argon2id, for pages and REST
	Sealed      string        `json:",omitempty"` // the password itself, under a key of the cluster's
	Created     time.Time     `json:",omitzero"`
	Rights      []string      `json:",omitempty"` // beyond those of the roles: see ximss/cli
	Settings    string        `json:",omitempty"` // dictionary in the text form of objects: those kept for others
	Preferences string        `json:",omitempty"` // dictionary in the text form of objects
}

// Forward says where calls go that the devices do not take: simplified rules (signal.Simple).
type Forward struct {
	All           signal.AOR    `json:",omitempty"`
	Busy          signal.AOR    `json:",omitempty"`
	NoAnswer      signal.AOR    `json:",omitempty"`
	NoAnswerAfter time.Duration `json:",omitempty"`
	Failure       signal.AOR    `json:",omitempty"`
}

// Voicemail says when calls go to voice mail: simplified rules too.
type Voicemail struct {
	On      bool          `json:",omitempty"` // when nobody has answered for After
	After   time.Duration `json:",omitempty"` // 0: the router's ring time-out
	OnBusy  bool          `json:",omitempty"`
	OnError bool          `json:",omitempty"` // no device, or none could be reached
}

// ErrRecord says that a stored account can not be read.
var ErrRecord = errors.New("account: malformed record")

// Decode reads a record.
func Decode(b []byte) (*Record, error) {
	r := &Record{}
	if err := json.Unmarshal(b, r); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRecord, err)
	}
	if r.AOR == "" {
		return nil, fmt.Errorf("%w: no AOR", ErrRecord)
	}
	return r, nil
}

// Encode writes the record.
func (r *Record) Encode() []byte {
	b, err := json.Marshal(r)
	if err != nil {
		panic("account: a record of plain fields did not marshal: " + err.Error())
	}
	return b
}

// Is reports whether the account has a role.
func (r *Record) Is(role string) bool { return slices.Contains(r.Roles, role) }

// PreferenceTexts are the preferences that are plain strings, by name, for rules to look at.
func (r *Record) PreferenceTexts() map[string]string {
	v, err := object.Parser{Folded: true}.Parse(r.Preferences)
	d := v.Dictionary()
	if err != nil || d.Len() == 0 {
		return nil
	}
	texts := make(map[string]string, d.Len())
	for i := range d.Len() {
		if text, ok := d.At(i).Str(); ok {
			key, _ := d.Key(i)
			texts[key] = text
		}
	}
	return texts
}

// signal is the account as routing sees it.
func (r *Record) signal() signal.Account {
	simple := signal.Simple{All: r.Forward.All, Busy: r.Forward.Busy, NoAnswer: r.Forward.NoAnswer,
		NoAnswerAfter: r.Forward.NoAnswerAfter, Failure: r.Forward.Failure,
		Voicemail: r.Voicemail.On, VoicemailAfter: r.Voicemail.After,
		VoicemailBusy: r.Voicemail.OnBusy, VoicemailError: r.Voicemail.OnError}
	number := ""
	if len(r.Telnums) > 0 {
		number = r.Telnums[0]
	}
	return signal.Account{AOR: r.AOR, Display: r.Display, Number: number, Disabled: r.Disabled, Recorded: r.Recorded, SRTP: r.SRTP,
		Rules: append(simple.Rules(), r.SignalRules...), Preferences: r.PreferenceTexts()}
}

// Cost of a web password: argon2id with 19 MiB and two passes, as OWASP recommends at least.
const (
	webTime, webMemory, webThreads = 2, 19 << 10, 1
	webSalt, webKey                = 16, 32
)

// HashWeb makes the stored form of a web password.
func HashWeb(password string) string {
	salt := make([]byte, webSalt)
	_, _ = rand.Read(salt) // never fails (crypto/rand)
	return base64.RawStdEncoding.EncodeToString(salt) + "$" +
		base64.RawStdEncoding.EncodeToString(webHash(password, salt))
}

// nobody's hash makes the check of an unknown user as dear as that of a known one.
var nobody = sync.OnceValue(func() string { return HashWeb("nobody") })

// CheckWeb tells whether the password is the one that was hashed.
func CheckWeb(stored, password string) bool {
	s, k, ok := strings.Cut(stored, "$")
	salt, err1 := base64.RawStdEncoding.DecodeString(s)
	key, err2 := base64.RawStdEncoding.DecodeString(k)
	if !ok || err1 != nil || err2 != nil || len(key) != webKey {
		return false
	}
	return subtle.ConstantTimeCompare(webHash(password, salt), key) == 1
}

// hashing has room for the hashes that are computed at once: each fills 19 MiB, and more of them than there are
// processors would only take the calls' turn and each other's memory. The others wait.
var hashing = make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))

func webHash(password string, salt []byte) []byte {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return argon2.IDKey([]byte(password), salt, webTime, webMemory, webThreads, webKey)
}
