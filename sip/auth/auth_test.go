package auth

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/icholy/digest"

	"tandem/signal"
)

const (
	realm = "tandem.local"
	life  = 2 * time.Minute
)

// people are accounts in memory, by user.
type people map[string]string

func (p people) HA1(user, realm string) (md5, sha256 string, ok bool) {
	user = strings.ToLower(user) // as a directory of accounts does
	password, ok := p[user]
	if !ok {
		return "", "", false
	}
	md5, sha256 = HA1(user, realm, password)
	return md5, sha256, true
}

// bench is an authenticator with a clock that stands still until it is moved.
type bench struct {
	t    *testing.T
	auth *Authenticator
	now  time.Time
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, now: time.Unix(1_800_000_000, 0)}
	b.auth = New(people{"alice": "1234", `odd"name`: "1234"}, []byte("0123456789abcdef"), life,
		func() time.Time { return b.now })
	return b
}

func register() *signal.Request {
	return &signal.Request{Method: signal.REGISTER, URI: signal.URI{Scheme: "sip", Host: realm},
		Origin: signal.Origin{Flow: signal.Flow{Remote: netip.MustParseAddrPort("198.51.100.2:5060")}}}
}

// client is how the other side answers a challenge; the zero value does it right.
type client struct {
	user, password, uri string
	count               int
	md5, int, plain     bool // MD5 instead of SHA-256; qop auth-int; no qop
}

// answer lets the other side answer a challenge.
func (b *bench) answer(r *signal.Request, challenges []string, c client) string {
	b.t.Helper()
	challenge := challenges[0]
	if c.md5 {
		challenge = challenges[1]
	}
	ch, err := digest.ParseChallenge(challenge)
	if err != nil {
		b.t.Fatal(err)
	}
	switch {
	case c.int:
		ch.QOP = []string{"auth-int"}
	case c.plain:
		ch.QOP = nil
	}
	o := digest.Options{Method: string(r.Method), URI: r.URI.String(), Username: "alice", Password: "1234", Count: 1,
		GetBody: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(r.Body)), nil }}
	if c.user != "" {
		o.Username = c.user
	}
	if c.password != "" {
		o.Password = c.password
	}
	if c.uri != "" {
		o.URI = c.uri
	}
	if c.count != 0 {
		o.Count = c.count
	}
	cred, err := digest.Digest(ch, o)
	if err != nil {
		b.t.Fatal(err)
	}
	return cred.String()
}

// with is the request with credentials.
func with(r *signal.Request, name string, values ...string) *signal.Request {
	q := *r
	for _, v := range values {
		q.Headers = q.Headers.With(name, v)
	}
	return &q
}

func (b *bench) expect(r *signal.Request, want Outcome) {
	b.t.Helper()
	account, got := b.auth.Check(r)
	if got != want || (account != "") != (want == Valid) {
		b.t.Errorf("outcome %s (account %q), want %s", got, account, want)
	}
}

// login is a request with good credentials but for what c says.
func (b *bench) login(r *signal.Request, c client) *signal.Request {
	b.t.Helper()
	name := "Proxy-Authorization"
	if r.Method == signal.REGISTER {
		name = "Authorization"
	}
	return with(r, name, b.answer(r, b.auth.Challenges(realm, r, false), c))
}

func TestGoodCredentials(t *testing.T) {
	invite := register()
	invite.Method, invite.URI.User, invite.Body = signal.INVITE, "bob", []byte("v=0")
	for name, c := range map[string]client{
		"SHA-256": {}, "MD5": {md5: true}, "auth-int": {int: true}, "auth-int MD5": {int: true, md5: true},
		"no qop": {plain: true}, "URI with parameter": {uri: "sip:bob@tandem.local:5060;transport=tcp"},
		"URI of the domain": {uri: "sip:TANDEM.local"}, "URI escaped": {uri: "sip:%62ob@tandem.local"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			account, o := b.auth.Check(b.login(invite, c))
			if o != Valid || account != "alice@tandem.local" {
				t.Errorf("%s, account %q", o, account)
			}
			// A request takes either field. The clock moves: another nonce.
			b.now = b.now.Add(time.Millisecond)
			b.expect(with(invite, "Authorization", b.answer(invite, b.auth.Challenges(realm, invite, false), c)), Valid)
		})
	}
}

func TestBadCredentials(t *testing.T) {
	b := newBench(t)
	r := register()
	good := b.login(r, client{}).Headers.Get("Authorization")
	set := func(pairs ...string) *signal.Request {
		s := strings.NewReplacer(pairs...).Replace(good)
		if s == good {
			t.Fatalf("%q changes nothing in %s", pairs, good)
		}
		return with(r, "Authorization", s)
	}
	other := register()
	other.Method = signal.OPTIONS
	moved := register()
	moved.Origin.Flow.Remote = netip.MustParseAddrPort("198.51.100.3:5060")
	for name, tt := range map[string]struct {
		r    *signal.Request
		want Outcome
	}{
		"none":             {r, Absent},
		"other scheme":     {with(r, "Authorization", "Basic abc"), Absent},
		"wrong password":   {b.login(r, client{password: "x"}), Wrong},
		"unknown user":     {b.login(r, client{user: "zoe"}), Wrong},
		"user with domain": {b.login(r, client{user: "alice@tandem.local"}), Wrong},
		"other URI":        {b.login(r, client{uri: "sip:evil.example"}), Malformed},
		"other port":       {b.login(r, client{uri: "sip:tandem.local:5080"}), Malformed},
		"URI not SIP":      {b.login(r, client{uri: "/"}), Malformed},
		"other method":     {with(other, "Authorization", good), Wrong},
		"other source":     {with(moved, "Authorization", good), Stale},
		"other realm":      {set(`realm="tandem.local"`, `realm="x"`), Stale},
		"foreign nonce":    {set(`nonce="`, `nonce="A`), Stale},
		"-sess":            {set("algorithm=SHA-256", "algorithm=SHA-256-sess"), Malformed},
		"wrong algorithm":  {set("algorithm=SHA-256", "algorithm=MD5"), Malformed},
		"no response":      {set("response=", "x="), Malformed},
		"unknown qop":      {set("qop=auth", "qop=auth-conf"), Malformed},
		"nc zero":          {set("nc=00000001", "nc=00000000"), Malformed},
		"nc short":         {set("nc=00000001", "nc=1"), Malformed},
		"parameter twice":  {set("algorithm=", `realm="y", algorithm=`), Malformed},
		"open quote":       {with(r, "Authorization", `Digest username="alice`), Malformed},
		"too long":         {with(r, "Authorization", `Digest username="`+strings.Repeat("a", maxField)+`"`), Malformed},
	} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			b.expect(tt.r, tt.want)
		})
	}
	b.t = t
	b.expect(set("algorithm=SHA-256", "algorithm=sha-256"), Valid)
	// The same credentials again, under another spelling of the same account.
	b.expect(set(`username="alice"`, `username="ALICE"`), Stale)
}

// TestSeveralFields: a phone may answer both challenges, and others' challenges too.
func TestSeveralFields(t *testing.T) {
	b := newBench(t)
	r := register()
	challenges := b.auth.Challenges(realm, r, false)
	foreign := strings.Replace(b.answer(r, challenges, client{}), `realm="tandem.local"`, `realm="other"`, 1)
	b.expect(with(r, "Authorization", "Basic x", foreign, b.answer(r, challenges, client{md5: true})), Valid)
	b.expect(with(r, "Authorization", "Digest rubbish", foreign), Stale)
}

func TestChallenges(t *testing.T) {
	b := newBench(t)
	r := register()
	got := b.auth.Challenges(`a"b`+"\r\n", r, true)
	if len(got) != 2 || !strings.Contains(got[0], "algorithm=SHA-256") || !strings.Contains(got[1], "algorithm=MD5") {
		t.Fatalf("order: %q", got)
	}
	for _, c := range got {
		ch, err := digest.ParseChallenge(c)
		if err != nil || ch.Realm != `a"b  ` || !ch.Stale || !ch.SupportsQOP("auth") || ch.Nonce == "" {
			t.Errorf("%s: %+v, %v", c, ch, err)
		}
		if strings.ContainsAny(c, "\r\n") {
			t.Errorf("line end in %q", c)
		}
	}
	if again := b.auth.Challenges(realm, r, false); strings.Contains(again[0], "stale") {
		t.Errorf("stale: %s", again[0])
	}
}

// A phone that is known to give up at the sight of SHA-256 is asked for MD5 alone, and gets in.
func TestMD5OnlyAgents(t *testing.T) {
	b := newBench(t)
	b.auth.MD5Only([]string{"oldphone v1."})
	r := register()
	for agent, want := range map[string]int{"oldphone v1.0 (x)": 1, "oldphone v2.0": 2, "": 2} {
		r.Origin.Agent = agent
		if got := b.auth.Challenges(realm, r, false); len(got) != want || !strings.Contains(got[want-1], "algorithm=MD5") {
			t.Errorf("%q is asked %q", agent, got)
		}
	}
	r.Origin.Agent = ""
	b.expect(b.login(r, client{md5: true}), Valid)
}

func TestNonceLife(t *testing.T) {
	b := newBench(t)
	first, second := b.login(register(), client{}), b.login(register(), client{})
	b.now = b.now.Add(life)
	b.expect(first, Valid)
	b.now = b.now.Add(time.Nanosecond)
	b.expect(second, Stale)
	// Made by a member whose clock is ahead: a little is tolerated.
	b.now = b.now.Add(time.Hour)
	ahead, far := b.login(register(), client{}), b.login(register(), client{count: 2})
	b.now = b.now.Add(-maxSkew)
	b.expect(ahead, Valid)
	b.now = b.now.Add(-time.Second)
	b.expect(far, Stale)
}

// TestOtherMember: members with the same key accept each other's nonces; with another key not.
func TestOtherMember(t *testing.T) {
	b, c := newBench(t), newBench(t)
	r := b.login(register(), client{})
	c.expect(r, Valid)
	c.auth.nonces = newNonces([]byte("another"), c.auth.nonces.life)
	c.expect(r, Stale)
}

func TestReplay(t *testing.T) {
	b := newBench(t)
	r := register()
	challenges := b.auth.Challenges(realm, r, false)
	try := func(count int, want Outcome) {
		t.Helper()
		b.expect(with(r, "Authorization", b.answer(r, challenges, client{count: count})), want)
	}
	try(1, Valid)
	try(1, Stale)
	try(5, Valid)
	try(3, Valid) // overtaken on the way
	try(3, Stale)
	try(100, Valid)
	try(36, Stale) // beyond the window
	try(37, Valid)
	try(4, Stale)
	b.now = b.now.Add(time.Millisecond)
	plain := with(r, "Authorization", b.answer(r, b.auth.Challenges(realm, r, false), client{plain: true}))
	b.expect(plain, Valid)
	b.expect(plain, Stale)
	// A failed attempt uses no count up.
	b.now = b.now.Add(time.Millisecond)
	challenges = b.auth.Challenges(realm, r, false)
	b.expect(with(r, "Authorization", b.answer(r, challenges, client{password: "x"})), Wrong)
	try(1, Valid)
}

// TestReplayBound: the table keeps to its limit, forgets what has expired, and what it had to
// forget alive is refused for good.
func TestReplayBound(t *testing.T) {
	r := newReplay(3)
	now := time.Unix(0, 0).Add(time.Hour)
	at := func(i int) time.Time { return now.Add(time.Duration(i) * time.Second) }
	use := func(i int) bool { return r.use(fmt.Sprint(i), 1, at(i), at(i).Add(life), at(i)) }
	for i := range 5 {
		if !use(i) {
			t.Fatalf("nonce %d refused", i)
		}
	}
	if r.len() != 3 {
		t.Errorf("%d kept, want 3", r.len())
	}
	for i := range 5 {
		if use(i) {
			t.Errorf("nonce %d taken twice", i)
		}
	}
	if !r.use("late", 1, at(300), at(300).Add(life), at(300)) || r.len() != 1 {
		t.Errorf("%d kept after all had expired", r.len())
	}
}

// TestReplayOfAClockSetBack: neither a floor of before, nor what is remembered of before, keeps new nonces
// out. What was made until then and is not remembered stays out.
func TestReplayOfAClockSetBack(t *testing.T) {
	r := newReplay(3)
	now := time.Unix(0, 0).Add(24 * time.Hour)
	n := 0
	use := func(issued time.Time) bool {
		n++
		return r.use(fmt.Sprint(n), 1, issued, issued.Add(life), now)
	}
	for range 5 {
		now = now.Add(time.Second)
		if !use(now) {
			t.Fatal("a nonce refused before the clock was set back")
		}
	}
	now = now.Add(-time.Hour)
	if use(now.Add(-time.Second)) {
		t.Error("a nonce of before is taken that may have been forgotten")
	}
	for range 5 {
		now = now.Add(time.Second)
		if !use(now) {
			t.Errorf("nonce %d refused for an hour that is yet to come again", n)
		}
	}
}

// TestNoOracle: an unknown user meets the same outcome and the same number of hash operations.
func TestNoOracle(t *testing.T) {
	for _, c := range []client{{}, {md5: true}, {int: true}, {plain: true}} {
		var hashes [2]uint64
		for i, user := range []string{"alice", "zoe"} {
			b := newBench(t)
			c := c
			c.user, c.password = user, "wrong"
			b.expect(b.login(register(), c), Wrong)
			hashes[i] = b.auth.hashes.Load()
		}
		if hashes[0] != hashes[1] || hashes[0] == 0 {
			t.Errorf("%+v: known %d hashes, unknown %d", c, hashes[0], hashes[1])
		}
	}
	// The hash that stands in for unknown users opens nothing.
	b := newBench(t)
	r := register()
	c, err := parseCredentials(b.login(r, client{user: "zoe"}).Headers.Get("Authorization"))
	if err != nil {
		t.Fatal(err)
	}
	c.response = b.auth.response(c, strings.Repeat("0", 64), r)
	if b.auth.passes(c, r) {
		t.Error("the stand-in hash passes")
	}
}

// TestMissingHash: an account whose MD5 hash was never stored passes with SHA-256 only.
func TestMissingHash(t *testing.T) {
	b := newBench(t)
	b.auth.accounts = onlySHA256{}
	b.expect(b.login(register(), client{md5: true}), Wrong)
	b.expect(b.login(register(), client{}), Valid)
}

type onlySHA256 struct{}

func (onlySHA256) HA1(user, realm string) (string, string, bool) {
	_, sha256 := HA1(user, realm, "1234")
	return "", sha256, true
}

func TestLockOut(t *testing.T) {
	for _, user := range []string{"alice", "zoe"} {
		b := newBench(t)
		guess := func(want Outcome) { t.Helper(); b.expect(b.login(register(), client{user: user, password: "x"}), want) }
		for range maxFailures {
			guess(Wrong)
		}
		before := b.auth.hashes.Load()
		guess(Wrong)
		if b.auth.hashes.Load() != before || b.auth.Snapshot().Locked != 1 {
			t.Errorf("%s: guess %d was read, locked %d", user, maxFailures+1, b.auth.Snapshot().Locked)
		}
		if user != "alice" {
			continue
		}
		b.expect(b.login(register(), client{}), Wrong) // the right password neither
		elsewhere := register()
		elsewhere.Origin.Flow.Remote = netip.MustParseAddrPort("203.0.113.9:5060")
		b.expect(b.login(elsewhere, client{}), Valid)
		b.now = b.now.Add(lockOut)
		b.expect(b.login(register(), client{}), Valid)
		if n := b.auth.Snapshot().Guessers; n != 0 {
			t.Errorf("%d guessers remembered after success", n)
		}
	}
}

// TestFailuresAge: mistakes far apart lock nobody out; the same /64 is one source; the table is
// bounded.
func TestFailuresAge(t *testing.T) {
	g := newGuesses(2)
	now := time.Unix(0, 0)
	a := netip.MustParseAddr("2001:db8::1")
	for range 3 * maxFailures {
		g.failed(a, "x@y", now)
		now = now.Add(memory + time.Second)
	}
	if g.locked(a, "x@y", now) {
		t.Error("locked out by old failures")
	}
	for i := range maxFailures {
		g.failed(netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", i)), "x@y", now)
	}
	if !g.locked(a, "x@y", now) || g.locked(a, "z@y", now) {
		t.Error("a /64 is one source, per account")
	}
	for i := range 10 {
		g.failed(a, signal.AOR(fmt.Sprint(i, "@y")), now)
	}
	if g.len() != 2 || len(g.known) != g.order.Len() {
		t.Errorf("%d guessers kept, limit 2", g.len())
	}
}

func TestConcurrentChecks(t *testing.T) {
	b := newBench(t)
	r := b.login(register(), client{})
	var valid int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, o := b.auth.Check(r); o == Valid {
				mu.Lock()
				valid++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if s := b.auth.Snapshot(); valid != 1 || s.Valid != 1 || s.Stale != 7 || s.Nonces != 1 {
		t.Errorf("%d passed with one count; %+v", valid, s)
	}
}

func FuzzParseCredentials(f *testing.F) {
	b := newBench(&testing.T{})
	f.Add(b.login(register(), client{}).Headers.Get("Authorization"))
	f.Add(`Digest username="a\"b", realm = x ,nonce="",uri="sip:a",response="0"`)
	f.Add(`digest a=b,,c="\`)
	f.Fuzz(func(t *testing.T, field string) {
		r := with(register(), "Authorization", field)
		if account, o := b.auth.Check(r); o == Valid && account != "alice@tandem.local" {
			t.Fatalf("%q is %q", field, account)
		}
		c, err := parseCredentials(field)
		if err == nil && (c.user == "" || c.count == 0 || len(c.response) != c.algorithm.hexLen()) {
			t.Fatalf("%q gives %+v", field, c)
		}
		_ = fits(field, r)
	})
}

func BenchmarkCheck(b *testing.B) {
	bench := newBench(&testing.T{})
	r := bench.login(register(), client{})
	b.ReportAllocs()
	for b.Loop() {
		bench.auth.Check(r)
	}
}

func TestQuotedValues(t *testing.T) {
	for in, want := range map[string]string{`"a b, c=d" x`: "a b, c=d", `"a\"b\\c" x`: `a"b\c`, `"" x`: "", `"\a\b" x`: "ab",
		`tok x`: "tok"} {
		if value, rest, err := parseValue(in); err != nil || value != want || rest != " x" {
			t.Errorf("%s: %q, %q, %v", in, value, rest, err)
		}
	}
	for _, in := range []string{`"a`, `"a\"`, `"a\`, "\"a\nb\"", "", "a<b", `a"b`} {
		if value, _, err := parseValue(in); err == nil {
			t.Errorf("%q is read as %q", in, value)
		}
	}
}
