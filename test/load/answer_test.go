package load

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// maxDatagram is the largest message that is read.
const maxDatagram = 8192

// copied are the header fields that a response takes from its request (RFC 3261 section 8.2.6.2).
var copied = [][]byte{[]byte("Via:"), []byte("Record-Route:"), []byte("From:"), []byte("To:"),
	[]byte("Call-ID:"), []byte("CSeq:")}

// answerer answers requests from their bytes alone: it keeps nothing and parses no more than the
// beginnings of lines. An INVITE is answered with 180 and 200, an ACK not at all.
type answerer struct {
	contact string // URI
	media   int    // port in the SDP answer
	speech  *speech
	out     []byte // reused
}

// answer hands the responses to send; they are valid until it returns.
func (a *answerer) answer(request []byte, send func([]byte)) {
	switch {
	case bytes.HasPrefix(request, []byte("ACK ")):
	case bytes.HasPrefix(request, []byte("INVITE ")):
		send(a.response(request, "180 Ringing", ""))
		send(a.response(request, "200 OK", a.speech.sdp(a.media)))
	default:
		send(a.response(request, "200 OK", ""))
	}
}

func (a *answerer) response(request []byte, status, body string) []byte {
	out := append(append(a.out[:0], "SIP/2.0 "...), status...)
	out = append(out, "\r\n"...)
	for line := range bytes.Lines(request) {
		if len(line) <= 2 {
			break // the body is none of ours
		}
		for _, name := range copied {
			if bytes.HasPrefix(line, name) {
				out = append(out, line...)
				if name[0] == 'T' && !bytes.Contains(line, []byte(";tag=")) {
					out = append(out[:len(out)-2], ";tag=floor\r\n"...)
				}
			}
		}
	}
	out = append(append(append(out, "Contact: <"...), a.contact...), ">\r\n"...)
	if body != "" {
		out = append(out, "Content-Type: application/sdp\r\n"...)
	}
	out = append(fmt.Appendf(out, "Content-Length: %d\r\n\r\n", len(body)), body...)
	a.out = out
	return out
}

// sdp describes one G.711 stream at a port of ours, with keys as events (RFC 4733) as phones have
// them: without, a member must listen for keys in the audio of every call.
func sdp(port int) string {
	formats, event := "0", ""
	if *events {
		formats, event = "0 101", "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n"
	}
	return fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"+
		"m=audio %d RTP/AVP %s\r\na=rtpmap:0 PCMU/8000\r\n%s", port, formats, event)
}

// serveAnswers is the floor of signalling: six system calls for each call and no state.
func serveAnswers() error {
	fd, port, err := blockingSocket()
	if err != nil {
		return err
	}
	sayReady(port)
	a := &answerer{contact: fmt.Sprint("sip:floor@127.0.0.1:", port), media: 9}
	in := make([]byte, maxDatagram)
	for {
		n, from, err := unix.Recvfrom(fd, in, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		a.answer(in[:n], func(response []byte) { err = unix.Sendto(fd, response, 0, from) })
		if err != nil {
			return err
		}
	}
}

// blockingSocket is a UDP socket on loopback outside of Go's poller.
func blockingSocket() (fd, port int, err error) {
	fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, 0, err
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return 0, 0, err
	}
	local, err := unix.Getsockname(fd)
	if err != nil {
		return 0, 0, err
	}
	return fd, local.(*unix.SockaddrInet4).Port, nil
}

// callee is a phone that takes every call: an answerer behind a registered contact.
type callee struct {
	answerer
	conn *net.UDPConn

	mu     sync.Mutex
	wanted map[string]netip.AddrPort // where the other side wants its audio, by Call-ID
}

// newCallee takes calls on a connected socket until that is closed.
func newCallee(conn *net.UDPConn, user string, media int, s *speech) *callee {
	c := &callee{conn: conn, wanted: map[string]netip.AddrPort{},
		answerer: answerer{contact: contactOf(conn, user), media: media, speech: s}}
	_ = conn.SetReadDeadline(time.Time{}) // that of an earlier use
	go c.serve()
	return c
}

func (c *callee) serve() {
	in := make([]byte, maxDatagram)
	for {
		n, err := c.conn.Read(in)
		if err != nil {
			return
		}
		c.note(in[:n])
		c.answer(in[:n], func(response []byte) { _, _ = c.conn.Write(response) })
	}
}

// note keeps where the other side wants its audio.
func (c *callee) note(request []byte) {
	if at := mediaAt(request); at.IsValid() {
		c.mu.Lock()
		c.wanted[string(field(request, "Call-ID"))] = at
		c.mu.Unlock()
	}
}

func (c *callee) targets() (all []netip.AddrPort) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, at := range c.wanted {
		all = append(all, at)
	}
	return all
}

func contactOf(conn *net.UDPConn, user string) string {
	return strings.Join([]string{"sip:", user, "@", conn.LocalAddr().String()}, "")
}
