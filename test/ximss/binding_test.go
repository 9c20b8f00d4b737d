package ximss

import (
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// browser is a client over HTTP.
type browser struct {
	testing.TB
	member *lab.Member
	id     string // of its session
}

// web asks a member something over HTTP.
func (b *browser) web(m *lab.Member, method, path, body string) (status int, answer string) {
	b.Helper()
	r, err := http.NewRequest(method, m.URL()+path, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json") // as some clients do
	res, err := (&http.Client{Timeout: settle}).Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if len(res.Cookies()) > 0 {
		b.Errorf("%s %s sets a cookie", method, path)
	}
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	return res.StatusCode, strings.TrimSpace(string(text))
}

var urlID = regexp.MustCompile(`urlID="([^"]+)"`)

// enter logs a demo account in over HTTP.
func enter(t *testing.T, m *lab.Member, user string) *browser {
	t.Helper()
	b := &browser{TB: t, member: m}
	_, answer := b.web(m, "GET", "/XIMSSLogin/?errorAsXML=1&userName="+user+"&password="+lab.Password, "")
	found := urlID.FindStringSubmatch(answer)
	if found == nil {
		t.Fatal("no login: ", answer)
	}
	b.id = found[1]
	return b
}

// expect asks by a member and wants a status and an answer.
func (b *browser) expect(m *lab.Member, method, path, body string, status int, want string) {
	b.Helper()
	got, answer := b.web(m, method, "/Session/"+b.id+"/"+path, body)
	if got != status || answer != want {
		b.Errorf("%s %s: %d %s, want %d %s", method, path, got, answer, status, want)
	}
}

// The whole of the HTTP binding, every request by another member than the last one.
func TestHTTP(t *testing.T) {
	lab.Long(t)
	for _, members := range []int{1, 3} {
		t.Run(fmt.Sprint(members), func(t *testing.T) {
			all := []*lab.Member{}
			if members == 1 {
				all = append(all, lab.Start(t, lab.Options{}))
			} else {
				all = company(t)
			}
			b := enter(t, all[0], "1000")
			at := 0
			next := func() *lab.Member { at++; return all[at%len(all)] }
			done := `<XIMSS><response id="1"/><response id="2" errorText="unknown command" errorNum="500"/></XIMSS>`
			for range 4 { // the same number: done once, answered always
				b.expect(next(), "POST", "sync?reqSeq=1", `<XIMSS><noop id="1"/><nonsense id="2"/></XIMSS>`, 200, done)
			}
			b.expect(next(), "POST", "async?reqSeq=2", `<XIMSS><noop id="3"/></XIMSS>`, 200, "")
			batch := `<XIMSS respSeq="1"><response id="3"/></XIMSS>`
			for range 4 { // not acknowledged: the same again
				b.expect(next(), "GET", "?ackSeq=0&maxWait=10", "", 200, batch)
			}
			b.expect(next(), "GET", "?ackSeq=1&maxWait=0", "", 200, "<XIMSS/>")

			held := make(chan string, 1)
			from := next()
			go func() {
				_, answer := b.web(from, "GET", "/Session/"+b.id+"/?ackSeq=1&maxWait=30", "")
				held <- answer
			}()
			b.expect(next(), "POST", "async?reqSeq=3", `<XIMSS><noop id="4"/></XIMSS>`, 200, "")
			select {
			case answer := <-held:
				if answer != `<XIMSS respSeq="2"><response id="4"/></XIMSS>` {
					t.Error("the poll that waited: ", answer)
				}
			case <-time.After(settle):
				t.Error("the poll waits on")
			}
			b.expect(next(), "POST", "sync?reqSeq=4", `<XIMSS><bye id="5"/></XIMSS>`, 200, `<XIMSS><response id="5"/></XIMSS>`)
			for range all {
				b.expect(next(), "POST", "sync?reqSeq=5", `<XIMSS><noop id="6"/></XIMSS>`, 550, "you have been disconnected")
				b.expect(next(), "GET", "?ackSeq=2", "", 550, "you have been disconnected")
			}
		})
	}
}

// Each way to log in, with a right password and with a wrong one.
func TestLogin(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	b := &browser{TB: t, member: m}
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	plain := func(password string) string { return b64("\x00" + "1000" + "\x00" + password) }
	for _, c := range []struct{ name, body string }{
		{"password", `<login id="1" authData="1000" password="%s"/>`},
		{"the whole address", `<login id="1" userName="1000@` + lab.Domain + `" password="%s"/>`},
		{"PLAIN", `<login id="1" method="PLAIN" value="%s"/>`},
		{"LOGIN", `<login id="0" method="LOGIN"/><auth id="0" value="` + b64("1000") + `"/><auth id="1" value="%s"/>`},
	} {
		for _, password := range []string{lab.Password, "wrong"} {
			proof := map[string]string{"PLAIN": plain(password), "LOGIN": b64(password)}[c.name]
			if proof == "" {
				proof = password
			}
			_, answer := b.web(m, "POST", "/XIMSSLogin/", "<XIMSS>"+fmt.Sprintf(c.body, proof)+"</XIMSS>")
			want := `<response id="1"/></XIMSS>`
			if password == "wrong" {
				want = `<response id="1" errorText="incorrect password or account name" errorNum="515"/></XIMSS>`
			}
			if !strings.HasSuffix(answer, want) || strings.Contains(answer, ` userName="1000@`+lab.Domain+`"`) != (password == lab.Password) {
				t.Errorf("%s with %q: %s", c.name, password, answer)
			}
		}
	}
}

// A page of another site can do nothing, by any binding of the web listener.
func TestForeignPages(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	login := "/XIMSSLogin/?userName=1000&password=" + lab.Password
	for _, c := range []struct{ method, path, origin, site string }{
		{"GET", login, "https://evil.example", "cross-site"},
		{"GET", login, "", "cross-site"}, // an image
		{"POST", login, "null", "cross-site"},
		{"OPTIONS", login, "https://evil.example", "cross-site"},
		{"POST", "/Session/000001-X/sync", "https://evil.example", ""},
	} {
		r, _ := http.NewRequest(c.method, m.URL()+c.path, nil)
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		if c.site != "" {
			r.Header.Set("Sec-Fetch-Site", c.site)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != 403 || res.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%+v: %d", c, res.StatusCode)
		}
	}
	r, _ := http.NewRequest("GET", m.URL()+login, nil)
	r.Host = "evil.example" // whose name was made to lead here
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != 421 {
		t.Errorf("another host's name: %d", res.StatusCode)
	}
}

// One port serves pages and clients of sessions.
func TestTheHTTPPort(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	at, err := url.Parse(m.URL())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", at.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(settle))
	for _, c := range []struct{ say, hear string }{
		{`<noop id="1"/>`, `<response id="1"/>`},
		{`<login id="2" authData="1000" password="1"/>`, `<response id="2" errorText="incorrect password or account name" errorNum="515"/>`},
		{`<bye id="3"/>`, `<response id="3"/>`},
	} {
		_, _ = io.WriteString(conn, c.say+"\x00")
		got := make([]byte, len(c.hear)+1)
		if _, err := io.ReadFull(conn, got); string(got) != c.hear+"\x00" {
			t.Fatalf("%s: %q %v", c.say, got, err)
		}
	}
	if n, err := conn.Read(make([]byte, 1)); err == nil {
		t.Errorf("%d bytes after the end", n)
	}
}
