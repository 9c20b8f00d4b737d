package trust

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// Ticket lets one who has it join a cluster. Its text is http://HOST:PORT#SECRET: the web listener of the member
// that printed it, and 32 random bytes in base64 (RFC 4648 section 5, no padding).
type Ticket struct {
	at     string // HOST:PORT
	secret [secretSize]byte
}

// errTicket never shows what was read: it may be a secret.
var errTicket = errors.New("this is no ticket: one looks like http://HOST:PORT#SECRET, as `tandem cluster ticket` prints it")

// ParseTicket reads the text of a ticket.
func ParseTicket(text string) (Ticket, error) {
	var t Ticket
	if len(text) > maxTicket {
		return t, errTicket
	}
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Path != "" && u.Path != "/" {
		return t, errTicket
	}
	secret, err := base64.RawURLEncoding.Strict().DecodeString(u.Fragment)
	if err != nil || len(secret) != secretSize || !endpointLike(u.Host) {
		return t, errTicket
	}
	t.at = u.Host
	copy(t.secret[:], secret)
	return t, nil
}

// newTicket makes a ticket of the member whose web listener is at HOST:PORT.
func newTicket(at string) (Ticket, error) {
	t := Ticket{at: at}
	if !endpointLike(at) {
		return t, fmt.Errorf("%w: %.80q is not HOST:PORT of this member's web listener, as the new member reaches it", ErrOrder, at)
	}
	_, err := rand.Read(t.secret[:])
	return t, err
}

// Text is the whole ticket. Whoever sees it may join.
func (t Ticket) Text() string {
	return "http://" + t.at + "#" + base64.RawURLEncoding.EncodeToString(t.secret[:])
}

// String hides the secret from logs.
func (t Ticket) String() string { return "http://" + t.at + "#********" }

// keys are what is made of a secret: the name of the ticket, and a key for each direction. The secret can not be
// found from them.
type keys struct {
	ID       string `json:"id"`
	Request  []byte `json:"request"`
	Response []byte `json:"response"`
}

func (t Ticket) keys() keys {
	return keys{hex.EncodeToString(derive(t.secret[:], "name")[:8]),
		derive(t.secret[:], "request"), derive(t.secret[:], "response")}
}

func derive(secret []byte, use string) []byte {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte("tandem join 1 " + use))
	return m.Sum(nil)
}

// endpointLike says whether s is HOST:PORT with both.
func endpointLike(s string) bool {
	host, port, err := net.SplitHostPort(s)
	n, bad := strconv.Atoi(port)
	return err == nil && bad == nil && host != "" && n > 0 && n < 1<<16 && len(s) <= maxAddress &&
		!strings.ContainsAny(host, " /?#@\\")
}
