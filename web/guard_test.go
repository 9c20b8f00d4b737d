package web

import (
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestEveryAnswerCarriesTheHeaders(t *testing.T) {
	s := newServer(t, newHouse(), settings())
	for _, path := range []string{"/healthz", "/metrics", "/api/v1/version", "/nothing"} {
		h := ask(s, "GET", path, "").Header()
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "no-store" ||
			!strings.Contains(h.Get("Content-Security-Policy"), "default-src 'self'") {
			t.Errorf("%s: %v", path, h)
		}
	}
}

func TestHostsThatAreAnswered(t *testing.T) {
	own, _ := os.Hostname()
	for host, want := range map[string]bool{
		"127.0.0.1:8010": true, "127.0.0.1": true, "[::1]:8010": true, "[::1]": true,
		"localhost:8010": true, "LocalHost": true, "a.localhost": true, "localhost.": true,
		"pbx.example": true, "PBX.example:9010": true, own: true,
		"evil.example": false, "localhost.evil.example": false, "": false,
		"pbx.example.evil": false, "127.0.0.1.evil.example:8010": false,
	} {
		s := newServer(t, newHouse(), settings())
		w := ask(s, "GET", "/healthz", "", func(r *http.Request) { r.Host = host })
		if (w.Code == 200) != want {
			t.Errorf("%q: %d", host, w.Code)
		}
	}
}

func TestAStrangersPageChangesNothing(t *testing.T) {
	h := newHouse()
	s := newServer(t, h, settings())
	stranger := func(r *http.Request) {
		r.Header.Del("Authorization")
		r.SetBasicAuth("admin", "1234") // as the browser would add
		r.Header.Set("Origin", "https://evil.example")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
	}
	w := ask(s, "DELETE", "/api/v1/legs/x", "", stranger)
	if code, _ := errorOf(t, w); w.Code != 403 || code != "cross_origin" || len(h.hungUp) != 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestWhoMayAsk(t *testing.T) {
	basic := func(user, password string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(user, password) }
	}
	header := func(value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", value) }
	}
	for name, c := range map[string]struct {
		edit func(*http.Request)
		want int
	}{
		"token":           {header("Bearer secret"), 200},
		"wrong token":     {header("Bearer secreT"), 401},
		"empty token":     {header("Bearer "), 401},
		"administrator":   {basic("admin", "1234"), 200},
		"wrong password":  {basic("admin", "12345"), 401},
		"nobody":          {header(""), 401},
		"unknown scheme":  {header("Digest x"), 401},
		"malformed basic": {header("Basic !"), 401},
	} {
		w := ask(newServer(t, newHouse(), settings()), "GET", "/api/v1/version", "", c.edit)
		if w.Code != c.want {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if c.want == 401 && !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Basic ") {
			t.Errorf("%s: no challenge", name)
		}
	}
}

func TestNoTokenOpensNothing(t *testing.T) {
	o := settings()
	o.Token = ""
	w := ask(newServer(t, newHouse(), o), "GET", "/api/v1/version", "",
		func(r *http.Request) { r.Header.Set("Authorization", "Bearer ") })
	if w.Code != 401 {
		t.Errorf("%d", w.Code)
	}
}

func TestMetricsAreOpenToThisMachineAlone(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*http.Request)
		want int
	}{
		"here":                 {func(*http.Request) {}, 200},
		"here, IPv6":           {func(r *http.Request) { r.RemoteAddr = "[::1]:1" }, 200},
		"here, mapped":         {func(r *http.Request) { r.RemoteAddr = "[::ffff:127.0.0.1]:1" }, 200},
		"elsewhere":            {func(r *http.Request) { r.RemoteAddr = "192.0.2.1:1" }, 401},
		"through a proxy here": {func(r *http.Request) { r.Header.Set("X-Forwarded-For", "192.0.2.1") }, 401},
		"no address":           {func(r *http.Request) { r.RemoteAddr = "@" }, 401},
		"elsewhere, administrator": {func(r *http.Request) {
			r.RemoteAddr = "192.0.2.1:1"
			r.SetBasicAuth("admin", "1234")
		}, 200},
	} {
		s := newServer(t, newHouse(), settings())
		w := ask(s, "GET", "/metrics", "",
			func(r *http.Request) { r.Header.Del("Authorization") }, c.edit)
		if w.Code != c.want {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

func TestGuessingEnds(t *testing.T) {
	h := newHouse()
	s := newServer(t, h, settings())
	now := moment
	s.now = func() time.Time { return now }
	try := func(from, password string) int {
		return ask(s, "GET", "/api/v1/version", "", func(r *http.Request) {
			r.RemoteAddr = from
			r.SetBasicAuth("admin", password)
		}).Code
	}
	for range 3 * guessLimit {
		try("192.0.2.1:1", "1234") // the right one costs nothing
	}
	for range guessLimit {
		if got := try("192.0.2.1:1", "wrong"); got != 401 {
			t.Fatalf("too early: %d", got)
		}
	}
	asked := h.guesses
	if got := try("192.0.2.1:2", "1234"); got != 429 || h.guesses != asked {
		t.Errorf("a guess too many: %d, %d passwords checked", got, h.guesses-asked)
	}
	if got := try("192.0.2.2:1", "1234"); got != 200 {
		t.Errorf("another source: %d", got)
	}
	w := ask(s, "GET", "/api/v1/version", "", func(r *http.Request) { r.RemoteAddr = "192.0.2.1:3" })
	if w.Code != 200 {
		t.Errorf("the token of a source that guessed: %d", w.Code)
	}
	now = now.Add(guessWindow)
	if got := try("192.0.2.1:1", "1234"); got != 200 {
		t.Errorf("after the window: %d", got)
	}
}

func TestGuessesOfOneNetworkCountTogether(t *testing.T) {
	g := newGuesses()
	for i := range guessLimit {
		g.try(netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", i)), moment)
	}
	if g.try(netip.MustParseAddr("2001:db8::ffff"), moment) == 0 {
		t.Error("another address of the same /64 may go on")
	}
	if g.try(netip.MustParseAddr("2001:db8:0:1::1"), moment) != 0 {
		t.Error("another /64 is blocked")
	}
}

func TestGuessesFillNoMemory(t *testing.T) {
	g := newGuesses()
	for i := range 2 * guessSources {
		g.try(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}),
			moment.Add(time.Duration(i)*time.Millisecond))
	}
	if len(g.sources) > guessSources {
		t.Errorf("%d sources", len(g.sources))
	}
}

func TestTheTokenFile(t *testing.T) {
	dir := t.TempDir()
	first, err := WriteToken(dir)
	if err != nil {
		t.Fatal(err)
	}
	second, err := WriteToken(dir)
	if err != nil || first == second || len(second) < 40 {
		t.Fatalf("%q %q %v", first, second, err)
	}
	file := filepath.Join(dir, TokenFile)
	text, _ := os.ReadFile(file)
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 || string(text) != second+"\n" {
		t.Errorf("%v %v %q", err, info.Mode(), text)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := WriteToken(filepath.Join(dir, "missing")); err == nil {
		t.Error("written into a directory that is not there")
	}
}
