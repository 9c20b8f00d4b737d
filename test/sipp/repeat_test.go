package sipp

import (
	"fmt"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// TestRepeatedInvite sends one INVITE three times, as a network may: one call, one tag, one record
// (RFC 3261 section 17.2.1). SIPp holds repeats back from its scenarios, so this story is told
// without it.
func TestRepeatedInvite(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	conn, err := net.Dial("udp4", m.UDPAddr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	send := func(method, tag string, cseq int, branch, body string) {
		t.Helper()
		text := fmt.Sprintf("%s sip:9196@%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s;rport\r\n"+
			"Max-Forwards: 70\r\nFrom: <sip:1000@%s>;tag=repeat\r\nTo: <sip:9196@%s>%s\r\n"+
			"Call-ID: repeated\r\nCSeq: %d %s\r\nContact: <sip:1000@%s>\r\n"+
			"Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s",
			method, lab.Domain, conn.LocalAddr(), branch, lab.Domain, lab.Domain, tag, cseq, method,
			conn.LocalAddr(), len(body), body)
		if _, err := conn.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	offer := fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"+
		"m=audio %d RTP/AVP 0\r\n", conn.LocalAddr().(*net.UDPAddr).Port)

	tags := map[string]bool{}
	last := ""
	for range 3 {
		send("INVITE", "", 1, "one", offer)
		last = toTag(await(t, conn, "1 INVITE"))
		tags[last] = true
	}
	if len(tags) != 1 {
		t.Errorf("three copies of one INVITE were answered with the tags %v", tags)
	}
	if n := len(m.Legs()); n != 1 {
		t.Errorf("%d legs of one call", n)
	}
	send("ACK", last, 1, "two", "")
	send("BYE", last, 2, "three", "")
	await(t, conn, "2 BYE")
	lab.Wait(t, 20*time.Second, "the record of the call", func() bool { return len(m.Records()) > 0 })
	if n := len(m.Records()); n != 1 {
		t.Errorf("%d records of one call", n)
	}
}

// await reads until a 200 to the request with this CSeq.
func await(t *testing.T, conn net.Conn, cseq string) string {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	for buffer := make([]byte, 64<<10); ; {
		n, err := conn.Read(buffer)
		if err != nil {
			t.Fatalf("no 200 for %s: %v", cseq, err)
		}
		text := string(buffer[:n])
		if strings.HasPrefix(text, "SIP/2.0 200 ") && strings.Contains(text, "\r\nCSeq: "+cseq+"\r\n") {
			return text
		}
	}
}

var toTagged = regexp.MustCompile(`(?m)^To:[^\r\n]*(;tag=[^;\r\n]*)`)

// toTag is the To tag of a response, with its semicolon.
func toTag(text string) string {
	if found := toTagged.FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}
