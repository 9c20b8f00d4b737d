package web

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tandem/web/feed"
)

// The names of the tests below say which known attack on telephone servers' pages each one tries.

func TestAttackSortAndFilter(t *testing.T) {
	u := as(t, inTown(t, newTown()), "admin")
	for _, list := range []string{"/monitors/legs", "/monitors/tasks", "/monitors/registrations"} {
		for _, bad := range []string{"1; DROP TABLE legs", "account'--", "(select 1)", "account desc", "--", "-", "handler", "../x", "account,state",
			strings.Repeat("x", 10000)} {
			w := u.get(list + "?sort=" + url.QueryEscape(bad))
			if w.Code != 400 || !strings.Contains(w.Body.String(), "to sort by") {
				t.Errorf("%s?sort=%.20q: %d", list, bad, w.Code)
			}
		}
		for _, bad := range []string{"' OR '1'='1", "*)(uid=*))(|(uid=*", "%", "\x00", "!", "\\", "${7*7}", "{{7*7}}"} {
			w := u.get(list + "?account=" + url.QueryEscape(bad) + "&search=" + url.QueryEscape(bad))
			body := w.Body.String()
			if w.Code != 200 || strings.Contains(body, ">49<") || bad == "' OR '1'='1" && strings.Contains(body, "leg.tandem1.7.x") {
				t.Errorf("%s?account=%q: %d", list, bad, w.Code)
			}
		}
		if w := u.get(list + "?account=" + strings.Repeat("x", maxField+1) + "&search=" + strings.Repeat("x", maxField+1)); w.Code != 400 {
			t.Errorf("%s with a word too long: %d", list, w.Code)
		}
	}
	for _, topic := range []string{"legs?sort=evil", "nothing", "", "legs?" + strings.Repeat("x", 2000), "legs?%zz"} {
		w := u.get("/events?now=1&topics=" + url.QueryEscape(topic))
		if topic == "legs?sort=evil" {
			if w.Code != 200 || !strings.Contains(w.Body.String(), "to sort by") {
				t.Errorf("%.20q: %d %s", topic, w.Code, w.Body)
			}
		} else if w.Code != 404 {
			t.Errorf("%.20q: %d", topic, w.Code)
		}
	}
	if w := u.get("/events?now=1" + strings.Repeat("&topics=legs", feed.MaxTopics+1)); w.Code != 400 {
		t.Errorf("too many topics: %d", w.Code)
	}
}

func TestAttackPathsUnderStatic(t *testing.T) {
	s := inTown(t, newTown())
	for _, path := range []string{"/static/", "/static/..", "/static/../server.go", "/static/%2e%2e/server.go", "/static/..%2fserver.go",
		"/static/....//server.go", "/static/js", "/static/js/", "/static/vendor/fetch", "/static/static.go", "/static//etc/passwd",
		"/static/js/app.js%00.css", `/static/..\server.go`, "/static/0123456789abcdef/tandem.css"} {
		w := ask(s, "GET", path, "")
		if w.Code == 200 || strings.Contains(w.Body.String(), "package web") || strings.Contains(w.Body.String(), "root:") {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := ask(s, "GET", "/static/tandem.css", ""); w.Code != 200 {
		t.Errorf("the style itself: %d", w.Code)
	}
	if w := ask(s, "POST", "/static/tandem.css", "x"); w.Code != 405 {
		t.Errorf("POST: %d", w.Code)
	}
}

// A method or an identity in a header or field counts for nothing.
func TestAttackMethodAndIdentitySmuggling(t *testing.T) {
	c, h := newTown(), newHouse()
	s := inTownWith(t, c, h)
	u := as(t, s, "admin")
	for _, header := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
		u.do("GET", "/monitors/legs/leg.tandem1.7.x/hangup?_method=POST", "", func(r *http.Request) { r.Header.Set(header, "POST") })
		u.do("POST", "/api/v1/legs/leg.tandem1.7.x?_method=DELETE", "{}", func(r *http.Request) { r.Header.Set(header, "DELETE") })
	}
	u.get("/settings/cluster?member=tandem2&key=cluster.farm&value=relay&revision=0&sure=yes")
	u.post("/settings/cluster?member=tandem2&key=cluster.farm&value=relay&revision=0&sure=yes") // the address is no form
	if len(c.told)+len(h.hungUp) != 0 {
		t.Errorf("%v %v", c.told, h.hungUp)
	}
	for _, header := range []string{"X-Forwarded-User", "X-Remote-User", "Remote-User", "X-Forwarded-For", "X-Original-URL", "X-Rewrite-URL", "Authorization"} {
		w := ask(s, "GET", "/settings/cluster", "", func(r *http.Request) {
			r.Header.Del("Authorization")
			r.Header.Set(header, "admin")
		})
		if w.Code != 303 {
			t.Errorf("%s: %d", header, w.Code)
		}
	}
	// The control token is for scripts: a page is for who has logged in.
	if w := ask(s, "GET", "/settings/cluster", ""); w.Code != 303 {
		t.Errorf("token: %d", w.Code)
	}
}

func TestAttackBodies(t *testing.T) {
	c := newTown()
	u := as(t, inTown(t, c), "admin")
	for name, x := range map[string]struct {
		body, kind string
		status     int
	}{
		"too long":     {"minutes=0&x=" + strings.Repeat("x", maxForm), "application/x-www-form-urlencoded", 413},
		"JSON":         {`{"minutes":0}`, "application/json", 415},
		"multipart":    {"--x\r\n\r\n--x--", "multipart/form-data; boundary=x", 415},
		"text":         {"minutes=0", "text/plain", 415},
		"no type":      {"minutes=0", "", 415},
		"bad escape":   {"minutes=%zz", "application/x-www-form-urlencoded", 400},
		"semicolons":   {"minutes=0;x", "application/x-www-form-urlencoded", 400},
		"many fields":  {strings.Repeat("a=b&", 20000), "application/x-www-form-urlencoded", 413},
		"twice, first": {"minutes=0&minutes=9999", "application/x-www-form-urlencoded", 303},
	} {
		w := u.do("POST", "/monitors/members/tandem2/drain", x.body, func(r *http.Request) { r.Header.Set("Content-Type", x.kind) })
		if w.Code != x.status {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	if len(c.told) != 1 {
		t.Errorf("%v", c.told)
	}
	long := strings.Repeat("x", maxField+1)
	if w := u.post("/login", "account", long, "password", "1234"); w.Code != 401 || strings.Contains(w.Body.String(), long) {
		t.Errorf("a long account: %d", w.Code)
	}
}

// raw speaks HTTP by hand and returns the first line of the answer.
func raw(t *testing.T, s *Server, request string) string {
	t.Helper()
	c, err := net.Dial("tcp", "127.0.0.1:"+portText(s))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(patience))
	go func() { _, _ = c.Write([]byte(request)) }()
	line, _ := bufio.NewReader(c).ReadString('\n')
	return strings.TrimSpace(line)
}

func TestAttackHeaders(t *testing.T) {
	s := listening(t, newHouse(), settings())
	const host = "Host: 127.0.0.1\r\n"
	for name, x := range map[string]struct{ request, want string }{
		"giant cookie": {"GET / HTTP/1.1\r\n" + host + "Cookie: tandem=" + strings.Repeat("x", 2*maxHeader) + "\r\n\r\n", "HTTP/1.1 431"},
		"many cookies": {"GET / HTTP/1.1\r\n" + host + "Cookie: " + strings.Repeat("tandem=x; ", 3000) + "\r\n\r\n", "HTTP/1.1 303"},
		"two lengths":  {"POST /login HTTP/1.1\r\n" + host + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "HTTP/1.1 400"},
		"length and chunks": {"POST /login HTTP/1.1\r\n" + host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
			"HTTP/1.1 415"}, // the length is void (RFC 9112 §6.3): no second request hides in it
		"odd encoding":  {"POST /login HTTP/1.1\r\n" + host + "Transfer-Encoding: xchunked\r\n\r\n", "HTTP/1.1 501"},
		"two hosts":     {"GET /healthz HTTP/1.1\r\n" + host + "Host: evil.example\r\n\r\n", "HTTP/1.1 400"},
		"no host":       {"GET /healthz HTTP/1.1\r\n\r\n", "HTTP/1.1 400"},
		"another host":  {"GET http://evil.example/ HTTP/1.1\r\n" + host + "\r\n", "HTTP/1.1 421"},
		"space in name": {"GET / HTTP/1.1\r\n" + host + "Cookie : tandem=x\r\n\r\n", "HTTP/1.1 400"},
		"odd method":    {"get / HTTP/1.1\r\n" + host + "\r\n", "HTTP/1.1 405"},
		"connect":       {"CONNECT evil.example:443 HTTP/1.1\r\n" + host + "\r\n", "HTTP/1.1 4"},
		"HTTP/2":        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 4"},
	} {
		if got := raw(t, s, x.request); !strings.HasPrefix(got, x.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestAttackSlowBody(t *testing.T) {
	o := settings()
	o.HTTP.Timeout = 100 * time.Millisecond
	s := listening(t, newHouse(), o)
	got := raw(t, s, "POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\naccount=")
	if got != "" && !strings.HasPrefix(got, "HTTP/1.1 400") {
		t.Errorf("%q", got)
	}
}

// What is open to everybody says nothing of who works here, and with what.
func TestAttackStatusPagesLeakNothing(t *testing.T) {
	h := newHouse()
	h.condition.Checks[0] = Check{Name: "store", Message: "disk full at /secret/place"}
	h.condition.Ready = false
	s := inTownWith(t, newTown(), h)
	stranger := func(r *http.Request) {
		r.Header.Del("Authorization")
		r.Header.Set("Accept", "text/html")
		r.RemoteAddr = "192.0.2.1:1"
	}
	for _, path := range []string{"/healthz", "/readyz", "/readyz?verbose", "/login", "/nothing", "/static/", "/metrics", "/events", "/cluster/join",
		"/api/v1/version", "/api/v1/cluster", "/debug/pprof/", "/.git/config", "/server-status"} {
		w := ask(s, "GET", path, "", stranger)
		text := w.Body.String() + fmt.Sprint(w.Header())
		for _, secret := range []string{"disk full", "127.0.0", "deadbeef", "tandem2", "go1.", "1.0", "Server:", "goroutine"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s tells %s", path, secret)
			}
		}
	}
}

func TestTheContentPolicyIsWholeAndExact(t *testing.T) {
	s := inTown(t, newTown())
	for _, path := range []string{"/login", "/", "/static/tandem.css", "/api/v1/version", "/nothing", "/events"} {
		h := ask(s, "GET", path, "").Header()
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "same-origin",
			"Permissions-Policy": "camera=(), geolocation=(), microphone=()",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s, %s: %q", path, name, got)
			}
		}
	}
}

func FuzzListQuery(f *testing.F) {
	for _, seed := range []string{"", "sort=from&account=a", "sort=-", "lives=!", "%zz", "a=b;c=d", "sort=from&sort=to"} {
		f.Add(seed)
	}
	s := inTown(f, newTown())
	u := as(f, s, "admin")
	f.Fuzz(func(t *testing.T, query string) {
		u.t = t
		w := u.do("GET", "/monitors/legs", "", func(r *http.Request) { r.URL.RawQuery = query })
		if w.Code != 200 && w.Code != 400 {
			t.Errorf("%q: %d", query, w.Code)
		}
	})
}

func FuzzLocalPath(f *testing.F) {
	for _, seed := range []string{"/", "/monitors/legs?sort=x", "//evil", `/\evil`, "/%2f%2fevil", "http://evil/", "/monitors/legs#x", "/\tevil", "/? "} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := localPath(text)
		if got == "" {
			return
		}
		here, _ := url.Parse("http://member.example:8010/login")
		there, err := here.Parse(got)
		if err != nil || there.Host != here.Host || there.Scheme != here.Scheme || strings.ContainsAny(got, "\\\r\n\t ") {
			t.Errorf("%q leads to %q", text, got)
		}
	})
}
