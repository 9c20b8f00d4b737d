package attack

import (
	"encoding/csv"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// TestBrokenMessages sends messages that are broken in every way that is known (attack groups A1 to A10): none is taken
// for a sound one, none is answered more than once, and the call beside them is not harmed.
func TestBrokenMessages(t *testing.T) {
	t.Parallel()
	w := newWitness(t, "sip.max_message=65535")
	r := newStranger(t, w.Member, "127.0.0.1")
	t.Run("A1 without a header", func(t *testing.T) { missing(t, r) })
	t.Run("A2 numbers out of range", func(t *testing.T) { numbers(t, r) })
	t.Run("A3 a length of gigabytes", func(t *testing.T) { gigabytes(t, r) })
	t.Run("A4 slow and silent streams", func(t *testing.T) { slow(t, r) })
	t.Run("A5 too much of everything", func(t *testing.T) { tooMuch(t, r) })
	t.Run("A6 multipart", func(t *testing.T) { multipart(t, r) })
	t.Run("A7 torture", func(t *testing.T) { torture(t, r) })
	t.Run("A8 smuggling", func(t *testing.T) { smuggling(t, r) })
	t.Run("A9 credentials", func(t *testing.T) { credentials(t, r) })
	t.Run("A10 control characters", func(t *testing.T) { control(t, w, r) })
	w.unharmed(t)
	lab.Wait(t, 2*patience, "calls that nobody acknowledges have ended", func() bool { return len(w.Legs()) == 1 })
	w.over(t)
	t.Logf("%d bytes were sent, %d answered", r.asked, r.answered)
	if r.answered > r.asked {
		t.Errorf("%d bytes were answered to %d", r.answered, r.asked)
	}
}

func missing(t *testing.T, r *stranger) {
	r.t = t
	for _, method := range []string{"INVITE", "REGISTER", "OPTIONS", "BYE", "ACK", "CANCEL", "SUBSCRIBE"} {
		for _, name := range []string{"To", "From", "Via", "CSeq", "Call-ID"} {
			r.refused(method+" without "+name, lines(without(r.plain(method, "9196"), name)))
		}
	}
	for _, name := range []string{"To", "From", "Via", "CSeq", "Call-ID"} {
		response := append([]string{"SIP/2.0 200 OK"}, r.plain("INVITE", "9196")[1:]...)
		if answers := r.ask(lines(without(response, name))); len(answers) != 0 {
			t.Errorf("a response without %s is answered: %q", name, answers)
		}
	}
	r.ask(lines(without(r.plain("INVITE", "9196"), "Contact"))) // legal in RFC 2543
	for _, text := range []string{"\x00", "INVITE", "INVITE sip:9196@x SIP/2.0", "INVITE sip:9196@x SIP/2.0\r\n\r\n", strings.Repeat("A", 60000)} {
		r.refused(fmt.Sprintf("%.20q", text), text)
	}
}

func numbers(t *testing.T, r *stranger) {
	r.t = t
	for _, n := range []string{"4294967296", "-1", "18446744073709551616", "1e3", "0x10", strings.Repeat("9", 1000), ""} {
		r.refused("CSeq "+n[:min(len(n), 30)], lines(with(r.plain("INVITE", "9196"), "CSeq: "+n+" INVITE")))
		r.refused("Max-Forwards "+n[:min(len(n), 30)], lines(with(r.plain("INVITE", "9196"), "Max-Forwards: "+n)))
		r.refused("Content-Length "+n[:min(len(n), 30)], lines(with(r.plain("INVITE", "9196"), "Content-Length: "+n)))
		r.refused("Expires "+n[:min(len(n), 30)], lines(more(r.plain("REGISTER", "1000"), "Expires: "+n)))
	}
	for _, port := range []string{"0", "65536", "-1", "99999999999", "port"} {
		r.refused("port "+port, lines(with(r.plain("INVITE", "9196"), "Via: SIP/2.0/UDP 127.0.0.1:"+port+";branch=z9hG4bKport")))
	}
	r.refused("two lengths", lines(more(with(r.plain("INVITE", "9196"), "Content-Length: 0"), "Content-Length: 10")))
	r.refused("two lengths, one short", lines(more(with(r.plain("INVITE", "9196"), "Content-Length: 0"), "l: 10")))
}

func gigabytes(t *testing.T, r *stranger) {
	r.t = t
	for _, n := range []string{"2147483648", "4294967295", "9223372036854775807", "18446744073709551615", "-2"} {
		c := r.stream()
		_, _ = c.Write([]byte(overTCP(lines(with(r.plain("INVITE", "9196"), "Content-Length: "+n)))))
		if text, closed := readAll(c, 15*time.Second); !closed || strings.HasPrefix(text, "SIP/2.0 2") {
			t.Errorf("a length of %s: closed %v, said %.100q", n, closed, text)
		}
	}
}

// slow opens streams that say nothing, or a byte now and then, and demands that an honest one is answered at once.
func slow(t *testing.T, r *stranger) {
	r.t = t
	const silent, dripping = 300, 100
	for range silent {
		r.stream()
	}
	var drips []net.Conn
	for range dripping {
		drips = append(drips, r.stream())
	}
	text := overTCP(lines(r.plain("OPTIONS", "9196")))
	for i := range 20 {
		for _, c := range drips {
			_, _ = c.Write([]byte{text[i]})
		}
		c := r.stream()
		_, _ = c.Write([]byte(overTCP(lines(r.plain("OPTIONS", "9196")))))
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
		answer := make([]byte, 20)
		if _, err := c.Read(answer); err != nil || !strings.HasPrefix(string(answer), "SIP/2.0 200") {
			t.Fatalf("beside slow streams an honest one hears %q, %v", answer, err)
		}
		_ = c.Close()
	}
	for _, c := range drips { // in the middle of a message
		_ = c.Close()
	}
}

func tooMuch(t *testing.T, r *stranger) {
	r.t = t
	long := strings.Repeat("x", 50000)
	many := func(line string, n int) string {
		l := r.plain("INVITE", "9196")
		for range n {
			l = slices.Insert(l, len(l)-2, line)
		}
		return lines(l)
	}
	for what, text := range map[string]string{
		"500 Accept":          many("Accept: a/b", 500),
		"1000 Via":            many("Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx", 1000),
		"10000 headers":       many("a: b", 10000),
		"2000 Record-Route":   many("Record-Route: <sip:10.0.0.1;lr>", 1500),
		"a long display name": lines(with(r.plain("INVITE", "9196"), `From: "`+long+`" <sip:a@b>;tag=1`)),
		"a long tag":          lines(with(r.plain("INVITE", "9196"), "From: <sip:a@b>;tag="+long)),
		"a long branch":       lines(with(r.plain("INVITE", "9196"), "Via: SIP/2.0/UDP "+r.here()+";branch=z9hG4bK"+long)),
		"a long Call-ID":      lines(with(r.plain("INVITE", "9196"), "Call-ID: "+long)),
		"a long method":       lines(r.plain(long[:2000], "9196")),
		"a long user":         lines(r.plain("INVITE", long[:25000])),
		"a long parameter":    lines(with(r.plain("INVITE", "9196"), "To: <sip:9196@"+lab.Domain+";a="+long+">")),
	} {
		answers := r.ask(text)
		for _, a := range answers {
			if len(a) > len(text) {
				t.Errorf("%s: %d bytes are answered to %d", what, len(a), len(text))
			}
		}
		if c := code(answers...); c/100 == 2 {
			r.ask(lines(with(with(r.plain("BYE", "9196"), "Call-ID: "+long), "CSeq: 2 BYE")))
		}
	}
	c := r.stream()
	_, _ = c.Write([]byte(overTCP(lines(more(r.plain("INVITE", "9196"), "X: "+strings.Repeat("y", 1<<20))))))
	if _, closed := readAll(c, 15*time.Second); !closed {
		t.Error("a line of a megabyte leaves its stream open")
	}
}

func multipart(t *testing.T, r *stranger) {
	r.t = t
	deep := "--a\r\nContent-Type: multipart/mixed;boundary=a\r\n\r\n"
	for _, part := range map[string][2]string{
		"without a boundary": {"multipart/mixed", "--a\r\n\r\n--a--\r\n"},
		"empty boundary":     {`multipart/mixed;boundary=""`, "--\r\n\r\n----\r\n"},
		"parts of nothing":   {"multipart/mixed;boundary=a", strings.Repeat("--a\r\n", 5000) + "--a--\r\n"},
		"bare line feeds":    {"multipart/mixed;boundary=a", "--a\nContent-Type: application/sdp\n\nv=0\n--a--\n"},
		"nested":             {"multipart/mixed;boundary=a", strings.Repeat(deep, 500)},
		"never ends":         {"multipart/mixed;boundary=a", "--a\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n"},
		"long boundary":      {"multipart/mixed;boundary=" + strings.Repeat("b", 5000), "v=0\r\n"},
	} {
		l := with(with(r.plain("INVITE", "9196"), "Content-Type: "+part[0]), fmt.Sprint("Content-Length: ", len(part[1])))
		r.ask(strings.TrimSuffix(lines(l), "") + part[1]) // answered or not: the witness tells whether it did harm
	}
	drain(r)
}

// drain reads what is still to come.
func drain(r *stranger) {
	for r.receive(200*time.Millisecond) != "" { // nobody waits for it
	}
}

// torture sends the messages of RFC 4475 and RFC 5118: over UDP, over TCP whole, byte by byte, and two in one segment.
func torture(t *testing.T, r *stranger) {
	r.t = t
	const folder = "../../sip/guard/testdata"
	file, err := os.Open(filepath.Join(folder, "rfc4475", "EXPECTED.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	table := csv.NewReader(file)
	table.Comma, table.LazyQuotes, table.FieldsPerRecord = '\t', true, -1
	rows, err := table.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		text, err := os.ReadFile(filepath.Join(folder, "rfc4475", row[0]+".dat"))
		if err != nil {
			t.Fatal(err)
		}
		over := map[string]int{"UDP": code(r.ask(string(text))...)}
		for how, pieces := range map[string][]string{"TCP": {string(text)}, "TCP byte by byte": strings.Split(string(text), ""),
			"TCP twice in one segment": {string(text) + string(text)}} {
			c := r.stream()
			for _, p := range pieces {
				if _, err := c.Write([]byte(p)); err != nil {
					break // the member has seen enough
				}
			}
			_ = c.CloseWrite()
			said, _ := readAll(c, 2*time.Second)
			over[how] = code(strings.SplitAfter(said, "\r\n\r\n")...)
			_ = c.Close()
		}
		t.Logf("%-12s %-8s %-6s %v", row[0], row[2], row[3], over)
		for how, got := range over {
			if !asExpected(row[0], row[3], how, got, string(text)) {
				t.Errorf("%s over %s: %d, want %s", row[0], how, got, row[3])
			}
		}
	}
	more, _ := filepath.Glob(filepath.Join(folder, "rfc5118", "*.dat"))
	for _, path := range more {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got := code(r.ask(string(text))...)
		if bad := strings.HasPrefix(filepath.Base(path), "4.2-"); bad != (got == 400) || got == 0 {
			t.Errorf("%s: %d", filepath.Base(path), got) // as its ORIGIN.md says, that one alone is wrong
		}
	}
	if len(rows) < 40 || len(more) < 10 {
		t.Fatalf("%d and %d messages", len(rows), len(more))
	}
	drain(r)
}

// otherwise is where a member answers another thing than the table has, and may.
var otherwise = map[string]int{
	"regaut01": 404, // it asks for the domain first, which is not served here
	"unksm2":   416, // the scheme of its To is nobody's here
	"zeromf":   200, // OPTIONS ends here, and needs no further hop
}

// asExpected judges an answer; 0 is none.
func asExpected(name, want, how string, got int, text string) bool {
	status, err := strconv.Atoi(want)
	_, other := otherwise[name]
	switch {
	case other:
		return got == otherwise[name]
	case want == "drop", strings.HasPrefix(text, "SIP/2.0 "):
		return got == 0
	case how != "UDP" && name == "clerr":
		return got == 0 // the rest may still come
	case how != "UDP" && name == "inv2543":
		return got == 400 // it does not say how long it is
	case want == "lenient-ok":
		return true
	case err == nil:
		return got == status
	}
	return got != 0 && got != 400 && got < 500 // accepted, whatever it is refused for then
}

func smuggling(t *testing.T, r *stranger) {
	r.t = t
	for what, l := range map[string][]string{
		"two From, one short":  more(r.plain("INVITE", "9196"), "f: <sip:1000@"+lab.Domain+">;tag=x"),
		"two To":               more(r.plain("INVITE", "9196"), "To: <sip:1001@"+lab.Domain+">"),
		"two Call-ID":          more(r.plain("INVITE", "9196"), "i: other"),
		"two CSeq":             more(r.plain("INVITE", "9196"), "CSeq: 2 INVITE"),
		"a bare line feed":     with(r.plain("INVITE", "9196"), "Subject: a\nTo: <sip:1001@x>"),
		"a bare return":        with(r.plain("INVITE", "9196"), "Subject: a\rTo: <sip:1001@x>"),
		"a request in a value": with(r.plain("INVITE", "9196"), "Subject: a\r\n\r\nBYE sip:x SIP/2.0"),
	} {
		answers := r.ask(lines(l))
		if c := code(answers...); c/100 == 2 && what != "a request in a value" {
			t.Errorf("%s: answered %d", what, c)
		}
	}
	// Whoever says who he is, without proof, is not believed.
	for _, trusted := range []string{"P-Asserted-Identity: <sip:1000@" + lab.Domain + ">", "Remote-Party-ID: <sip:1000@" + lab.Domain + ">",
		"Diversion: <sip:1000@" + lab.Domain + ">", "X-Account: 1000"} {
		if c := code(r.ask(lines(more(r.plain("INVITE", "1001"), trusted)))...); c != 407 && c != 401 {
			t.Errorf("%s: answered %d, not asked for a proof", trusted, c)
		}
	}
	drain(r)
}

func credentials(t *testing.T, r *stranger) {
	r.t = t
	for _, value := range []string{"", "Digest", "Digest ", "Basic MTAwMDoxMjM0", `Digest username="1000"`, "Digest username=1000, realm=,",
		`Digest username="1000", realm="` + lab.Domain + `", nonce="", uri="", response=""`,
		`Digest username="1000", realm="` + lab.Domain + `", nonce="` + strings.Repeat("A", 50000) + `", uri="sip:x", response="0"`,
		"Digest username=\"1000\x00\", realm=\"" + lab.Domain + "\"", `Digest ` + strings.Repeat(`a="b",`, 5000),
		`Digest username="1000", username="1001", realm="` + lab.Domain + `", nonce="x", uri="sip:x", response="0", algorithm=MD5-sess, qop=auth-int`} {
		for _, name := range []string{"Authorization", "Proxy-Authorization"} {
			c := code(r.ask(lines(more(r.plain("REGISTER", "1000"), name+": "+value)))...)
			if c != 400 && c != 401 && c != 403 && c != 407 && c != 0 && c != 513 && c != 413 {
				t.Errorf("%s %.60q: answered %d", name, value, c)
			}
		}
	}
}

// control puts control characters where people will read them.
func control(t *testing.T, w *witness, r *stranger) {
	r.t = t
	for _, evil := range []string{"\x1b[31mred\x1b[0m", "%0d%0aSet-Cookie: a", "${jndi:ldap://127.0.0.1/a}", "%n%s%x", "\u202e\u0000name", "'; drop table x; --", "<script>"} {
		l := with(r.plain("INVITE", "96486"), `From: "`+evil+`" <sip:rude@`+lab.Domain+`>;tag=1`)
		l = more(more(l, "User-Agent: "+evil), "Subject: "+evil)
		r.ask(lines(l))
		r.ask(lines(with(l, "Call-ID: "+strings.ReplaceAll(evil, " ", "_"))))
	}
	if log := w.Log(); strings.ContainsAny(log, "\x1b\x00\u202e") {
		t.Error("the log has control characters of strangers")
	}
	lab.Wait(t, patience, "the calls of the evil names are listed or gone", func() bool { return len(w.Legs()) >= 1 })
	drain(r)
}
