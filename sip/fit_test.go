package sip

import (
	"net"
	"net/netip"
	"strings"
	"testing"

	"tandem/signal"
)

// smallest is a request with what RFC 3261 section 8.1.1 demands, and no more.
func smallest(method, via, more string) string {
	return method + " sip:pbx.example SIP/2.0\r\nVia: SIP/2.0/UDP " + via + "\r\nMax-Forwards: 70\r\nFrom: <sip:1000@pbx.example>;tag=1\r\n" +
		"To: <sip:1000@pbx.example>\r\nCall-ID: 1@192.0.2.10\r\nCSeq: 1 " + method + "\r\n" + more + "\r\n"
}

// usual is what makes it a REGISTER as small desk phones send it.
const usual = "Contact: <sip:1000@127.0.0.1:5060>;expires=3600\r\nUser-Agent: Phone 1.0\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, NOTIFY\r\n" +
	"Supported: path\r\nContent-Length: 0\r\n"

// short is the same in compact names (RFC 3261 section 7.3.3), as a phone with little memory writes it.
func short(method, via, more string) string {
	return strings.NewReplacer("\r\nVia:", "\r\nv:", "\r\nFrom:", "\r\nf:", "\r\nTo:", "\r\nt:", "\r\nCall-ID:", "\r\ni:", "\r\nContact:", "\r\nm:",
		"\r\nContent-Length:", "\r\nl:", "\r\nSupported:", "\r\nk:").Replace(smallest(method, via, more))
}

// challenging is a desk that wants everybody to prove who he is, but for an OPTIONS and what has no such method.
func challenging() *desk {
	d := newDesk()
	d.admit = func(r *signal.Request) signal.Verdict {
		switch r.Method {
		case signal.OPTIONS:
			return signal.Verdict{Action: signal.Answer, Status: 200, Headers: signal.Headers{{Name: "Allow", Value: signal.Allow},
				{Name: "Accept", Value: "application/sdp"}, {Name: "Supported", Value: signal.Supported}}}
		case signal.MESSAGE:
			return signal.Verdict{Action: signal.Refuse, Status: 405}
		}
		return signal.Verdict{Action: signal.Challenge, Realm: "pbx.example"}
	}
	return d
}

// fitting is a request and what is to be in its answer.
type fitting struct{ what, text, status, has, lacks string }

func (f fitting) check(t *testing.T, p *phone) {
	t.Helper()
	p.send(f.text)
	got := p.expect("SIP/2.0 " + f.status)
	t.Logf("%s: %d octets were answered by %d: %.20q", f.what, len(f.text), len(got), got)
	if len(got) > len(f.text) || !strings.Contains(got, f.has) || f.lacks != "" && strings.Contains(got, f.lacks) {
		t.Errorf("%s: %d octets were answered by %d:\n%s", f.what, len(f.text), len(got), got)
	}
}

// TestNoLargerThanAsked: no datagram gets an answer that is larger than itself, and whoever can be challenged in so many
// octets is.
func TestNoLargerThanAsked(t *testing.T) {
	s := start(t, settings(), challenging())
	p := newPhone(t, s)
	here := p.addr().String()
	small := "Contact: <sip:1000@127.0.0.1:50600>\r\nExpires: 3600\r\nContent-Length: 0\r\n"
	for _, f := range []fitting{
		{"a phone", smallest("REGISTER", here+";branch=z9hG4bK1;rport", usual), "401 Unauthorized", "WWW-Authenticate", "Server"},
		{"a large phone", smallest("REGISTER", here+";branch=z9hG4bK7;rport", usual+"Session-Expires: 1800\r\nX-Serial: 00:11:22:33:44:55\r\n"), "401 Unauthorized", "SHA-256", "Server"},
		{"a small one", smallest("REGISTER", here+";branch=z9hG4bK2", small), "401 ", "qop=", "SHA-256"},
		{"compact names", short("REGISTER", here+";branch=z9hG4bK8;rport", usual), "401 ", "qop=", "SHA-256"},
		{"a small one in compact names", short("REGISTER", here+";branch=z9hG4bK9", small), "503 Use TCP", "v:", "Digest"},
		{"the smallest", smallest("REGISTER", here+";branch=z9hG4bK3;rport", ""), "503 Use TCP", "v:", "Digest"},
		{"the smallest call", smallest("INVITE", here+";branch=z9hG4bKa;rport", ""), "403 Use TCP", "v:", "Digest"},
		{"an ability", smallest("OPTIONS", here+";branch=z9hG4bK4;rport", ""), "200 OK", "", "Allow"},
		{"no such method", smallest("MESSAGE", here+";branch=z9hG4bK5;rport", ""), "405 ", "v:", "Allow"},
		{"a broken one", smallest("REGISTER", here+";branch=z9hG4bK6;rport", "Max-Forwards: 1\r\n"), "400 ", "", "Server"},
	} {
		f.check(t, p)
	}
	n := s.Snapshot()
	if n.Faults[noChallenge] != 3 {
		t.Errorf("counted %v", n.Faults)
	}
	for _, r := range n.Responses {
		if r.Sent && r.Status == 503 && r.Count != 2 {
			t.Errorf("counted %+v", r)
		}
	}
}

// TestNoLargerThanAskedByIPv6: there the address stands in the Via a second time, and is longer.
func TestNoLargerThanAskedByIPv6(t *testing.T) {
	conn, err := net.ListenUDP("udp6", &net.UDPAddr{IP: net.IPv6loopback})
	if err != nil {
		t.Skip("this machine has no IPv6")
	}
	t.Cleanup(func() { conn.Close() })
	c := settings()
	c.Bind = []string{"::1"}
	s := start(t, c, challenging())
	p := &phone{t: t, conn: conn, to: netip.AddrPortFrom(netip.IPv6Loopback(), uint16(s.Ports().UDP))}
	// The addresses that the phones name are as long as they can be. Where they are seen is ::1; a long one takes 36 octets
	// more of the answer.
	via := "[2001:db8:1234:5678:1a1b:2c2d:3e3f:4a4b]:50600;rport;branch=z9hG4bK"
	long := strings.NewReplacer("127.0.0.1", "[2001:db8:1234:5678:1a1b:2c2d:3e3f:4a4b]")
	small := "Contact: <sip:1000@127.0.0.1:50600>\r\nExpires: 3600\r\nContent-Length: 0\r\n"
	for _, f := range []fitting{
		{"a phone", smallest("REGISTER", via+"1", long.Replace(usual)), "401 ", "qop=", "Server"},
		{"compact names", short("REGISTER", via+"2", long.Replace(usual)), "401 ", "qop=", "SHA-256"},
		{"a small one", smallest("REGISTER", via+"3", long.Replace(small)), "401 ", "qop=", "SHA-256"},
		{"a small one in compact names", short("REGISTER", via+"4", long.Replace(small)), "401 ", "qop=", "SHA-256"},
		{"the smallest", smallest("REGISTER", via+"5", ""), "503 Use TCP", "v:", "Digest"},
	} {
		f.check(t, p)
	}
}

func TestFit(t *testing.T) {
	full := "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>;tag=1\r\nCall-ID: 1\r\nCSeq: 1 REGISTER\r\n" +
		"WWW-Authenticate: Digest a,algorithm=SHA-256\r\nWWW-Authenticate: Digest a,algorithm=MD5\r\nServer: Tandem\r\nContent-Length: 0\r\n\r\n"
	last := len(full) + 1
	for room := len(full); room >= 0; room-- {
		got := fit([]byte(full), room)
		if len(got) > room {
			t.Fatalf("%d octets are not %d:\n%s", len(got), room, got)
		}
		if got != nil && len(got) != last {
			last = len(got)
			t.Logf("in %d octets:\n%s", room, got)
		}
	}
}

func FuzzFit(f *testing.F) {
	f.Add([]byte("SIP/2.0 401 X\r\nVia: a\r\n\r\n"), 10)
	f.Add([]byte("SIP"), 0)
	f.Fuzz(func(t *testing.T, data []byte, room int) {
		if out := fit(data, room); len(out) > max(room, 0) {
			t.Errorf("%d octets are not %d", len(out), room)
		}
	})
}
