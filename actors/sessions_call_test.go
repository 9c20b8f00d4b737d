package actors

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tandem/ximss"
	"tandem/ximss/object"
)

// page is a client of a session: it asks, and looks at what it is told.
type page struct {
	*testing.T
	session ximss.Session
	said    chan string
	seen    []string
	number  int
}

func (p *page) Say(documents ...string) {
	for _, d := range documents {
		p.said <- d
	}
}

func (p *page) Close(string) {}

func (p *page) Unsaid() []string { return nil }
func (p *page) Then(f func())    { f() }

// newPage logs an account in.
func newPage(t *testing.T, h *House, user string) *page {
	t.Helper()
	p := &page{T: t, said: make(chan string, 1000)}
	var err error
	p.session, err = h.door.Open(t.Context(), ximss.Login{AOR: user + "@tandem.local", RequestID: "0",
		Binding: ximss.WebSocket, Remote: netip.MustParseAddrPort("127.0.0.1:40000"), Line: p})
	if err != nil {
		t.Fatal(err)
	}
	p.await("response")
	return p
}

// ask asks, and waits for the response: "" when all went well.
func (p *page) ask(request string) string {
	p.Helper()
	p.number++
	x, err := object.ParseXML(request)
	if err != nil {
		p.Fatalf("%s: %v", request, err)
	}
	id := fmt.Sprint("r", p.number)
	x.SetAttribute("id", "", id)
	if err := p.session.Take(p.Context(), x); err != nil {
		p.Fatalf("%s: %v", request, err)
	}
	for {
		if r := p.await("response"); r.Attr("id") == id {
			return r.Attr("errorText")
		}
	}
}

// must is ask for what is to go well.
func (p *page) must(request string) {
	p.Helper()
	if text := p.ask(request); text != "" {
		p.Fatalf("%s: %s", request, text)
	}
}

// await is the next message of a word; others stay for later.
func (p *page) await(word string) *object.XML {
	p.Helper()
	over := time.After(10 * time.Second)
	for i := 0; ; i++ {
		for i == len(p.seen) {
			select {
			case d := <-p.said:
				p.seen = append(p.seen, d)
			case <-over:
				p.Fatalf("no %s came, but %q", word, p.seen)
			}
		}
		x, err := object.ParseXML(p.seen[i])
		if err != nil {
			p.Fatalf("%s: %v", p.seen[i], err)
		}
		if x.Type == word {
			p.seen = append(p.seen[:i:i], p.seen[i+1:]...)
			return x
		}
	}
}

// sdpText is a description of a phone's, as text in a request.
func sdpText(p *phone) string {
	return fmt.Sprintf("<sdpText>v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio %d RTP/AVP 0\n</sdpText>",
		p.rtp.LocalAddr().(*net.UDPAddr).Port)
}

// described is the description in a message.
func described(t *testing.T, x *object.XML) string {
	t.Helper()
	d := x.Child("sdpText")
	if d == nil {
		t.Fatalf("%s without a description", x.Type)
	}
	return d.Text()
}

// A session calls the echo: the offer is its own, what it sends comes back, and the record names it.
func TestSessionCallsTheEcho(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	voice, alice := newPhone(t, h), newPage(t, h, "1000")
	alice.must(`<callStart callLeg="a" peer="9196">` + sdpText(voice) + `</callStart>`)
	up := alice.await("callConnected")
	voice.talk(call{answer: described(t, up)}, 20)
	alice.must(`<callKill callLeg="a"/>`)
	for r := records(t, h); len(r) == 0; r = records(t, h) {
	}
	if r := records(t, h)[0]; r.Account != "1000@tandem.local" {
		t.Errorf("%+v", r)
	}
}

// Two sessions of one account ring; the first to accept has the call, the other is told why it has not. Then they hold,
// send keys and notes, and part.
func TestSessionsAreCalled(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	voice, ear := newPhone(t, h), newPhone(t, h)
	alice, bob, other := newPage(t, h, "1000"), newPage(t, h, "1001"), newPage(t, h, "1001")
	for _, p := range []*page{alice, bob, other} {
		p.must(`<signalBind deviceName="Page" readIM="1">` + sdpText(ear) + `</signalBind>`)
	}
	alice.must(`<callStart callLeg="a" peer="1001@tandem.local">` + sdpText(voice) + `</callStart>`)
	in := bob.await("callIncoming")
	leg := in.Attr("callLeg")
	if in.Attr("peer") != "1000@tandem.local" {
		t.Errorf("who calls: %s", in.Attr("peer"))
	}
	bob.must(`<callProvision callLeg="` + leg + `"/>`)
	alice.await("callProvisioned")
	bob.must(`<callAccept callLeg="` + leg + `">` + sdpText(ear) + `</callAccept>`)
	bob.await("callConnected")
	answer := described(t, alice.await("callConnected"))
	theirs := other.await("callIncoming").Attr("callLeg")
	if gone := other.await("callDisconnected"); gone.Attr("callLeg") != theirs || !strings.Contains(gone.Attr("errorText"), "elsewhere") {
		t.Errorf("the other is told %+v", gone)
	}
	hears(t, voice, ear, answer)

	alice.must(`<callSendDTMF callLeg="a">5</callSendDTMF>`)
	if key := bob.await("callDTMF").Text(); key != "5" {
		t.Errorf("key %q", key)
	}
	alice.must(`<callSendInfo callLeg="a" contentType="text/plain">note</callSendInfo>`)
	if note := bob.await("callInfo"); note.Text() != "note" || note.Attr("contentType") != "text/plain" {
		t.Errorf("note %+v", note)
	}
	held := strings.Replace(sdpText(voice), "</sdpText>", "a=inactive\n</sdpText>", 1)
	alice.must(`<callUpdate callLeg="a">` + held + `</callUpdate>`)
	if x := alice.await("callUpdated"); x.Attr("errorText") != "" {
		t.Errorf("held: %+v", x)
	}
	alice.must(`<callUpdate callLeg="a">` + sdpText(voice) + `</callUpdate>`)
	alice.await("callUpdated")
	hears(t, voice, ear, answer)

	bob.must(`<callKill callLeg="` + leg + `"/>`)
	if x := alice.await("callDisconnected"); x.Attr("errorText") != "" {
		t.Errorf("the end: %+v", x)
	}
}

// hears sends from one socket to where an answer says, until the other has heard some of it.
func hears(t *testing.T, voice, ear *phone, answer string) {
	t.Helper()
	came := make(chan bool, 1)
	go func() {
		_ = ear.rtp.SetReadDeadline(time.Now().Add(10 * time.Second))
		_, _, err := ear.rtp.ReadFromUDP(make([]byte, 2000))
		came <- err == nil
	}()
	var port int
	if _, err := fmt.Sscanf(answer[strings.Index(answer, "m=audio "):], "m=audio %d", &port); err != nil {
		t.Fatal(err)
	}
	to := &net.UDPAddr{IP: net.ParseIP(strings.TrimSpace(field(answer, "c=IN IP4 "))), Port: port}
	packet := make([]byte, 12+160)
	packet[0] = 0x80
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for i := 0; ; i++ {
		packet[2], packet[3] = byte(i>>8), byte(i)
		packet[5], packet[6], packet[7] = byte(i*160>>16), byte(i*160>>8), byte(i*160)
		if _, err := voice.rtp.WriteToUDP(packet, to); err != nil {
			t.Fatal(err)
		}
		select {
		case ok := <-came:
			if !ok {
				t.Fatal("nothing is heard")
			}
			return
		case <-tick.C:
		}
	}
}
