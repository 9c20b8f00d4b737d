package attack

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// stranger is a peer that sends what no honest one sends, from a socket of its own.
type stranger struct {
	t  *testing.T
	m  *lab.Member
	at *net.UDPAddr
	c  *net.UDPConn

	asked, answered int // bytes, without those of honest requests
}

// newStranger opens a socket at an address of loopback.
func newStranger(t *testing.T, m *lab.Member, from string) *stranger {
	t.Helper()
	at, err := net.ResolveUDPAddr("udp4", m.UDPAddr())
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(from)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return &stranger{t: t, m: m, at: at, c: c}
}

func (r *stranger) here() string { return r.c.LocalAddr().String() }

// plain is a sound request, of which a test spoils something: the lines in order.
func (r *stranger) plain(method, user string) []string {
	id := rand.Text()
	return []string{fmt.Sprintf("%s sip:%s@%s SIP/2.0", method, user, lab.Domain),
		fmt.Sprintf("Via: SIP/2.0/UDP %s;rport;branch=z9hG4bK%s", r.here(), id), "Max-Forwards: 70",
		fmt.Sprintf("From: <sip:rude@%s>;tag=%s", lab.Domain, id[:6]), fmt.Sprintf("To: <sip:%s@%s>", user, lab.Domain),
		"Call-ID: " + id, "CSeq: 1 " + method, fmt.Sprintf("Contact: <sip:rude@%s>", r.here()),
		"User-Agent: Phone 1.0", "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, NOTIFY, MESSAGE, REFER, UPDATE", // large enough for a challenge
		"Content-Length: 0", "", ""}
}

func lines(l []string) string { return strings.Join(l, "\r\n") }

// with replaces a line, found by its name, or adds it before the body.
func with(l []string, line string) []string {
	name, _, _ := strings.Cut(line, ":")
	out := append([]string(nil), l...)
	for i := range out {
		if strings.HasPrefix(strings.ToLower(out[i]), strings.ToLower(name)+":") {
			out[i] = line
			return out
		}
	}
	return more(l, line)
}

// more adds a line behind the others.
func more(l []string, line string) []string {
	end := len(l) - 2
	return append(append(append([]string(nil), l[:end]...), line), l[end:]...)
}

// without drops a line.
func without(l []string, name string) (out []string) {
	for _, line := range l {
		if !strings.HasPrefix(line, name+":") {
			out = append(out, line)
		}
	}
	return out
}

// ask sends a message and returns all answers to it. An honest request follows it, on the same socket: what the member
// says before it answers that one, it says to the message.
func (r *stranger) ask(text string) (answers []string) {
	r.t.Helper()
	r.asked += len(text)
	r.send(text)
	fence := r.plain("OPTIONS", "fence")
	branch := strings.TrimPrefix(fence[1], fmt.Sprintf("Via: SIP/2.0/UDP %s;rport;branch=", r.here()))
	r.send(lines(fence))
	for {
		answer := r.receive(patience)
		if strings.Contains(answer, branch) {
			return answers
		}
		r.answered += len(answer)
		if branchOf(answer) == branchOf(text) { // not a late one to an earlier message
			answers = append(answers, answer)
			open := strings.HasPrefix(text, "INVITE sip:9196@") // to those on this machine
			if c := code(answer); c >= 300 && len(answer) > len(text) && !open {
				r.t.Errorf("%d octets are answered by %d: who lies about where he is makes us send more to another than he sends himself\n%s\n%s",
					len(text), len(answer), text, answer)
			}
		}
	}
}

// branchOf is the branch of a message's first Via, "" of one that has none.
func branchOf(message string) string {
	_, rest, _ := strings.Cut(message, "branch=")
	return rest[:len(rest)-len(strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))]
}

func (r *stranger) send(text string) {
	r.t.Helper()
	if _, err := r.c.WriteToUDP([]byte(text), r.at); err != nil {
		r.t.Fatal(err)
	}
}

// receive waits for a message, "" when none comes in time.
func (r *stranger) receive(wait time.Duration) string {
	r.t.Helper()
	buffer := make([]byte, 65535)
	_ = r.c.SetReadDeadline(time.Now().Add(wait))
	n, _, err := r.c.ReadFromUDP(buffer)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		r.t.Fatal(err)
	}
	if n == 0 && wait == patience {
		r.t.Fatal("the member does not answer any more")
	}
	return string(buffer[:n])
}

// code is the status of a response, 0 of none.
func code(answers ...string) int {
	for _, a := range answers {
		if rest, ok := strings.CutPrefix(a, "SIP/2.0 "); ok && len(rest) > 3 {
			if n, err := strconv.Atoi(rest[:3]); err == nil && n >= 200 {
				return n
			}
		}
	}
	return 0
}

// refused demands that a message is answered with 4xx or 5xx, or not at all, and once at most.
func (r *stranger) refused(what, text string) {
	r.t.Helper()
	answers := r.ask(text)
	if c := code(answers...); c != 0 && (c < 400 || c > 599) || len(answers) > 1 {
		r.t.Errorf("%s: answered %d, %d messages: %.200q", what, c, len(answers), answers)
	}
}

// stream is a TCP connection to the member.
func (r *stranger) stream() *net.TCPConn {
	r.t.Helper()
	c, err := net.DialTimeout("tcp4", r.m.TCPAddr(), patience)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = c.Close() })
	return c.(*net.TCPConn)
}

// overTCP makes a request fit for a stream.
func overTCP(text string) string { return strings.Replace(text, "SIP/2.0/UDP", "SIP/2.0/TCP", 1) }

// readAll reads what a stream says until it is closed or has been silent for so long.
func readAll(c net.Conn, silent time.Duration) (text string, closed bool) {
	in := bufio.NewReader(c)
	buffer := make([]byte, 4096)
	for {
		_ = c.SetReadDeadline(time.Now().Add(silent))
		n, err := in.Read(buffer)
		text += string(buffer[:n])
		if err != nil {
			return text, !errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, io.EOF)
		}
	}
}
