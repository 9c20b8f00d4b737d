package sasl

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strconv"
	"strings"
	"sync"
)

// iterations is how often a password is hashed, for which RFC 7677 section 4 demands 4096 at least.
const iterations = 4096

// scram is SCRAM-SHA-256. An account that does not exist has a salt too, and a password that nobody knows, so that
// what a stranger sees is the same.
type scram struct {
	accounts Accounts
	keys     *keys
	nonce    string // our part of it

	state  int
	header string // of GS2, as it came
	name   string
	whole  string // the nonce with the client's part
	said   string // the messages so far, as the proof has them
}

func newNonce() string { return rand.Text() }

func (s *scram) Next(ctx context.Context, response []byte) (Step, error) {
	if len(response) > maxMessage {
		return Step{}, ErrSyntax
	}
	if response == nil && s.state == 0 {
		return Step{Challenge: []byte{}}, nil
	}
	s.state++
	switch s.state {
	case 1:
		return s.first(string(response))
	case 2:
		return s.final(ctx, string(response))
	}
	return Step{}, ErrSyntax
}

// first reads client-first-message and gives server-first-message (RFC 5802 section 7).
func (s *scram) first(message string) (Step, error) {
	parts := strings.SplitN(message, ",", 3)
	if len(parts) != 3 || parts[0] != "n" && parts[0] != "y" { // "p" asks for channel binding
		return Step{}, ErrSyntax
	}
	bare := parts[2]
	fields := strings.Split(bare, ",")
	if len(fields) < 2 {
		return Step{}, ErrSyntax
	}
	name, ok := saslName(fields[0], "n=")
	if !ok {
		return Step{}, ErrSyntax
	}
	if parts[1] != "" {
		if as, ok := saslName(parts[1], "a="); !ok {
			return Step{}, ErrSyntax
		} else if as != name {
			return Step{}, ErrAct
		}
	}
	theirs, ok := strings.CutPrefix(fields[1], "r=")
	if !ok || theirs == "" || !printable(theirs) || strings.ContainsAny(bare, "\x00") {
		return Step{}, ErrSyntax
	}
	s.header, s.name, s.whole = parts[0]+","+parts[1]+",", name, theirs+s.nonce
	challenge := "r=" + s.whole + ",s=" + base64.StdEncoding.EncodeToString(s.keys.salt(name)) +
		",i=" + strconv.Itoa(iterations)
	s.said = bare + "," + challenge
	return Step{Challenge: []byte(challenge)}, nil
}

// final reads client-final-message, checks the proof and gives server-final-message.
func (s *scram) final(ctx context.Context, message string) (Step, error) {
	rest, proof64, ok := cutLast(message, ",p=")
	fields := strings.Split(rest, ",")
	if !ok || len(fields) < 2 {
		return Step{}, ErrSyntax
	}
	binding, ok := strings.CutPrefix(fields[0], "c=")
	if header, err := base64.StdEncoding.DecodeString(binding); !ok || err != nil || string(header) != s.header {
		return Step{}, ErrSyntax
	}
	if fields[1] != "r="+s.whole {
		return Step{}, ErrSyntax
	}
	proof, err := base64.StdEncoding.DecodeString(proof64)
	if err != nil || len(proof) != sha256.Size {
		return Step{}, ErrSyntax
	}
	who, password, known, err := s.accounts.Password(ctx, s.name)
	if err != nil {
		return Step{}, err
	}
	k := s.keys.of(s.name, password, known)
	said := s.said + "," + rest
	client := make([]byte, sha256.Size)
	subtle.XORBytes(client, proof, mac(k.stored[:], said))
	stored := sha256.Sum256(client)
	if right := hmac.Equal(stored[:], k.stored[:]); !known || !right {
		return Step{}, ErrProof
	}
	v := base64.StdEncoding.EncodeToString(mac(k.server[:], said))
	return Step{Challenge: []byte("v=" + v), Done: true, Who: who}, nil
}

// saslName reads a name in which "," and "=" are written =2C and =3D.
func saslName(field, prefix string) (string, bool) {
	name, ok := strings.CutPrefix(field, prefix)
	if !ok || strings.Contains(strings.NewReplacer("=2C", "", "=3D", "").Replace(name), "=") {
		return "", false
	}
	name = strings.NewReplacer("=2C", ",", "=3D", "=").Replace(name)
	return name, fits(name)
}

// printable tells whether a nonce has the characters that it may have.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < '!' || s[i] > '~' || s[i] == ',' {
			return false
		}
	}
	return true
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// maxKept is how many accounts' keys are kept, known ones and unknown ones alike: that an account is known must not
// show by how long its keys take.
const maxKept = 20000

// keys are what passwords are hashed to. They are made again with each start: clients get the salt anew.
type keys struct {
	secret [32]byte

	mu   sync.Mutex
	kept map[string]pair
}

// pair is what one password is hashed to, and which one it is.
type pair struct {
	password       [sha256.Size]byte // its hash, to notice a change
	stored, server [sha256.Size]byte // StoredKey and ServerKey of RFC 5802 section 3
}

func newKeys() *keys {
	k := &keys{kept: map[string]pair{}}
	_, _ = rand.Read(k.secret[:]) // never fails (crypto/rand)
	return k
}

// salt is that of a name, known or not.
func (k *keys) salt(name string) []byte { return mac(k.secret[:], "salt "+name)[:16] }

// of are the keys of a name's password; an unknown name has one that nobody knows.
func (k *keys) of(name string, password []byte, known bool) pair {
	if !known {
		password = mac(k.secret[:], "password "+name)
	}
	sum := [sha256.Size]byte(mac(k.secret[:], string(password)))
	k.mu.Lock()
	p, ok := k.kept[name]
	k.mu.Unlock()
	if ok && p.password == sum {
		return p
	}
	p = derive(password, k.salt(name), iterations)
	p.password = sum
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.kept[name]; !ok && len(k.kept) >= maxKept {
		for victim := range k.kept { // any
			delete(k.kept, victim)
			break
		}
	}
	k.kept[name] = p
	return p
}

// derive makes the keys of a password.
func derive(password, salt []byte, iterations int) (p pair) {
	salted, err := pbkdf2.Key(sha256.New, string(password), salt, iterations, sha256.Size)
	if err != nil { // of key lengths that ours is none of
		salted = make([]byte, sha256.Size)
		_, _ = rand.Read(salted)
	}
	p.stored = sha256.Sum256(mac(salted, "Client Key"))
	p.server = [sha256.Size]byte(mac(salted, "Server Key"))
	return p
}
