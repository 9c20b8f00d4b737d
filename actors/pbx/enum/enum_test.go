package enum

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestName(t *testing.T) {
	for _, c := range []struct {
		text, domain, name, number string
		err                        error
	}{
		{"+4989123", "e164.arpa", "3.2.1.9.8.9.4.e164.arpa", "+4989123", nil},
		{"49-89 (123)", "E164.Example.", "3.2.1.9.8.9.4.e164.example", "+4989123", nil},
		{"", "e164.arpa", "", "", ErrNumber},
		{"+", "e164.arpa", "", "", ErrNumber},
		{"4989x", "e164.arpa", "", "", ErrNumber},
		{"1234567890123456", "e164.arpa", "", "", ErrNumber},
		{"123", "", "", "", ErrDomain},
		{"123", "a..b", "", "", ErrDomain},
		{"123", "a b", "", "", ErrDomain},
		{"123", strings.Repeat("a", 64), "", "", ErrDomain},
		{"123", strings.Repeat("a.", 120), "", "", ErrDomain},
	} {
		name, number, err := Name(c.text, c.domain)
		if name != c.name || number != c.number || err != c.err {
			t.Errorf("%q under %q: %q %q %v", c.text, c.domain, name, number, err)
		}
	}
}

func TestChoose(t *testing.T) {
	rules := []rule{
		{100, 20, "u", "E2U+sip", "!^.*$!sip:second@a.example!"},
		{100, 10, "U", "e2u+sip", `!^\+49(.*)$!sip:\1@a.example!`},
		{200, 1, "u", "E2U+sip:x", "/^.*$/sips:third@a.example/i"},
		{1, 1, "u", "E2U+mailto", "!^.*$!mailto:x@a.example!"},
		{1, 1, "s", "E2U+sip", "!^.*$!sip:no@a.example!"},
		{1, 1, "u", "sip+E2U", "!^.*$!sip:old@a.example!"},
		{1, 1, "u", "E2U+sipx", "!^.*$!sip:other@a.example!"},
		{1, 1, "u", "E2U+sip", ""},
		{1, 1, "u", "E2U+sip", "!^.*$!sip:x"},
		{1, 1, "u", "E2U+sip", "!^(!sip:x!"},
		{1, 1, "u", "E2U+sip", "!^1$!sip:x!"},
		{1, 1, "u", "E2U+sip", `!^.*$!sip:\1!`},
		{1, 1, "u", "E2U+sip", "!^.*$!sip:a\r\nb!"},
		{1, 1, "u", "E2U+sip", "!^.*$!!"},
	}
	want := []string{"sip:89123@a.example", "sip:second@a.example", "sips:third@a.example"}
	for _, service := range []string{"sip", "E2U+SIP"} {
		if got := choose(slices.Clone(rules), service, "+4989123"); !slices.Equal(got, want) {
			t.Errorf("for %s: %q", service, got)
		}
	}
	if got := choose(rules, "fax", "+4989123"); got != nil {
		t.Errorf("for fax: %q", got)
	}
}

// record is a NAPTR record of an answer, whose name is a pointer to the question.
func record(order, preference uint16, flags, service, expression string) []byte {
	content := binary.BigEndian.AppendUint16(nil, order)
	content = binary.BigEndian.AppendUint16(content, preference)
	for _, s := range []string{flags, service, expression} {
		content = append(append(content, byte(len(s))), s...)
	}
	content = append(content, 0)
	b := []byte{0xc0, headLength, 0, typeNAPTR, 0, classIN, 0, 0, 0, 60}
	return append(binary.BigEndian.AppendUint16(b, uint16(len(content))), content...)
}

// reply answers a question with records.
func reply(asked []byte, flags, code byte, records ...[]byte) []byte {
	b := slices.Clone(asked)
	b[2], b[3], b[7] = b[2]|0x80|flags, code, byte(len(records))
	for _, r := range records {
		b = append(b, r...)
	}
	return b
}

// server answers by UDP and TCP.
func server(t *testing.T, udp, tcp func(asked []byte) [][]byte) netip.AddrPort {
	t.Helper()
	l, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().(*net.TCPAddr).AddrPort()
	u, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(at))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close(); u.Close() })
	go func() {
		b := make([]byte, 4096)
		for {
			n, from, err := u.ReadFromUDP(b)
			if err != nil {
				return
			}
			for _, answer := range udp(slices.Clone(b[:n])) {
				_, _ = u.WriteToUDP(answer, from)
			}
		}
	}()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			b := make([]byte, 4096)
			if n, err := conn.Read(b); err == nil {
				for _, answer := range tcp(slices.Clone(b[2:n])) {
					_, _ = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...))
				}
			}
			_ = conn.Close()
		}
	}()
	return at
}

func TestFind(t *testing.T) {
	sip := record(1, 1, "u", "E2U+sip", "!^(.*)$!sip:\\1@a.example!")
	alias := []byte{0xc0, headLength, 0, 5, 0, classIN, 0, 0, 0, 60, 0, 2, 0xc0, headLength}
	none := func([]byte) [][]byte { return nil }
	for what, c := range map[string]struct {
		udp, tcp func(asked []byte) [][]byte
		want     string
		err      error
	}{
		"found": {func(q []byte) [][]byte { return [][]byte{reply(q, 0, 0, alias, sip)} }, none, "sip:+49891@a.example", nil},
		"after noise": {func(q []byte) [][]byte {
			forged := reply(q, 0, 0, record(1, 1, "u", "E2U+sip", "!^.*$!sip:evil@a.example!"))
			forged[1]++
			other := reply(question(binary.BigEndian.Uint16(q), "1.e164.arpa"), 0, 0, sip)
			return [][]byte{nil, []byte("noise"), forged, other, q, reply(q, 0, 0, sip)}
		}, none, "sip:+49891@a.example", nil},
		"too long for UDP": {func(q []byte) [][]byte { return [][]byte{reply(q, 2, 0)} },
			func(q []byte) [][]byte { return [][]byte{reply(q, 0, 0, sip)} }, "sip:+49891@a.example", nil},
		"no such name":    {func(q []byte) [][]byte { return [][]byte{reply(q, 0, noSuchName)} }, none, "", ErrNone},
		"no record":       {func(q []byte) [][]byte { return [][]byte{reply(q, 0, 0)} }, none, "", ErrNone},
		"another service": {func(q []byte) [][]byte { return [][]byte{reply(q, 0, 0, record(1, 1, "u", "E2U+tel", "!^.*$!tel:1!"))} }, none, "", ErrNone},
		"a sick server":   {func(q []byte) [][]byte { return [][]byte{reply(q, 0, 2)} }, none, "", ErrServer},
		"nothing by TCP":  {func(q []byte) [][]byte { return [][]byte{reply(q, 2, 0)} }, none, "", ErrServer},
	} {
		at := server(t, c.udp, c.tcp)
		got, err := Find(t.Context(), []netip.AddrPort{at}, "sip", "+49891", "")
		if strings.Join(got, " ") != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %q, %v", what, got, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	at := server(t, func([]byte) [][]byte { cancel(); return nil }, none)
	if _, err := Find(ctx, []netip.AddrPort{at}, "sip", "+49891", ""); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	if _, err := Find(t.Context(), nil, "sip", "+49891", ""); !errors.Is(err, ErrServer) {
		t.Errorf("without servers: %v", err)
	}
	sick := server(t, func(q []byte) [][]byte { return [][]byte{reply(q, 0, 2)} }, none)
	well := server(t, func(q []byte) [][]byte { return [][]byte{reply(q, 0, 0, sip)} }, none)
	if got, err := Find(t.Context(), []netip.AddrPort{sick, well}, "sip", "+49891", ""); err != nil || len(got) != 1 {
		t.Errorf("of the second server: %q, %v", got, err)
	}
}

func TestServers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "resolv.conf")
	text := "# mine\nsearch a.example\nnameserver 127.0.0.53\nnameserver bad\nnameserver ::1\nnameserver 10.0.0.1\nnameserver 10.0.0.2\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	want := []netip.AddrPort{netip.MustParseAddrPort("127.0.0.53:53"), netip.MustParseAddrPort("[::1]:53"), netip.MustParseAddrPort("10.0.0.1:53")}
	if got := Servers(path); !slices.Equal(got, want) {
		t.Errorf("there are %v", got)
	}
	if got := Servers(path + ".none"); got != nil {
		t.Errorf("of no file there are %v", got)
	}
}

func FuzzAnswered(f *testing.F) {
	asked := question(1, "1.e164.arpa")
	f.Add(reply(asked, 0, 0, record(1, 1, "u", "E2U+sip", "!^.*$!sip:x!")))
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _, _ = answered(asked, b)
		if len(b) > len(asked) { // the right question, so that the rest is looked at
			_, _, _ = answered(asked, append(reply(asked, 0, 0)[:len(asked)], b[len(asked):]...))
			long := append(reply(asked, 0, 0), b[len(asked):]...)
			long[7] = b[0]
			_, _, _ = answered(asked, long)
		}
	})
}
