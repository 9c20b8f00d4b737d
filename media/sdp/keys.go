package sdp

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Suite is an encryption as SDP names it. The zero value is none.
type Suite string

// The suites that we speak, the better first: AES-GCM costs a third of AES-CM with HMAC-SHA1. The short authentication of
// the last one protects little, but there are phones that know no other.
const (
	GCM      Suite = "AEAD_AES_128_GCM"        // RFC 7714 section 14.2
	SHA1     Suite = "AES_CM_128_HMAC_SHA1_80" // RFC 4568 section 6.2.1
	SHA1Weak Suite = "AES_CM_128_HMAC_SHA1_32" // RFC 4568 section 6.2.2
)

// Suites are all of them.
var Suites = []Suite{GCM, SHA1, SHA1Weak}

// SecretSize is how many octets of a key are the secret; the rest is the salt.
const SecretSize = 16

// KeySize is how many octets secret and salt have together; 0 for a suite that we do not speak.
func (s Suite) KeySize() int {
	switch s {
	case GCM:
		return SecretSize + 12
	case SHA1, SHA1Weak:
		return SecretSize + 14
	}
	return 0
}

// Keys are those that an exchange has settled by a=crypto lines (RFC 4568), secret and salt in one. The zero value is
// no encryption. Two of the same value mean that nothing changed.
type Keys struct {
	Suite         Suite
	Local, Remote string // octets: what we send is encrypted with ours, what the peer sends with the peer's
}

// String hides the keys: what is printed ends in a log.
func (k Keys) String() string { return string(k.Suite) }

// GoString hides them as well.
func (k Keys) GoString() string { return k.String() }

// crypto is one a=crypto line whose key we could use.
type crypto struct {
	tag   int
	suite Suite
	key   string
}

// keyedProfiles are those of RTP that is encrypted with keys in SDP. Peers that would rather have it encrypted, but do
// not insist, give keys in the plain profiles.
var keyedProfiles = map[string]bool{"RTP/SAVP": true, "RTP/SAVPF": true}

const keyedProfile = "RTP/SAVP" // of our offers that insist

// addCrypto keeps an a=crypto line of the peer's if it is of use.
func (a *attributes) addCrypto(value string) {
	a.keyed = true
	if c, ok := parseCrypto(value); ok && len(a.cryptos) < maxCryptos {
		a.cryptos = append(a.cryptos, c)
	}
}

// parseCrypto reads "tag suite inline:key|lifetime parameters" (RFC 4568 section 9.1). A line that we could not keep to
// the word is passed over, as one of an unknown suite: more than one key, a master key identifier, a parameter that must
// be obeyed. A lifetime is no less than any call's.
func parseCrypto(value string) (c crypto, ok bool) {
	f := strings.Fields(value)
	if len(f) < 3 || len(f[0]) > maxTag {
		return c, false
	}
	tag, err := strconv.ParseUint(f[0], 10, 31)
	suite := Suite(strings.ToUpper(f[1]))
	method, text, _ := strings.Cut(f[2], ":")
	text, rest, _ := strings.Cut(text, "|")
	if err != nil || suite.KeySize() == 0 || !strings.EqualFold(method, "inline") || strings.ContainsAny(rest, ":;|") {
		return c, false
	}
	key, err := base64.StdEncoding.DecodeString(padded(text))
	if err != nil || len(key) != suite.KeySize() {
		return c, false
	}
	for _, p := range f[3:] {
		if name, _, _ := strings.Cut(p, "="); name != "WSH" && !strings.HasPrefix(name, "-") {
			return c, false
		}
	}
	return crypto{int(tag), suite, string(key)}, true
}

// padded adds the "=" that some peers leave out.
func padded(text string) string { return text + strings.Repeat("=", (4-len(text)%4)%4) }

// keyed is the line of a peer's SDP offer to use: of the suite that we like best.
func (m *mediaLine) keyed(suites []Suite) (best crypto, ok bool) {
	at := len(suites)
	for _, c := range m.attrs.cryptos {
		if i := slices.Index(suites, c.suite); i >= 0 && i < at {
			best, at = c, i
		}
	}
	return best, at < len(suites)
}

// prefers tells that the other m-line is encrypted and this one is not.
func (m *mediaLine) prefers(other *mediaLine, c Capability) bool {
	_, has := m.keyed(c.Suites)
	_, otherHas := other.keyed(c.Suites)
	return otherHas && !has
}

// keyTrouble says why an m-line does not do for what our side wants or can do of encryption, "" when it does.
func (m *mediaLine) keyTrouble(c Capability) string {
	_, has := m.keyed(c.Suites)
	switch {
	case has:
		return ""
	case c.Required && len(c.Suites) == 0:
		return "keys must not be sent in the clear, and nothing else is allowed"
	case c.Required:
		return "encryption is required, and no a=crypto is of use"
	case keyedProfiles[m.proto] && len(c.Suites) == 0:
		return "protocol " + m.proto + " without keys that may be used"
	case keyedProfiles[m.proto]:
		return "no a=crypto is of use"
	}
	return ""
}

// secret is our key of a suite. It is the same as long as the suite is agreed on: what it encrypts goes on counting. A
// suite that comes back after another one, or after none, has a new key: audio went on meanwhile, and who can not tell how
// often its numbers ended can not tell the index of the next packet (RFC 3711 section 3.3.1).
func (s *Session) secret(suite Suite) string {
	if s.settled && s.current.Keys.Suite == suite {
		return s.current.Keys.Local
	}
	octets := make([]byte, suite.KeySize())
	rand.Read(octets) // never fails
	return string(octets)
}

// offerKeys are the lines of our SDP offer: of all suites at first, then of the one that was agreed on.
func (s *Session) offerKeys() (out []crypto) {
	for i, suite := range s.capability.Suites {
		if !s.settled || s.current.Keys.Suite == suite {
			out = append(out, crypto{i + 1, suite, s.secret(suite)})
		}
	}
	return out
}

// answerKeys settles the encryption by what the peer's SDP offer says, and gives the line of our answer.
func (s *Session) answerKeys(m *mediaLine) (Keys, []crypto) {
	peer, ok := m.keyed(s.capability.Suites)
	if !ok {
		return Keys{}, nil
	}
	ours := s.secret(peer.suite)
	return Keys{peer.suite, ours, peer.key}, []crypto{{peer.tag, peer.suite, ours}}
}

// acceptKeys does it by what the peer's answer to our SDP offer says: one of our lines, by its tag, or none where we did
// not insist.
func (s *Session) acceptKeys(m *mediaLine, offered []crypto) (Keys, error) {
	for _, theirs := range m.attrs.cryptos {
		for _, ours := range offered {
			if ours.tag == theirs.tag && ours.suite == theirs.suite {
				return Keys{ours.suite, ours.key, theirs.key}, nil
			}
		}
	}
	if m.attrs.keyed && len(offered) > 0 || keyedProfiles[m.proto] || s.capability.Required {
		return Keys{}, fmt.Errorf("%w: line %d: no a=crypto of those offered", ErrNotAcceptable, m.number)
	}
	return Keys{}, nil
}

// Insist withdraws our first SDP offer, which was refused: from now on all is encrypted, and our offers say so by their
// profile. false: it is so already, or we have no keys, or there is an answer.
func (s *Session) Insist() bool {
	if s.settled || s.capability.Required || len(s.capability.Suites) == 0 {
		return false
	}
	s.Rollback()
	s.capability.Required = true
	s.proto = keyedProfile
	s.before = s.state
	return true
}

// printKeys writes our a=crypto lines.
func printKeys(b *strings.Builder, lines []crypto) {
	for _, c := range lines {
		fmt.Fprintf(b, "a=crypto:%d %s inline:%s\r\n", c.tag, c.suite, base64.StdEncoding.EncodeToString([]byte(c.key)))
	}
}
