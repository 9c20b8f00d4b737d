package webrtc

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/pion/stun/v4"

	"tandem/media/sdp"
)

var some = sdp.Secure{Local: sdp.Credentials{Ufrag: "ours", Password: "a password of twenty-two"},
	Remote: sdp.Credentials{Ufrag: "theirs", Password: "another one"}}

// request is a check as another implementation makes it.
func request(t testing.TB, s sdp.Secure, use bool) []byte {
	t.Helper()
	setters := []stun.Setter{stun.TransactionID, stun.BindingRequest,
		stun.NewUsername(s.Local.Ufrag + ":" + s.Remote.Ufrag)}
	if use {
		setters = append(setters, stun.RawAttribute{Type: stun.AttrUseCandidate})
	}
	setters = append(setters, stun.NewShortTermIntegrity(s.Local.Password), stun.Fingerprint)
	m, err := stun.Build(setters...)
	if err != nil {
		t.Fatal(err)
	}
	return m.Raw
}

func TestCheck(t *testing.T) {
	raw := request(t, some, true)
	c, err := parseCheck(raw)
	if err != nil || string(c.local) != "ours" || string(c.remote) != "theirs" || !c.use || c.controlled {
		t.Fatalf("read as %+v, %v", c, err)
	}
	if !c.proves(raw, newIntegrity(some.Local.Password)) {
		t.Error("the right password does not prove it")
	}
	if c.proves(raw, newIntegrity("a password of twenty-tw0")) {
		t.Error("a wrong password proves it")
	}
}

func TestAnswer(t *testing.T) {
	mac := newIntegrity(some.Local.Password)
	for _, from := range []string{"192.0.2.7:4000", "[2001:db8::1]:65535"} {
		raw := request(t, some, false)
		c, _ := parseCheck(raw)
		at := netip.MustParseAddrPort(from)
		m := &stun.Message{Raw: c.answer(nil, at, mac)}
		if err := m.Decode(); err != nil {
			t.Fatal(err)
		}
		var mapped stun.XORMappedAddress
		if err := mapped.GetFrom(m); err != nil || mapped.IP.String() != at.Addr().String() || mapped.Port != int(at.Port()) {
			t.Errorf("mapped to %v, %v", mapped, err)
		}
		if err := m.Check(stun.NewShortTermIntegrity(some.Local.Password), stun.Fingerprint); err != nil {
			t.Error(err)
		}
		if !bytes.Equal(m.TransactionID[:], raw[8:20]) {
			t.Error("another transaction")
		}
	}
}

// One that believes to be controlled is told otherwise.
func TestRoleConflict(t *testing.T) {
	m, err := stun.Build(stun.TransactionID, stun.BindingRequest, stun.NewUsername("ours:theirs"),
		stun.RawAttribute{Type: stun.AttrICEControlled, Value: make([]byte, 8)},
		stun.NewShortTermIntegrity(some.Local.Password), stun.Fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	c, err := parseCheck(m.Raw)
	if err != nil || !c.controlled {
		t.Fatalf("read as %+v, %v", c, err)
	}
	mac := newIntegrity(some.Local.Password)
	back := &stun.Message{Raw: c.refuse(nil, mac)}
	var code stun.ErrorCodeAttribute
	if err := back.Decode(); err != nil || code.GetFrom(back) != nil || code.Code != stun.CodeRoleConflict {
		t.Errorf("answered %v, %v", code, err)
	}
}

func TestCheckRefuses(t *testing.T) {
	good := request(t, some, true)
	build := func(s ...stun.Setter) []byte {
		m, err := stun.Build(append([]stun.Setter{stun.TransactionID}, s...)...)
		if err != nil {
			t.Fatal(err)
		}
		return m.Raw
	}
	integrity := stun.NewShortTermIntegrity(some.Local.Password)
	changed := bytes.Clone(good)
	changed[30] ^= 1
	for what, raw := range map[string][]byte{
		"nothing":          nil,
		"cut off":          good[:len(good)-4],
		"a changed octet":  changed,
		"an indication":    build(stun.MessageType{Method: stun.MethodBinding, Class: stun.ClassIndication}, stun.NewUsername("ours:theirs"), integrity, stun.Fingerprint),
		"no user name":     build(stun.BindingRequest, integrity, stun.Fingerprint),
		"one fragment":     build(stun.BindingRequest, stun.NewUsername("ours"), integrity, stun.Fingerprint),
		"no integrity":     build(stun.BindingRequest, stun.NewUsername("ours:theirs"), stun.Fingerprint),
		"no fingerprint":   build(stun.BindingRequest, stun.NewUsername("ours:theirs"), integrity),
		"a huge user name": build(stun.BindingRequest, stun.RawAttribute{Type: stun.AttrUsername, Value: []byte("ours:" + strings.Repeat("x", 1000))}, integrity, stun.Fingerprint),
	} {
		if c, err := parseCheck(raw); err == nil {
			t.Errorf("%s is read as %+v", what, c)
		}
	}
}

// A malformed XOR address in a check is not even looked at.
func TestMalformedAddress(t *testing.T) {
	p := listen(t)
	l := open(t, p)
	l.with = some
	l.Agree(some)
	for _, value := range [][]byte{nil, {0}, {0, 9, 1, 2}, make([]byte, 500)} {
		m, err := stun.Build(stun.TransactionID, stun.BindingRequest, stun.NewUsername("ours:theirs"),
			stun.RawAttribute{Type: stun.AttrXORMappedAddress, Value: value},
			stun.NewShortTermIntegrity(some.Local.Password), stun.Fingerprint)
		if err != nil {
			t.Fatal(err)
		}
		p.take(m.Raw, netip.MustParseAddrPort("127.0.0.1:4444"), nil)
	}
	if p.owner(netip.MustParseAddrPort("127.0.0.1:4444")) != l.Peer {
		t.Error("the check does not count")
	}
}

// A flood of checks for nobody is answered by nothing, and costs no allocation.
func TestFlood(t *testing.T) {
	p := listen(t)
	l := open(t, p)
	l.with = some
	l.Agree(some)
	nobody := some
	nobody.Local.Ufrag = "nobody"
	wrong := some
	wrong.Local.Password = "not the password at all"
	raw, wrongRaw := request(t, nobody, true), request(t, wrong, true)
	c := dial(t, p)
	for range 2000 {
		write(t, c, raw)
		write(t, c, wrongRaw)
	}
	from := netip.MustParseAddrPort("127.0.0.1:4445")
	if n := testing.AllocsPerRun(100, func() {
		p.take(raw, from, nil)
		p.take(wrongRaw, from, nil)
	}); n > 0 {
		t.Errorf("%v allocations for checks that mean nothing", n)
	}
	write(t, c, request(t, some, false)) // is answered, and it is the first one that is
	_ = c.SetReadDeadline(time.Now().Add(patience))
	var answer [1000]byte
	n, err := c.Read(answer[:])
	if err != nil || n < stunHeader || answer[0] != 1 || answer[1] != 1 {
		t.Fatalf("answered %x, %v", answer[:n], err)
	}
	if l.remote().IsValid() {
		t.Errorf("sends to %v", l.remote())
	}
}

func BenchmarkFlood(b *testing.B) {
	p := listen(b)
	l := open(b, p)
	l.Agree(some)
	nobody := some
	nobody.Local.Ufrag = "nobody"
	raw := request(b, nobody, true)
	from := netip.MustParseAddrPort("127.0.0.1:4445")
	b.ReportAllocs()
	for b.Loop() {
		p.take(raw, from, nil)
	}
}

// Whatever comes, nothing panics, and nothing but a check that proves itself makes an address ours.
func FuzzTake(f *testing.F) {
	f.Add(request(f, some, true))
	f.Add(request(f, some, false)[:40])
	f.Add([]byte{22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4})
	f.Add([]byte{128, 200, 0, 6})
	p := listen(f)
	l := open(f, p)
	l.Agree(some)
	f.Fuzz(func(t *testing.T, datagram []byte) {
		from := netip.MustParseAddrPort("127.0.0.1:9")
		p.take(datagram, from, nil)
		if c, err := parseCheck(datagram); err == nil {
			if len(c.transaction) != 16 || c.integrity < stunHeader || c.integrity+attrHeader+integritySize > len(datagram) {
				t.Fatalf("read as %+v", c)
			}
			if p.owner(from) != nil && !c.proves(datagram, newIntegrity(some.Local.Password)) {
				t.Fatal("an address without a proof")
			}
		}
	})
}
