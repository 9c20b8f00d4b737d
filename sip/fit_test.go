package sip

import (
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

// TestNoLargerThanAsked: no datagram gets an answer that is larger than itself, and whoever can be challenged in so many
// octets is.
func TestNoLargerThanAsked(t *testing.T) {
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
	s := start(t, settings(), d)
	p := newPhone(t, s)
	here := p.addr().String()
	for _, test := range []struct{ what, text, status, has, lacks string }{
		{"a phone", smallest("REGISTER", here+";branch=z9hG4bK1;rport", usual), "401 Unauthorized", "WWW-Authenticate", "Server"},
		{"a large phone", smallest("REGISTER", here+";branch=z9hG4bK7;rport", usual+"Session-Expires: 1800\r\nX-Serial: 00:11:22:33:44:55\r\n"), "401 Unauthorized", "SHA-256", "Server"},
		{"a small one", smallest("REGISTER", here+";branch=z9hG4bK2", "Contact: <sip:1000@127.0.0.1:50600>\r\nExpires: 3600\r\nContent-Length: 0\r\n"), "401 ", "qop=", "SHA-256"},
		{"the smallest", smallest("REGISTER", here+";branch=z9hG4bK3;rport", ""), "403 Use TCP", "v:", "Digest"},
		{"an ability", smallest("OPTIONS", here+";branch=z9hG4bK4;rport", ""), "200 OK", "", "Allow"},
		{"no such method", smallest("MESSAGE", here+";branch=z9hG4bK5;rport", ""), "405 ", "v:", "Allow"},
		{"a broken one", smallest("REGISTER", here+";branch=z9hG4bK6;rport", "Expires: 1\r\nExpires: 2\r\n"), "4", "", ""},
	} {
		p.send(test.text)
		got := p.expect("SIP/2.0 " + test.status)
		t.Logf("%s: %d octets were answered by %d: %.20q", test.what, len(test.text), len(got), got)
		if len(got) > len(test.text) || !strings.Contains(got, test.has) || test.lacks != "" && strings.Contains(got, test.lacks) {
			t.Errorf("%s: %d octets were answered by %d:\n%s", test.what, len(test.text), len(got), got)
		}
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
