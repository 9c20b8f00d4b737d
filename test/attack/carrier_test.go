package attack

import (
	"crypto/rand"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/test/lab"
)

// carrier is the other end of a trunk that does not keep to the rules.
type carrier struct {
	conn   *net.UDPConn
	say    func(request string) []string // what it answers, in datagrams
	number string                        // the beginning of the numbers that are called here

	mu    sync.Mutex
	asked map[string]int  // requests by method
	heard []string        // INVITEs
	acked map[string]bool // by Via
}

// newCarrier opens a carrier at an address of loopback, at any port.
func newCarrier(t *testing.T, address string, say func(request string) []string) *carrier {
	t.Helper()
	return newCarrierAt(t, &net.UDPAddr{IP: net.ParseIP(address)}, say)
}

func newCarrierAt(t *testing.T, at *net.UDPAddr, say func(request string) []string) *carrier {
	t.Helper()
	conn, err := net.ListenUDP("udp4", at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	x := &carrier{conn: conn, say: say, asked: map[string]int{}, acked: map[string]bool{}}
	go x.serve()
	return x
}

func (x *carrier) serve() {
	buffer := make([]byte, 65535)
	for {
		n, from, err := x.conn.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return
		}
		text := string(buffer[:n])
		method, _, _ := strings.Cut(text, " ")
		if method == "SIP/2.0" {
			continue
		}
		x.mu.Lock()
		x.asked[method]++
		switch method {
		case "INVITE":
			x.heard = append(x.heard, text)
		case "ACK":
			x.acked[header(text, "Via")] = true
		}
		x.mu.Unlock()
		if method == "ACK" {
			continue
		}
		answers := x.say(text)
		for n, answer := range answers {
			if n%20 == 19 { // no faster than a socket takes it
				time.Sleep(time.Millisecond)
			}
			_, _ = x.conn.WriteToUDPAddrPort([]byte(answer), from)
		}
		if method == "INVITE" && len(answers) > manyAnswers {
			go x.insist(header(text, "Via"), answers[len(answers)-1], from)
		}
	}
}

// manyAnswers are so many that the last one may be lost behind the others.
const manyAnswers = 500

// insist repeats an answer until it is acknowledged (RFC 3261 section 17.2.1): the call is to end by it, however late the
// machine is.
func (x *carrier) insist(via, answer string, to netip.AddrPort) {
	for over := time.Now().Add(patience); time.Now().Before(over); time.Sleep(repeatAfter) {
		x.mu.Lock()
		acked := x.acked[via]
		x.mu.Unlock()
		if acked {
			return
		}
		if _, err := x.conn.WriteToUDPAddrPort([]byte(answer), to); err != nil {
			return
		}
	}
}

// repeatAfter is T1 of RFC 3261.
const repeatAfter = 500 * time.Millisecond

// count is how many requests of a method have come.
func (x *carrier) count(method string) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.asked[method]
}

func (x *carrier) port() int { return x.conn.LocalAddr().(*net.UDPAddr).Port }

func (x *carrier) target() string { return x.conn.LocalAddr().String() }

// header is a line of a message, with its name; "" where there is none.
func header(message, name string) string {
	for line := range strings.SplitSeq(message, "\r\n") {
		if strings.HasPrefix(strings.ToLower(line), strings.ToLower(name)+":") {
			return line
		}
	}
	return ""
}

// reply answers a request, with a tag of its own each time and with further lines.
func reply(request, status string, more ...string) string {
	l := []string{"SIP/2.0 " + status}
	for _, name := range []string{"Via", "From", "To", "Call-ID", "CSeq"} {
		line := header(request, name)
		if name == "To" && !strings.Contains(line, "tag=") {
			line += ";tag=" + rand.Text()[:10]
		}
		l = append(l, line)
	}
	return lines(append(append(l, more...), "Content-Length: 0", "", ""))
}

// challenge is a header that asks for a proof, with a nonce that nobody has seen.
func challenge(more string) string {
	return `WWW-Authenticate: Digest realm="carrier.example", nonce="` + rand.Text() + `"` + more
}

// unruly are carriers: each word on a request, by what is wrong with it.
var unruly = map[string]func(request string) []string{
	"asks for ever": func(q string) []string { return []string{reply(q, "401 Unauthorized", challenge(", qop=\"auth\""))} },
	"calls its nonces stale for ever": func(q string) []string {
		return []string{reply(q, "401 Unauthorized", challenge(", stale=true, algorithm=SHA-256"))}
	},
	"asks as a proxy for ever": func(q string) []string {
		return []string{reply(q, "407 Proxy Authentication Required", "Proxy-"+strings.TrimPrefix(challenge(", stale=true"), "WWW-"))}
	},
	"asks five hundred times at once": func(q string) []string {
		var all []string
		for range 500 {
			all = append(all, challenge(""))
		}
		return []string{reply(q, "401 Unauthorized", all...)}
	},
	"has a realm of 50 kB": func(q string) []string {
		return []string{reply(q, "401 Unauthorized", `WWW-Authenticate: Digest realm="`+strings.Repeat("r", 50000)+`", nonce="n"`)}
	},
	"wants what nobody has": func(q string) []string {
		return []string{reply(q, "401 Unauthorized", challenge(`, algorithm=AKAv1-MD5, qop="auth-int"`), "WWW-Authenticate: Basic realm=a", "WWW-Authenticate: ,,,=")}
	},
	"sends to itself for ever": func(q string) []string {
		return []string{reply(q, "302 Moved Temporarily", "Contact: "+strings.Replace(strings.Fields(q)[1], "sip:", "<sip:x", 1)+">")}
	},
	"sends to a thousand others": func(q string) []string {
		return []string{reply(q, "300 Multiple Choices", "Contact: "+strings.Repeat("<sip:1@127.0.69.200>, ", 1000)+"<sip:2@127.0.69.200>")}
	},
	"wants to be registered with for ever": func(q string) []string {
		return []string{reply(q, "423 Interval Too Brief", "Min-Expires: 4294967295")}
	},
	"registers for no time": func(q string) []string {
		if strings.HasPrefix(q, "REGISTER") {
			return []string{reply(q, "200 OK", header(q, "Contact")+";expires=-1", "Expires: 0")}
		}
		return []string{reply(q, "503 Service Unavailable", "Retry-After: -1")}
	},
	"has a thousand branches": func(q string) []string {
		var all []string
		for range 1000 {
			all = append(all, reply(q, "183 Session Progress", "Contact: <sip:a@127.0.69.201>"))
		}
		return append(all, reply(q, "480 Temporarily Unavailable"))
	},
	"says it again and again": func(q string) []string {
		var all []string
		for range 500 {
			all = append(all, reply(q, "500 Server Internal Error", "Retry-After: 99999999999999999999"))
		}
		return all
	},
	"answers what nobody asked": func(q string) []string {
		other := strings.Replace(q, "branch=z9hG4bK", "branch=z9hG4bKx", 1)
		return []string{reply(other, "200 OK"), "SIP/2.0 200 OK\r\n\r\n", "\x00", strings.Repeat("A", 60000), reply(q, "603 Decline")}
	},
	"answers with numbers of no sense": func(q string) []string {
		return []string{reply(q, "99999 What"), reply(q, "000 "), reply(q, "-1 a"), reply(q, "699 "+strings.Repeat("x", 50000))}
	},
	"says nothing": func(string) []string { return nil },
}

// TestRudeCarriers has trunks whose carriers challenge for ever with new nonces (attack group A18), send elsewhere and
// answer too much: each call over them ends, and what is asked of them stays in bounds.
func TestRudeCarriers(t *testing.T) {
	t.Parallel()
	lab.Long(t)
	var list, numbers []string
	all := map[string]*carrier{}
	for name, say := range unruly {
		n := len(all)
		all[name] = newCarrier(t, fmt.Sprint("127.0.69.", 10+n), say)
		all[name].number = fmt.Sprintf("7%02d", n)
		list = append(list, fmt.Sprintf(`{name: t%d, targets: [%q], user: line, secret: "a secret", register: true, probe: 1s, patience: 1s}`, n, all[name].target()))
		numbers = append(numbers, fmt.Sprintf(`{match: "%s.", trunks: [t%d], strip: 3}`, all[name].number, n))
	}
	w := newWitness(t, "trunks.list=["+strings.Join(list, ", ")+"]", "trunks.numbers=["+strings.Join(numbers, ", ")+"]")
	began := time.Now()
	p := w.Phone(t, "1000")
	const rounds = 3
	for range rounds {
		var calls sync.WaitGroup
		for n, x := range all {
			calls.Go(func() {
				if c := p.Call(x.number + "555"); c.Status < 400 {
					t.Errorf("the carrier that %s: the call ended with %d", n, c.Status)
				}
			})
		}
		calls.Wait()
	}
	w.unharmed(t)
	seconds := int(time.Since(began)/time.Second) + 5
	for name, x := range all {
		t.Logf("%-36s in %d s: %d INVITE, %d REGISTER, %d OPTIONS", name, seconds, x.count("INVITE"), x.count("REGISTER"), x.count("OPTIONS"))
		// A call is repeated where nothing answers (RFC 3261 section 17.1.1.2), and proves itself twice at most.
		if n := x.count("INVITE"); n > rounds*7 {
			t.Errorf("the carrier that %s: %d INVITE for %d calls", name, n, rounds)
		}
		if n := x.count("REGISTER"); n > 12+3*seconds {
			t.Errorf("the carrier that %s: %d REGISTER in %d s", name, n, seconds)
		}
		if n := x.count("OPTIONS"); n > 12+8*seconds { // one a second, each repeated while it waits for its answer
			t.Errorf("the carrier that %s: %d OPTIONS in %d s", name, n, seconds)
		}
	}
	w.over(t)
}
