package radius

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const secret = "xyzzy5461"

// The example of RFC 2865 section 7.1.
func TestExampleOfTheStandard(t *testing.T) {
	authenticator := [16]byte(unhex(t, "0f 40 3f 94 73 97 80 57 bd 83 d5 cb 98 f4 22 7a"))
	want := unhex(t, "0d be 70 8d 93 d4 13 ce 31 96 e4 3f 78 2a 0a ee")
	if got := hide([]byte("arctangent"), secret, authenticator); !bytes.Equal(got, want) {
		t.Errorf("the password travels as %x", got)
	}
	answer := unhex(t, "02 00 00 26 86 fe 22 0e 76 24 ba 2a 10 05 f6 bf 9b 55 e0 b2 06 06 00 00 00 01 0f 06 00 00 00 00 0e 06 c0 a8 01 03")
	p, err := decode(answer, 0, secret, authenticator)
	if err != nil || p.Code != AccessAccept || len(p.Attributes) != 3 || p.Attributes[2].Type != 14 ||
		!bytes.Equal(p.Attributes[2].Value, []byte{192, 168, 1, 3}) {
		t.Errorf("the answer is %+v, %v", p, err)
	}
	for what, change := range map[string]func([]byte) []byte{
		"another attribute": func(b []byte) []byte { b[len(b)-1]++; return b },
		"another code":      func(b []byte) []byte { b[0] = AccessReject; return b },
		"another signature": func(b []byte) []byte { b[4]++; return b },
	} {
		if _, err := decode(change(slices.Clone(answer)), 0, secret, authenticator); !errors.Is(err, ErrForged) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := decode(answer, 0, "other", authenticator); !errors.Is(err, ErrForged) {
		t.Errorf("with another secret: %v", err)
	}
	for what, b := range map[string][]byte{"nothing": nil, "a piece": answer[:30], "another answer": append([]byte{2, 1}, answer[2:]...),
		"no length": append([]byte{2, 0, 0, 1}, answer[4:]...)} {
		if _, err := decode(b, 0, secret, authenticator); !errors.Is(err, ErrPacket) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// answer signs an answer as a server does, with attributes as bytes.
func answer(code, id byte, request [16]byte, attributes []byte) []byte {
	b := append([]byte{code, id, 0, byte(headLength + len(attributes))}, request[:]...)
	b = append(b, attributes...)
	sum := md5.Sum(append(slices.Clone(b), secret...))
	copy(b[4:], sum[:])
	return b
}

func TestSignedAnswers(t *testing.T) {
	request := [16]byte{1, 2, 3}
	signed := func(with string) []byte {
		b := append([]byte{AccessAccept, 7, 0, 38}, request[:]...)
		b = append(b, messageAuthenticator, 18)
		b = append(b, make([]byte, 16)...)
		copy(b[headLength+2:], sign(b, with))
		return answer(AccessAccept, 7, request, b[headLength:])
	}
	if p, err := decode(signed(secret), 7, secret, request); err != nil || len(p.Attributes) != 0 {
		t.Errorf("a signed answer: %+v, %v", p, err)
	}
	if _, err := decode(signed("other"), 7, secret, request); !errors.Is(err, ErrForged) {
		t.Errorf("an answer that is signed by somebody else: %v", err)
	}
	vendor := []byte{26, 12, 0, 0, 0, 9, 1, 3, 'a', 2, 3, 'b'}
	p, err := decode(answer(AccessAccept, 7, request, vendor), 7, secret, request)
	if err != nil || len(p.Attributes) != 2 || p.Attributes[1].Vendor != 9 || p.Attributes[1].Type != 2 || string(p.Attributes[1].Value) != "b" {
		t.Errorf("attributes of a vendor: %+v, %v", p, err)
	}
	odd := []byte{26, 8, 0, 0, 0, 9, 1, 9}
	if p, err := decode(answer(AccessAccept, 7, request, odd), 7, secret, request); err != nil || len(p.Attributes) != 1 || p.Attributes[0].Vendor != 0 {
		t.Errorf("a vendor's own form: %+v, %v", p, err)
	}
	for what, attributes := range map[string][]byte{"length 0": {1, 0}, "length 1": {1, 1}, "beyond the end": {1, 9, 0}, "half a head": {1},
		"a short signature": {messageAuthenticator, 4, 0, 0}} {
		if _, err := decode(answer(AccessAccept, 7, request, attributes), 7, secret, request); !errors.Is(err, ErrPacket) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestLimitsOfRequests(t *testing.T) {
	long := func(n int) []byte { return make([]byte, n) }
	for what, c := range map[string]struct {
		attributes []Attribute
		want       error
	}{
		"the longest":      {[]Attribute{{Type: 1, Value: long(maxValue)}}, nil},
		"too long":         {[]Attribute{{Type: 1, Value: long(maxValue + 1)}}, ErrValue},
		"a vendor's":       {[]Attribute{{Vendor: 9, Type: 1, Value: long(maxValue - 6)}}, nil},
		"a vendor's long":  {[]Attribute{{Vendor: 9, Type: 1, Value: long(maxValue - 5)}}, ErrValue},
		"too many":         {slices.Repeat([]Attribute{{Type: 1, Value: long(maxValue)}}, 17), ErrValue},
		"a long password":  {[]Attribute{{Type: UserPassword, Value: long(maxPassword + 1)}}, ErrPassword},
		"no password":      {[]Attribute{{Type: UserPassword}}, nil},
		"longest password": {[]Attribute{{Type: UserPassword, Value: long(maxPassword)}}, nil},
	} {
		b, _, err := (&Packet{AccessRequest, c.attributes}).encode(1, secret, [16]byte{})
		if err != c.want || err == nil && int(b[2])<<8|int(b[3]) != len(b) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A server that drops the first packets is asked again; what strangers say is passed over.
func TestExchange(t *testing.T) {
	server, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	asked := make(chan []byte, 10)
	go func() {
		buffer := make([]byte, maxPacket)
		for n := 0; ; n++ {
			size, from, err := server.ReadFromUDP(buffer)
			if err != nil {
				return
			}
			b := slices.Clone(buffer[:size])
			asked <- b
			_, _ = server.WriteToUDP([]byte("noise"), from)
			if n == 2 {
				_, _ = server.WriteToUDP(answer(AccessAccept, b[1], [16]byte(b[4:20]), []byte{18, 4, 'o', 'k'}), from)
			}
		}
	}()
	at := server.LocalAddr().(*net.UDPAddr).AddrPort()
	p := &Packet{AccessRequest, []Attribute{{Type: UserName, Value: []byte("nemo")}}}
	got, err := Exchange(t.Context(), at, secret, p, 5, 50*time.Millisecond)
	if err != nil || got.Code != AccessAccept || string(got.Attributes[0].Value) != "ok" {
		t.Fatalf("answered %+v, %v", got, err)
	}
	first, second := <-asked, <-asked
	if !bytes.Equal(first, second) {
		t.Error("a repeat is another request")
	}
	given := slices.Clone(first[headLength+2 : headLength+18])
	clear(first[headLength+2 : headLength+18])
	if first[headLength] != messageAuthenticator || !bytes.Equal(sign(first, secret), given) {
		t.Error("the request is not signed")
	}
	if _, err := Exchange(t.Context(), at, secret, p, 2, 10*time.Millisecond); !errors.Is(err, ErrSilent) {
		t.Errorf("of a server that is silent: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Exchange(ctx, at, secret, p, 20, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("of a call that is given up: %v", err)
	}
	_ = server.Close()
	if _, err := Exchange(t.Context(), netip.MustParseAddrPort(at.String()), secret, p, 2, 10*time.Millisecond); !errors.Is(err, ErrSilent) {
		t.Errorf("where nobody listens: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(answer(AccessAccept, 7, [16]byte{1}, []byte{26, 12, 0, 0, 0, 9, 1, 3, 'a', 2, 3, 'b'}))
	f.Fuzz(func(_ *testing.T, b []byte) {
		if len(b) >= headLength { // signed, so that more than the signature is looked at
			_, _ = decode(answer(b[0], b[1], [16]byte{1}, b[headLength:min(len(b), 200)]), b[1], secret, [16]byte{1})
		}
		_, _ = decode(b, 7, secret, [16]byte{1})
	})
}
