package actors

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/conf"
	"tandem/signal"
	"tandem/web"
)

// settingsOf is a member of tandem dev with an address of its own, any free ports, and the accounts
// alice 1000, bob 1001 and admin. Password hashes are dear, so there are no more.
func settingsOf(dir string) conf.Conf {
	c := conf.Dev(256+rand.IntN(60000), dir)
	c.SIP.UDP, c.SIP.TCP, c.SIP.TLS, c.HTTP.Port, c.CLI.Port, c.XIMSS.Port, c.AMI.Port = 0, 0, -1, 0, 0, 0, 0
	c.Media.Quarantine = 0
	c.Member.Drain = 0
	c.Accounts.Presence = "roster"
	c.Accounts.Demo = slices.DeleteFunc(c.Accounts.Demo, func(d conf.DemoAccount) bool {
		return !slices.Contains([]string{"1000", "1001", "admin"}, d.Name)
	})
	c.Queues.Demo, c.Queues.DemoAgents = nil, nil
	for i := range c.Accounts.Demo {
		c.Accounts.Demo[i].Roster = nil
	}
	return c
}

// liveOf loads settings, with a file over them where one is named.
func liveOf(t testing.TB, c conf.Conf, file string) *conf.Live {
	t.Helper()
	live, err := conf.NewLive(conf.Sources{Base: &c, File: file})
	if err != nil {
		t.Fatal(err)
	}
	return live
}

// open starts a member; what it logs is shown when the test fails.
func open(t testing.TB, live *conf.Live) (*House, error) {
	t.Helper()
	return Start(t.Context(), live, "test", slog.New(slog.NewTextHandler(t.Output(), nil)), func(string, string) {})
}

// start starts a member that ends with the test.
func start(t testing.TB, c conf.Conf) *House {
	t.Helper()
	return started(t, liveOf(t, c, ""))
}

func started(t testing.TB, live *conf.Live) *House {
	t.Helper()
	h, err := open(t, live)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, h) })
	return h
}

// stop ends a member, once more without harm.
func stop(t testing.TB, h *House) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := h.Stop(ctx); err != nil {
		t.Errorf("Stop: %v", err)
	}
}

// get is a page of the member's web listener.
func get(t testing.TB, h *House, path string) (status int, body string) {
	t.Helper()
	address := fmt.Sprintf("http://%s:%d%s", h.live.Conf().HTTP.Bind[0], h.Ports()["http"], path)
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(text)
}

// records are all records of the member, newest first.
func records(t testing.TB, h *House) []web.Record {
	t.Helper()
	r, err := h.calls().Records(t.Context(), web.RecordQuery{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// write writes a file of the test.
func write(t testing.TB, name, text string) string {
	t.Helper()
	if !filepath.IsAbs(name) {
		name = filepath.Join(t.TempDir(), name)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// phone is a minimal phone over UDP: it sends what it is told and looks at what comes.
type phone struct {
	*testing.T
	sip, rtp *net.UDPConn
	number   int
}

func newPhone(t *testing.T, h *House) *phone {
	t.Helper()
	ip := net.ParseIP(h.live.Conf().SIP.Bind[0])
	p := &phone{T: t}
	var err error
	if p.sip, err = net.DialUDP("udp", nil, &net.UDPAddr{IP: ip, Port: h.Ports()["sip_udp"]}); err == nil {
		p.rtp, err = net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP("127.0.0.1")})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.sip.Close(); p.rtp.Close() })
	return p
}

// call is what a phone knows of its call.
type call struct {
	id, to, target, answer string
}

// send sends a request of the call, with further lines of the header and a body.
func (p *phone) send(method string, c call, further, body string) {
	p.Helper()
	if method != "ACK" {
		p.number++
	}
	local := p.sip.LocalAddr()
	text := fmt.Sprintf("%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;rport;branch=z9hG4bK%s%s%d\r\nMax-Forwards: 70\r\n"+
		"From: <sip:1000@tandem.local>;tag=phone\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d %s\r\nContact: <sip:1000@%s>\r\n%s"+
		"Content-Length: %d\r\n\r\n%s", method, c.target, local, c.id, method, p.number, c.to, c.id, p.number, method, local,
		further, len(body), body)
	if _, err := p.sip.Write([]byte(text)); err != nil {
		p.Fatal(err)
	}
}

// await is the next message that begins so; others are passed over.
func (p *phone) await(begins string) string {
	p.Helper()
	buffer, seen := make([]byte, 65536), []string{}
	if err := p.sip.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		p.Fatal(err)
	}
	for {
		n, err := p.sip.Read(buffer)
		if err != nil {
			p.Fatalf("no %q came, but %q: %v", begins, seen, err)
		}
		text := string(buffer[:n])
		if strings.HasPrefix(text, begins) {
			return text
		}
		first, _, _ := strings.Cut(text, "\r\n")
		seen = append(seen, first)
	}
}

// dial sends an INVITE with an offer of PCMU.
func (p *phone) dial(id, number string) call {
	p.Helper()
	uri := "sip:" + number + "@tandem.local"
	c := call{id: id, to: "<" + uri + ">", target: uri}
	p.send("INVITE", c, "Content-Type: application/sdp\r\n", p.offer())
	return c
}

// offer is an SDP offer of PCMU.
func (p *phone) offer() string {
	return fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio %d RTP/AVP 0\r\n",
		p.rtp.LocalAddr().(*net.UDPAddr).Port)
}

// answered waits for the 200 and acknowledges it.
func (p *phone) answered(c call) call {
	p.Helper()
	ok := p.await("SIP/2.0 200")
	c.to, c.target, c.answer = field(ok, "To: "), strings.Trim(field(ok, "Contact: "), "<>"), ok
	p.send("ACK", c, "", "")
	return c
}

// bye ends the call.
func (p *phone) bye(c call) {
	p.Helper()
	p.send("BYE", c, "", "")
	p.await("SIP/2.0 200")
}

// talk sends packets of silence to where the answer says, until so many came back.
func (p *phone) talk(c call, packets int) {
	p.Helper()
	var port int
	if _, err := fmt.Sscanf(c.answer[strings.Index(c.answer, "m=audio "):], "m=audio %d", &port); err != nil {
		p.Fatal(err)
	}
	host := net.ParseIP(strings.TrimSpace(field(c.answer, "c=IN IP4 ")))
	packet := make([]byte, 12+160)
	packet[0] = 0x80
	for i := range packet[12:] {
		packet[12+i] = 0xff
	}
	buffer, over := make([]byte, 2000), time.Now().Add(10*time.Second)
	for i, came := 0, 0; came < packets; i++ {
		packet[2], packet[3] = byte(i>>8), byte(i)
		packet[5], packet[6], packet[7] = byte(i*160>>16), byte(i*160>>8), byte(i*160)
		if _, err := p.rtp.WriteToUDP(packet, &net.UDPAddr{IP: host, Port: port}); err != nil {
			p.Fatal(err)
		}
		now := time.Now()
		if now.After(over) {
			p.Fatalf("%d packets of %d came back", came, packets)
		}
		_ = p.rtp.SetReadDeadline(now.Add(20 * time.Millisecond)) // the pace of a phone
		if _, err := p.rtp.Read(buffer); err == nil {
			came++
		}
	}
}

// field is what follows a word at the beginning of a line.
func field(message, word string) string {
	_, rest, _ := strings.Cut(message, "\r\n"+word)
	value, _, _ := strings.Cut(rest, "\r\n")
	return value
}

// register lets a phone of alice register; its credentials count as checked.
func register(t testing.TB, h *House, contact string) {
	t.Helper()
	u, err := signal.ParseURI(contact)
	if err != nil {
		t.Fatal(err)
	}
	h.ingress.Receive(&signal.Request{ID: contact, Method: signal.REGISTER, CallID: contact, CSeq: 1,
		To: signal.Party{URI: signal.URI{Scheme: "sip", User: "1000", Host: "tandem.local"}}, Contacts: []signal.Party{{URI: u}},
		Origin: signal.Origin{Account: "1000@tandem.local", Flow: signal.Flow{Edge: h.Name(), Transport: "UDP"}}})
	acttest.Until(t, contact+" is registered", func() bool {
		for _, c := range h.directory.Contacts("1000@tandem.local") {
			if c.URI.String() == u.String() {
				return true
			}
		}
		return false
	})
}

// quiet is for members whose log nobody needs.
var quiet = slog.New(slog.DiscardHandler)
