package translate

import (
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"

	"tandem/signal"
)

// wire joins lines with CRLF; an empty line and a body may follow.
func wire(lines ...string) []byte { return []byte(strings.Join(lines, "\r\n") + "\r\n\r\n") }

func parse(t testing.TB, p *sip.Parser, data []byte) sip.Message {
	t.Helper()
	m, err := p.ParseSIP(data)
	if err != nil {
		t.Fatalf("parse: %v\n%s", err, data)
	}
	return m
}

// parsers are the two ways a message may have been read.
var parsers = map[string]*sip.Parser{"ours": Parser(), "sipgo": sip.NewParser()}

var flow = signal.Flow{Edge: "a", Transport: "UDP",
	Local: netip.MustParseAddrPort("127.0.0.1:5060"), Remote: netip.MustParseAddrPort("127.0.0.2:5060")}

func request(t testing.TB, p *sip.Parser, data []byte) (*signal.Request, error) {
	t.Helper()
	return Request(parse(t, p, data).(*sip.Request), flow)
}

func TestRequestReadsEveryField(t *testing.T) {
	data := append(wire("INVITE sip:Bob%20X@Example.COM:5070;transport=tcp;lr SIP/2.0",
		"v: SIP/2.0/UDP 127.0.0.2;branch=z9hG4bK1",
		`f: "A \"quoted\" \\ name" <sips:alice@[2001:DB8::1]:5061;x=y?h=1>  ;  tag = abc ; flag`,
		"t :\tBob The  Builder<sip:bob@example.com>",
		"i: id1@host", "CSeq: 7 \t INVITE", "Max-Forwards: 12",
		`m: "A, B" <sip:a@h;p=1>;q = 0.5 ; expires=60, sip:b@h;expires=3 ,<sip:c@h>`,
		"Contact: <tel:+123;phone-context=x>",
		"Record-Route: <sip:p1;lr>, \"x,y\" <sip:p2;lr>;p=1", "Record-Route: <sip:p3>",
		"k: 100rel, timer", "x: 90;refresher=uac", "o: presence", "u: dialog", "b: <sip:x@y>;z=1",
		`r: "T" <sip:t@h?Replaces=a%3Bb>;m=1`, "j: *", "d: queue", "n: <http://i>", "y: sig", "a: *;audio",
		"e: gzip", "s: hello", "X-Own: keep  me ", "User-Agent: phone 1",
		"c: text/plain", "l: 4"), "body"...)
	got, err := request(t, parsers["ours"], data)
	if err != nil {
		t.Fatal(err)
	}
	uri := func(s string) signal.URI {
		u, err := signal.ParseURI(s)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	want := &signal.Request{
		Method: signal.INVITE, URI: uri("sip:Bob%20X@example.com:5070;transport=tcp;lr"),
		From: signal.Party{Display: `A "quoted" \ name`, URI: uri("sips:alice@[2001:db8::1]:5061;x=y?h=1"),
			Params: signal.Params{{Name: "tag", Value: "abc"}, {Name: "flag"}}},
		To:     signal.Party{Display: "Bob The  Builder", URI: uri("sip:bob@example.com")},
		CallID: "id1@host", CSeq: 7, MaxForwards: 12,
		Contacts: []signal.Party{
			{Display: "A, B", URI: uri("sip:a@h;p=1"),
				Params: signal.Params{{Name: "q", Value: "0.5"}, {Name: "expires", Value: "60"}}},
			{URI: uri("sip:b@h"), Params: signal.Params{{Name: "expires", Value: "3"}}},
			{URI: uri("sip:c@h")},
			{URI: uri("tel:+123;phone-context=x")},
		},
		Routes: []string{"<sip:p1;lr>", `"x,y" <sip:p2;lr>;p=1`, "<sip:p3>"},
		Headers: signal.Headers{{Name: "Supported", Value: "100rel, timer"},
			{Name: "Session-Expires", Value: "90;refresher=uac"}, {Name: "Event", Value: "presence"},
			{Name: "Allow-Events", Value: "dialog"}, {Name: "Referred-By", Value: "<sip:x@y>;z=1"},
			{Name: "Refer-To", Value: `"T" <sip:t@h?Replaces=a%3Bb>;m=1`}, {Name: "Reject-Contact", Value: "*"},
			{Name: "Request-Disposition", Value: "queue"}, {Name: "Identity-Info", Value: "<http://i>"},
			{Name: "Identity", Value: "sig"}, {Name: "Accept-Contact", Value: "*;audio"},
			{Name: "Content-Encoding", Value: "gzip"}, {Name: "Subject", Value: "hello"},
			{Name: "X-Own", Value: "keep  me"}, {Name: "User-Agent", Value: "phone 1"}},
		ContentType: "text/plain", Body: []byte("body"),
		Origin: signal.Origin{Flow: flow, Agent: "phone 1"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestRequestMendsWhatSipgoKeeps(t *testing.T) {
	data := wire("REGISTER sip:h SIP/2.0", "Via: SIP/2.0/UDP h;branch=z9hG4bK1",
		"From: \"J \\\\\\\"\" <sip:a@h> ;  tag  =  98", "To :\r\n sip:b@h ;   tag    = 1918n",
		"Call-ID: 1", "CSeq: 9   REGISTER",
		"Contact: sip:x@h ; expires = 5 , <sip:y@h>", "Contact: *")
	for name, p := range parsers {
		r, err := request(t, p, data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if r.From.Tag() != "98" || r.To.Tag() != "1918n" || r.From.Display != `J \"` || r.To.URI.Host != "h" {
			t.Errorf("%s: from %+v to %+v", name, r.From, r.To)
		}
		if e, _ := r.Contacts[0].Params.Get("expires"); e != "5" || len(r.Contacts) != 3 || r.Contacts[2].URI.Scheme != "*" {
			t.Errorf("%s: contacts %+v", name, r.Contacts)
		}
		if r.MaxForwards != DefaultForwards {
			t.Errorf("%s: Max-Forwards %d", name, r.MaxForwards)
		}
	}
}

func TestQuotedParametersStayWhole(t *testing.T) {
	data := wire("REGISTER sip:h SIP/2.0", "Via: SIP/2.0/UDP h;branch=z9hG4bK1", "From: sip:a@h;tag=1",
		"To: sip:a@h", "Call-ID: 1", "CSeq: 9 REGISTER",
		`Contact: sip:x@h;+sip.instance="<urn:uuid:1;2,3>";reg-id=1,<sip:y@h>;n="\",\""`)
	r, err := request(t, parsers["ours"], data)
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := r.Contacts[0].Params.Get("+sip.instance"); v != `"<urn:uuid:1;2,3>"` || len(r.Contacts) != 2 {
		t.Errorf("contacts %+v", r.Contacts)
	}
}

// base has the fields without which nothing is accepted.
func base(extra ...string) []byte {
	return wire(append([]string{"OPTIONS sip:h SIP/2.0", "Via: SIP/2.0/UDP h;branch=z9hG4bK1", "From: sip:a@h;tag=1",
		"To: sip:b@h", "Call-ID: 1", "CSeq: 9 OPTIONS"}, extra...)...)
}

func TestRequestRefuses(t *testing.T) {
	without := func(field string) []byte {
		var kept []string
		for _, l := range strings.Split(strings.TrimRight(string(base()), "\r\n"), "\r\n") {
			if !strings.HasPrefix(l, field+":") {
				kept = append(kept, l)
			}
		}
		return wire(kept...)
	}
	with := func(field, value string) []byte {
		return []byte(strings.Replace(string(without(field)), "\r\n", "\r\n"+field+": "+value+"\r\n", 1))
	}
	cases := []struct {
		name string
		data []byte
		want error
	}{
		{"no From", without("From"), ErrMissing},
		{"no To", without("To"), ErrMissing},
		{"no Call-ID", without("Call-ID"), ErrMissing},
		{"no CSeq", without("CSeq"), ErrMissing},
		{"two From", base("From: <sip:c@h>"), ErrDuplicate},
		{"two To, one compact", base("t: <sip:c@h>"), ErrDuplicate},
		{"two Call-ID", base("i: 2"), ErrDuplicate},
		{"two CSeq", base("CSeq: 10 OPTIONS"), ErrDuplicate},
		{"two Max-Forwards", base("Max-Forwards: 1", "Max-Forwards: 2"), ErrDuplicate},
		{"CSeq of another method", with("CSeq", "9 INVITE"), ErrMalformed},
		{"Max-Forwards beyond 255", base("Max-Forwards: 300"), ErrMalformed},
		{"bare LF in a value", base("X-A: b\nVia: evil"), ErrUnsafe},
		{"NUL in a value", base("X-A: b\x00"), ErrUnsafe},
		{"bare LF in a display name", with("From", "\"a\nb\" <sip:a@h>"), ErrUnsafe},
		{"bare LF in a URI", with("From", "<sip:a\nb@h>"), signal.ErrControl},
		{"header name not a token", base("X A: b"), ErrUnsafe},
		{"quote not closed", with("To", `"a <sip:b@h>`), ErrMalformed},
		{"question mark outside brackets", base("Contact: sip:a@h?Route=x"), ErrMalformed},
		{"space inside brackets", with("To", "< sip:b@h >"), signal.ErrControl},
		{"two at signs", with("To", "<sip:b@c@h>"), ErrUnsafe},
		{"foreign scheme", with("To", "<isbn:123>"), signal.ErrScheme},
		{"empty list element", base("Contact: <sip:a@h>,, <sip:b@h>"), ErrMalformed},
		{"trailing comma", base("Contact: <sip:a@h>,"), ErrMalformed},
		{"route that is no name-addr", base("Record-Route: sip:a@h"), ErrMalformed},
		{"headers in the request URI", []byte(strings.Replace(string(base()), "sip:h ", "sip:h?a=b ", 1)), ErrMalformed},
		{"foreign request URI", []byte(strings.Replace(string(base()), "sip:h ", "nobody:h ", 1)), signal.ErrScheme},
		{"Call-ID of two words", with("Call-ID", "a b"), ErrMalformed},
	}
	for _, c := range cases {
		if _, err := request(t, parsers["ours"], c.data); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestEscapedLineEndsStayEscaped(t *testing.T) {
	data := []byte(strings.Replace(string(base()), "To: sip:b@h", "To: <sip:b%0d%0aVia:x%00@h>", 1))
	r, err := request(t, parsers["ours"], data)
	if err != nil {
		t.Fatal(err)
	}
	m, err := ToRequest(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s := m.String(); !strings.Contains(s, "To: <sip:b%0d%0aVia:x%00@h>\r\n") {
		t.Errorf("written %q", s)
	}
}

func plain() *signal.Request {
	return &signal.Request{Method: signal.OPTIONS, URI: signal.URI{Scheme: "sip", Host: "h"},
		From:   signal.Party{URI: signal.URI{Scheme: "sip", User: "a", Host: "h"}}.WithTag("1"),
		To:     signal.Party{URI: signal.URI{Scheme: "sip", User: "b", Host: "h"}},
		CallID: "1", CSeq: 9}
}

func TestNothingEscapesItsField(t *testing.T) {
	evil := []string{"x\r\nVia: evil", "x\nVia: evil", "x\rVia: evil", "x\x00y", "x\r\n\r\nbody"}
	places := map[string]func(r *signal.Request, s string){
		"method":       func(r *signal.Request, s string) { r.Method = signal.Method(s) },
		"user":         func(r *signal.Request, s string) { r.URI.User = s },
		"host":         func(r *signal.Request, s string) { r.URI.Host = s },
		"scheme":       func(r *signal.Request, s string) { r.URI.Scheme = s },
		"uri param":    func(r *signal.Request, s string) { r.URI.Params = signal.Params{{Name: "a", Value: s}} },
		"uri name":     func(r *signal.Request, s string) { r.URI.Params = signal.Params{{Name: s}} },
		"from user":    func(r *signal.Request, s string) { r.From.URI.User = s },
		"from headers": func(r *signal.Request, s string) { r.From.URI.Headers = s },
		"tag":          func(r *signal.Request, s string) { r.To = r.To.WithTag(s) },
		"param name":   func(r *signal.Request, s string) { r.To.Params = signal.Params{{Name: s}} },
		"quoted param": func(r *signal.Request, s string) { r.To.Params = signal.Params{{Name: "a", Value: `"` + s + `"`}} },
		"call-id":      func(r *signal.Request, s string) { r.CallID = s },
		"contact":      func(r *signal.Request, s string) { r.Contacts = []signal.Party{r.From.WithTag(s)} },
		"route":        func(r *signal.Request, s string) { r.Routes = []string{"<sip:h>;a=" + s} },
		"header name":  func(r *signal.Request, s string) { r.Headers = r.Headers.With(s, "v") },
		"header value": func(r *signal.Request, s string) { r.Headers = r.Headers.With("X-A", s) },
		"content type": func(r *signal.Request, s string) { r.ContentType = s },
	}
	for place, put := range places {
		for _, s := range evil {
			r := plain()
			put(r, s)
			if m, err := ToRequest(r, nil); err == nil {
				t.Errorf("%s: %q was written:\n%s", place, s, m)
			}
		}
	}
	for _, s := range evil {
		r := plain()
		r.From.Display = s
		m, err := ToRequest(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(m.From().DisplayName, "\r\n\x00") || strings.Contains(m.String(), "\nVia") {
			t.Errorf("display name %q came out as %q", s, m.String())
		}
	}
}

func TestPartsStayApart(t *testing.T) {
	bad := map[string]func(r *signal.Request){
		"bracket in user":      func(r *signal.Request) { r.To.URI.User = "a>;tag=1" },
		"at in user":           func(r *signal.Request) { r.To.URI.User = "a@evil" },
		"params in host":       func(r *signal.Request) { r.To.URI.Host = "h;lr" },
		"semicolon in param":   func(r *signal.Request) { r.To.Params = signal.Params{{Name: "a", Value: "b;tag=2"}} },
		"comma in param":       func(r *signal.Request) { r.To.Params = signal.Params{{Name: "a", Value: "b,<sip:x>"}} },
		"half quoted param":    func(r *signal.Request) { r.To.Params = signal.Params{{Name: "a", Value: `"b"c"`}} },
		"quote ends in escape": func(r *signal.Request) { r.To.Params = signal.Params{{Name: "a", Value: `"b\"`}} },
		"two routes in one":    func(r *signal.Request) { r.Routes = []string{"<sip:a>, <sip:b>"} },
		"reserved header":      func(r *signal.Request) { r.Headers = r.Headers.With("via", "x") },
		"reserved, compact":    func(r *signal.Request) { r.Headers = r.Headers.With("L", "9") },
		"port":                 func(r *signal.Request) { r.URI.Port = 70000 },
		"CSeq":                 func(r *signal.Request) { r.CSeq = 1 << 31 },
		"forwards":             func(r *signal.Request) { r.MaxForwards = 256 },
		"method of two words":  func(r *signal.Request) { r.Method = "A B" },
	}
	for name, spoil := range bad {
		r := plain()
		spoil(r)
		if m, err := ToRequest(r, nil); err == nil {
			t.Errorf("%s was written:\n%s", name, m)
		}
	}
}

func TestToRequestOrderAndDefaults(t *testing.T) {
	r := plain()
	r.Routes = []string{"<sip:p1;lr>", "<sip:p2;lr>"}
	r.Body, r.ContentType = []byte("hi"), "text/plain"
	via := &sip.ViaHeader{ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: "UDP", Host: "h",
		Params: sip.HeaderParams{{K: "branch", V: "z9hG4bK1"}}}
	m, err := ToRequest(r, via)
	if err != nil {
		t.Fatal(err)
	}
	want := string(wire("OPTIONS sip:h SIP/2.0", "Via: SIP/2.0/UDP h;branch=z9hG4bK1", "Route: <sip:p1;lr>",
		"Route: <sip:p2;lr>", "Max-Forwards: 70", "From: <sip:a@h>;tag=1", "To: <sip:b@h>", "Call-ID: 1",
		"CSeq: 9 OPTIONS", "Content-Type: text/plain", "Content-Length: 2")) + "hi"
	if m.String() != want {
		t.Errorf("got\n%s\nwant\n%s", m, want)
	}
}

func TestToResponse(t *testing.T) {
	req := parse(t, Parser(), wire("INVITE sip:h SIP/2.0", "v: SIP/2.0/UDP h;branch=z9hG4bK1;rport=7;received=127.0.0.1",
		"Via: SIP/2.0/TCP [2001:db8::1]:9;branch=z9hG4bK2", `f: "A" <sip:a@h>;tag=1`, "t: <name:b>", "i: 1",
		"CSeq: 9 INVITE", "Record-Route: <sip:p1;lr>,<sip:p2;lr>", "Timestamp: 5")).(*sip.Request)
	build := func(r *signal.Response) string {
		t.Helper()
		m, err := ToResponse(r, req)
		if err != nil {
			t.Fatal(err)
		}
		return m.String()
	}
	top := []string{"Via: SIP/2.0/UDP h;branch=z9hG4bK1;rport=7;received=127.0.0.1",
		"Via: SIP/2.0/TCP [2001:db8::1]:9;branch=z9hG4bK2", `From: "A" <sip:a@h>;tag=1`}
	lines := func(first string, more ...string) string {
		return string(wire(append(append([]string{first}, top...), more...)...))
	}
	tagged := signal.Party{}.WithTag("t2")
	got := build(&signal.Response{Status: 200, To: tagged, Contacts: []signal.Party{plain().From},
		Headers: signal.Headers{{Name: "Server", Value: "x"}}})
	want := lines("SIP/2.0 200 OK", "To: <name:b>;tag=t2", "Call-ID: 1", "CSeq: 9 INVITE",
		"Record-Route: <sip:p1;lr>,<sip:p2;lr>", "Contact: <sip:a@h>;tag=1", "Server: x", "Content-Length: 0")
	if got != want {
		t.Errorf("200: got\n%s\nwant\n%s", got, want)
	}
	got = build(&signal.Response{Status: 100})
	if want = lines("SIP/2.0 100 Trying", "To: <name:b>", "Call-ID: 1", "CSeq: 9 INVITE", "Timestamp: 5",
		"Content-Length: 0"); got != want {
		t.Errorf("100: got\n%s\nwant\n%s", got, want)
	}
	got = build(&signal.Response{Status: 486, Reason: "Bu\r\nsy", To: tagged})
	if want = lines("SIP/2.0 486 Bu  sy", "To: <name:b>;tag=t2", "Call-ID: 1", "CSeq: 9 INVITE",
		"Content-Length: 0"); got != want {
		t.Errorf("486: got\n%s\nwant\n%s", got, want)
	}
	for _, r := range []*signal.Response{{Status: 99}, {Status: 700}, {Status: 200, To: tagged.WithTag("a;b")},
		{Status: 200, Headers: signal.Headers{{Name: "To", Value: "x"}}},
		{Status: 200, Headers: signal.Headers{{Name: "X", Value: "a\r\nb"}}}} {
		if m, err := ToResponse(r, req); err == nil {
			t.Errorf("written:\n%s", m)
		}
	}
}

func TestResponseKeepsTagOfRequest(t *testing.T) {
	req := parse(t, Parser(), []byte(strings.Replace(string(base()), "sip:b@h", "<sip:b@h>;tag=old", 1))).(*sip.Request)
	m, err := ToResponse(&signal.Response{Status: 200, To: signal.Party{}.WithTag("new")}, req)
	if err != nil || m.GetHeader("To").Value() != "<sip:b@h>;tag=old" {
		t.Errorf("%v, %v", m, err)
	}
}

func TestResponseReads(t *testing.T) {
	data := wire("SIP/2.0 302 Moved", "Via: SIP/2.0/UDP h;branch=z9hG4bK1", "From: sip:a@h;tag=1", "To: sip:b@h;tag=2",
		"Call-ID: 1", "CSeq: 9 INVITE", "Contact: <mailto:x@y>, <sip:n@h>;q=1", "Record-Route: <sip:p;lr>",
		"Server: box", "Retry-After: 5")
	m := parse(t, Parser(), data).(*sip.Response)
	r, err := Response(m, flow)
	if err != nil {
		t.Fatal(err)
	}
	if r.Status != 302 || r.Reason != "Moved" || r.Method != signal.INVITE || r.To.Tag() != "2" || len(r.Contacts) != 1 ||
		r.Contacts[0].URI.User != "n" || len(r.Routes) != 1 || r.Origin.Agent != "box" || r.Headers.Get("retry-after") != "5" {
		t.Errorf("%+v", r)
	}
	m.StatusCode = 1000
	if _, err := Response(m, flow); !errors.Is(err, ErrStatus) {
		t.Errorf("status 1000: %v", err)
	}
}

func TestEveryToCanBeAnswered(t *testing.T) {
	for to, want := range map[string]string{
		"<sip:b@h> junk":      "<sip:b@h> junk;tag=new",
		"\"b\x01\" <sip:b@h>": "\"b \" <sip:b@h>;tag=new",
		"<sip:b@h>;a b=c;":    "<sip:b@h>;a b=c;tag=new",
		"<name:b> ; tag = 1":  "<name:b> ; tag = 1",
	} {
		req := parse(t, Parser(), []byte(strings.Replace(string(base()), "sip:b@h", to, 1))).(*sip.Request)
		m, err := ToResponse(&signal.Response{Status: 400, To: signal.Party{}.WithTag("new")}, req)
		if err != nil || m.GetHeader("To").Value() != want {
			t.Errorf("%q: %v, %v", to, m, err)
		}
	}
}
