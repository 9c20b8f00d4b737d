package attack

import (
	"fmt"
	"strings"
	"testing"

	"tandem/test/lab"
)

// TestAnswersNoLarger asks without a proof in as few octets as can be, and in as many as phones take: no answer is larger
// than what it answers, and every phone is challenged.
func TestAnswersNoLarger(t *testing.T) {
	t.Parallel()
	m := lab.Start(t, lab.Options{})
	r := newStranger(t, m, "127.0.0.77")
	const few = "User-Agent: Phone 1.0\r\nExpires: 3600"
	for _, c := range []struct {
		what, method, more string
		challenged         bool
	}{
		{"all that RFC 3261 demands", "REGISTER", "", false},
		{"all that RFC 3261 demands", "INVITE", "", false},
		{"all that RFC 3261 demands", "OPTIONS", "", false},
		{"all that RFC 3261 demands", "BYE", "", false},
		{"all that RFC 3261 demands", "MESSAGE", "", false},
		{"all that RFC 3261 demands", "STRANGE", "", false},
		{"a small phone", "REGISTER", few + "\r\nContact: <sip:1000@192.0.2.10:5060>\r\nContent-Length: 0", true},
		{"a phone", "REGISTER", few + "\r\nContact: <sip:1000@192.0.2.10:5060>\r\nContent-Length: 0\r\n" +
			"Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, NOTIFY, MESSAGE, REFER\r\nSupported: path, outbound", true},
		{"a phone", "INVITE", few + "\r\nContact: <sip:1000@192.0.2.10:5060>\r\nContent-Type: application/sdp\r\nContent-Length: 119\r\n\r\n" +
			"v=0\r\no=- 1 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\na=ptime:20", true},
	} {
		l := []string{fmt.Sprintf("%s sip:%s SIP/2.0", c.method, lab.Domain),
			fmt.Sprintf("Via: SIP/2.0/UDP %s;rport;branch=z9hG4bK%s%d", r.here(), c.method, len(c.more)), "Max-Forwards: 70",
			"From: <sip:1000@" + lab.Domain + ">;tag=1", "To: <sip:1000@" + lab.Domain + ">", "Call-ID: 1@192.0.2.10", "CSeq: 1 " + c.method}
		if c.more != "" {
			l = append(l, strings.Split(c.more, "\r\n")...)
		}
		text := lines(append(l, "", ""))
		answers := r.ask(text)
		if len(answers) != 1 {
			t.Errorf("%s, %s, %d octets: %d answers", c.method, c.what, len(text), len(answers))
			continue
		}
		got, _, _ := strings.Cut(answers[0], "\r\n")
		t.Logf("%s, %s: %d octets are answered by %d, %s", c.method, c.what, len(text), len(answers[0]), got)
		if len(answers[0]) > len(text) || strings.Contains(answers[0], "Digest") != c.challenged {
			t.Errorf("%s, %s: %d octets are answered by %d:\n%s", c.method, c.what, len(text), len(answers[0]), answers[0])
		}
	}
}
