package attack

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// mark is what would run in a page that shows it as it is.
const mark = `<img src=x onerror=alert(1)>`

// xmlMark is the same in an attribute or a text of XML.
const xmlMark = `&lt;img src=x onerror=alert(1)&gt;`

// TestHostileFrames sends frames to /ximss that RFC 6455 forbids, or allows without end.
func TestHostileFrames(t *testing.T) {
	w := newWitness(t)
	polite := w.XIMSSOverWebSocket(t, "1002")
	for name, frames := range map[string][]byte{
		"length with the top bit": giantFrame(1 << 63),
		"length of a tebibyte":    giantFrame(1 << 40),
		"fragments without end":   append(frame(0x01, "<"), repeated(0x00, strings.Repeat("a", 100), 10000)...),
		"big control frame":       frame(0x89, strings.Repeat("x", 200)),
		"no mask":                 append([]byte{0x81, 14}, `<noop id="1"/>`...),
		"reserved bit":            frame(0xc1, `<noop id="1"/>`),
		"reserved opcode":         frame(0x83, "x"),
		"continuation of nothing": frame(0x80, "x"),
		"rubbish after rubbish":   repeated(0x81, "<<<<\xff", 100),
	} {
		conn := w.socket(t)
		_, _ = conn.Write(frames)
		_ = conn.SetReadDeadline(time.Now().Add(moment))
		if answer, err := io.ReadAll(conn); isTimeout(err) {
			t.Errorf("%s: the connection stands; it was told %.100q", name, answer)
		}
	}
	endless := w.socket(t)
	go func() { _, _ = io.Copy(io.Discard, endless) }()
	_, _ = endless.Write(repeated(0x81, "", 10000))
	_, _ = endless.Write(repeated(0x89, "ping", 10000))
	polite.Must("<noop/>")
	_ = endless.Close()
	w.unharmed(t)
	w.over(t)
}

func isTimeout(err error) bool {
	e, ok := err.(net.Error)
	return ok && e.Timeout()
}

// socket is a WebSocket at /ximss on which whatever is written goes out as it is.
func (w *witness) socket(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", net.JoinHostPort(w.Bind, strconv.Itoa(w.HTTP)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_, err = fmt.Fprintf(conn, "GET /ximss HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ximss\r\n\r\n", w.Bind)
	if err != nil {
		t.Fatal(err)
	}
	var head []byte
	for one := make([]byte, 1); !strings.HasSuffix(string(head), "\r\n\r\n"); head = append(head, one[0]) {
		if _, err := io.ReadFull(conn, one); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.HasPrefix(string(head), "HTTP/1.1 101 ") {
		t.Fatalf("no WebSocket: %s", head)
	}
	return conn
}

// frame is one frame of a client, masked with zeros (RFC 6455 section 5.2); first has FIN and the opcode.
func frame(first byte, text string) []byte {
	f := []byte{first, 0x80 | 126, byte(len(text) >> 8), byte(len(text)), 0, 0, 0, 0}
	if len(text) < 126 {
		f = []byte{first, 0x80 | byte(len(text)), 0, 0, 0, 0}
	}
	return append(f, text...)
}

func repeated(first byte, text string, n int) (all []byte) {
	for one := frame(first, text); n > 0; n-- {
		all = append(all, one...)
	}
	return all
}

// giantFrame is the beginning of a frame that says that it is so long.
func giantFrame(length uint64) []byte {
	return append(binary.BigEndian.AppendUint64([]byte{0x81, 0x80 | 127}, length), 0, 0, 0, 0, 'x')
}

// TestPagesOfStrangers lets a browser ask for another site's page, or for a name that was made to resolve to the member:
// nobody is logged in by it, no session is used, no WebSocket is opened.
func TestPagesOfStrangers(t *testing.T) {
	w := newWitness(t)
	session := w.XIMSSOverHTTP(t, "1002", false).Session.Attr("urlID")
	before := w.sessions(t)
	login := "/XIMSSLogin/?killOld=1&userName=1002&password=" + lab.Password
	for _, header := range []string{"Origin: http://evil.test", "Origin: null", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site",
		"Host: evil.test"} {
		for _, path := range []string{login, "/XIMSSLogin/", "/Session/" + session + "/?ackSeq=0&maxWait=0", "/Session/" + session + "/sync?reqSeq=7", "/ximss"} {
			if path == "/ximss" && strings.HasPrefix(header, "Sec-") {
				continue // browsers send Origin there
			}
			method := http.MethodGet
			if path == "/XIMSSLogin/" || strings.Contains(path, "/sync") {
				method = http.MethodPost
			}
			r, err := http.NewRequest(method, w.URL()+path, strings.NewReader(`<XIMSS><bye id="1"/></XIMSS>`))
			if err != nil {
				t.Fatal(err)
			}
			name, value, _ := strings.Cut(header, ": ")
			r.Header.Set(name, value)
			if name == "Host" {
				r.Host = value
			}
			r.SetBasicAuth("1002", lab.Password) // as the browser adds by itself
			if path == "/ximss" {
				for name, value := range map[string]string{"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
					"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": "ximss"} {
					r.Header.Set(name, value)
				}
			}
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			if answer.StatusCode != http.StatusForbidden && answer.StatusCode != http.StatusMisdirectedRequest {
				t.Errorf("%s %.20s with %s: %s", method, path, header, answer.Status)
			}
			if answer.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%.20s with %s: the page may read the answer", path, header)
			}
		}
	}
	if now := w.sessions(t); now != before {
		t.Errorf("there are %d sessions, there were %d", now, before)
	}
	w.unharmed(t)
	w.over(t)
}

func (w *witness) sessions(t *testing.T) int {
	t.Helper()
	var list struct{ Sessions []struct{ Handler string } }
	if err := w.Ask(http.MethodGet, "sessions?limit=1000", nil, &list); err != nil {
		t.Fatal(err)
	}
	return len(list.Sessions)
}

// TestMarkOfASession puts what a page could run into all that a client says of itself: pages for people do not show it
// as it is, lists for programs do not tell a session's secrets, and no log line does.
func TestMarkOfASession(t *testing.T) {
	w := newWitness(t)
	x := w.XIMSS(t, "1002")
	x.Must(`<setClientName name="` + xmlMark + `"/>`)
	x.Must(`<signalBind readIM="1" presence="1"/>`)
	x.Must(`<presenceSet><presence>busy</presence><status>` + xmlMark + `</status></presenceSet>`)
	x.Must(`<rosterSet peer="1003" what="update"><name>` + xmlMark + `</name></rosterSet>`)
	x.Must(`<sendIM peer="1002">` + xmlMark + `</sendIM>`)
	browser := w.administrator(t)
	text := ""
	for _, path := range []string{"/monitors/sessions", "/monitors/registrations", "/monitors/members", "/"} {
		text += fetch(t, browser, w.URL()+path)
	}
	if !strings.Contains(text, "1002@"+lab.Domain) {
		t.Error("the pages do not show the session")
	}
	var list any
	if err := w.Ask(http.MethodGet, "sessions", nil, &list); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, mark) {
		t.Error("a page shows the client's name as it is")
	}
	for _, place := range []string{text, fmt.Sprint(list), w.Log(), fetch(t, http.DefaultClient, w.URL()+"/metrics")} {
		for _, secret := range []string{x.Session.Attr("urlID"), x.Session.Attr("random"), lab.Password + "\""} {
			if strings.Contains(place, secret) {
				t.Errorf("the secret %q is told in %.60q...", secret, place)
			}
		}
	}
	w.unharmed(t)
	w.over(t)
}

// administrator is a browser in which admin has logged in.
func (w *witness) administrator(t *testing.T) *http.Client {
	t.Helper()
	jar, _ := cookiejar.New(nil) // never fails
	browser := &http.Client{Jar: jar}
	form := url.Values{"account": {"admin"}, "password": {lab.Password}}
	r, err := http.NewRequest(http.MethodPost, w.URL()+"/login", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", w.URL())
	answer, err := browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return browser
}

func fetch(t *testing.T, c *http.Client, from string) string {
	t.Helper()
	answer, err := c.Get(from)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestMadeUpHandlers lets a client send events to whom it was never told of: to handlers that name other addresses, to
// one that was changed, and to a call leg. None is delivered, and none makes the member call anybody.
func TestMadeUpHandlers(t *testing.T) {
	w := newWitness(t)
	called, err := net.Listen("tcp", net.JoinHostPort(w.Bind, "0"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = called.Close() }()
	go func() {
		if conn, err := called.Accept(); err == nil {
			_ = conn.Close()
			t.Error("the member called an address that a handler named")
		}
	}()
	x := w.XIMSS(t, "1002")
	x.Dial("l1", "9196")
	changed := []byte(w.task)
	changed[len(changed)-1] ^= 1
	for _, handler := range []string{called.Addr().String() + "/session/1", "session/1", "task/1", string(changed), w.task[:len(w.task)-4],
		w.Legs()[0].Handler, strings.Repeat("A", 5000), "[" + w.task + "]", "../" + w.task} {
		asked := time.Now()
		if failure := x.Ask(`<taskSendEvent taskRef="` + handler + `" eventName="end"/>`); failure != "async Object not found" {
			t.Errorf("an event to %.60s: %q", handler, failure)
		}
		if took := time.Since(asked); took > moment {
			t.Errorf("an event to %.60s was refused after %v", handler, took)
		}
	}
	x.Must(`<callKill callLeg="l1"/>`)
	w.unharmed(t)
	w.over(t)
}
