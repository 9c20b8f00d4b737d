package auth

import (
	"errors"
	"strings"
	"testing"

	"tandem/signal"
)

func challenged(status int, fields ...string) *signal.Response {
	name := "WWW-Authenticate"
	if status == 407 {
		name = "Proxy-Authenticate"
	}
	r := &signal.Response{Status: status}
	for _, f := range fields {
		r.Headers = r.Headers.With(name, f)
	}
	return r
}

// TestClientAndServer: what the client answers passes the check, for each algorithm and each kind of request.
func TestClientAndServer(t *testing.T) {
	invite := register()
	invite.Method, invite.URI.User, invite.Body = signal.INVITE, "bob", []byte("v=0")
	for _, q := range []*signal.Request{register(), invite} {
		status := 407
		if q.Method == signal.REGISTER {
			status = 401
		}
		b := newBench(t)
		all := b.auth.Challenges(realm, q, false)
		for name, fields := range map[string][]string{"both": all, "MD5": all[1:],
			"unknown first": {strings.Replace(all[0], "SHA-256", "SHA-512-256", 1), all[1]},
			"auth-int":      {strings.Replace(all[0], `qop="auth"`, `qop="auth-int"`, 1)}} {
			b := newBench(t)
			h, err := Client{"alice", "1234"}.Answer(challenged(status, fields...), q)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			b.expect(with(q, h.Name, h.Value), Valid)
			h, _ = Client{"alice", "12345"}.Answer(challenged(status, fields...), q)
			b.expect(with(q, h.Name, h.Value), Wrong)
		}
	}
}

// TestClientExample is the example of RFC 7616 section 3.9.1, with a SIP method's place taken by its own.
func TestClientExample(t *testing.T) {
	const nonce, cnonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
	q := &signal.Request{Method: "GET", URI: signal.URI{Scheme: "sip", Host: "x"}}
	for a, want := range map[algorithm]string{
		algorithmMD5:    `Digest username="Mufasa", realm="http-auth@example.org", nonce="` + nonce + `", uri="sip:x", algorithm=MD5, opaque="q", qop=auth, nc=00000001, cnonce="`,
		algorithmSHA256: `Digest username="Mufasa", realm="http-auth@example.org", nonce="` + nonce + `", uri="sip:x", algorithm=SHA-256, opaque="q", qop=auth, nc=00000001, cnonce="`,
	} {
		ch := challenge{realm: "http-auth@example.org", nonce: nonce, opaque: "q", hasOpaque: true, qop: "auth", algorithm: a, named: true}
		got := Client{"Mufasa", "Circle of Life"}.credentials(ch, q, cnonce)
		if !strings.HasPrefix(got, want+cnonce+`", response="`) {
			t.Errorf("%s", got)
		}
		c, err := parseCredentials(got)
		if err != nil || len(c.response) != a.hexLen() {
			t.Errorf("%v in %s", err, got)
		}
	}
}

func TestChallengesThatAreNotAnswered(t *testing.T) {
	q := register()
	for name, fields := range map[string][]string{
		"none": nil, "other scheme": {"Basic realm=x"}, "no nonce": {`Digest realm="x"`},
		"unknown algorithm": {`Digest realm="x", nonce="y", algorithm=SHA-512-256`}, "unknown qop": {`Digest realm="x", nonce="y", qop="z"`},
		"too long": {`Digest realm="` + strings.Repeat("x", maxField) + `", nonce="y"`},
		"open":     {`Digest realm="x`},
	} {
		if h, err := (Client{"alice", "1234"}).Answer(challenged(401, fields...), q); !errors.Is(err, ErrNoChallenge) {
			t.Errorf("%s: %v, %v", name, h, err)
		}
	}
	if _, err := (Client{}).Answer(challenged(401, `Digest realm="x", nonce="y"`), q); !errors.Is(err, ErrNoSecret) {
		t.Error(err)
	}
}

func FuzzChallenge(f *testing.F) {
	for _, seed := range []string{`Digest realm="x", nonce="y", algorithm=SHA-256, qop="auth,auth-int", opaque="\"", stale=true`, "Digest ", `digest nonce=a=b`} {
		f.Add(seed)
	}
	q := register()
	f.Fuzz(func(t *testing.T, field string) {
		h, err := Client{"alice", "1234"}.Answer(challenged(401, field), q)
		if err != nil {
			return
		}
		if _, err := parseCredentials(h.Value); err != nil && len(h.Value) <= maxField && !strings.Contains(field, "realm=\"\"") {
			if c, _ := parseChallenge(field); c.realm != "" {
				t.Errorf("%q is answered by %q, which no server reads: %v", field, h.Value, err)
			}
		}
	})
}
