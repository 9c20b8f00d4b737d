// Package zone is a name server for tests: it knows what a test tells it, and runs on loopback.
package zone

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// Zone is what the server knows: by "name TYPE", the name in lower case, lines as a zone file has them. Of a NAPTR
// record with an exclamation mark the last is the expression, else the replacement.
type Zone map[string][]string

// Serve starts a name server on loopback until the end of the test.
func Serve(t testing.TB, z Zone) netip.AddrPort {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		b := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			if answer := z.Answer(b[:n]); answer != nil {
				_, _ = conn.WriteToUDPAddrPort(answer, from)
			}
		}
	}()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

// Fails stands for records about which the server answers that it has failed, Silent for those of which it says nothing.
const (
	Fails  = "fails"
	Silent = "silent"
)

const typeNAPTR dnsmessage.Type = 35

var kinds = map[dnsmessage.Type]string{dnsmessage.TypeA: "A", dnsmessage.TypeAAAA: "AAAA", dnsmessage.TypeSRV: "SRV", typeNAPTR: "NAPTR"}

// Answer is the answer to a question, nil where that can not be read.
func (z Zone) Answer(packet []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(packet) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.Additionals = true, nil
	key := strings.ToLower(strings.TrimSuffix(q.Name.String(), ".")) + " " + kinds[q.Type]
	lines := z[key]
	if slices.Contains(lines, Silent) {
		return nil
	}
	if slices.Contains(lines, Fails) {
		lines, m.RCode = nil, dnsmessage.RCodeServerFailure
	}
	for _, line := range lines {
		m.Answers = append(m.Answers, dnsmessage.Resource{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: 60}, Body: record(q.Type, line)})
	}
	if len(m.Answers) == 0 && m.RCode == dnsmessage.RCodeSuccess {
		m.RCode = dnsmessage.RCodeNameError
	}
	out, err := m.Pack()
	if err != nil {
		panic(err)
	}
	return out
}

func record(kind dnsmessage.Type, line string) dnsmessage.ResourceBody {
	switch kind {
	case dnsmessage.TypeA:
		return &dnsmessage.AResource{A: netip.MustParseAddr(line).As4()}
	case dnsmessage.TypeAAAA:
		return &dnsmessage.AAAAResource{AAAA: netip.MustParseAddr(line).As16()}
	case dnsmessage.TypeSRV:
		var s dnsmessage.SRVResource
		var target string
		if _, err := fmt.Sscan(line, &s.Priority, &s.Weight, &s.Port, &target); err != nil {
			panic(err)
		}
		s.Target = dnsmessage.MustNewName(target)
		return &s
	}
	var order, preference uint16
	var flags, service, name string
	if _, err := fmt.Sscan(line, &order, &preference, &flags, &service, &name); err != nil {
		panic(err)
	}
	return &dnsmessage.UnknownResource{Type: typeNAPTR, Data: content(order, preference, flags, service, name)}
}

func content(order, preference uint16, flags, service, name string) []byte {
	b := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, order), preference)
	expression := ""
	if strings.Contains(name, "!") {
		name, expression = "", name
	}
	for _, text := range []string{flags, service, expression} {
		b = append(append(b, byte(len(text))), text...)
	}
	for label := range strings.FieldsFuncSeq(name, func(c rune) bool { return c == '.' }) {
		b = append(append(b, byte(len(label))), label...)
	}
	return append(b, 0)
}
