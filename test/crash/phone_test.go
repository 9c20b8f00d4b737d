package crash

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"

	"tandem/test/lab"
)

const (
	repeatAfter = 500 * time.Millisecond // T1 of RFC 3261 section 17.1.1.1
	giveUpAfter = 10 * time.Second
)

// phone is the least that can register and call an application over UDP.
type phone struct {
	conn *net.UDPConn
	name string // account
	n    int    // requests made, for branches and Call-IDs
}

func newPhone(name, member string) (*phone, error) {
	conn, err := net.Dial("udp4", member)
	if err != nil {
		return nil, err
	}
	return &phone{conn: conn.(*net.UDPConn), name: name}, nil
}

func (p *phone) close()          { _ = p.conn.Close() }
func (p *phone) contact() string { return fmt.Sprintf("sip:%s@%s", p.name, p.conn.LocalAddr()) }
func (p *phone) aor() string     { return p.name + "@" + lab.Domain }

// request is one request outside or inside a dialog.
type request struct {
	method, uri, to, callID string
	cseq                    int
	headers                 []string
	body                    string
}

func (p *phone) text(r request) string {
	p.n++
	lines := append([]string{
		r.method + " " + r.uri + " SIP/2.0",
		fmt.Sprintf("Via: SIP/2.0/UDP %s;branch=z9hG4bK%s-%d;rport", p.conn.LocalAddr(), p.name, p.n),
		"Max-Forwards: 70",
		fmt.Sprintf("From: <sip:%s>;tag=%s", p.aor(), p.name),
		"To: " + r.to,
		"Call-ID: " + r.callID,
		fmt.Sprintf("CSeq: %d %s", r.cseq, r.method),
		"Contact: <" + p.contact() + ">",
		"User-Agent: SIPcrash", // asked for MD5
	}, r.headers...)
	lines = append(lines, "Content-Length: "+strconv.Itoa(len(r.body)), "", r.body)
	return strings.Join(lines, "\r\n")
}

// response is a final response.
type response struct {
	status int
	text   string
}

// short is the compact form of a name, in which a member answers where there is little room.
var short = map[string]string{"Call-ID": "i", "To": "t"}

func (r response) header(name string) string {
	for line := range strings.SplitSeq(r.text, "\r\n") {
		if key, value, ok := strings.Cut(line, ":"); ok && (strings.EqualFold(key, name) || key == short[name]) {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// ask sends a request until its final response is there.
func (p *phone) ask(r request) (response, error) {
	text, buffer := p.text(r), make([]byte, 64<<10)
	cseq := fmt.Sprintf("%d %s", r.cseq, r.method)
	for over := time.Now().Add(giveUpAfter); time.Now().Before(over); {
		if _, err := p.conn.Write([]byte(text)); err != nil {
			return response{}, err
		}
		_ = p.conn.SetReadDeadline(time.Now().Add(repeatAfter))
		for {
			n, err := p.conn.Read(buffer)
			if errors.Is(err, net.ErrClosed) || err != nil && !isTimeout(err) {
				return response{}, err
			}
			if err != nil {
				break
			}
			a := response{text: string(buffer[:n])}
			_, _ = fmt.Sscanf(a.text, "SIP/2.0 %d", &a.status) // a request leaves 0
			if a.status >= 200 && a.header("Call-ID") == r.callID && a.header("CSeq") == cseq {
				return a, nil
			}
		}
	}
	return response{}, fmt.Errorf("no answer to %s within %v", r.method, giveUpAfter)
}

func isTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

// isNet says whether an error is one of the network, as after the member's death.
func isNet(err error) bool {
	var e net.Error
	return errors.As(err, &e)
}

// register registers the phone's contact. It returns without error only after a 200.
func (p *phone) register(password string) error {
	r := request{method: "REGISTER", uri: "sip:" + lab.Domain, to: "<sip:" + p.aor() + ">",
		callID: "register-" + p.name, cseq: 1, headers: []string{"Expires: 3600"}}
	a, err := p.ask(r)
	if err == nil && a.status == 401 {
		r.cseq++
		r.headers = append(r.headers, "Authorization: "+p.credentials(a.header("WWW-Authenticate"), password, r))
		a, err = p.ask(r)
	}
	if err == nil && a.status != 200 {
		err = fmt.Errorf("registration of %s from %v got %.400s", p.name, p.conn.LocalAddr(), a.text)
	}
	return err
}

var nonce = regexp.MustCompile(`nonce="([^"]*)"`)

// credentials answer an MD5 challenge (RFC 2617 section 3.2.2).
func (p *phone) credentials(challenge, password string, r request) string {
	once := nonce.FindStringSubmatch(challenge + ` nonce=""`)[1]
	ha1 := digest(p.name + ":" + lab.Domain + ":" + password)
	ha2 := digest(r.method + ":" + r.uri)
	return fmt.Sprintf(`Digest username=%q, realm=%q, nonce=%q, uri=%q, qop=auth, nc=00000001, cnonce="c", `+
		`algorithm=MD5, response=%q`, p.name, lab.Domain, once, r.uri,
		digest(ha1+":"+once+":00000001:c:auth:"+ha2))
}

func digest(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

// call calls an application; answered is told the Call-ID once the 200 is there. With hangUp it ends
// the call again, else it leaves it to the member's end.
func (p *phone) call(number string, hangUp bool, answered func(callID string)) error {
	uri := "sip:" + number + "@" + lab.Domain
	r := request{method: "INVITE", uri: uri, to: "<" + uri + ">", cseq: 1,
		callID:  fmt.Sprintf("call-%d-%s", p.n, p.name),
		headers: []string{"Content-Type: application/sdp"}, body: p.offer()}
	a, err := p.ask(r)
	if err != nil {
		return err
	}
	if a.status != 200 {
		return fmt.Errorf("call of %s got %d", p.name, a.status)
	}
	answered(r.callID)
	within := request{method: "ACK", uri: strings.Trim(a.header("Contact"), "<>"), to: a.header("To"),
		callID: r.callID, cseq: 1}
	if _, err := p.conn.Write([]byte(p.text(within))); err != nil || !hangUp {
		return err
	}
	within.method, within.cseq = "BYE", 2
	if a, err = p.ask(within); err == nil && a.status != 200 {
		err = fmt.Errorf("BYE of %s got %d", p.name, a.status)
	}
	return err
}

// offer is for audio to a port where nobody takes it: this load is one of signalling.
func (p *phone) offer() string {
	return "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n" +
		fmt.Sprintf("m=audio %d RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n", p.conn.LocalAddr().(*net.UDPAddr).Port)
}
