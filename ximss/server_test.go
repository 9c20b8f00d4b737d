package ximss

import (
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"tandem/conf"
)

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func unb64(t testing.TB, s string) string {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// hear is the next document, which must come.
func hear(t testing.TB, p peer) string {
	t.Helper()
	s, err := p.receive()
	if err != nil {
		t.Fatal("nothing is heard: ", err)
	}
	return s
}

func say(t testing.TB, p peer, document string) {
	t.Helper()
	if err := p.send(document); err != nil {
		t.Fatal(err)
	}
}

// in logs alice in.
func in(t testing.TB, p peer) {
	t.Helper()
	say(t, p, `<login id="in" authData="alice" password="1234"/>`)
	hear(t, p)
	if got := hear(t, p); got != `<response id="in"/>` {
		t.Fatal(got)
	}
}

// between is what stands between two texts.
func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}

func cramOf(name, password, nonce string) string {
	m := hmac.New(md5.New, []byte(password))
	m.Write([]byte(nonce))
	return b64(name + " " + hex.EncodeToString(m.Sum(nil)))
}

func TestLoginWithCRAM(t *testing.T) {
	s := listening(t, newDoor(), nil)
	p := dialTCP(t, s)
	say(t, p, `<listFeatures id="1"/>`)
	nonce := unb64(t, between(hear(t, p), "<nonce>", "<"))
	hear(t, p)
	say(t, p, `<login id="2" method="CRAM-MD5" authData="`+cramOf("alice", "1234", nonce)+`"/>`)
	if got := hear(t, p); !strings.Contains(got, `<session id="2" urlID=`) && !strings.Contains(got, `userName="alice@one.test"`) {
		t.Error("in one step: ", got)
	}
	p = dialTCP(t, s) // the same nonce again, by another connection
	say(t, p, `<login id="1" nonce="`+b64(nonce)+`" authData="`+cramOf("alice", "1234", nonce)+`"/>`)
	if got := hear(t, p); !strings.Contains(got, `errorNum="515"`) {
		t.Error("a nonce counts twice: ", got)
	}
	say(t, p, `<login id="2" method="CRAM-MD5"/>`)
	nonce = unb64(t, between(hear(t, p), `value="`, `"`))
	hear(t, p)
	say(t, p, `<auth id="3" value="`+cramOf("alice", "1234", nonce)+`"/>`)
	if got := hear(t, p); !strings.Contains(got, `userName="alice@one.test"`) {
		t.Error("in two steps: ", got)
	}
}

func TestLoginWithCRAMOverHTTP(t *testing.T) {
	s := listening(t, newDoor(), nil)
	p := &httpPeer{server: s}
	say(t, p, `POST /XIMSSLogin/ <XIMSS><listFeatures id="1"/></XIMSS>`)
	nonce := between(hear(t, p), "<nonce>", "<")
	auth := cramOf("alice", "1234", unb64(t, nonce))
	get := "GET /XIMSSLogin/?errorAsXML=1&nonce=" + url.QueryEscape(nonce) + "&authData=" + url.QueryEscape(auth)
	say(t, p, get)
	if got := hear(t, p); !strings.HasPrefix(got, `200 <XIMSS><session urlID="`) {
		t.Error(got)
	}
	say(t, p, get)
	if got := hear(t, p); !strings.Contains(got, `errorNum="515"`) {
		t.Error("a nonce counts twice: ", got)
	}
}

// A browser logs in by Basic for whatever page makes it ask, with neither Origin nor Sec-Fetch-Site where there is no TLS.
func TestLoginByBasicEndsNoOtherSession(t *testing.T) {
	d := newDoor()
	p := &httpPeer{server: listening(t, d, nil)}
	for request, kills := range map[string]bool{
		"GET /XIMSSLogin/?killOld=1 Basic alice:1234":                    false,
		"GET /XIMSSLogin/?killOld=1&userName=alice&password=1234 nobody": true,
	} {
		say(t, p, request)
		id := between(hear(t, p), `urlID="`, `"`)
		d.mu.Lock()
		if s := d.sessions[id]; s == nil || s.login.KillOld != kills {
			t.Errorf("%s: %v", request, s)
		}
		d.mu.Unlock()
	}
}

func TestOneBodyMakesOneSession(t *testing.T) {
	p := &httpPeer{server: listening(t, newDoor(), nil)}
	say(t, p, `POST /XIMSSLogin/ <XIMSS>`+strings.Repeat(`<login id="1" authData="alice" password="1234"/>`, 5)+`</XIMSS>`)
	got := hear(t, p)
	if n := strings.Count(got, "<session "); n != 1 || strings.Count(got, `errorNum="517"`) != 4 {
		t.Errorf("%d sessions: %s", n, got)
	}
}

func TestLoginWithSCRAM(t *testing.T) {
	s := listening(t, newDoor(), nil)
	for _, c := range []struct {
		password string
		ok       bool
	}{{"pencil", true}, {"pen", false}} {
		p := dialTCP(t, s)
		bare := "n=bob,r=abc"
		say(t, p, `<login id="1" method="SCRAM-SHA-256" value="`+b64("n,,"+bare)+`"/>`)
		first := unb64(t, between(hear(t, p), `value="`, `"`))
		hear(t, p)
		fields := strings.Split(first, ",")
		salted, _ := pbkdf2.Key(sha256.New, c.password, []byte(unb64(t, fields[1][2:])), 4096, 32)
		mac := func(key []byte, text string) []byte {
			m := hmac.New(sha256.New, key)
			m.Write([]byte(text))
			return m.Sum(nil)
		}
		final := "c=biws," + fields[0]
		said := bare + "," + first + "," + final
		key := mac(salted, "Client Key")
		stored, proof := sha256.Sum256(key), make([]byte, 32)
		subtle.XORBytes(proof, key, mac(stored[:], said))
		say(t, p, `<auth id="2" value="`+b64(final+",p="+b64(string(proof)))+`"/>`)
		got := hear(t, p)
		if !c.ok {
			if got != `<response id="2" errorText="incorrect password or account name" errorNum="515"/>` {
				t.Error(got)
			}
			continue
		}
		want := "v=" + b64(string(mac(mac(salted, "Server Key"), said)))
		if signature := unb64(t, between(got, `<challenge id="2" value="`, `"`)); signature != want {
			t.Errorf("the server proves %s, want %s", signature, want)
		}
		if got = hear(t, p); !strings.Contains(got, `userName="bob@one.test"`) {
			t.Error(got)
		}
		if got = hear(t, p); got != `<response id="2"/>` {
			t.Error(got)
		}
	}
}

// A password in clear may come from this machine, or over TLS, or where the settings say so.
func TestClearPasswords(t *testing.T) {
	d := newDoor()
	s := listening(t, d, nil)
	stranger := func() *pipeSocket {
		p := newPipeSocket()
		p.remote = netip.MustParseAddrPort("192.0.2.7:40000")
		s.ServeSocket(p, func() {})
		return p
	}
	p := stranger()
	say(t, p, `<listFeatures id="1"/>`)
	if got := hear(t, p); strings.Contains(got, "PLAIN") || strings.Contains(got, "<sasl>LOGIN") {
		t.Error("offered: ", got)
	}
	hear(t, p)
	for _, login := range []string{`<login id="2" authData="alice" password="1234"/>`, `<login id="2" method="PLAIN" value="AGFsaWNlADEyMzQ="/>`, `<login id="2" method="LOGIN"/>`} {
		say(t, p, login)
		if got := hear(t, p); !strings.Contains(got, `errorNum="517"`) {
			t.Error(login, got)
		}
	}
	if d.asked > 0 {
		t.Error("the password was looked at")
	}
	c := settings()
	c.ClearPasswords = true
	s.Apply(c)
	in(t, stranger())
}

func TestWhoGuessesIsLockedOut(t *testing.T) {
	d := newDoor()
	s := listening(t, d, nil)
	p := dialTCP(t, s)
	for range 10 {
		say(t, p, `<login id="1" authData="alice" password="no"/>`)
		hear(t, p)
	}
	asked := d.asked
	for _, login := range []string{`<login id="1" authData="alice" password="1234"/>`, `<login id="1" authData="ALICE" password="1234"/>`, `<login id="1" method="PLAIN" value="AGFsaWNlADEyMzQ="/>`} {
		say(t, p, login)
		if got := hear(t, p); !strings.Contains(got, `errorText="too many wrong passwords came from this address: wait `) {
			t.Error(got)
		}
	}
	if d.asked != asked {
		t.Error("the password was looked at")
	}
	h := &httpPeer{server: s}
	say(t, h, "GET /XIMSSLogin/?userName=alice&password=1234")
	if got := hear(t, h); !strings.HasPrefix(got, "429 ") {
		t.Error(got)
	}
	say(t, p, `<login id="2" authData="bob" password="pencil"/>`) // another account of the same source
	if got := hear(t, p); !strings.Contains(got, `userName="bob@one.test"`) {
		t.Error(got)
	}
	if c := s.Snapshot(); c.Logins != 1 || c.Failed < 10 {
		t.Errorf("%+v", c)
	}
}

func TestASourceThatTriesAllAccountsIsLockedOut(t *testing.T) {
	s := listening(t, newDoor(), nil)
	p := dialTCP(t, s)
	for i := range sourceLimit {
		say(t, p, fmt.Sprintf(`<login id="1" authData="a%d" password="1"/>`, i))
		hear(t, p)
	}
	say(t, p, `<login id="1" authData="alice" password="1234"/>`)
	if got := hear(t, p); !strings.Contains(got, "too many wrong passwords") {
		t.Error(got)
	}
}

func TestASessionThatCanNotBeOpened(t *testing.T) {
	d := newDoor()
	s := listening(t, d, nil)
	p := dialTCP(t, s)
	for _, c := range []struct {
		err  error
		want string
	}{
		{Fail(NumLimit, "too many sessions"), `<response id="1" errorText="too many sessions" errorNum="520"/>`},
		{io.ErrClosedPipe, `<response id="1" errorText="the server can not do this now, try again later" errorNum="521"/>`},
	} {
		d.refuse = c.err
		say(t, p, `<login id="1" authData="alice" password="1234"/>`)
		if got := hear(t, p); got != c.want {
			t.Error(got)
		}
	}
	d.refuse = nil
	in(t, p)
}

// ends waits for the end of a connection, and gives what came before it.
func ends(t testing.TB, p peer) (heard []string) {
	t.Helper()
	for {
		s, err := p.receive()
		if err != nil {
			if e, ok := err.(net.Error); ok && e.Timeout() {
				t.Fatal("the connection lives on")
			}
			return heard
		}
		heard = append(heard, s)
	}
}

// leaves waits for what the session hears of the end of its line.
func leaves(t testing.TB, d *door) string {
	t.Helper()
	select {
	case reason := <-d.left:
		return reason
	case <-time.After(patience):
		t.Fatal("the session does not hear that its line has ended")
		return ""
	}
}

func TestAStrangerMustLogInInTime(t *testing.T) {
	s := listening(t, newDoor(), func(c *conf.XIMSS) { c.LoginTime = 50 * time.Millisecond })
	p := dialTCP(t, s)
	ends(t, p)
	w := newPipeSocket()
	done := make(chan struct{})
	s.ServeSocket(w, func() { close(done) })
	<-done
	select {
	case <-w.ended:
	default:
		t.Error("the WebSocket is still open")
	}
}

func TestADocumentThatDripsIsGivenUp(t *testing.T) {
	d := newDoor()
	s := listening(t, d, func(c *conf.XIMSS) { c.MessageTime = 50 * time.Millisecond; c.LoginTime = time.Hour })
	p := dialTCP(t, s)
	in(t, p)
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				_, _ = io.WriteString(p.Conn, "<")
			}
		}
	}()
	ends(t, p)
	if reason := leaves(t, d); !strings.Contains(reason, "timeout") {
		t.Error(reason)
	}
}

func TestADocumentMayComeInPieces(t *testing.T) {
	s := listening(t, newDoor(), nil)
	p := dialTCP(t, s)
	in(t, p)
	text := strings.Repeat("ä", 40000)
	whole := `<echo id="1">` + text + "</echo>\x00\x00 \r\n\x00<noop id=\"2\"/>\x00<no"
	for len(whole) > 0 {
		n := min(999, len(whole))
		if _, err := io.WriteString(p.Conn, whole[:n]); err != nil {
			t.Fatal(err)
		}
		whole = whole[n:]
	}
	if got := hear(t, p); got != `<echoed id="1">`+text+"</echoed>" {
		t.Errorf("%d bytes", len(got))
	}
	hear(t, p)
	if got := hear(t, p); got != `<response id="2"/>` {
		t.Error(got)
	}
	_, _ = io.WriteString(p.Conn, "op id=\"3\"/>\x00")
	if got := hear(t, p); got != `<response id="3"/>` {
		t.Error(got)
	}
}

func TestATooLongDocumentEndsTheConnection(t *testing.T) {
	d := newDoor()
	s := listening(t, d, func(c *conf.XIMSS) { c.MaxMessage = 2000 })
	for _, end := range []string{"", "\x00"} {
		p := dialTCP(t, s)
		in(t, p)
		_, _ = io.WriteString(p.Conn, "<echo id=\"1\">"+strings.Repeat("x", 2000)+end)
		heard := ends(t, p)
		if len(heard) > 0 && heard[0] != `<response errorText="the document is too long" errorNum="501"/>` {
			t.Error(heard)
		}
		if reason := leaves(t, d); reason != "the document is too long" {
			t.Error(reason)
		}
	}
}

// A client that does not read is closed when more waits for it than it may leave unread; nobody waits for it.
func TestAClientThatDoesNotReadIsClosed(t *testing.T) {
	d := newDoor()
	s := listening(t, d, func(c *conf.XIMSS) { c.MaxUnread = 64 << 10 })
	p := dialTCP(t, s)
	in(t, p)
	say(t, p, `<flood id="1" n="20000"/>`)
	if reason := leaves(t, d); !strings.Contains(reason, "too slow") {
		t.Error(reason)
	}
	q := dialTCP(t, s)
	in(t, q)
	say(t, q, `<flood id="1" n="50"/>`) // which fits
	for range 50 {
		hear(t, q)
	}
	if got := hear(t, q); got != `<response id="1"/>` {
		t.Error(got)
	}
}

func TestAClientThatFloodsHarmsNobody(t *testing.T) {
	s := listening(t, newDoor(), nil)
	flood := dialTCP(t, s)
	in(t, flood)
	go func() {
		for {
			if _, err := io.WriteString(flood.Conn, strings.Repeat("<noop id=\"1\"/>\x00", 1000)); err != nil {
				return
			}
		}
	}()
	go func() { _, _ = io.Copy(io.Discard, flood.in) }()
	p := dialTCP(t, s)
	in(t, p)
	for i := range 20 {
		id := fmt.Sprint(i)
		say(t, p, `<noop id="`+id+`"/>`)
		if got := hear(t, p); got != `<response id="`+id+`"/>` {
			t.Fatal(got)
		}
	}
}

func TestANewConnectionTakesOver(t *testing.T) {
	d := newDoor()
	s := listening(t, d, nil)
	old := dialTCP(t, s)
	in(t, old)
	w := newPipeSocket()
	s.ServeSocket(w, func() {})
	say(t, w, `<login id="1" sessionID="000001-ABC" random="R1"/>`)
	if got := hear(t, w); !strings.Contains(got, `resumed="1"`) {
		t.Error(got)
	}
	if heard := ends(t, old); len(heard) != 1 || heard[0] != "<bye/>" {
		t.Error("the old one heard ", heard)
	}
	hear(t, w)
	say(t, w, `<echo id="2">still</echo>`)
	if got := hear(t, w); got != `<echoed id="2">still</echoed>` {
		t.Error(got)
	}
	select {
	case reason := <-d.left:
		t.Error("a line that was taken over leaves: ", reason)
	default:
	}
}

func TestASessionThatHasGone(t *testing.T) {
	d := newDoor()
	s := listening(t, d, nil)
	p := dialTCP(t, s)
	in(t, p)
	d.mu.Lock()
	clear(d.sessions)
	d.mu.Unlock()
	say(t, p, `<noop id="1"/>`)
	if heard := ends(t, p); len(heard) != 1 || heard[0] != "<bye/>" {
		t.Error(heard)
	}
}

func TestHowManyMayConnect(t *testing.T) {
	for name, edit := range map[string]func(*conf.XIMSS){
		"in all":      func(c *conf.XIMSS) { c.MaxConns = 1 },
		"per address": func(c *conf.XIMSS) { c.MaxConnsPerIP = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			s := listening(t, newDoor(), edit)
			first := dialTCP(t, s)
			say(t, first, `<noop id="1"/>`)
			hear(t, first)
			ends(t, dialTCP(t, s))
			say(t, first, `<bye id="2"/>`)
			ends(t, first)
			for deadline := time.Now().Add(patience); ; {
				p := dialTCP(t, s)
				_ = p.send(`<noop id="1"/>`)
				if _, err := p.receive(); err == nil {
					return
				} else if time.Now().After(deadline) {
					t.Fatal("the place is not free again")
				}
			}
		})
	}
}

func TestTheEndOfTheServer(t *testing.T) {
	d := newDoor()
	c := settings()
	s, err := New(Options{XIMSS: c, Door: d, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err = s.Listen(); err != nil {
		t.Fatal(err)
	}
	p := dialTCP(t, s)
	in(t, p)
	w := newPipeSocket()
	s.ServeSocket(w, func() {})
	in(t, w)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.Close(ctx); err != nil {
		t.Fatal(err)
	}
	ends(t, p)
	ends(t, w)
	leaves(t, d)
	leaves(t, d)
	if n := s.Snapshot().Connections; n[TCP] != 0 || n[WebSocket] != 0 {
		t.Error(n)
	}
	again := newPipeSocket()
	done := make(chan struct{})
	s.ServeSocket(again, func() { close(done) })
	<-done
}

func TestTheTLSPort(t *testing.T) {
	s := listening(t, newDoor(), func(c *conf.XIMSS) { c.Cert, c.Key = certificate(t); c.TLSPort = 0 })
	conn, err := tls.Dial("tcp", fmt.Sprint("127.0.0.1:", s.Ports()["ximss_tls"]), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(patience))
	p := dialTCP(t, s)
	p.Conn = conn
	p.in.Reset(conn)
	say(t, p, `<listFeatures id="1"/>`)
	if got := hear(t, p); strings.Contains(got, "starttls") {
		t.Error(got)
	}
	hear(t, p)
	in(t, p)
}

// What came in clear behind starttls is not taken for what comes under TLS.
func TestNothingIsSmuggledIntoTLS(t *testing.T) {
	d := newDoor()
	s := listening(t, d, func(c *conf.XIMSS) { c.Cert, c.Key = certificate(t) })
	p := dialTCP(t, s)
	say(t, p, "<starttls id=\"1\"/>\x00<login id=\"2\" authData=\"alice\" password=\"1234\"/>")
	if got := hear(t, p); got != `<response id="1"/>` {
		t.Fatal(got)
	}
	c := tls.Client(p.Conn, &tls.Config{InsecureSkipVerify: true})
	if err := c.Handshake(); err != nil {
		return // the rest came behind, and is no TLS
	}
	q := &tcpPeer{c, p.in}
	q.in.Reset(c)
	say(t, q, `<noop id="3"/>`)
	if got := hear(t, q); got != `<response id="3"/>` {
		t.Error("under TLS it hears ", got)
	}
	if d.asked > 0 {
		t.Error("somebody logged in")
	}
}

func TestABodyThatIsTooLong(t *testing.T) {
	s := listening(t, newDoor(), func(c *conf.XIMSS) { c.MaxMessage = 1024 })
	h := &httpPeer{server: s}
	say(t, h, "POST /XIMSSLogin/ <XIMSS>"+strings.Repeat(`<noop id="1"/>`, 100)+"</XIMSS>")
	if got := hear(t, h); !strings.Contains(got, "the document is too long") {
		t.Error(got)
	}
	c := settings()
	s.Apply(c)
	say(t, h, "POST /XIMSSLogin/ <XIMSS>"+strings.Repeat(`<noop id="1"/>`, 101)+"</XIMSS>")
	if got := hear(t, h); !strings.Contains(got, "more than 100 requests at once") {
		t.Error(got)
	}
}

func TestAPollWaits(t *testing.T) {
	d := newDoor()
	s := listening(t, d, nil)
	h := &httpPeer{server: s}
	say(t, h, "GET /XIMSSLogin/?userName=alice&password=1234")
	d.mu.Lock()
	of := d.sessions["000001-ABC"]
	d.mu.Unlock()
	heard := make(chan string, 1)
	go func() {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", "/Session/000001-ABC/?ackSeq=0&maxWait=50", nil))
		heard <- w.Body.String()
	}()
	of.say("<alert>now</alert>")
	select {
	case got := <-heard:
		if got != `<XIMSS respSeq="1"><alert>now</alert></XIMSS>` {
			t.Error(got)
		}
	case <-time.After(patience):
		t.Error("the poll waits on")
	}
	for _, c := range []struct {
		field string
		want  time.Duration
	}{{"", 15 * time.Second}, {"?maxWait=3", 3 * time.Second}, {"?MAXWAIT=999999999999", 50 * time.Second}, {"?maxWait=x", 15 * time.Second}, {"?maxWait=0", 0}} {
		u, _ := url.Parse("/" + c.field)
		if got := s.wait(readQuery(u.RawQuery)); got != c.want {
			t.Errorf("%q: %v", c.field, got)
		}
	}
}

// Whoever has not logged in may ask little, and nobody may send for ever what can not be read.
func TestStrangersAreAllowedLittle(t *testing.T) {
	d := newDoor()
	s := listening(t, d, nil)
	enough := `<response errorText="this is enough: the connection is closed" errorNum="520"/>`
	last := func(p peer, document string) string {
		t.Helper()
		go func() {
			for p.send(document) == nil {
			}
		}()
		heard := ends(t, p)
		if len(heard) == 0 {
			return "" // it was cut off before it could hear
		}
		return heard[len(heard)-1]
	}
	for document, want := range map[string]string{
		`<noop id="1"/>`: enough, `<noop`: enough,
		`<noop id="` + strings.Repeat("x", strangerSize) + `"/>`: `<response errorText="the document is too long" errorNum="501"/>`,
	} {
		if got := last(dialTCP(t, s), document); got != want && got != "" && !strings.HasPrefix(got, "<response") {
			t.Errorf("%.20s: %s", document, got)
		}
	}
	p := dialTCP(t, s)
	in(t, p)
	for range strikes {
		say(t, p, `<echo id="1"`)
	}
	heard := ends(t, p)
	if n := len(heard); n != strikes+1 || heard[n-1] != enough {
		t.Error(heard)
	}
	if reason := leaves(t, d); !strings.Contains(reason, "enough") {
		t.Error(reason)
	}
}

func TestAWrongPasswordCostsTime(t *testing.T) {
	s := listening(t, newDoor(), nil)
	s.porter.wrong = 200 * time.Millisecond
	p := dialTCP(t, s)
	began := time.Now()
	say(t, p, `<login id="1" authData="alice" password="no"/>`)
	hear(t, p)
	if took := time.Since(began); took < s.porter.wrong {
		t.Errorf("answered after %v", took)
	}
}
