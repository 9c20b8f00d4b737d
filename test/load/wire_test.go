package load

import (
	"bytes"
	"net"
	"net/netip"
	"strconv"
	"testing"
)

// loopback is where phones and floors are.
var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// here is a port on it.
func here(port int) netip.AddrPort { return netip.AddrPortFrom(loopback, uint16(port)) }

// dial opens a connected UDP socket on loopback, with room for a burst.
func dial(t testing.TB, to netip.AddrPort) *net.UDPConn {
	t.Helper()
	conn, err := net.DialUDP("udp4", net.UDPAddrFromAddrPort(here(0)), net.UDPAddrFromAddrPort(to))
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadBuffer(4 << 20) // as much as the kernel grants
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// compact are the short names by which a member answers where there is little room.
var compact = map[string]string{"To": "t", "From": "f", "Call-ID": "i"}

// field is the value of the first header field of that name, as the member writes it.
func field(message []byte, name string) []byte {
	head, _, _ := bytes.Cut(message, []byte("\r\n\r\n"))
	_, rest, ok := bytes.Cut(head, []byte("\r\n"+name+": "))
	if short := compact[name]; !ok && short != "" {
		_, rest, ok = bytes.Cut(head, []byte("\r\n"+short+":"))
	}
	if !ok {
		return nil
	}
	value, _, _ := bytes.Cut(rest, []byte("\r\n"))
	return value
}

// status is the status code of a response, 0 for a request.
func status(message []byte) int {
	rest, ok := bytes.CutPrefix(message, []byte("SIP/2.0 "))
	if !ok || len(rest) < 3 {
		return 0
	}
	code, _ := strconv.Atoi(string(rest[:3]))
	return code
}

// inBrackets is the URI of a name-addr.
func inBrackets(value []byte) string {
	_, rest, _ := bytes.Cut(value, []byte("<"))
	uri, _, _ := bytes.Cut(rest, []byte(">"))
	return string(uri)
}

// mediaAt is where a message wants the audio that it describes, zero if it describes none.
func mediaAt(message []byte) netip.AddrPort {
	at := netip.AddrPort{}
	_, rest, ok := bytes.Cut(message, []byte("\r\nm=audio "))
	_, host, ok2 := bytes.Cut(message, []byte("\r\nc=IN IP4 "))
	if !ok || !ok2 {
		return at
	}
	port, _, _ := bytes.Cut(rest, []byte(" "))
	host, _, _ = bytes.Cut(host, []byte("\r\n"))
	at, _ = netip.ParseAddrPort(string(host) + ":" + string(port))
	return at
}
