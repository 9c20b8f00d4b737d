package ami

import (
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// wrongTime is how much later a wrong login is answered than a right one.
const wrongTime = time.Second

// askChallenge gives the client a number for Login with AuthType MD5.
func askChallenge(s *session, _ context.Context, p Packet) {
	if !strings.EqualFold(p.Get("AuthType"), "MD5") {
		s.fail(p, "Must specify AuthType: MD5 is known")
		return
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000_000))
	if err != nil {
		s.fail(p, "Internal error")
		return
	}
	s.challenge = fmt.Sprintf("%09d", n.Int64())
	s.answer(p, "Success", Header{"Challenge", s.challenge})
}

// login lets a client in who proves its password. Another one is told so, later, and sent away.
func login(s *session, ctx context.Context, p Packet) {
	if s.account.Load() != nil {
		s.fail(p, "Already logged in")
		return
	}
	right, wait := s.guess()
	if wait > 0 {
		s.sendAway(ctx, p, fmt.Sprintf("Too many wrong passwords came from this address: wait %d s", int(wait/time.Second)+1))
		return
	}
	account, ok := s.prove(ctx, p)
	if !ok || !s.server.options.Authenticator.May(account, Enter, "") {
		s.sendAway(ctx, p, "Authentication failed")
		return
	}
	right()
	wants := mask{all: true}
	if text := p.Get("Events"); text != "" {
		wants = parseMask(text)
	}
	s.answer(p, "Success", Header{"Message", "Authentication accepted"})
	s.account.Store(&account)
	s.server.loggedIn(s)
	if wants.has(System) {
		s.out.put(s.fullyBooted(time.Now()).packet())
	}
	s.wants.Store(&wants)
}

// prove is the account whose password the client knows.
func (s *session) prove(ctx context.Context, p Packet) (account string, ok bool) {
	user := p.Get("Username")
	if !strings.EqualFold(p.Get("AuthType"), "MD5") {
		return s.server.options.Authenticator.Password(ctx, user, p.Get("Secret"))
	}
	challenge := s.challenge
	s.challenge = "" // each is good once
	account, password, ok := s.server.options.Authenticator.Secret(user)
	same := hmac.Equal([]byte(Key(challenge, password)), []byte(strings.ToLower(p.Get("Key"))))
	return account, ok && challenge != "" && same
}

// Key is what a client shows of a password, given a challenge.
func Key(challenge, password string) string {
	sum := md5.Sum([]byte(challenge + password))
	return hex.EncodeToString(sum[:])
}

func (s *session) sendAway(ctx context.Context, p Packet, message string) {
	s.server.count(func(c *Snapshot) { c.Failed++ })
	s.server.options.Log.Warn("login at the manager interface refused", "source", s.source, "user", p.Get("Username"))
	select {
	case <-time.After(s.server.options.Wrong):
	case <-ctx.Done():
	}
	s.fail(p, message)
	s.over = true
}

func logoff(s *session, _ context.Context, p Packet) {
	s.answer(p, "Goodbye", Header{"Message", "The connection is closed"})
	s.over = true
}

func setEvents(s *session, _ context.Context, p Packet) error {
	wants := parseMask(p.Get("EventMask"))
	s.wants.Store(&wants)
	word := "On"
	if wants.none() {
		word = "Off"
	}
	s.answer(p, "Success", Header{"Events", word})
	return nil
}
