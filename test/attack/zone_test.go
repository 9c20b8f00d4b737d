package attack

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"tandem/test/lab"
)

// typeNAPTR is the number of NAPTR records (RFC 3403 section 6).
const typeNAPTR dnsmessage.Type = 35

// nameServer answers what a test likes, by datagrams and by streams.
type nameServer struct {
	at netip.AddrPort
	// say answers a question, in messages.
	say func(id uint16, q dnsmessage.Question, stream bool) [][]byte

	mu    sync.Mutex
	asked map[string]int // questions, by domain
}

// newNameServer opens one at an address of loopback.
func newNameServer(t *testing.T, address string, say func(id uint16, q dnsmessage.Question, stream bool) [][]byte) *nameServer {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(address)})
	if err != nil {
		t.Fatal(err)
	}
	at := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	streams, err := net.Listen("tcp4", at.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = conn.Close(), streams.Close() })
	n := &nameServer{at: at, say: say, asked: map[string]int{}}
	go func() {
		buffer := make([]byte, 65535)
		for {
			got, from, err := conn.ReadFromUDPAddrPort(buffer)
			if err != nil {
				return
			}
			for _, m := range n.take(buffer[:got], false) {
				_, _ = conn.WriteToUDPAddrPort(m, from)
			}
		}
	}()
	go func() {
		for {
			c, err := streams.Accept()
			if err != nil {
				return
			}
			go n.stream(c)
		}
	}()
	return n
}

// stream answers on a TCP connection (RFC 1035 section 4.2.2).
func (n *nameServer) stream(c net.Conn) {
	defer func() { _ = c.Close() }()
	for {
		var length [2]byte
		if _, err := io.ReadFull(c, length[:]); err != nil {
			return
		}
		question := make([]byte, binary.BigEndian.Uint16(length[:]))
		if _, err := io.ReadFull(c, question); err != nil {
			return
		}
		for _, m := range n.take(question, true) {
			if _, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(m))), m...)); err != nil {
				return
			}
		}
	}
}

func (n *nameServer) take(packet []byte, stream bool) [][]byte {
	var p dnsmessage.Parser
	head, err := p.Start(packet)
	if err != nil {
		return nil
	}
	q, err := p.Question()
	if err != nil {
		return nil
	}
	n.mu.Lock()
	n.asked[domainOf(q)]++
	n.mu.Unlock()
	return n.say(head.ID, q, stream)
}

// count is how many questions have come for a domain.
func (n *nameServer) count(domain string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.asked[domain]
}

// domainOf is the last label but one of what is asked: kind.example.
func domainOf(q dnsmessage.Question) string {
	l := strings.Split(strings.ToLower(strings.TrimSuffix(q.Name.String(), ".")), ".")
	return l[max(len(l)-2, 0)]
}

// pack makes an answer; records are a type and a body each.
func pack(id uint16, q dnsmessage.Question, owner string, records ...dnsmessage.ResourceBody) []byte {
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: id, Response: true, RecursionAvailable: true}, Questions: []dnsmessage.Question{q}}
	for _, r := range records {
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{
			Name: dnsmessage.MustNewName(owner), Class: dnsmessage.ClassINET, TTL: 1}, Body: r})
	}
	if len(records) == 0 {
		m.RCode = dnsmessage.RCodeNameError
	}
	out, err := m.Pack()
	if err != nil {
		panic(err)
	}
	return out
}

func srv(port int, target string) dnsmessage.ResourceBody {
	return &dnsmessage.SRVResource{Priority: 1, Weight: 1, Port: uint16(port), Target: dnsmessage.MustNewName(target)}
}

func address(text string) dnsmessage.ResourceBody {
	return &dnsmessage.AResource{A: netip.MustParseAddr(text).As4()}
}

func alias(to string) dnsmessage.ResourceBody {
	return &dnsmessage.CNAMEResource{CNAME: dnsmessage.MustNewName(to)}
}

// naptr leads to a name where SRV records of a service are.
func naptr(service, to string) dnsmessage.ResourceBody {
	b := []byte{0, 1, 0, 1, 1, 's', byte(len(service))}
	b = append(append(b, service...), 0)
	for label := range strings.SplitSeq(strings.TrimSuffix(to, "."), ".") {
		b = append(append(b, byte(len(label))), label...)
	}
	return &dnsmessage.UnknownResource{Type: typeNAPTR, Data: append(b, 0)}
}

// many makes records in numbers.
func many(n int, one func(int) dnsmessage.ResourceBody) (all []dnsmessage.ResourceBody) {
	for i := range n {
		all = append(all, one(i))
	}
	return all
}

// lies are what a name server says that means no good, by the domain that is asked for.
func lies(self, http int) map[string]func(id uint16, q dnsmessage.Question, stream bool) [][]byte {
	one := func(b []byte) [][]byte { return [][]byte{b} }
	return map[string]func(id uint16, q dnsmessage.Question, stream bool) [][]byte{
		"loop": func(id uint16, q dnsmessage.Question, _ bool) [][]byte { // two names, each the other's alias
			to := "b.loop.example."
			if strings.HasPrefix(q.Name.String(), "b.") {
				to = "a.loop.example."
			}
			return one(pack(id, q, q.Name.String(), alias(to)))
		},
		"self": func(id uint16, q dnsmessage.Question, _ bool) [][]byte {
			switch q.Type {
			case typeNAPTR:
				return one(pack(id, q, q.Name.String(), many(30, func(int) dnsmessage.ResourceBody { return naptr("SIP+D2U", "_sip._udp.self.example") })...))
			case dnsmessage.TypeSRV:
				return one(pack(id, q, q.Name.String(), srv(5060, q.Name.String())))
			}
			return one(pack(id, q, q.Name.String(), alias(q.Name.String())))
		},
		"fan": func(id uint16, q dnsmessage.Question, _ bool) [][]byte { // each answer names hundreds that must be asked for
			switch q.Type {
			case typeNAPTR:
				return one(pack(id, q, q.Name.String(), many(60, func(i int) dnsmessage.ResourceBody {
					return naptr("SIP+D2U", fmt.Sprintf("n%d.fan.example", i))
				})...))
			case dnsmessage.TypeSRV:
				return one(pack(id, q, q.Name.String(), many(200, func(i int) dnsmessage.ResourceBody {
					return srv(5060, fmt.Sprintf("h%d.%s", i, q.Name.String()[:1]+".fan.example."))
				})...))
			}
			return one(pack(id, q, q.Name.String()))
		},
		"huge": func(id uint16, q dnsmessage.Question, stream bool) [][]byte { // 60 kB, and first cut
			b := pack(id, q, q.Name.String(), many(3500, func(i int) dnsmessage.ResourceBody {
				return address(fmt.Sprintf("127.0.%d.%d", 70+i/250, i%250))
			})...)
			if !stream {
				b = pack(id, q, q.Name.String(), address("127.0.69.90"))
				b[2] |= 2 // TC: ask again, by a stream
			}
			return one(b[:min(len(b), 65535)])
		},
		"never": func(uint16, dnsmessage.Question, bool) [][]byte { return nil },
		"wrongid": func(id uint16, q dnsmessage.Question, _ bool) (all [][]byte) { // guesses, as somebody sends who does not see the question
			for i := range 200 {
				all = append(all, pack(id+1+uint16(i), q, q.Name.String(), address("127.0.69.99")))
			}
			return all
		},
		"other": func(id uint16, q dnsmessage.Question, _ bool) [][]byte { // answers another question
			q.Name = dnsmessage.MustNewName("good.example.")
			return one(pack(id, q, "good.example.", address("127.0.69.99")))
		},
		"noise": func(id uint16, q dnsmessage.Question, _ bool) (all [][]byte) {
			whole := pack(id, q, q.Name.String(), srv(5060, "h.noise.example."), address("127.0.69.99"))
			for n := range whole {
				all = append(all, whole[:n])
			}
			return append(all, make([]byte, 4000))
		},
		"pointer": func(id uint16, q dnsmessage.Question, _ bool) [][]byte { // a name that is where itself is
			b := pack(id, q, q.Name.String(), address("127.0.69.99"))
			head := b[:12]
			end := 12 + len(q.Name.String()) + 1 + 4
			return one(append(append(append([]byte{}, head...), b[12:end]...), 0xc0, byte(end), 0, byte(q.Type), 0, 1, 0, 0, 0, 1, 0, 2, 0xc0, byte(end)))
		},
		"empty": func(id uint16, q dnsmessage.Question, _ bool) [][]byte { // the root, and names of no label
			switch q.Type {
			case typeNAPTR:
				return one(pack(id, q, q.Name.String(), &dnsmessage.UnknownResource{Type: typeNAPTR, Data: []byte{0, 1, 0, 1, 1, 's', 7, 'S', 'I', 'P', '+', 'D', '2', 'U', 0, 0}},
					&dnsmessage.UnknownResource{Type: typeNAPTR, Data: []byte{255}}, &dnsmessage.UnknownResource{Type: typeNAPTR}))
			case dnsmessage.TypeSRV:
				return one(pack(id, q, q.Name.String(), srv(0, "."), srv(5060, ".")))
			}
			return one(pack(id, q, q.Name.String()))
		},
		"inside": func(id uint16, q dnsmessage.Question, _ bool) [][]byte { // doors of the member itself
			if q.Type == dnsmessage.TypeSRV {
				return one(pack(id, q, q.Name.String(), srv(self, "h.inside.example."), srv(http, "h.inside.example."), srv(22, "h.inside.example.")))
			}
			if q.Type == dnsmessage.TypeA {
				return one(pack(id, q, q.Name.String(), address("127.0.0.1")))
			}
			return one(pack(id, q, q.Name.String()))
		},
		"nowhere": func(id uint16, q dnsmessage.Question, _ bool) [][]byte {
			if q.Type == dnsmessage.TypeA {
				return one(pack(id, q, q.Name.String(), address("0.0.0.0"), address("255.255.255.255"), address("224.0.0.1"), address("127.255.255.255")))
			}
			return one(pack(id, q, q.Name.String()))
		},
	}
}

// TestHostileNames has trunks whose names lead nowhere, in circles, inside, and to a name server that answers too much, too
// late or another question (attack group A12): each call over them ends, few questions are asked for it, and names that
// are in order work beside them.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	var say func(id uint16, q dnsmessage.Question, stream bool) [][]byte
	var ready sync.WaitGroup
	ready.Add(1)
	server := newNameServer(t, "127.0.69.53", func(id uint16, q dnsmessage.Question, stream bool) [][]byte {
		ready.Wait()
		return say(id, q, stream)
	})
	set := []string{fmt.Sprintf("sip.name_servers=[%q]", server.at)}
	numbers := []string{`{match: "700.", trunks: [good], strip: 3}`, `{match: "699.", trunks: [control], strip: 3}`}
	list := []string{`{name: good, targets: [good.example], unprobed: true}`, `{name: control, targets: [control.example], unprobed: true}`}
	number := map[string]string{}
	for kind := range lies(0, 0) {
		number[kind] = fmt.Sprint(701 + len(number))
		list = append(list, fmt.Sprintf(`{name: %s, targets: [%s.example], unprobed: true}`, kind, kind))
		numbers = append(numbers, fmt.Sprintf(`{match: "%s.", trunks: [%s], strip: 3}`, number[kind], kind))
	}
	w := newWitness(t, append(set, "trunks.list=["+strings.Join(list, ", ")+"]", "trunks.numbers=["+strings.Join(numbers, ", ")+"]")...)
	good := newCarrier(t, "127.0.69.54", func(q string) []string { return []string{reply(q, "486 Busy Here")} })
	wrong := newCarrierAt(t, &net.UDPAddr{IP: net.IPv4(127, 0, 69, 99), Port: 5060}, func(q string) []string { return []string{reply(q, "486 Busy Here")} })
	untrue := lies(w.UDP, w.HTTP)
	say = func(id uint16, q dnsmessage.Question, stream bool) [][]byte {
		if lie := untrue[domainOf(q)]; lie != nil {
			return lie(id, q, stream)
		}
		switch {
		case domainOf(q) == "control" && q.Type == dnsmessage.TypeA:
			return [][]byte{pack(id, q, q.Name.String(), address("127.0.69.99"))}
		case domainOf(q) == "control":
		case q.Type == dnsmessage.TypeSRV:
			return [][]byte{pack(id, q, q.Name.String(), srv(good.port(), "h.good.example."))}
		case q.Type == dnsmessage.TypeA:
			return [][]byte{pack(id, q, q.Name.String(), address("127.0.69.54"))}
		}
		return [][]byte{pack(id, q, q.Name.String())}
	}
	ready.Done()
	p := w.Phone(t, "1000")
	const rounds = 3
	for range rounds {
		var calls sync.WaitGroup
		for kind, first := range number {
			calls.Go(func() {
				began := time.Now()
				if c := p.Call(first + "555"); c.Status < 400 {
					t.Errorf("%s: the call ended with %d after %v", kind, c.Status, time.Since(began))
				}
			})
		}
		if c := p.Call("700555"); c.Status != 486 {
			t.Errorf("beside them, a trunk whose name is in order: %d %s", c.Status, c.Reason)
		}
		calls.Wait()
	}
	w.unharmed(t)
	for kind := range number {
		n := server.count(kind)
		t.Logf("%-8s %d questions", kind, n)
		if n > rounds*questions {
			t.Errorf("%s: %d questions are asked for %d calls", kind, n, rounds)
		}
	}
	if n := wrong.count("INVITE"); n > 0 {
		t.Errorf("%d calls went where a forged answer says", n)
	}
	if c := p.Call("699555"); c.Status != 486 || wrong.count("INVITE") == 0 {
		t.Errorf("a true answer that leads there: %d %s, and %d calls", c.Status, c.Reason, wrong.count("INVITE"))
	}
	lab.Wait(t, 2*patience, "requests that nobody answers are given up", func() bool { return len(w.Legs()) == 1 })
	w.over(t)
}

// questions is how many a call may cost: of 16 targets each has two, with repeats.
const questions = 100
