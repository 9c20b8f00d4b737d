package load

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/pion/srtp/v3"

	"tandem/test/lab"
)

// client logs an account in to a session, over one of three ways.
func (c *scene) client() *lab.XIMSS {
	user := c.lend(c.people)
	switch rand.N(3) {
	case 0:
		return c.m.XIMSS(c.trial, user)
	case 1:
		return c.m.XIMSSOverHTTP(c.trial, user, false)
	default:
		return c.m.XIMSSOverWebSocket(c.trial, user)
	}
}

func (c *scene) session() {
	x := c.client()
	x.Must(`<noop/>`)
	c.books.noteSession(x.User)
	x.Dial("l", "9196")
	time.Sleep(time.Second + rand.N(time.Second))
	x.Must(`<callKill callLeg="l"/>`)
}

func (c *scene) sessionCalled() {
	x := c.client()
	var failure string
	if c.again(func() bool { failure = x.TryBind(); return failure != "Service Unavailable" }); failure != "" {
		c.Fatal("signalBind: ", failure)
	}
	p := c.phone()
	up := make(chan *lab.Call, 1)
	go func() { up <- p.Call(x.User) }()
	c.books.noteSession(x.User)
	leg, _ := x.Take()
	call := c.up(<-up)
	c.chat(call)
	call.Hangup()
	x.Await("callDisconnected", "callLeg", leg)
}

// sessionBreaksOff leaves a call and a session without a word.
func (c *scene) sessionBreaksOff() {
	x := c.m.XIMSSOverWebSocket(c.trial, c.lend(c.people))
	c.books.noteSession(x.User)
	x.Dial("l", "9196")
	time.Sleep(rand.N(time.Second))
	x.Close()
}

// secret is a call to the echo whose audio is encrypted by keys in SDP.
func (c *scene) secret() {
	key, salt := secret("AEAD_AES_128_GCM")
	seal, err := srtp.CreateContext(key, salt, sealed["AEAD_AES_128_GCM"].profile)
	if err != nil {
		c.Fatal(err)
	}
	s := &speech{suite: "AEAD_AES_128_GCM", seal: seal}
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		c.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	call := c.up(c.phone().CallOffering("9196", s.sdp(conn.LocalAddr().(*net.UDPAddr).Port)))
	to := mediaAt([]byte("\r\n" + call.SDP))
	began, heard := time.Now(), make(chan int, 1)
	go func() { heard <- count(conn) }()
	for i := range 50 {
		c.say(conn, to, s, i)
		time.Sleep(frame)
	}
	call.Hangup()
	_ = conn.SetReadDeadline(time.Now())
	c.soak.talks.Add(1)
	switch n := <-heard; {
	case n >= 10:
	case c.still.within(began, time.Now()) > 0:
		c.soak.unheard.Add(1)
	default:
		c.Errorf("of an encrypted talk %d packets came back", n)
	}
}

// count counts datagrams until the socket's deadline.
func count(conn *net.UDPConn) (n int) {
	in := make([]byte, slotSize)
	for {
		if _, err := conn.Read(in); err != nil {
			return n
		}
		n++
	}
}

// say sends packet i.
func (c *scene) say(conn *net.UDPConn, to netip.AddrPort, s *speech, i int) {
	room := make([]byte, slotSize)
	room[0] = 0x80
	binary.BigEndian.PutUint16(room[2:], uint16(i))
	binary.BigEndian.PutUint32(room[4:], uint32(i)*160)
	binary.BigEndian.PutUint32(room[8:], uint32(conn.LocalAddr().(*net.UDPAddr).Port))
	_, _ = conn.WriteToUDPAddrPort(room[:s.finish(room)], to)
}

// browser is a call to the echo with ICE, DTLS and SRTP.
func (c *scene) browser() {
	b := lab.NewBrowser(c.trial)
	call := c.up(c.phone().CallAs(b, "9196"))
	for range 50 {
		b.SendAudio(make([]byte, 160))
		time.Sleep(frame)
	}
	call.Hangup()
	b.Close()
}

// connections opens some and breaks them off: in the midst of a message, after one, of a call that goes on, and of a
// WebSocket.
func (c *scene) connections() {
	sip := c.m.TCPAddr()
	user := c.lend(c.guests)
	register := func(id string) string {
		return fmt.Sprintf("REGISTER sip:%[1]s SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK%[2]s\r\nMax-Forwards: 70\r\n"+
			"From: <sip:%[3]s@%[1]s>;tag=f\r\nTo: <sip:%[3]s@%[1]s>\r\nCall-ID: %[2]s\r\nCSeq: 1 REGISTER\r\nContact: <sip:%[3]s@127.0.0.1:9>\r\n"+
			"Content-Length: 0\r\n\r\n", lab.Domain, id, user)
	}
	whole := register(fmt.Sprint("whole", rand.Uint64()))
	if said := c.exchange(sip, whole); !strings.HasPrefix(said, "SIP/2.0 401 ") {
		c.Errorf("a registration over TCP got %q", said)
	}
	half := register(fmt.Sprint("half", rand.Uint64()))
	c.drop(sip, half[:len(half)/2])
	web := net.JoinHostPort(c.m.Bind, strconv.Itoa(c.m.HTTP))
	upgrade := "GET /ximss HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ximss\r\n\r\n"
	if said := c.exchange(web, upgrade); !strings.HasPrefix(said, "HTTP/1.1 101 ") {
		c.Errorf("a WebSocket got %q", said)
	}
	c.drop(web, upgrade[:60])
	c.drop(net.JoinHostPort(c.m.Bind, strconv.Itoa(c.m.Ports.XIMSS)), `<login id="1" `)
	c.abandon(sip)
}

// exchange says something over TCP and gives the first line of what comes back.
func (c *scene) exchange(address, text string) string {
	conn, err := net.DialTimeout("tcp", address, soakPatience)
	if err != nil {
		c.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(soakPatience))
	_, _ = io.WriteString(conn, text)
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		c.Errorf("%s: %v", address, err)
	}
	return line
}

// drop says something over TCP and resets the connection.
func (c *scene) drop(address, text string) {
	conn, err := net.DialTimeout("tcp", address, soakPatience)
	if err != nil {
		c.Fatal(err)
	}
	_, _ = io.WriteString(conn, text)
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

// abandon makes a call over TCP to a number that hangs up after 5 s, and resets its connection before that.
func (c *scene) abandon(address string) {
	conn, err := net.DialTimeout("tcp", address, soakPatience)
	if err != nil {
		c.Fatal(err)
	}
	defer func() { _ = conn.(*net.TCPConn).SetLinger(0); _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(soakPatience))
	id, from := fmt.Sprint("tcp", rand.Uint64()), conn.LocalAddr()
	ear, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		c.Fatal(err)
	}
	defer func() { _ = ear.Close() }()
	body := sdp(ear.LocalAddr().(*net.UDPAddr).Port)
	c.books.note(id, account{story: "a call over a connection that is reset", status: 200})
	_, _ = fmt.Fprintf(conn, "INVITE sip:9702@%[1]s SIP/2.0\r\nVia: SIP/2.0/TCP %[2]s;branch=z9hG4bK%[3]s\r\nMax-Forwards: 70\r\n"+
		"From: <sip:guest@%[1]s>;tag=f\r\nTo: <sip:9702@%[1]s>\r\nCall-ID: %[3]s\r\nCSeq: 1 INVITE\r\nContact: <sip:guest@%[2]s;transport=tcp>\r\n"+
		"Content-Type: application/sdp\r\nContent-Length: %[4]d\r\n\r\n%[5]s", lab.Domain, from, id, len(body), body)
	target, to := c.answered(bufio.NewReader(conn))
	_, _ = fmt.Fprintf(conn, "ACK %[1]s SIP/2.0\r\nVia: SIP/2.0/TCP %[2]s;branch=z9hG4bK%[3]sa\r\nMax-Forwards: 70\r\nFrom: <sip:guest@%[4]s>;tag=f\r\n"+
		"To: %[5]s\r\nCall-ID: %[3]s\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n", target, from, id, lab.Domain, to)
	time.Sleep(rand.N(time.Second))
}

// answered reads responses until the call is answered.
func (c *scene) answered(r *bufio.Reader) (target, to string) {
	said := ""
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			c.Fatalf("a call over TCP, after %q: %v", said, err)
		}
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch {
		case strings.HasPrefix(line, "SIP/2.0 "):
			said = strings.TrimSpace(line)
		case name == "Contact":
			target = inBrackets([]byte(value))
		case name == "To":
			to = value
		case line == "\r\n" && said == "SIP/2.0 200 OK":
			return target, to
		}
	}
}

// slow is a client that asks much, reads nothing, and is gone after a while.
func (c *scene) slow() {
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(c.m.Bind, strconv.Itoa(c.m.Ports.XIMSS)), soakPatience)
	if err != nil {
		c.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.(*net.TCPConn).SetReadBuffer(4096)
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	_, _ = fmt.Fprintf(conn, "<login id=\"l\" authData=\"%s@%s\" password=\"%s\"/>\x00", c.lend(c.people), lab.Domain, lab.Password)
	for i := range 2000 {
		if _, err := fmt.Fprintf(conn, "<noop id=\"%d\"/>\x00", i); err != nil {
			return // the member has enough of it
		}
	}
	time.Sleep(5 * time.Second)
}
