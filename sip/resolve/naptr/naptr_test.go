package naptr

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

// expressions are those of records, in one text.
func expressions(records []Record, err error) (string, error) {
	var all []string
	for _, r := range records {
		all = append(all, r.Expression)
	}
	return strings.Join(all, " "), err
}

func TestAsk(t *testing.T) {
	const all = "!^.*$!sip:x@a.example!"
	sip := record(1, 1, "u", "E2U+sip", all)
	broken := slices.Clone(sip)
	broken[len(broken)-1] = 64 // no name
	alias := []byte{0xc0, headLength, 0, 5, 0, classIN, 0, 0, 0, 60, 0, 2, 0xc0, headLength}
	none := func([]byte) [][]byte { return nil }
	for what, c := range map[string]struct {
		udp, tcp func(asked []byte) [][]byte
		want     string
		err      error
	}{
		"found": {func(q []byte) [][]byte { return [][]byte{reply(q, 0, 0, alias, sip)} }, none, all, nil},
		"after noise": {func(q []byte) [][]byte {
			forged := reply(q, 0, 0, record(1, 1, "u", "E2U+sip", "!^.*$!sip:evil@a.example!"))
			forged[1]++
			asked, _ := question(binary.BigEndian.Uint16(q), "2.e164.arpa")
			other := reply(asked, 0, 0, sip)
			return [][]byte{nil, []byte("noise"), forged, other, q, reply(q, 0, 0, sip)}
		}, none, all, nil},
		"too long for UDP": {func(q []byte) [][]byte { return [][]byte{reply(q, 2, 0)} },
			func(q []byte) [][]byte { return [][]byte{reply(q, 0, 0, sip)} }, all, nil},
		"no such name":           {func(q []byte) [][]byte { return [][]byte{reply(q, 0, noSuchName)} }, none, "", ErrNone},
		"no record":              {func(q []byte) [][]byte { return [][]byte{reply(q, 0, 0)} }, none, "", ErrNone},
		"a broken record beside": {func(q []byte) [][]byte { return [][]byte{reply(q, 0, 0, broken, sip)} }, none, all, nil},
		"broken records":         {func(q []byte) [][]byte { return [][]byte{reply(q, 0, 0, broken)} }, none, "", ErrNone},
		"in their order": {func(q []byte) [][]byte {
			return [][]byte{reply(q, 0, 0, record(2, 1, "", "", "c"), record(1, 2, "", "", "b"), record(1, 1, "", "", "a"))}
		}, none, "a b c", nil},
		"a sick server":  {func(q []byte) [][]byte { return [][]byte{reply(q, 0, 2)} }, none, "", ErrServer},
		"nothing by TCP": {func(q []byte) [][]byte { return [][]byte{reply(q, 2, 0)} }, none, "", ErrServer},
	} {
		at := server(t, c.udp, c.tcp)
		got, err := expressions(Ask(t.Context(), []netip.AddrPort{at}, "1.e164.arpa"))
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %q, %v", what, got, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	at := server(t, func([]byte) [][]byte { cancel(); return nil }, none)
	if _, err := Ask(ctx, []netip.AddrPort{at}, "1.e164.arpa"); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	if _, err := Ask(t.Context(), nil, "1.e164.arpa"); !errors.Is(err, ErrServer) {
		t.Errorf("without servers: %v", err)
	}
	sick := server(t, func(q []byte) [][]byte { return [][]byte{reply(q, 0, 2)} }, none)
	well := server(t, func(q []byte) [][]byte { return [][]byte{reply(q, 0, 0, sip)} }, none)
	if got, err := Ask(t.Context(), []netip.AddrPort{sick, well}, "1.e164.arpa"); err != nil || len(got) != 1 {
		t.Errorf("of the second server: %v, %v", got, err)
	}
}

// TestNames: what is no name is not asked for.
func TestNames(t *testing.T) {
	for _, name := range []string{"", ".", "a..b", strings.Repeat("a", 64) + ".b", strings.Repeat("a.", 130)} {
		if _, err := Ask(t.Context(), nil, name); !errors.Is(err, ErrName) {
			t.Errorf("%.20q: %v", name, err)
		}
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
	asked, _ := question(1, "1.e164.arpa")
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
