package sasl

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)

// people are accounts by name.
type people map[string]string

func (p people) Verify(_ context.Context, name, password string) (string, bool, error) {
	right, ok := p[name]
	return name + "@test", ok && right == password, nil
}

func (p people) Password(_ context.Context, name string) (string, []byte, bool, error) {
	right, ok := p[name]
	return name + "@test", []byte(right), ok, nil
}

// away are accounts of which nobody can tell.
type away struct{ people }

var errAway = errors.New("away")

func (away) Password(context.Context, string) (string, []byte, bool, error) {
	return "", nil, false, errAway
}

var some = people{"ann": "1234", "a=b,c": "sécret"}

func begin(t *testing.T, s *Server, method string, accounts Accounts) Exchange {
	t.Helper()
	e, ok := s.Begin(method, accounts, noon)
	if !ok {
		t.Fatal("no such method: ", method)
	}
	return e
}

// scramClient answers the server's first message.
func scramClient(header, bare, challenge, password string) (final, signature string) {
	var nonce, salt string
	for _, f := range strings.Split(challenge, ",") {
		switch f[:2] {
		case "r=":
			nonce = f[2:]
		case "s=":
			salt = f[2:]
		}
	}
	raw, _ := base64.StdEncoding.DecodeString(salt)
	salted, _ := pbkdf2.Key(sha256.New, password, raw, iterations, sha256.Size)
	rest := "c=" + base64.StdEncoding.EncodeToString([]byte(header)) + ",r=" + nonce
	said := bare + "," + challenge + "," + rest
	key := mac(salted, "Client Key")
	stored := sha256.Sum256(key)
	proof := make([]byte, sha256.Size)
	subtle.XORBytes(proof, key, mac(stored[:], said))
	return rest + ",p=" + base64.StdEncoding.EncodeToString(proof),
		"v=" + base64.StdEncoding.EncodeToString(mac(mac(salted, "Server Key"), said))
}

func TestSCRAM(t *testing.T) {
	s := NewServer(NewNonces())
	for _, c := range []struct {
		header, bare, password, who string
		err                         error
	}{
		{"n,,", "n=ann,r=abc", "1234", "ann@test", nil},
		{"y,,", "n=ann,r=abc", "1234", "ann@test", nil},
		{"n,a=ann,", "n=ann,r=abc", "1234", "ann@test", nil},
		{"n,,", "n=a=3Db=2Cc,r=abc", "sécret", "a=b,c@test", nil},
		{"n,,", "n=ann,r=abc", "4321", "", ErrProof},
		{"n,,", "n=nobody,r=abc", "1234", "", ErrProof},
		{"n,a=bob,", "n=ann,r=abc", "1234", "", ErrAct},
		{"p=tls-unique,,", "n=ann,r=abc", "1234", "", ErrSyntax},
		{"n,,", "m=x,n=ann,r=abc", "1234", "", ErrSyntax},
		{"n,,", "n=a=nn,r=abc", "1234", "", ErrSyntax},
		{"n,,", "n=,r=abc", "1234", "", ErrSyntax},
		{"n,,", "n=ann,r=", "1234", "", ErrSyntax},
		{"n,,", "n=ann", "1234", "", ErrSyntax},
	} {
		for range 2 { // the second time from what is kept
			e := begin(t, s, "scram-sha-256", some)
			step, err := e.Next(t.Context(), []byte(c.header+c.bare))
			signature := ""
			if err == nil {
				var final string
				final, signature = scramClient(c.header, c.bare, string(step.Challenge), c.password)
				step, err = e.Next(t.Context(), []byte(final))
			}
			if !errors.Is(err, c.err) || step.Who != c.who || step.Done != (c.err == nil) {
				t.Errorf("%v: %+v, %v", c, step, err)
			}
			if err == nil && string(step.Challenge) != signature {
				t.Errorf("%v: the server proves %s, want %s", c, step.Challenge, signature)
			}
		}
	}
}

// The example of RFC 7677 section 3.
func TestSCRAMOfTheStandard(t *testing.T) {
	salt, _ := base64.StdEncoding.DecodeString("W22ZaJ0SNY7soEsUEjb6gQ==")
	k := derive([]byte("pencil"), salt, 4096)
	said := "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0," +
		"s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
	if v := base64.StdEncoding.EncodeToString(mac(k.server[:], said)); v != "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=" {
		t.Error(v)
	}
	proof, _ := base64.StdEncoding.DecodeString("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
	client := make([]byte, sha256.Size)
	subtle.XORBytes(client, proof, mac(k.stored[:], said))
	if sha256.Sum256(client) != k.stored {
		t.Error("the proof of the standard is not taken")
	}
}

func TestSCRAMRefusesAnotherNonceOrHeader(t *testing.T) {
	s := NewServer(NewNonces())
	for name, change := range map[string]func(string) string{
		"nonce":      func(f string) string { return strings.Replace(f, "r=abc", "r=abd", 1) },
		"header":     func(f string) string { return strings.Replace(f, "c=biws", "c=eSws", 1) },
		"no proof":   func(f string) string { return f[:strings.Index(f, ",p=")] },
		"short":      func(f string) string { return f[:strings.Index(f, ",p=")] + ",p=YQ==" },
		"not base64": func(f string) string { return f[:strings.Index(f, ",p=")] + ",p=?" },
		"empty":      func(string) string { return "" },
	} {
		e := begin(t, s, "SCRAM-SHA-256", some)
		step, err := e.Next(t.Context(), []byte("n,,n=ann,r=abc"))
		if err != nil {
			t.Fatal(err)
		}
		final, _ := scramClient("n,,", "n=ann,r=abc", string(step.Challenge), "1234")
		if _, err = e.Next(t.Context(), []byte(change(final))); !errors.Is(err, ErrSyntax) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err = e.Next(t.Context(), []byte(final)); !errors.Is(err, ErrSyntax) {
			t.Errorf("%s: a third message is taken: %v", name, err)
		}
	}
}

// A stranger sees the same salt each time, whether the account is there or not.
func TestSCRAMHidesWhoIsThere(t *testing.T) {
	s := NewServer(NewNonces())
	salt := func(name string) string {
		step, err := begin(t, s, "SCRAM-SHA-256", some).Next(t.Context(), []byte("n,,n="+name+",r=abc"))
		if err != nil {
			t.Fatal(err)
		}
		return strings.SplitN(string(step.Challenge), ",", 2)[1]
	}
	for _, name := range []string{"ann", "nobody"} {
		if first, second := salt(name), salt(name); first != second {
			t.Errorf("%s has two salts: %s, %s", name, first, second)
		}
	}
	if salt("ann") == salt("nobody") {
		t.Error("all have the same salt")
	}
}

func TestSCRAMNoticesAChangedPassword(t *testing.T) {
	s := NewServer(NewNonces())
	accounts := people{"ann": "old"}
	for _, password := range []string{"old", "new"} {
		accounts["ann"] = password
		e := begin(t, s, "SCRAM-SHA-256", accounts)
		step, err := e.Next(t.Context(), []byte("n,,n=ann,r=abc"))
		if err != nil {
			t.Fatal(err)
		}
		final, _ := scramClient("n,,", "n=ann,r=abc", string(step.Challenge), password)
		if step, err = e.Next(t.Context(), []byte(final)); err != nil || !step.Done {
			t.Error(password, err)
		}
	}
}

func cramAnswer(name, password string, nonce []byte) []byte {
	m := hmac.New(md5.New, []byte(password))
	m.Write(nonce)
	return []byte(name + " " + hex.EncodeToString(m.Sum(nil)))
}

func TestCRAM(t *testing.T) {
	nonces := NewNonces()
	s := NewServer(nonces)
	for _, c := range []struct {
		name, password string
		err            error
	}{
		{"ann", "1234", nil}, {"a=b,c", "sécret", nil}, {"ann", "4321", ErrProof}, {"nobody", "", ErrProof}, {"", "1234", ErrSyntax},
	} {
		e := begin(t, s, "CRAM-MD5", some)
		step, err := e.Next(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		answer := cramAnswer(c.name, c.password, step.Challenge)
		step, err = e.Next(t.Context(), answer)
		if !errors.Is(err, c.err) || step.Done != (c.err == nil) {
			t.Errorf("%v: %+v %v", c, step, err)
		}
		if _, err = e.Next(t.Context(), answer); err == nil {
			t.Errorf("%v: a nonce counts twice", c)
		}
	}
}

// The example of RFC 2195 section 2.
func TestCRAMOfTheStandard(t *testing.T) {
	if a := cramAnswer("tim", "tanstaaftanstaaf", []byte("<1896.697170952@postoffice.reston.mci.net>")); string(a) != "tim b913a602c7eda7a495b4e6e7334d3890" {
		t.Errorf("%s", a)
	}
}

func TestNonces(t *testing.T) {
	n := NewNonces()
	one := n.Make(noon)
	if n.Use(one, noon.Add(nonceLife)) {
		t.Error("an old one counts")
	}
	if !n.Use(one, noon.Add(nonceLife-time.Second)) {
		t.Error("a good one does not count")
	}
	if n.Use(one, noon) {
		t.Error("one counts twice")
	}
	for _, bad := range [][]byte{nil, {}, []byte("x"), NewNonces().Make(noon), append(n.Make(noon), 'A'), bytes.ToUpper(n.Make(noon))} {
		if n.Use(bad, noon) {
			t.Errorf("%s counts", bad)
		}
	}
}

func TestNoncesAreBounded(t *testing.T) {
	n := NewNonces()
	n.most = 100
	for range n.most {
		n.Use(n.Make(noon), noon)
	}
	if n.Use(n.Make(noon), noon) || len(n.used) > n.most {
		t.Errorf("%d are remembered", len(n.used))
	}
	if later := noon.Add(nonceLife); !n.Use(n.Make(later), later) || len(n.used) > 1 {
		t.Errorf("%d are remembered for ever", len(n.used))
	}
}

func TestPlainAndLogin(t *testing.T) {
	s := NewServer(NewNonces())
	for _, c := range []struct {
		method string
		says   []string
		who    string
		err    error
	}{
		{"PLAIN", []string{"\x00ann\x001234"}, "ann@test", nil},
		{"PLAIN", []string{"ann\x00ann\x001234"}, "ann@test", nil},
		{"PLAIN", []string{"bob\x00ann\x001234"}, "", ErrAct},
		{"PLAIN", []string{"\x00ann\x004321"}, "", ErrProof},
		{"PLAIN", []string{"\x00ann\x00"}, "", ErrSyntax},
		{"PLAIN", []string{"ann"}, "", ErrSyntax},
		{"PLAIN", []string{"\x00ann\x001234\x00"}, "", ErrSyntax},
		{"PLAIN", []string{"\x00a\xffnn\x001234"}, "", ErrSyntax},
		{"LOGIN", []string{"ann", "1234"}, "ann@test", nil},
		{"LOGIN", []string{"ann", "4321"}, "", ErrProof},
		{"LOGIN", []string{""}, "", ErrSyntax},
		{"LOGIN", []string{"ann", ""}, "", ErrSyntax},
		{"LOGIN", []string{strings.Repeat("a", maxField+1)}, "", ErrSyntax},
	} {
		e := begin(t, s, c.method, some)
		step, err := e.Next(t.Context(), nil)
		for _, say := range c.says {
			if err != nil || step.Challenge == nil {
				t.Fatalf("%v: %+v %v", c, step, err)
			}
			step, err = e.Next(t.Context(), []byte(say))
		}
		if !errors.Is(err, c.err) || step.Who != c.who || step.Done != (c.err == nil) {
			t.Errorf("%v: %+v %v", c, step, err)
		}
	}
}

func TestWhatNobodyCanTell(t *testing.T) {
	s := NewServer(NewNonces())
	e := begin(t, s, "CRAM-MD5", away{some})
	step, _ := e.Next(t.Context(), nil)
	if _, err := e.Next(t.Context(), cramAnswer("ann", "1234", step.Challenge)); !errors.Is(err, errAway) {
		t.Error(err)
	}
}

// FuzzExchange says anything in any state.
func FuzzExchange(f *testing.F) {
	f.Add(uint8(0), []byte("n,,n=ann,r=abc"), []byte("c=biws,r=abc,p=AAAA"))
	f.Add(uint8(1), []byte("ann 00"), []byte(""))
	f.Add(uint8(2), []byte("\x00ann\x001234"), []byte("x"))
	f.Add(uint8(3), []byte("ann"), []byte("1234"))
	s := NewServer(NewNonces())
	f.Fuzz(func(t *testing.T, method uint8, one, two []byte) {
		e, _ := s.Begin(Methods[int(method)%len(Methods)], people{"ann": "long and secret"}, noon)
		for _, say := range [][]byte{nil, one, two, one} {
			step, err := e.Next(t.Context(), say)
			if step.Done || step.Who != "" {
				t.Fatalf("%q, %q: nobody has said the password, and %s is in", one, two, step.Who)
			}
			if err != nil {
				return
			}
		}
	})
}
