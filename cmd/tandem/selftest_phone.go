package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/icholy/digest"
)

// Timers of RFC 3261 section 17.1.
const (
	timerT1 = 500 * time.Millisecond
	timerT2 = 4 * time.Second
)

// phone is the small user agent of selftest: one account, UDP, one thing at a time.
type phone struct {
	conn                   *net.UDPConn
	local                  netip.AddrPort
	user, password, domain string
	regID                  string // Call-ID of its registrations
	cseq                   int

	mu       sync.Mutex
	awaiting map[string]chan message // by branch
	acks     map[string]string       // ACK of an answered INVITE, by Call-ID and CSeq
}

// newPhone opens a socket towards the member.
func newPhone(member netip.AddrPort, user, password, domain string) (*phone, error) {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(member))
	if err != nil {
		return nil, err
	}
	at := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	p := &phone{conn: conn, local: netip.AddrPortFrom(at.Addr().Unmap(), at.Port()),
		user: user, password: password, domain: domain, regID: rand.Text(),
		awaiting: map[string]chan message{}, acks: map[string]string{}}
	go p.read()
	return p, nil
}

func (p *phone) close() { _ = p.conn.Close() }

// read hands responses to who awaits them and answers requests.
func (p *phone) read() {
	buffer := make([]byte, 65535)
	for {
		n, err := p.conn.Read(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // ICMP says that nobody listens: retransmission and time-out deal with it
			continue
		}
		if m, err := parseMessage(string(buffer[:n])); err == nil {
			p.take(m)
		}
	}
}

func (p *phone) take(m message) {
	if m.status() == 0 {
		p.answer(m)
		return
	}
	p.mu.Lock()
	waiting, ack := p.awaiting[m.branch()], p.acks[m.get("call-id")+" "+m.get("cseq")]
	p.mu.Unlock()
	if ack != "" && m.status()/100 == 2 { // our ACK was lost (RFC 3261 section 13.2.2.4)
		_, _ = p.conn.Write([]byte(ack))
		return
	}
	select {
	case waiting <- m: // nil when nobody waits: never ready
	default:
	}
}

// answer answers what the member asks of a phone.
func (p *phone) answer(request message) {
	status := "200 OK"
	switch method, _, _ := strings.Cut(request.start, " "); method {
	case "ACK":
		return
	case "BYE", "OPTIONS", "NOTIFY":
	case "INVITE":
		status = "488 Not Acceptable Here"
	default:
		status = "501 Not Implemented"
	}
	_, _ = p.conn.Write([]byte(answerTo(request, status).String()))
}

// request is what the phone wants to ask.
type request struct {
	method, uri, to, callID, tag string
	extra                        [][2]string
	body                         string
}

// ask sends a request, answers one challenge, and returns the final response, the request as sent
// and the algorithm of the challenge.
func (p *phone) ask(ctx context.Context, r request) (response, sent message, algorithm string, err error) {
	sent = p.message(r, p.next(), "")
	response, err = p.transact(ctx, sent)
	if err != nil || (response.status() != 401 && response.status() != 407) {
		return response, sent, "", err
	}
	p.acknowledgeRefusal(sent, response)
	authorization, algorithm, err := p.authorize(r, response)
	if err != nil {
		return response, sent, "", err
	}
	sent = p.message(r, p.next(), authorization)
	response, err = p.transact(ctx, sent)
	return response, sent, algorithm, err
}

// next is the next sequence number: they rise through all calls of the phone, which no dialog minds.
func (p *phone) next() string {
	p.cseq++
	return strconv.Itoa(p.cseq)
}

// message makes a request with a new branch.
func (p *phone) message(r request, number, authorization string) message {
	m := message{start: r.method + " " + r.uri + " SIP/2.0", body: r.body, fields: [][2]string{
		{"Via", "SIP/2.0/UDP " + p.local.String() + ";rport;branch=z9hG4bK" + rand.Text()},
		{"Max-Forwards", "70"},
		{"From", fmt.Sprintf("<sip:%s@%s>;tag=%s", p.user, p.domain, r.tag)},
		{"To", r.to},
		{"Call-ID", r.callID},
		{"CSeq", number + " " + r.method},
		{"Contact", p.contact()},
		{"User-Agent", "tandem selftest"},
	}}
	m.fields = append(m.fields, r.extra...)
	if name, value, ok := strings.Cut(authorization, "\n"); ok {
		m.fields = append(m.fields, [2]string{name, value})
	}
	if r.body != "" {
		m.fields = append(m.fields, [2]string{"Content-Type", "application/sdp"})
	}
	return m
}

func (p *phone) contact() string { return fmt.Sprintf("<sip:%s@%s>", p.user, p.local) }

// authorize answers the first challenge that it can (RFC 8760 section 2.4: the member's first is
// its best). It returns name and value of the header field, a line end between.
func (p *phone) authorize(r request, response message) (field, algorithm string, err error) {
	challenge, name := "www-authenticate", "Authorization"
	if response.status() == 407 {
		challenge, name = "proxy-authenticate", "Proxy-Authorization"
	}
	for _, text := range response.all(challenge) {
		c, err := digest.ParseChallenge(text)
		if err != nil || !digest.CanDigest(c) {
			continue
		}
		made, err := digest.Digest(c, digest.Options{Method: r.method, URI: r.uri, Count: 1,
			Username: p.user, Password: p.password})
		if err != nil {
			continue
		}
		algorithm = c.Algorithm
		if algorithm == "" {
			algorithm = "MD5"
		}
		return name + "\n" + made.String(), algorithm, nil
	}
	return "", "", fmt.Errorf("%s: the member's challenge cannot be answered", response.start)
}

// transact sends a request, repeats it as RFC 3261 section 17.1 says, and returns the final
// response.
func (p *phone) transact(ctx context.Context, m message) (message, error) {
	branch := parameter(m.fields[0][1], "branch")
	responses := make(chan message, 16)
	p.mu.Lock()
	p.awaiting[branch] = responses
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.awaiting, branch)
		p.mu.Unlock()
	}()
	text := []byte(m.String())
	interval := timerT1
	repeat := time.NewTimer(0)
	defer repeat.Stop()
	for {
		select {
		case <-ctx.Done():
			return message{}, fmt.Errorf("no answer to %s", m.start)
		case <-repeat.C:
			_, _ = p.conn.Write(text)
			repeat.Reset(interval)
			interval = min(2*interval, timerT2)
		case response := <-responses:
			if response.status() >= 200 {
				return response, nil
			}
			repeat.Stop() // provisional: the member has it
		}
	}
}

// register binds the phone for some seconds, 0 unbinds it, and returns the digest's algorithm.
func (p *phone) register(ctx context.Context, expires int) (algorithm string, err error) {
	response, _, algorithm, err := p.ask(ctx, request{method: "REGISTER", uri: "sip:" + p.domain,
		to:     fmt.Sprintf("<sip:%s@%s>", p.user, p.domain),
		callID: p.regID, tag: rand.Text(), extra: [][2]string{{"Expires", strconv.Itoa(expires)}}})
	switch {
	case err != nil:
		return "", err
	case response.status() != 200:
		return "", fmt.Errorf("REGISTER: %s", response.start)
	case algorithm == "":
		return "", errors.New("REGISTER: the member asked for no password")
	case expires > 0 && !strings.Contains(strings.Join(response.all("contact"), ","), p.local.String()):
		return "", fmt.Errorf("REGISTER: the answer does not list %s", p.contact())
	}
	return algorithm, nil
}

// dialog is a call that was answered.
type dialog struct {
	phone          *phone
	callID, answer string // answer: the SDP
	tag, to        string
	target         string
	route          [][2]string
}

// invite calls a number and acknowledges the answer.
func (p *phone) invite(ctx context.Context, number, offer string) (*dialog, error) {
	uri := fmt.Sprintf("sip:%s@%s", number, p.domain)
	r := request{method: "INVITE", uri: uri, to: "<" + uri + ">", callID: rand.Text(),
		tag: rand.Text(), body: offer}
	response, sent, _, err := p.ask(ctx, r)
	if err != nil {
		return nil, err
	}
	if response.status()/100 != 2 {
		p.acknowledgeRefusal(sent, response)
		return nil, fmt.Errorf("INVITE %s: %s", uri, response.start)
	}
	d := &dialog{phone: p, callID: r.callID, answer: response.body, tag: r.tag,
		to: response.get("to"), target: uriOf(response.get("contact"))}
	routes := response.all("record-route")
	for i := len(routes) - 1; i >= 0; i-- { // RFC 3261 section 12.1.2
		d.route = append(d.route, [2]string{"Route", routes[i]})
	}
	d.acknowledge(response.get("cseq"))
	if d.target == "" {
		return nil, fmt.Errorf("INVITE %s: the answer has no Contact", uri)
	}
	return d, nil
}

// acknowledgeRefusal acknowledges a final response that is no 2xx to an INVITE, within its
// transaction (RFC 3261 section 17.1.1.3).
func (p *phone) acknowledgeRefusal(sent, response message) {
	uri, isInvite := strings.CutPrefix(sent.start, "INVITE ")
	if !isInvite {
		return
	}
	number, _, _ := strings.Cut(sent.fields[5][1], " ")
	ack := message{start: "ACK " + uri, fields: [][2]string{sent.fields[0], sent.fields[1],
		sent.fields[2], {"To", response.get("to")}, sent.fields[4], {"CSeq", number + " ACK"}}}
	_, _ = p.conn.Write([]byte(ack.String()))
}

// acknowledge sends the ACK of the 2xx, and again whenever the 2xx comes again.
func (d *dialog) acknowledge(cseq string) {
	number, _, _ := strings.Cut(cseq, " ")
	m := d.phone.message(d.request("ACK"), number, "") // the number of its INVITE
	d.phone.mu.Lock()
	d.phone.acks[d.callID+" "+cseq] = m.String()
	d.phone.mu.Unlock()
	_, _ = d.phone.conn.Write([]byte(m.String()))
}

// bye ends the call.
func (d *dialog) bye(ctx context.Context) error {
	response, _, _, err := d.phone.ask(ctx, d.request("BYE"))
	if err == nil && response.status() != 200 {
		err = fmt.Errorf("BYE: %s", response.start)
	}
	return err
}

// request is one inside the dialog.
func (d *dialog) request(method string) request {
	return request{method: method, uri: d.target, to: d.to, callID: d.callID, tag: d.tag, extra: d.route}
}
