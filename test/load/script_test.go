package load

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/icholy/digest"

	"tandem/test/lab"
)

// identity is who an operation is made as. Without a password it can not answer a challenge.
type identity struct {
	user, password string

	challenge *digest.Challenge // the last; its nonce is used again with a higher count
	proxy     bool
	count     int
}

// learn keeps the first challenge of a 401 or 407 that can be answered: the member's best.
func (i *identity) learn(response []byte) error {
	name := "WWW-Authenticate"
	if i.proxy = status(response) == 407; i.proxy {
		name = "Proxy-Authenticate"
	}
	c, err := digest.ParseChallenge(string(field(response, name)))
	if err != nil {
		return err
	}
	if i.password == "" || !digest.CanDigest(c) {
		return errors.New("a challenge that can not be answered")
	}
	i.challenge, i.count = c, 0
	return nil
}

// authorization is the header field that answers the challenge, nothing before there was one.
func (i *identity) authorization(method, uri string) string {
	if i.challenge == nil {
		return ""
	}
	i.count++
	made, err := digest.Digest(i.challenge, digest.Options{Method: method, URI: uri, Count: i.count,
		Username: i.user, Password: i.password})
	if err != nil {
		return ""
	}
	name := "Authorization: "
	if i.proxy {
		name = "Proxy-Authorization: "
	}
	return name + made.String() + "\r\n"
}

// words are what a request says.
type words struct {
	method, uri, to string
	more            string // further header fields, each with its line end
	body            string // SDP
	within          string // method whose transaction it belongs to, its own by default
}

// request writes the next request of an operation.
func (d *desk) request(o *operation, i *identity, w words) []byte {
	o.cseq++
	return d.again(o, i, w)
}

// again writes a request with the sequence number of the last one.
func (d *desk) again(o *operation, i *identity, w words) []byte {
	if w.within == "" {
		w.within = w.method
	}
	if w.body != "" {
		w.more += "Content-Type: application/sdp\r\n"
	}
	at := d.conn.LocalAddr()
	return fmt.Appendf(nil, "%s %s SIP/2.0\r\n"+
		"Via: SIP/2.0/UDP %s;rport;branch=z9hG4bK%s.%d.%d%s\r\nMax-Forwards: 70\r\n"+
		"From: <sip:%s@%s>;tag=f%d\r\nTo: %s\r\nCall-ID: %d.%s\r\nCSeq: %d %s\r\n"+
		"Contact: <sip:%s@%s>\r\n%sContent-Length: %d\r\n\r\n%s",
		w.method, w.uri, at, d.mark, o.number, o.cseq, w.within, i.user, lab.Domain, o.number, w.to,
		o.number, d.mark, o.cseq, w.method, i.user, at, w.more, len(w.body), w.body)
}

// calling is INVITE, 200, ACK and, unless the call is to be held, BYE, 200.
type calling struct {
	as      *identity
	numbers []string // in turn
	media   int      // port in the SDP offer
	hold    bool
	speech  *speech // of the SDP offer
}

func (c *calling) uri(o *operation) string {
	return "sip:" + c.numbers[o.number%len(c.numbers)] + "@" + lab.Domain
}

func (c *calling) begin(d *desk, o *operation) {
	o.to, o.media = "", netip.AddrPort{}
	uri := c.uri(o)
	d.ask(o, d.request(o, c.as, words{method: "INVITE", uri: uri, to: "<" + uri + ">",
		more: c.as.authorization("INVITE", uri), body: c.speech.sdp(c.media)}))
}

func (c *calling) react(d *desk, o *operation, response []byte) {
	code := status(response)
	if bytes.HasSuffix(field(response, "CSeq"), []byte("BYE")) {
		if o.live && o.to != "" {
			d.ended(o, code)
		}
		return
	}
	o.request = nil
	to := string(field(response, "To"))
	if code >= 300 {
		c.refused(d, o, code, to, response)
		return
	}
	if o.to == "" {
		o.to, o.target, o.media = to, inBrackets(field(response, "Contact")), mediaAt(response)
	}
	_, _ = d.conn.Write(d.again(o, c.as, words{method: "ACK", uri: o.target, to: o.to}))
	switch {
	case !o.live: // a 200 once more: the ACK was lost
	case c.hold:
		d.done(o)
	default:
		d.ask(o, d.request(o, c.as, words{method: "BYE", uri: o.target, to: o.to}))
	}
}

// refused acknowledges a final response that is no 2xx, and answers a challenge.
func (c *calling) refused(d *desk, o *operation, code int, to string, response []byte) {
	ack := words{method: "ACK", uri: c.uri(o), to: to, within: "INVITE"}
	_, _ = d.conn.Write(d.again(o, c.as, ack))
	switch {
	case !o.live:
	case (code == 401 || code == 407) && c.as.learn(response) == nil:
		c.begin(d, o)
	default:
		d.fail(o, code)
	}
}

// ended takes the answer to a BYE.
func (d *desk) ended(o *operation, code int) {
	if code == 200 {
		d.done(o)
		return
	}
	d.fail(o, code)
}

// hangingUp ends calls that were held.
type hangingUp struct{ as *identity }

func (h *hangingUp) begin(d *desk, o *operation) {
	if o.to == "" { // it was never answered
		d.fail(o, 0)
		return
	}
	d.ask(o, d.request(o, h.as, words{method: "BYE", uri: o.target, to: o.to}))
}

func (h *hangingUp) react(d *desk, o *operation, response []byte) {
	if o.live && bytes.HasSuffix(field(response, "CSeq"), []byte("BYE")) {
		d.ended(o, status(response))
	}
}

// registering is REGISTER, 401, REGISTER with credentials, 200: always a new challenge. The users
// take turns.
type registering struct {
	users []identity
	// contacts is how many contacts each user has; they take turns too.
	contacts int
	// first is the contact with which they begin.
	first int
	// at is the port where they are; 0: that of the desk.
	at int
}

func (r *registering) user(o *operation) *identity { return &r.users[o.number%len(r.users)] }

func (r *registering) begin(d *desk, o *operation) { r.register(d, o, "") }

func (r *registering) register(d *desk, o *operation, authorization string) {
	u := r.user(o)
	request := d.request(o, u, words{method: "REGISTER", uri: "sip:" + lab.Domain,
		to: fmt.Sprintf("<sip:%s@%s>", u.user, lab.Domain), more: "Expires: 3600\r\n" + authorization})
	if r.contacts > 1 {
		which := fmt.Sprintf("Contact: <sip:%s-%d@", u.user, (r.first+o.number/len(r.users))%r.contacts)
		request = bytes.Replace(request, []byte("Contact: <sip:"+u.user+"@"), []byte(which), 1)
	}
	if r.at != 0 {
		request = bytes.Replace(request, []byte("Contact: <sip:"+u.user+"@"+d.conn.LocalAddr().String()),
			fmt.Appendf(nil, "Contact: <sip:%s@%v", u.user, here(r.at)), 1)
	}
	d.ask(o, request)
}

func (r *registering) react(d *desk, o *operation, response []byte) {
	if !o.live || !strings.HasPrefix(string(field(response, "CSeq")), fmt.Sprint(o.cseq, " ")) {
		return
	}
	code, u := status(response), r.user(o)
	switch {
	case code == 200:
		d.done(o)
	case code == 401 && o.cseq%2 == 1 && u.learn(response) == nil:
		r.register(d, o, u.authorization("REGISTER", "sip:"+lab.Domain))
	default:
		d.fail(o, code)
	}
}

// demo are some of the accounts of `tandem dev`, from 1000 + first on.
func demo(first, n int) (users []identity) {
	for i := range n {
		users = append(users, identity{user: fmt.Sprint(1000 + first + i), password: lab.Password})
	}
	return users
}
