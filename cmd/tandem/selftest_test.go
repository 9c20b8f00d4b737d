package main

import (
	"encoding/json"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/icholy/digest"
)

// exchange is a telephone exchange of a few lines: it registers one phone, answers two numbers and
// keeps records, as well or as badly as its faults say.
type exchange struct {
	t    *testing.T
	sip  net.PacketConn
	rest *httptest.Server

	noChallenge, noContact   bool    // REGISTER
	challengeINVITE, refuses bool    // INVITE
	tone                     float64 // what the tone's number sends; 0 silence
	deafEcho, noRTP          bool
	payload                  byte // payload type of what it sends
	repeats                  int  // how often the 200 comes again, whatever the ACK
	dropFirst                bool // the first of each kind of request is lost
	noRecords, notListed     bool

	mu      sync.Mutex
	source  string
	seen    map[string]int
	acks    int
	records []leg
	media   map[string]func()
}

const exchangeNonce = "f84f1cec41e6cbe5aea9c8e88d359"

func newExchange(t *testing.T) *exchange {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	x := &exchange{t: t, sip: conn, tone: 1004, seen: map[string]int{}, media: map[string]func(){}}
	x.rest = httptest.NewServer(http.HandlerFunc(x.serveREST))
	go x.serveSIP()
	t.Cleanup(func() {
		x.rest.Close()
		_ = conn.Close()
		x.mu.Lock()
		defer x.mu.Unlock()
		for _, stop := range x.media {
			stop()
		}
	})
	return x
}

func (x *exchange) serveREST(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch r.URL.Path {
	case "/api/v1/health":
		_, _ = w.Write([]byte(`{"member":"tandem1","version":"1","ready":true}`))
	case "/api/v1/registrations":
		source := x.source
		if x.notListed {
			source = ""
		}
		_, _ = fmt.Fprintf(w, `{"registrations":[{"contact":"sip:1000","source":%q}]}`, source)
	case "/api/v1/records":
		for _, l := range x.records {
			if l.SIPCallID == r.URL.Query().Get("sip_call_id") && !x.noRecords {
				_, _ = fmt.Fprintf(w, `{"records":[{"to":%q,"cause":"bye","by":"caller"}]}`, l.To)
				return
			}
		}
		_, _ = w.Write([]byte(`{"records":[]}`))
	}
}

func (x *exchange) serveSIP() {
	buffer := make([]byte, 65535)
	for {
		n, from, err := x.sip.ReadFrom(buffer)
		if err != nil {
			return
		}
		m, err := parseMessage(string(buffer[:n]))
		if err != nil {
			x.t.Errorf("the phone sent: %v", err)
			continue
		}
		x.take(m, from)
	}
}

func (x *exchange) take(m message, from net.Addr) {
	x.mu.Lock()
	defer x.mu.Unlock()
	method, _, _ := strings.Cut(m.start, " ")
	x.seen[method]++
	if x.dropFirst && x.seen[method] == 1 && method != "ACK" {
		return
	}
	send := func(status, body string, fields ...[2]string) {
		response := answerTo(m, status)
		response.body = body
		for i, f := range response.fields {
			if f[0] == "to" && !strings.Contains(f[1], "tag=") {
				response.fields[i][1] += ";tag=exchange"
			}
		}
		response.fields = append(response.fields, fields...)
		_, _ = x.sip.WriteTo([]byte(response.String()), from)
	}
	switch method {
	case "REGISTER":
		x.register(m, from, send)
	case "INVITE":
		x.invite(m, send)
	case "ACK":
		x.acks++
		if x.acks <= x.repeats { // as if it had been lost
			answer := answerTo(message{fields: m.fields}, "200 OK")
			for i, f := range answer.fields {
				if f[0] == "cseq" {
					answer.fields[i][1] = strings.Replace(f[1], "ACK", "INVITE", 1)
				}
			}
			_, _ = x.sip.WriteTo([]byte(answer.String()), from)
		}
	case "BYE":
		if stop := x.media[m.get("call-id")]; stop != nil {
			stop()
			x.records = append(x.records, leg{SIPCallID: m.get("call-id"), To: uriOf(m.get("to"))})
		}
		send("200 OK", "")
	}
}

// authorized checks credentials, or asks for them.
func (x *exchange) authorized(m message, method string, send func(string, string, ...[2]string)) bool {
	given := m.get("authorization")
	if given != "" {
		c, err := digest.ParseCredentials(given)
		if err == nil {
			want, err := digest.Digest(&digest.Challenge{Realm: "r", Nonce: exchangeNonce, Algorithm: "SHA-256",
				QOP: []string{"auth"}}, digest.Options{Method: method, URI: c.URI, Count: c.Nc,
				Cnonce: c.Cnonce, Username: "1000", Password: "1234"})
			if err == nil && want.Response == c.Response {
				return true
			}
		}
		send("403 Forbidden", "")
		return false
	}
	challenge := `realm="r", nonce="` + exchangeNonce + `", qop="auth"`
	send("401 Unauthorized", "",
		[2]string{"WWW-Authenticate", "Digest " + challenge + ", algorithm=BLAKE3"},
		[2]string{"WWW-Authenticate", "Digest " + challenge + ", algorithm=SHA-256"})
	return false
}

func (x *exchange) register(m message, from net.Addr, send func(string, string, ...[2]string)) {
	if !x.noChallenge && !x.authorized(m, "REGISTER", send) {
		return
	}
	x.source = from.String()
	contact := m.get("contact") + ";expires=120"
	if x.noContact {
		contact = "<sip:other@192.0.2.1>"
	}
	send("200 OK", "", [2]string{"Contact", contact})
}

func (x *exchange) invite(m message, send func(string, string, ...[2]string)) {
	if x.refuses {
		send("486 Busy Here", "")
		return
	}
	if x.challengeINVITE && !x.authorized(m, "INVITE", send) {
		return
	}
	send("100 Trying", "")
	port := x.answer(m)
	send("200 OK", fmt.Sprintf("v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio %d RTP/AVP 0\r\n", port),
		[2]string{"Contact", "<sip:" + x.sip.LocalAddr().String() + ">"})
}

// answer starts the media of a call and returns its port.
func (x *exchange) answer(m message) uint16 {
	e, err := newEar(netip.MustParseAddr("127.0.0.1"), 0)
	if err != nil {
		x.t.Fatal(err)
	}
	to, err := audioAddress(m.body)
	if err != nil {
		x.t.Errorf("the phone's offer: %v", err)
	}
	done := make(chan struct{})
	x.media[m.get("call-id")] = sync.OnceFunc(func() { close(done); e.close() })
	isEcho := strings.Contains(m.start, "sip:9196@")
	switch {
	case x.noRTP:
	case !isEcho:
		go x.speak(done, e, to)
	case !x.deafEcho:
		go func() {
			buffer := make([]byte, 2048)
			for {
				n, from, err := e.conn.ReadFromUDPAddrPort(buffer)
				if err != nil {
					return
				}
				buffer[1] = buffer[1]&0x80 | x.payload
				_, _ = e.conn.WriteToUDPAddrPort(buffer[:n], from)
			}
		}()
	}
	return e.at.Port()
}

// speak sends the exchange's tone as fast as the phone can listen.
func (x *exchange) speak(done <-chan struct{}, e *ear, to netip.AddrPort) {
	packet := make([]byte, rtpHeader+perPacket)
	packet[0], packet[1] = 2<<6, x.payload
	for sample := 0; ; sample += perPacket {
		for i := range perPacket {
			packet[rtpHeader+i] = linearToMulaw(7200 * math.Sin(2*math.Pi*x.tone*float64(sample+i)/rate))
		}
		_, _ = e.conn.WriteToUDPAddrPort(packet, to)
		select {
		case <-done:
			return
		case <-time.After(time.Millisecond):
		}
	}
}

// test runs selftest against the exchange.
func (x *exchange) test(t *testing.T, more ...string) (int, string, string) {
	t.Helper()
	return tandem(t, "", append([]string{"selftest", "--server", x.rest.URL, "--token", "x",
		"--sip", x.sip.LocalAddr().String()}, more...)...)
}

func TestSelftestPasses(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	x.challengeINVITE, x.repeats = true, 2 // the first ACK is that of a refusal
	code, out, errs := x.test(t)
	if code != codeDone || strings.Count(out, "ok  ") != 8 || !strings.HasSuffix(out, "passed\n") {
		t.Errorf("%d\n%s%s", code, out, errs)
	}
	for _, want := range []string{"digest SHA-256", "1004 Hz at -9.8 dBm0", "440 Hz", "9196@tandem.local"} {
		if !strings.Contains(out, want) {
			t.Errorf("without %q:\n%s", want, out)
		}
	}
	// Three calls: the refusal of each is acknowledged, each answer, and one answer again.
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.acks != 7 {
		t.Errorf("%d ACKs", x.acks)
	}
}

func TestSelftestInJSON(t *testing.T) {
	t.Parallel()
	_, out, _ := newExchange(t).test(t, "-o", "json")
	var v struct {
		OK    bool
		Steps []step
	}
	if err := json.Unmarshal([]byte(out), &v); err != nil || !v.OK || len(v.Steps) != 8 || !v.Steps[7].OK {
		t.Errorf("%v %s", err, out)
	}
}

func TestSelftestRepeatsWhatIsLost(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	x.dropFirst = true
	if code, out, errs := x.test(t); code != codeDone {
		t.Errorf("%d\n%s%s", code, out, errs)
	}
}

func TestSelftestFindsFaults(t *testing.T) {
	for name, c := range map[string]struct {
		fault func(*exchange)
		says  string
		slow  bool
	}{
		"no challenge":       {fault: func(x *exchange) { x.noChallenge = true }, says: "asked for no password"},
		"contact not bound":  {fault: func(x *exchange) { x.noContact = true }, says: "does not list"},
		"not listed":         {fault: func(x *exchange) { x.notListed = true }, says: "not among the registrations", slow: true},
		"busy":               {fault: func(x *exchange) { x.refuses = true }, says: "486 Busy Here"},
		"silence":            {fault: func(x *exchange) { x.tone = 0 }, says: "0 % was 1004 Hz", slow: true},
		"another tone":       {fault: func(x *exchange) { x.tone = 1020 }, says: "was 1004 Hz", slow: true},
		"no RTP":             {fault: func(x *exchange) { x.noRTP = true }, says: "0 packets came", slow: true},
		"deaf echo":          {fault: func(x *exchange) { x.deafEcho = true }, says: "echo is heard", slow: true},
		"payload not wanted": {fault: func(x *exchange) { x.payload = 8 }, says: "payload type 8"},
		"no record":          {fault: func(x *exchange) { x.noRecords = true }, says: "not among the records", slow: true},
	} {
		t.Run(name, func(t *testing.T) {
			if c.slow && testing.Short() {
				t.Skip("waits for what does not come")
			}
			t.Parallel()
			x := newExchange(t)
			c.fault(x)
			code, out, errs := x.test(t)
			if code != codeFailed || !strings.Contains(errs, c.says) || !strings.Contains(out, "FAIL") {
				t.Errorf("%d\n%s%s", code, out, errs)
			}
		})
	}
}

func TestSelftestWithAWrongPassword(t *testing.T) {
	t.Parallel()
	code, _, errs := newExchange(t).test(t, "--password", "wrong")
	if code != codeFailed || !strings.Contains(errs, "403 Forbidden") {
		t.Errorf("%d %s", code, errs)
	}
}

func TestMulaw(t *testing.T) {
	for b, want := range map[byte]float64{0xff: 0, 0x7f: 0, 0x80: 32124, 0x00: -32124, 0xfe: 8, 0xf0: 120,
		0xef: 132} { // ITU-T G.711 table 2a, in units of 16 bits
		if got := mulawToLinear(b); got != want {
			t.Errorf("%#x: %v, not %v", b, got, want)
		}
	}
	for i := range 256 {
		b := byte(i)
		if got := linearToMulaw(mulawToLinear(b)); got != b && b != 0x7f { // two codes are zero
			t.Errorf("%#x comes back as %#x", b, got)
		}
	}
	if linearToMulaw(1e9) != 0x80 || linearToMulaw(-1e9) != 0x00 {
		t.Error("overload wraps")
	}
}

func TestTone(t *testing.T) {
	wave := func(hz, amplitude, offset float64) []float64 {
		s := make([]float64, window)
		for i := range s {
			s[i] = amplitude*math.Sin(2*math.Pi*hz*float64(i)/rate) + offset
		}
		return s
	}
	share, level := tone(wave(1004, fullScale, 0), 1004)
	if share < 0.999 || math.Abs(level-overload) > 0.01 {
		t.Errorf("itself: %v %v", share, level)
	}
	if share, _ := tone(wave(1004, 8000, 3000), 1004); share < 0.999 {
		t.Errorf("with an offset: %v", share)
	}
	if share, _ := tone(wave(1020, 8000, 0), 1004); share > 0.1 {
		t.Errorf("another: %v", share)
	}
	if share, _ := tone(wave(1004, 10, 0), 1004); share != 0 {
		t.Errorf("nearly silence: %v", share)
	}
}

func TestAudioOf(t *testing.T) {
	header := []byte{0x80, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1}
	packet := func(first byte, rest ...byte) []byte {
		p := append(append([]byte{}, header...), rest...)
		p[0] = first
		return p
	}
	for name, c := range map[string]struct {
		packet []byte
		want   string
		bad    bool
	}{
		"plain":           {packet: packet(0x80, 'a', 'b'), want: "ab"},
		"padding":         {packet: packet(0xa0, 'a', 0, 2), want: "a"},
		"sources":         {packet: packet(0x81, 1, 2, 3, 4, 'a'), want: "a"},
		"extension":       {packet: packet(0x90, 0, 0, 0, 1, 1, 2, 3, 4, 'a'), want: "a"},
		"version":         {packet: packet(0x40, 'a'), bad: true},
		"short":           {packet: header[:11], bad: true},
		"padding too big": {packet: packet(0xa0, 'a', 200), bad: true},
		"extension cut":   {packet: packet(0x90, 0, 0, 9, 9), bad: true},
	} {
		got, err := audioOf(c.packet)
		if (err != nil) != c.bad || string(got) != c.want {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
}

func TestAudioAddress(t *testing.T) {
	for sdp, want := range map[string]string{
		"c=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/AVP 0 101\r\n": "127.0.0.1:4000",
		"m=audio 4000 RTP/AVP 0\r\nc=IN IP6 ::1\r\n":           "[::1]:4000",
		"c=IN IP4 127.0.0.1\r\nm=audio 0 RTP/AVP 0\r\n":        "",
		"c=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/AVP 8\r\n":     "",
		"c=IN IP4 host\r\nm=audio 4000 RTP/AVP 0\r\n":          "",
		"": "",
	} {
		got, err := audioAddress(sdp)
		if (err == nil) != (want != "") || (err == nil && got.String() != want) {
			t.Errorf("%q: %v %v", sdp, got, err)
		}
	}
}

func FuzzParseMessage(f *testing.F) {
	f.Add("SIP/2.0 200 OK\r\nv: SIP/2.0/UDP h;branch=z9hG4bKx\r\nContent-Length: 1\r\n\r\nab")
	f.Add("BYE sip:a SIP/2.0\r\nFrom: <sip:a>;tag=1\r\n\r\n")
	f.Add("SIP/2.0 \r\n:\r\n\r\n")
	f.Fuzz(func(_ *testing.T, datagram string) {
		m, err := parseMessage(datagram)
		if err != nil {
			return
		}
		m.status()
		m.branch()
		uriOf(m.get("contact"))
		_ = answerTo(m, "200 OK").String()
		_, _ = audioAddress(m.body)
	})
}

func FuzzAudioOf(f *testing.F) {
	f.Add([]byte("\x80\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01payload"))
	f.Add([]byte("\xbf\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\xff"))
	f.Fuzz(func(_ *testing.T, packet []byte) { _, _ = audioOf(packet) })
}

// The phone of the self-test goes where the member is asked over HTTP, whatever the address family.
func TestSIPAddressFollowsTheServer(t *testing.T) {
	for server, want := range map[string]string{
		"": "127.0.0.1:5060", "http://[::1]:8010": "[::1]:5060", "http://127.0.0.2:8010": "127.0.0.2:5060",
	} {
		tr := &trial{app: &app{server: server, data: t.TempDir()}}
		if at, err := tr.sipAddress(); err != nil || at.String() != want {
			t.Errorf("%q: %v, %v; want %s", server, at, err, want)
		}
	}
	data := t.TempDir() // without --server: where the local member says that it is
	if err := os.WriteFile(filepath.Join(data, urlFile), []byte("http://127.0.0.3:1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tr := &trial{app: &app{data: data}}
	if at, err := tr.sipAddress(); err != nil || at.String() != "127.0.0.3:5060" {
		t.Errorf("%v, %v", at, err)
	}
}
