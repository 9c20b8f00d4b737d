package auth

import (
	"crypto/rand"
	"errors"
	"fmt"

	"tandem/signal"
)

// Client is who we are to another server: the other side of Check (RFC 3261 section 22.2).
type Client struct{ User, Secret string }

// Errors of Answer.
var (
	ErrNoChallenge = errors.New("auth: no challenge that we can answer")
	ErrNoSecret    = errors.New("auth: there is a challenge and no user to answer it with")
)

// maxChallenges is how many fields of one response are looked at: carriers send one for each algorithm.
const maxChallenges = 8

// Answer makes the field that answers the challenges of a 401 or 407 to q. Of several the first is taken whose
// algorithm we know: the server puts the one that it wants most on top (RFC 8760 section 2.4). Each answer uses its nonce
// once.
func (c Client) Answer(r *signal.Response, q *signal.Request) (signal.Header, error) {
	field, reply := "WWW-Authenticate", "Authorization"
	if r.Status == 407 {
		field, reply = "Proxy-Authenticate", "Proxy-Authorization"
	}
	if c.User == "" {
		return signal.Header{}, ErrNoSecret
	}
	err := ErrNoChallenge
	for i, text := range r.Headers.All(field) {
		if i == maxChallenges {
			break
		}
		ch, wrong := parseChallenge(text)
		if wrong == nil {
			return signal.Header{Name: reply, Value: c.credentials(ch, q, rand.Text())}, nil
		}
		err = fmt.Errorf("%w: %w", ErrNoChallenge, wrong)
	}
	return signal.Header{}, err
}

// IsStale tells whether a 401 or 407 says that the credentials were right but for their nonce (RFC 7616 section 3.3).
func IsStale(r *signal.Response) bool {
	for _, field := range []string{"WWW-Authenticate", "Proxy-Authenticate"} {
		for i, text := range r.Headers.All(field) {
			if ch, err := parseChallenge(text); i < maxChallenges && err == nil && ch.stale {
				return true
			}
		}
	}
	return false
}

// credentials writes the field's value.
func (c Client) credentials(ch challenge, q *signal.Request, cnonce string) string {
	uri := q.URI.String()
	ha1 := ch.algorithm.sum(c.User, ch.realm, c.Secret)
	a2 := []string{string(q.Method), uri}
	if ch.qop == "auth-int" {
		a2 = append(a2, ch.algorithm.sum(string(q.Body)))
	}
	ha2 := ch.algorithm.sum(a2...)
	text := "Digest username=" + quote(c.User) + ", realm=" + quote(ch.realm) + ", nonce=" + quote(ch.nonce) + ", uri=" + quote(uri)
	if ch.named {
		text += ", algorithm=" + ch.algorithm.String()
	}
	if ch.hasOpaque {
		text += ", opaque=" + quote(ch.opaque)
	}
	if ch.qop == "" {
		return text + ", response=" + quote(ch.algorithm.sum(ha1, ch.nonce, ha2))
	}
	const count = "00000001"
	return text + ", qop=" + ch.qop + ", nc=" + count + ", cnonce=" + quote(cnonce) +
		", response=" + quote(ch.algorithm.sum(ha1, ch.nonce, count, cnonce, ch.qop, ha2))
}
