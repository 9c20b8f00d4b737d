package farm_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"

	"tandem/signal"
	"tandem/sip/farm"
	"tandem/sip/guard"
	"tandem/sip/translate"
	"tandem/sip/txn"
)

// wire joins lines with CRLF and ends the header.
func wire(lines ...string) []byte { return []byte(strings.Join(lines, "\r\n") + "\r\n\r\n") }

func TestFacts(t *testing.T) {
	for name, c := range map[string]struct {
		packet []byte
		want   string
	}{
		"a request": {wire("INVITE sip:bob@Example.com:5070;x=y SIP/2.0", "Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK1",
			"To: <sip:bob@example.com>", "Call-ID: c1", "CSeq: 1 INVITE"),
			"INVITE uri=Example.com:5070 route=:0 branch=z9hG4bK1 by=192.0.2.1:5060 call=c1 tag="},
		"compact forms": {wire("BYE sip:h SIP/2.0", "i:c1", "t:\"a;tag=no\" <sip:b@c;tag=no> ; tag = yes", "v:SIP/2.0/TCP h;branch=b, SIP/2.0/TCP g;branch=n"),
			"BYE uri=h:5060 route=:0 branch=b by=h:0 call=c1 tag=yes"},
		"routes": {wire("ACK sips:[::1] SIP/2.0", "Route: \"<sip:no>\" <sip:u@[2001:DB8::1]:99;lr>, <sip:second>", "Route: <sip:third>", "Call-ID : c1"),
			"ACK uri=::1:5061 route=2001:DB8::1:99 branch= by=:0 call=c1 tag="},
		"folded": {wire("BYE sip:h SIP/2.0", "Via: SIP / 2.0\r\n /UDP\r\n\t[::1] : 5062 ; x=\";branch=no\"\r\n ;branch = b", "Call-ID:\r\n c1"),
			"BYE uri=h:5060 route=:0 branch=b by=::1:5062 call=c1 tag="},
		"the first Via only": {wire("SIP/2.0 200 OK", "Via: SIP/2.0/UDP h", "Via: SIP/2.0/UDP g;branch=no", "Call-ID: c1", "To: tel:1;tag=t"),
			"response uri=:0 route=:0 branch= by=h:0 call=c1 tag=t"},
		"the body is not header": {wire("BYE tel:1 SIP/2.0", "Call-ID: c1", "", " To: <sip:x>;tag=no", "To: <sip:x>;tag=no"),
			"BYE uri=:0 route=:0 branch= by=:0 call=c1 tag="},
		"empty lines before": {append([]byte("\n\r\n"), wire("BYE sip:h SIP/2.0", "Call-ID: c1")...),
			"BYE uri=h:5060 route=:0 branch= by=:0 call=c1 tag="},
		"no Call-ID": {wire("BYE sip:h SIP/2.0", "To: <sip:x>"), "none"},
		"no SIP":     {[]byte("GET\r\n\r\n"), "none"},
		"nothing":    {nil, "none"},
		"end in the header": {[]byte("BYE sip:h SIP/2.0\r\nCall-ID: c1"),
			"BYE uri=h:5060 route=:0 branch= by=:0 call=c1 tag="},
	} {
		if got := describe(c.packet); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, c.want)
		}
	}
}

func describe(packet []byte) string {
	f, ok := farm.Read(packet)
	if !ok {
		return "none"
	}
	method := string(f.Method)
	if f.Response {
		method = "response"
	}
	place := func(p farm.Place) string { return fmt.Sprintf("%s:%d", p.Host, p.Port) }
	return fmt.Sprintf("%s uri=%s route=%s branch=%s by=%s call=%s tag=%s", method, place(f.URI), place(f.Route),
		f.Branch, place(f.SentBy), f.CallID, f.ToTag)
}

// agree holds the facts of a packet that passes the guard against what the parser makes of it: the member
// that reads the facts and the one that parses must mean the same transaction.
func agree(t *testing.T, g *guard.Guard, packet []byte) {
	f, ok := farm.Read(packet)
	m, fault := g.Parse(packet)
	if fault != nil {
		return
	}
	if !ok {
		t.Fatalf("no facts of %q", packet)
	}
	// The parser does not know quotes in a Via. No telephone uses them, and who does has an own idea of what
	// is here already at worst.
	// The same goes for spaces within a branch, which is a token.
	odd := bytes.ContainsRune(packet[:max(0, bytes.Index(packet, []byte("\r\n\r\n")))], '"') ||
		bytes.ContainsAny(f.Branch, " \t\r\n")
	if id := m.CallID().Value(); string(f.CallID) != strings.TrimSpace(id) {
		t.Errorf("Call-ID %q of %q, want %q", f.CallID, packet, id)
	}
	if want := txn.Branch(m.Via()); string(f.Branch) != want && !odd {
		t.Errorf("branch %q of %q, want %q", f.Branch, packet, want)
	}
	req, ok := m.(*sip.Request)
	if !ok {
		if !f.Response {
			t.Errorf("%q is no response", packet)
		}
		return
	}
	if f.Response || string(f.Method) != string(req.Method) {
		t.Errorf("method %q of %q, want %q", f.Method, packet, req.Method)
	}
	if r, err := translate.Request(req, signal.Flow{}); err == nil && r.To.Tag() != string(f.ToTag) {
		t.Errorf("To tag %q of %q, want %q", f.ToTag, packet, r.To.Tag())
	}
	if k, unique := txn.WireKey(f.Branch, f.SentBy.Host, f.SentBy.Port, string(f.Method)); unique && !odd && k != txn.ServerKey(req, req.Method) {
		t.Errorf("another transaction than that of %q: branch %q, sent by %q port %d", packet, f.Branch, f.SentBy.Host, f.SentBy.Port)
	}
}

var corpus = []string{
	"INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport\r\nMax-Forwards: 70\r\n" +
		"From: \"Alice\" <sip:alice@example.com>;tag=9fx\r\nTo: <sip:bob@example.com>;tag=x\r\nCall-ID: 2xTb9@example.com\r\n" +
		"CSeq: 1 INVITE\r\nRoute: <sip:10.0.0.1;lr>\r\nContact: <sip:alice@192.0.2.1:5060>\r\nContent-Length: 0\r\n\r\n",
	"OPTIONS sip:[::1]:5061 SIP/2.0\r\nv: SIP / 2.0 / TCP\r\n [::1] : 5061 ; branch = z9hG4bKx ,SIP/2.0/UDP h\r\n" +
		"f: <sip:a@b>;tag=1\r\nt: sip:a@b;tag=2\r\ni: c\r\nCSeq: 1 OPTIONS\r\nl: 0\r\n\r\n",
	"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;received=1.2.3.4;branch=z9hG4bK0000000aABCDEFGHIJKLMNOP\r\n" +
		"From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: c\r\nCSeq: 1 BYE\r\n\r\n",
	"MESSAGE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP H:5;x=\"a;branch=q\";branch=z9hG4bKy\r\n" +
		"From: <sip:a@b>;tag=1\r\nTo: \">;tag=no\" <sip:a@b> ;tag= 2\r\nCall-ID: c\r\nCSeq: 1 MESSAGE\r\nc: text/plain\r\n\r\nbody",
}

func TestFactsAgreeWithTheParser(t *testing.T) {
	g := guard.New(guard.DefaultLimits())
	for _, packet := range corpus {
		if _, fault := g.Parse([]byte(packet)); fault != nil {
			t.Errorf("%v: %q", fault, packet)
		}
		agree(t, g, []byte(packet))
	}
}

func FuzzRead(f *testing.F) {
	for _, packet := range corpus {
		f.Add([]byte(packet))
	}
	g := guard.New(guard.DefaultLimits())
	f.Fuzz(func(t *testing.T, packet []byte) { agree(t, g, packet) })
}
