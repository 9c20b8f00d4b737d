package auth

import (
	"errors"
	"fmt"
	"strings"
)

// challenge are the parameters of a digest WWW-Authenticate or Proxy-Authenticate field (RFC 7616 section 3.3).
type challenge struct {
	realm, nonce, opaque string
	hasOpaque            bool
	qop                  string // that we answer with: "auth", "auth-int", or "" where the server knows none
	algorithm            algorithm
	named                bool // the field names the algorithm: then so does the answer
	stale                bool
}

// errChallenge says that a challenge can not be read or answered; wrapped with what is wrong.
var errChallenge = errors.New("auth: challenge")

// parseChallenge reads the field.
func parseChallenge(field string) (challenge, error) {
	if len(field) > maxField {
		return challenge{}, fmt.Errorf("%w: %d bytes", errChallenge, len(field))
	}
	if !isDigest(field) {
		return challenge{}, fmt.Errorf("%w: the scheme is not Digest", errChallenge)
	}
	_, rest, _ := strings.Cut(strings.TrimLeft(field, " \t"), " ")
	params, err := parseParams(rest)
	if err != nil {
		return challenge{}, err
	}
	c := challenge{realm: params["realm"], nonce: params["nonce"], stale: strings.EqualFold(params["stale"], "true")}
	c.opaque, c.hasOpaque = params["opaque"]
	if c.nonce == "" {
		return challenge{}, fmt.Errorf("%w: no nonce", errChallenge)
	}
	_, c.named = params["algorithm"]
	if c.algorithm, err = parseAlgorithm(params["algorithm"]); err != nil {
		return challenge{}, err
	}
	return c, c.chooseQOP(params["qop"])
}

// chooseQOP takes auth before auth-int: a body that a server on the way changes would spoil the latter.
func (c *challenge) chooseQOP(offered string) error {
	for q := range strings.SplitSeq(offered, ",") {
		switch q = strings.ToLower(strings.TrimSpace(q)); q {
		case "auth":
			c.qop = q
			return nil
		case "auth-int":
			c.qop = q
		}
	}
	if offered != "" && c.qop == "" {
		return fmt.Errorf("%w: unknown qop", errChallenge)
	}
	return nil
}
