package auth

import (
	"crypto/subtle"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"tandem/signal"
)

// Credentials knows the secrets of accounts, as hashes. Its methods are called from many goroutines.
type Credentials interface {
	// HA1 returns what HA1 computed when the password was set, in hexadecimal. A hash that is not
	// known is "": that algorithm then never passes. ok is false for an unknown user.
	HA1(user, realm string) (md5, sha256 string, ok bool)
}

// Outcome is the result of a check.
type Outcome int

// The outcomes.
const (
	Absent    Outcome = iota // no digest credentials: challenge
	Valid                    // the account has proved its password
	Stale                    // the nonce is not good (any more), or its count was used: challenge with stale
	Wrong                    // wrong password, unknown user, or locked out: challenge again or refuse
	Malformed                // can not be read, or does not fit the request: 400
	outcomes
)

var outcomeNames = [outcomes]string{"Absent", "Valid", "Stale", "Wrong", "Malformed"}

// String is the outcome's name.
func (o Outcome) String() string {
	if o < 0 || o >= outcomes {
		return "Unknown"
	}
	return outcomeNames[o]
}

// Authenticator checks requests. It is safe for concurrent use.
type Authenticator struct {
	accounts Credentials
	nonces   nonces
	replay   *replay
	guesses  *guesses
	now      func() time.Time
	md5Only  atomic.Pointer[[]string]

	counts [outcomes]atomic.Uint64
	locked atomic.Uint64
	hashes atomic.Uint64
}

// New makes an authenticator. The key signs nonces: at least 16 random bytes, the same on all
// members. life is how long a nonce is good; clock is time.Now outside of tests.
func New(accounts Credentials, key []byte, life time.Duration, clock func() time.Time) *Authenticator {
	return &Authenticator{accounts: accounts, nonces: newNonces(key, life),
		replay: newReplay(maxNonces), guesses: newGuesses(maxGuessers), now: clock}
}

// MD5Only names the phones, by what their User-Agent begins with, that are asked for MD5 alone. Some
// stacks give up the whole exchange when any challenge names an algorithm they do not know, where
// RFC 8760 section 2.4 lets them pass it over. May be called again at any time.
func (a *Authenticator) MD5Only(agents []string) { a.md5Only.Store(&agents) }

// knowsMD5Only reports whether the sender is such a phone.
func (a *Authenticator) knowsMD5Only(agent string) bool {
	list := a.md5Only.Load()
	return list != nil && slices.ContainsFunc(*list, func(p string) bool { return strings.HasPrefix(agent, p) })
}

// maxFields is how many Authorization fields of one request are looked at: one for each algorithm
// and realm that a phone may answer at once.
const maxFields = 4

// Check judges the credentials of a request. The account is set when the outcome is Valid: user and
// realm in lower case. REGISTER carries them in Authorization, other requests in
// Proxy-Authorization, but either is taken for any.
func (a *Authenticator) Check(r *signal.Request) (account signal.AOR, o Outcome) {
	defer func() { a.counts[o].Add(1) }()
	now := a.now()
	c, o := a.choose(r, now)
	if o != Valid {
		return "", o
	}
	if !fits(c.uri, r) {
		return "", Malformed
	}
	account = accountOf(c.user, c.realm)
	source := sourceOf(r)
	if a.guesses.locked(source, account, now) {
		a.locked.Add(1)
		return "", Wrong
	}
	if !a.passes(c, r) {
		a.guesses.failed(source, account, now)
		return "", Wrong
	}
	a.guesses.passed(source, account)
	if !a.replay.use(c.nonce+" "+string(account), c.count, c.issued, c.issued.Add(a.nonces.life), now) {
		return "", Stale
	}
	return account, Valid
}

// choose picks the first credentials whose nonce is ours and alive; Valid here means only that
// there are some to check. Otherwise those that can be read decide: they get a new nonce.
func (a *Authenticator) choose(r *signal.Request, now time.Time) (credentials, Outcome) {
	otherwise := Absent
	for _, field := range fields(r) {
		c, err := parseCredentials(field)
		switch {
		case err == nil:
			var good bool
			if c.issued, good = a.nonces.check(c.nonce, c.realm, sourceOf(r), now); good {
				return c, Valid
			}
			otherwise = Stale
		case otherwise == Absent:
			otherwise = Malformed
		}
	}
	return credentials{}, otherwise
}

// fields returns the digest credentials of a request, those where they belong first.
func fields(r *signal.Request) []string {
	names := []string{"Proxy-Authorization", "Authorization"}
	if r.Method == signal.REGISTER {
		names[0], names[1] = names[1], names[0]
	}
	var out []string
	for _, name := range names {
		for _, v := range r.Headers.All(name) {
			if isDigest(v) && len(out) < maxFields {
				out = append(out, v)
			}
		}
	}
	return out
}

// passes reports whether the response fits the account's password. An unknown user, or an account
// without a hash of that kind, costs the same hash operations against a hash that nobody has.
func (a *Authenticator) passes(c credentials, r *signal.Request) bool {
	md5, sha256, known := a.accounts.HA1(c.user, c.realm)
	ha1 := md5
	if c.algorithm == algorithmSHA256 {
		ha1 = sha256
	}
	if len(ha1) != c.algorithm.hexLen() {
		known = false
	}
	if !known {
		ha1 = strings.Repeat("0", c.algorithm.hexLen())
	}
	want := a.response(c, ha1, r)
	equal := subtle.ConstantTimeCompare([]byte(want), []byte(c.response)) == 1
	return equal && known && !strings.Contains(c.user, "@")
}

// Challenges returns the values of WWW-Authenticate (401, REGISTER) or Proxy-Authenticate (407,
// others) for a request, one for each algorithm, the strongest first (RFC 8760 section 2.3). They are as short as can be:
// strangers are answered in few octets.
func (a *Authenticator) Challenges(realm string, r *signal.Request, stale bool) []string {
	nonce := a.nonces.issue(realm, sourceOf(r), a.now())
	end := `,qop="auth"`
	if stale {
		end += ",stale=true"
	}
	begin := "Digest realm=" + quote(realm) + `,nonce="` + nonce + `",algorithm=`
	if a.knowsMD5Only(r.Origin.Agent) {
		return []string{begin + "MD5" + end}
	}
	return []string{begin + "SHA-256" + end, begin + "MD5" + end}
}

// accountOf is the name of the account that a digest user means.
func accountOf(user, realm string) signal.AOR {
	return signal.AOR(strings.ToLower(user) + "@" + strings.ToLower(realm))
}

// sourceOf is the address a request came from.
func sourceOf(r *signal.Request) netip.Addr { return r.Origin.Flow.Remote.Addr().Unmap() }

// Snapshot is what an authenticator has counted since it was made.
type Snapshot struct {
	Absent, Valid, Stale, Wrong, Malformed uint64 // outcomes of Check
	Locked                                 uint64 // of Wrong, those refused unread by the lock-out
	Guessers                               int    // pairs of source and account that have failed lately
	Nonces                                 int    // nonces in use
}

// Snapshot returns the counters.
func (a *Authenticator) Snapshot() Snapshot {
	n := func(o Outcome) uint64 { return a.counts[o].Load() }
	return Snapshot{Absent: n(Absent), Valid: n(Valid), Stale: n(Stale), Wrong: n(Wrong),
		Malformed: n(Malformed), Locked: a.locked.Load(), Guessers: a.guesses.len(), Nonces: a.replay.len()}
}
