package guard

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"

	"tandem/signal"
	"tandem/sip/translate"
)

// wire joins lines with CRLF and ends the header.
func wire(lines ...string) []byte { return []byte(strings.Join(lines, "\r\n") + "\r\n\r\n") }

var good = []string{"INVITE sip:bob@example.com SIP/2.0", "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport",
	"Max-Forwards: 70", `From: "Alice" <sip:alice@example.com>;tag=9fx`, "To: <sip:bob@example.com>",
	"Call-ID: 2xTb9@example.com", "CSeq: 1 INVITE", "Contact: <sip:alice@192.0.2.1:5060>"}

// with is a good INVITE with more fields.
func with(extra ...string) []byte { return wire(append(good[:len(good):len(good)], extra...)...) }

// changed is a good INVITE with old text replaced.
func changed(old, new string) []byte {
	text := string(wire(good...))
	if !strings.Contains(text, old) {
		panic("nothing to change: " + old)
	}
	return []byte(strings.ReplaceAll(text, old, new))
}

// checkReply holds what is true of every reply: one header that ends once, in sound lines.
func checkReply(t testing.TB, f *Fault) {
	t.Helper()
	if !bytes.HasPrefix(f.Reply, []byte("SIP/2.0 ")) || !bytes.HasSuffix(f.Reply, []byte("\r\n\r\n")) ||
		bytes.Count(f.Reply, []byte("\r\n\r\n")) != 1 {
		t.Fatalf("reply %q", f.Reply)
	}
	for _, c := range bytes.ReplaceAll(f.Reply, []byte("\r\n"), nil) {
		if c < ' ' || c == 0x7f {
			t.Fatalf("control character in reply %q", f.Reply)
		}
	}
}

func TestFaults(t *testing.T) {
	many := func(n int, line string) []byte {
		lines := good
		for range n {
			lines = append(lines, line)
		}
		return wire(lines...)
	}
	cases := []struct {
		name  string
		data  []byte
		want  outcome
		cause string
	}{
		{"good", with(), pass, ""},
		{"empty lines before", append([]byte("\r\n\r\n"), with()...), pass, ""},
		{"lower case version", changed("example.com SIP/2.0", "example.com sip/2.0"), pass, ""},
		{"leading zeros", changed("Max-Forwards: 70", "Max-Forwards: 0000070"), pass, ""},
		{"keep-alive", []byte("\r\n\r\n"), drop, "empty"},
		{"nothing", nil, drop, "empty"},
		{"one octet", []byte("x"), drop, "no-end"},
		{"another protocol", wire("GET / HTTP/1.1", "Host: x"), drop, "not-sip"},
		{"NUL in a header", with("X: a\x00b"), 400, "control"},
		{"NUL escaped outside a name", with("Subject: a\\\x00b"), pass, ""},
		{"bare LF", with("X: a\nVia: evil"), 400, "control"},
		{"bare CR", with("X: a\rVia: evil"), 400, "control"},
		{"LF line ends", []byte(strings.ReplaceAll(string(with()), "\r\n", "\n")), 400, "control"},
		{"no empty line", bytes.TrimSuffix(with(), []byte("\r\n")), 400, "no-end"},
		{"continued start line", changed("SIP/2.0\r\nVia", "SIP/2.0\r\n x: y\r\nVia"), 400, "field"},
		{"header without colon", with("nonsense"), 400, "field"},
		{"header name with a space inside", with("X Y: z"), 400, "field"},
		{"two Content-Length, the same", with("Content-Length: 0", "l: 0"), 400, "content-length"},
		{"negative Content-Length", with("Content-Length: -1"), 400, "content-length"},
		{"signed Content-Length", with("Content-Length: +0"), 400, "content-length"},
		{"huge Content-Length", with("Content-Length: 99999999999999999999999"), 400, "content-length"},
		{"empty Content-Length", with("Content-Length:"), 400, "content-length"},
		{"Content-Length beyond", with("Content-Length: 1"), 400, "truncated"},
		{"two From", with("f: <sip:a@b>;tag=2"), 400, "repeated"},
		{"two To", with("t: <sip:a@b>"), 400, "repeated"},
		{"two Call-ID", with("i: x"), 400, "repeated"},
		{"two CSeq", with("CSeq: 1 INVITE"), 400, "repeated"},
		{"two Max-Forwards", with("Max-Forwards: 70"), 400, "repeated"},
		{"two Content-Type", with("c: application/sdp", "c: text/plain"), 400, "repeated"},
		{"CSeq of another method", changed("1 INVITE", "1 BYE"), 400, "cseq-method"},
		{"CSeq in lower case", changed("1 INVITE", "1 invite"), 400, "cseq-method"},
		{"CSeq beyond 2**31", changed("CSeq: 1 ", "CSeq: 2147483648 "), 400, "cseq"},
		{"CSeq without method", changed("1 INVITE", "1"), 400, "cseq"},
		{"method in lower case", []byte(strings.ReplaceAll(string(with()), "INVITE", "invite")), 405, "method"},
		{"Call-ID of two words", changed("2xTb9@", "2x Tb9@"), 400, "call-id"},
		{"empty Call-ID", changed("2xTb9@example.com", ""), 400, "call-id"},
		{"Max-Forwards 256", changed("Max-Forwards: 70", "Max-Forwards: 256"), 400, "max-forwards"},
		{"Max-Forwards -1", changed("Max-Forwards: 70", "Max-Forwards: -1"), 400, "max-forwards"},
		{"no hop left", changed("Max-Forwards: 70", "Max-Forwards: 0"), 483, "hops"},
		{"no hop left in a dialog", []byte(strings.ReplaceAll(string(changed("Max-Forwards: 70", "Max-Forwards: 0")),
			"To: <sip:bob@example.com>", "To: <sip:bob@example.com> ; tag = 1")), pass, ""},
		{"70 hops", many(69, "Via: SIP/2.0/UDP h;branch=z9hG4bK2"), pass, ""},
		{"71 hops", many(70, "Via: SIP/2.0/UDP h;branch=z9hG4bK2"), 483, "too-many-vias"},
		{"71 hops in one line", with("v: SIP/2.0/UDP h" + strings.Repeat(",SIP/2.0/UDP h", 69)), 483, "too-many-vias"},
		{"257 headers", many(256, "X: y"), 513, "too-many-headers"},
		{"long header", with("X: " + strings.Repeat("y", 9000)), 513, "header-too-large"},
		{"long folded header", with("X: y" + strings.Repeat("\r\n y", 3000)), 513, "header-too-large"},
		{"long URI", changed("bob@example.com SIP", strings.Repeat("b", 3000)+"@example.com SIP"), 414, "uri-too-long"},
		{"message without end", bytes.Repeat([]byte("x"), 70000), drop, "too-large"},
		{"large message", many(7000, "X: 2345678"), 513, "too-many-headers"},
		{"large header without end", many(9, "X: "+strings.Repeat("y", 8000)), 513, "too-large"},
		{"request URI with headers", changed("example.com SIP", "example.com?X=y SIP"), 400, "uri"},
		{"question mark in the user", changed("sip:bob@example.com SIP", "sip:b?x@example.com SIP"), pass, ""},
		{"request URI of another scheme", changed("sip:bob@example.com SIP", "http://example.com SIP"), 416, "scheme"},
		{"brackets that are no host", changed("sip:bob@example.com SIP", "sip:h;maddr=[::1] SIP"), 400, "uri"},
		{"tel", changed("sip:bob@example.com SIP", "tel:+123 SIP"), pass, ""},
		{"request URI without scheme", changed("sip:bob@example.com SIP", "bob SIP"), 400, "uri"},
		{"star as request URI", changed("sip:bob@example.com SIP", "* SIP"), 400, "uri"},
		{"version 3.0", changed("example.com SIP/2.0", "example.com SIP/3.0"), 505, "version"},
		{"version x", changed("example.com SIP/2.0", "example.com SIP/x"), 400, "not-sip"},
		{"unknown method", []byte(strings.ReplaceAll(string(with()), "INVITE", "PONDER")), 405, "method"},
		{"option", with("Require: precondition, replaces"), 420, "option"},
		{"option of ours", with("Require: Replaces"), pass, ""},
		{"bad option", with("Require: a b"), 420, "option"},
		{"encoding", with("e: gzip"), 415, "content-encoding"},
		{"identity", with("Content-Encoding: identity"), pass, ""},
		{"body without type", append(with(), 'x'), 400, "no-content-type"},
		{"body of another type", append(with("c: text/html"), 'x'), 415, "content-type"},
		{"SDP body", append(with("c: Application/SDP;x=y"), 'x'), pass, ""},
		{"multipart", append(with("c: multipart/mixed;boundary=x"), 'x'), pass, ""},
		{"another type without a body", with("c: text/html"), pass, ""},
		{"accepts SDP among others", with("Accept: text/plain, application/sdp;q=0.5"), pass, ""},
		{"accepts SDP in a second field", with("Accept: text/plain", "Accept: application/*"), pass, ""},
		{"accepts nothing", with("Accept:"), 406, "accept"},
		{"From without end of quote", changed(`"Alice"`, `"Alice`), 400, "address"},
		{"From without bracket", changed("alice@example.com>", "alice@example.com"), 400, "address"},
		{"To with two brackets", changed("To: <sip:bob@example.com>", "To: <sip:a@b><sip:c@d>"), 400, "address"},
		{"space in brackets", changed("To: <sip:bob", "To: < sip:bob"), 400, "address"},
		{"question mark in a name", changed(`"Alice"`, "Alice? "), pass, ""},
		{"contact list with a hole", with("m: <sip:a@b>,,<sip:c@d>"), 400, "address"},
		{"no Via", changed("Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport\r\n", ""), drop, "missing"},
		{"no From", changed(`From: "Alice" <sip:alice@example.com>;tag=9fx`+"\r\n", ""), 400, "missing"},
		{"Via of nonsense", changed("SIP/2.0/UDP 192.0.2.1:5060", "nonsense"), drop, "via"},
		{"Via port 0", changed("192.0.2.1:5060;b", "192.0.2.1:0;b"), 400, "via"},
		{"Via port of letters", changed("192.0.2.1:5060;b", "192.0.2.1:x;b"), 400, "via"},
		{"Via without port after colon", changed("192.0.2.1:5060;b", "192.0.2.1:;b"), 400, "via"},
		{"Via with a broken bracket", changed("192.0.2.1:5060;b", "[::1;b"), 400, "via"},
		{"Via param without name", changed(";rport", ";=x"), 400, "via"},
		{"Via with a last semicolon", changed(";rport", ";rport;"), pass, ""},
		{"Via with a control", changed(";rport", ";x=\x01"), 400, "via"},
		{"Call-ID with a control", changed("2xTb9@", "2x\x01@"), 400, "call-id"},
		{"second Via bad", with("Via: SIP/2.0 h"), 400, "via"},
		{"ACK is not answered", []byte(strings.ReplaceAll(string(with("X: a\nb")), "INVITE", "ACK")), drop, "control"},
		{"ACK with Require", []byte(strings.ReplaceAll(string(with("Require: x")), "INVITE", "ACK")), pass, ""},
		{"response without CSeq", wire("SIP/2.0 200 OK", "Via: SIP/2.0/UDP h", "From: a", "To: b", "Call-ID: c"), drop, "missing"},
		{"response of a newer version", wire("SIP/3.0 200 OK"), drop, "status-line"},
		{"response 099", wire("SIP/2.0 099 X"), drop, "status-line"},
		{"response 700", wire("SIP/2.0 700 X"), drop, "status-line"},
		{"response without end", []byte("SIP/2.0 200 OK\r\n"), drop, "no-end"},
	}
	g := New(Limits{})
	for _, c := range cases {
		m, f := g.Parse(c.data)
		got := outcomeOf(t, m, f)
		if got != c.want || f != nil && f.Cause != c.cause {
			t.Errorf("%s: %d (%v), want %d (%s)", c.name, got, f, c.want, c.cause)
		}
	}
}

func TestLimitsAreSettings(t *testing.T) {
	g := New(Limits{MaxMessage: 2000, MaxBody: 10, Options: []string{"100rel"}})
	for _, c := range []struct {
		data []byte
		want outcome
	}{
		{append(with("c: application/sdp"), strings.Repeat("x", 10)...), pass},
		{append(with("c: application/sdp"), strings.Repeat("x", 11)...), 413},
		{append(with("c: application/sdp", "l: 4"), strings.Repeat("x", 11)...), pass},
		{append(with("X: "+strings.Repeat("y", 1990)), 'x'), 513},
		{with("Require: 100rel"), pass},
		{with("Require: replaces"), 420},
	} {
		m, f := g.Parse(c.data)
		if got := outcomeOf(t, m, f); got != c.want {
			t.Errorf("%d (%v), want %d: %q", got, f, c.want, c.data)
		}
	}
}

func TestReply(t *testing.T) {
	g := New(Limits{})
	_, f := g.Parse(with("Via: SIP/2.0/TCP [2001:db8::1];branch=z9hG4bK0,SIP/2.0/UDP h", "Require: one, two,t\r\n three"))
	if f == nil {
		t.Fatal("passed")
	}
	m, err := sip.ParseMessage(f.Reply)
	if err != nil {
		t.Fatal(err)
	}
	tag, _ := m.To().Params.Get("tag")
	if tag == "" {
		t.Fatalf("no tag: %s", f.Reply)
	}
	want := wire("SIP/2.0 420 Bad Extension", good[1], good[3], good[5], good[6],
		"Via: SIP/2.0/TCP [2001:db8::1];branch=z9hG4bK0,SIP/2.0/UDP h",
		good[4]+";tag="+tag, "Unsupported: one, two", "Content-Length: 0")
	if !bytes.Equal(f.Reply, want) {
		t.Errorf("got\n%s\nwant\n%s", f.Reply, want)
	}
	_, again := g.Parse(with("Via: SIP/2.0/TCP [2001:db8::1];branch=z9hG4bK0,SIP/2.0/UDP h", "Require: one, two,t\r\n three"))
	if !bytes.Equal(again.Reply, f.Reply) {
		t.Errorf("the repeated request gets another reply:\n%s\n%s", again.Reply, f.Reply)
	}
	_, other := New(Limits{}).Parse(with("Require: one"))
	_, same := g.Parse(with("Require: one"))
	if bytes.Equal(other.Reply, same.Reply) {
		t.Error("the tag can be guessed")
	}
}

func TestReplyFields(t *testing.T) {
	g := New(Limits{})
	for want, data := range map[string][]byte{
		"Allow: INVITE, ACK":         []byte(strings.ReplaceAll(string(with()), "INVITE", "PONDER")),
		"Accept: application/sdp":    append(with("c: text/html"), 'x'),
		"Accept-Encoding: identity":  with("e: gzip"),
		"To: <sip:bob@example.com> ": []byte(strings.ReplaceAll(string(with("Require: x")), "To: <sip:bob@example.com>", "To: <sip:bob@example.com> ; tag = 1")),
		"From: a b c <x@y>  Via: z":  changed(`"Alice" <sip:alice@example.com>;tag=9fx`, "a\rb\x00c <x@y>\r\n Via: z"),
	} {
		_, f := g.Parse(data)
		if f == nil || !bytes.Contains(f.Reply, []byte("\r\n"+want)) {
			t.Errorf("no %q in %+v", want, f)
			continue
		}
		checkReply(t, f)
		if strings.HasPrefix(want, "To") && bytes.Count(f.Reply, []byte("tag")) != 2 {
			t.Errorf("a second tag: %s", f.Reply)
		}
	}
}

func TestTidyKeepsMeaning(t *testing.T) {
	m, f := New(Limits{}).Parse(wire("OPTIONS sip:h SIP/2.0",
		"Via :SIP / 2.0\t/ UDP   h : 5060 ; branch = z9hG4bK1 ; x = \"a ; b\" ,SIP/2.0/TCP [::1]:5",
		"From: \"A  ; B\"  <sip:a@h> ; tag = 1 ; y", "To:\r\n sip:b@h\r\n ;z", "Call-ID:\r\n 1",
		"CSeq: 7 \t  OPTIONS", "Subject: a\r\n  b"))
	if f != nil {
		t.Fatal(f)
	}
	var got []string
	for _, h := range m.(*sip.Request).Headers() {
		got = append(got, h.Name()+": "+h.Value())
	}
	// sipgo drops the quotes of the parameter x and what the name of it was; the rest is exact.
	want := []string{"", "Via: SIP/2.0/TCP [::1]:5", `From: "A  ; B" <sip:a@h>;tag=1;y`, "To: sip:b@h;z", "Call-ID: 1",
		"CSeq: 7 OPTIONS", "Subject: a b"}
	if !strings.HasPrefix(got[0], "Via: SIP/2.0/UDP h:5060;branch=z9hG4bK1;x") {
		t.Errorf("top Via %q", got[0])
	}
	if strings.Join(got[1:], "|") != strings.Join(want[1:], "|") {
		t.Errorf("got  %q\nwant %q", got[1:], want[1:])
	}
}

func FuzzParse(f *testing.F) {
	for name := range torture {
		f.Add(readCase(f, name))
	}
	f.Add(with("Via: SIP/2.0/UDP h ; a = \"b,c\" , SIP/2.0/TCP [::1]", "Require: x"))
	g := New(Limits{})
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		m, fault := g.Parse(data)
		if !bytes.Equal(before, data) {
			t.Fatal("the input was changed")
		}
		if (m == nil) == (fault == nil) {
			t.Fatalf("message %v and fault %v", m, fault)
		}
		if fault != nil {
			if fault.Reply != nil {
				checkReply(t, fault)
			}
			return
		}
		if m.Via() == nil || m.Via().Host == "" || m.CSeq() == nil || m.CallID() == nil {
			t.Fatalf("not whole: %q", m)
		}
		req, ok := m.(*sip.Request)
		if ok && m.CSeq().MethodName != req.Method {
			t.Fatalf("method %q, CSeq %q", req.Method, m.CSeq().MethodName)
		}
		if ok {
			// Whatever the server thinks of it, it can say so.
			answer := &signal.Response{Status: 400, To: signal.Party{}.WithTag("t")}
			if _, err := translate.ToResponse(answer, req); err != nil {
				t.Fatalf("can not be answered: %v", err)
			}
		}
		text := []byte(m.String())
		head, _, _ := bytes.Cut(text, crlfcrlf)
		if bytes.ContainsAny(bytes.ReplaceAll(head, crlf, nil), "\r\n") {
			t.Fatalf("a line end inside a field: %q", head)
		}
	})
}

const benchSDP = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n" +
	"m=audio 6000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"

var benchInvite = append(with("Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, REFER", "Supported: replaces, timer",
	"User-Agent: phone 1.0", "Content-Type: application/sdp", "Content-Length: "+strconv.Itoa(len(benchSDP))), benchSDP...)

func BenchmarkParse(b *testing.B) {
	g := New(Limits{})
	b.ReportAllocs()
	for b.Loop() {
		if _, f := g.Parse(benchInvite); f != nil {
			b.Fatal(f)
		}
	}
}

// BenchmarkSipgo is sipgo's own parse of the same message, all headers typed.
func BenchmarkSipgo(b *testing.B) {
	p := sip.NewParser()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.ParseSIP(benchInvite); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkJudge is what the guard adds to the parse.
func BenchmarkJudge(b *testing.B) {
	g := New(Limits{})
	b.ReportAllocs()
	for b.Loop() {
		var s scan
		if p := g.judge(&s, benchInvite); p != nil {
			b.Fatal(p.cause)
		}
	}
}

func BenchmarkRefuse(b *testing.B) {
	g := New(Limits{})
	data := with("Require: x")
	b.ReportAllocs()
	for b.Loop() {
		if _, f := g.Parse(data); f == nil {
			b.Fatal("passed")
		}
	}
}

// TestJudgeAllocatesNothing: floods must not feed the garbage collector before they are refused.
func TestJudgeAllocatesNothing(t *testing.T) {
	g := New(Limits{})
	if n := testing.AllocsPerRun(100, func() {
		var s scan
		if g.judge(&s, benchInvite) != nil {
			t.Fatal("refused")
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
