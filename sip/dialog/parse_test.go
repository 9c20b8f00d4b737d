package dialog

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/signal"
)

func TestParseReplaces(t *testing.T) {
	tests := []struct {
		fields []string
		want   *Replaces
		bad    bool
	}{
		{nil, nil, false},
		{[]string{"98732@sip.example.com;from-tag=r33th4x0r;to-tag=ff87ff"},
			&Replaces{CallID: "98732@sip.example.com", LocalTag: "ff87ff", PeerTag: "r33th4x0r"}, false},
		{[]string{"a ; To-Tag = 1 ; from-tag=2;early-only;x=y"},
			&Replaces{CallID: "a", LocalTag: "1", PeerTag: "2", Early: true}, false},
		{[]string{"a;to-tag=1"}, nil, true},
		{[]string{"a;from-tag=1"}, nil, true},
		{[]string{";to-tag=1;from-tag=2"}, nil, true},
		{[]string{"a\r\nb;to-tag=1;from-tag=2"}, nil, true},
		{[]string{"a\x01b;to-tag=1;from-tag=2"}, nil, true},
		{[]string{"a;to-tag=1 2;from-tag=2"}, nil, true},
		{[]string{"a;to-tag=1;from-tag=2", "b;to-tag=1;from-tag=2"}, nil, true},
	}
	for _, tt := range tests {
		var h signal.Headers
		for _, f := range tt.fields {
			h = h.With("Replaces", f)
		}
		got, err := ParseReplaces(h)
		if tt.bad != errors.Is(err, ErrReplaces) || (got == nil) != (tt.want == nil) ||
			got != nil && *got != *tt.want {
			t.Errorf("%q: %+v, %v", tt.fields, got, err)
		}
	}
}

func TestRouteSet(t *testing.T) {
	got := routeSet([]string{`<sip:a;lr>,"x, \"y" <sip:b;lr;q=",">`, ` <sip:c?h=1,2> , , <sip:d>`})
	want := []string{"<sip:a;lr>", `"x, \"y" <sip:b;lr;q=",">`, "<sip:c?h=1,2>", "<sip:d>"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStrictRouterInRequestURI(t *testing.T) {
	p := path{target: bob.URI, routes: []string{"<sip:p1;method=INVITE;x=y?Subject=z>", "<sip:p2;lr>"}}
	uri, routes := p.hop()
	if uri.String() != "sip:p1;x=y" || !slices.Equal(routes, []string{"<sip:p2;lr>", "<sip:bob@198.51.100.2>"}) {
		t.Errorf("%s %q", uri, routes)
	}
	if len(p.routes) != 2 || p.routes[1] != "<sip:p2;lr>" {
		t.Errorf("the route set changed: %q", p.routes)
	}
}

func TestSDPInMultipart(t *testing.T) {
	body := strings.ReplaceAll("--b\nContent-Type: application/isup\n\nxyz\n--b\nContent-Type: application/sdp\n\nv=0\n--b--\n", "\n", "\r\n")
	tests := []struct {
		name, contentType, body, sdp string
		ok                           bool
	}{
		{"none", "", "", "", true},
		{"plain", "Application/SDP; charset=utf-8", "v=0", "v=0", true},
		{"other", "text/plain", "v=0", "", false},
		{"no type", "", "v=0", "", false},
		{"part", `multipart/mixed;boundary="b"`, body, "v=0", true},
		{"no boundary", "multipart/mixed", body, "", false},
		{"no such part", "multipart/mixed;boundary=b", "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n", "", false},
		{"cut short", "multipart/mixed;boundary=b", "--b\r\nContent-", "", false},
	}
	for _, tt := range tests {
		if sdp, ok := sdpOf(tt.contentType, []byte(tt.body)); string(sdp) != tt.sdp || ok != tt.ok {
			t.Errorf("%s: %q, %t", tt.name, sdp, ok)
		}
	}
}

// TestCredentialsInACK: the ACK of a 2xx repeats the INVITE's credentials and nothing else.
func TestCredentialsInACK(t *testing.T) {
	d := NewClient(Call{Target: bob.URI, To: bob, CallID: "c", Headers: signal.Headers{
		{Name: "Proxy-Authorization", Value: "Digest x"}, {Name: "Subject", Value: "y"}}}, Local{Tag: "us"}, time.Time{})
	e, err := d.Invite([]byte("v=0"), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	e = d.Answered(&signal.Response{Request: e[0].(Send).Request.ID, Status: 200, To: bob.WithTag("t")}, time.Time{})
	ack := e[0].(Send).Request
	if len(ack.Headers) != 1 || ack.Headers.Get("Proxy-Authorization") != "Digest x" {
		t.Errorf("ACK has %v", ack.Headers)
	}
}

// TestOwnerHeadersAreNotTouched: what the dialog appends never reaches the owner's slice.
func TestOwnerHeadersAreNotTouched(t *testing.T) {
	shared := make(signal.Headers, 1, 8)
	shared[0] = signal.Header{Name: "User-Agent", Value: "x"}
	d := NewServer(&signal.Request{ID: "i", CallID: "c", From: bob.WithTag("them"), To: alice, CSeq: 1},
		Local{Tag: "us", Headers: shared}, time.Time{})
	if _, err := d.Reject(486, "", signal.Headers{{Name: "Retry-After", Value: "1"}}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if full := shared[:2]; full[1].Name != "" {
		t.Errorf("wrote into the owner's headers: %v", full)
	}
}

func FuzzParseReplaces(f *testing.F) {
	f.Add("98732@sip.example.com;from-tag=r33th4x0r;to-tag=ff87ff;early-only")
	f.Add("a;to-tag=\r\n;from-tag=2")
	f.Fuzz(func(t *testing.T, value string) {
		r, err := ParseReplaces(signal.Headers{{Name: "Replaces", Value: value}})
		if err != nil {
			return
		}
		if strings.ContainsAny(r.String(), "\r\n\x00<>\" ") {
			t.Fatalf("%q lets %q through", value, r)
		}
		again, err := parseReplaces(r.String())
		if err != nil || *again != *r {
			t.Fatalf("%q: %+v, again %+v, %v", value, r, again, err)
		}
	})
}

func FuzzReferTo(f *testing.F) {
	f.Add("<sip:carol@x?Replaces=c2%40h%3Bto-tag%3Dt2%3Bfrom-tag%3Df2>")
	f.Add("\"A\" <sip:carol@x;method=BYE>;p=q")
	f.Add("<sip:a@b?Replaces=%0d%0a>")
	f.Fuzz(func(t *testing.T, value string) {
		target, replaces, err := parseReferTo(signal.Headers{{Name: "Refer-To", Value: value}})
		if err != nil {
			return
		}
		if target.Headers != "" || strings.ContainsAny(target.String(), "\r\n\x00 <>") {
			t.Fatalf("%q gives %q", value, target)
		}
		if replaces != nil && strings.ContainsAny(replaces.String(), "\r\n\x00 <>") {
			t.Fatalf("%q gives %q", value, replaces)
		}
	})
}

func FuzzBodies(f *testing.F) {
	f.Add("multipart/mixed;boundary=b", []byte("--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--\r\n"))
	f.Add("message/sipfrag", []byte("SIP/2.0 200 OK"))
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		if sdp, ok := sdpOf(contentType, body); ok && !bytes.Contains(body, sdp) {
			t.Fatalf("SDP is not in the body: %q", sdp)
		}
		if status, err := parseSipfrag(body); err == nil && (status < 100 || status > 699) {
			t.Fatalf("status %d", status)
		}
	})
}

func FuzzRouteSet(f *testing.F) {
	f.Add(`<sip:a;lr>,"x, y" <sip:b;lr>`)
	f.Fuzz(func(t *testing.T, field string) {
		for _, r := range routeSet([]string{field}) {
			if r == "" || !strings.Contains(field, r) {
				t.Fatalf("%q gives %q", field, r)
			}
		}
	})
}
