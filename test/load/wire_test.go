package load

import (
	"bytes"
	"net"
	"strconv"
	"testing"
)

// dial opens a connected UDP socket from loopback to a port on it, with room for a burst.
func dial(t testing.TB, port int) *net.UDPConn {
	t.Helper()
	loopback := net.IPv4(127, 0, 0, 1)
	conn, err := net.DialUDP("udp4", &net.UDPAddr{IP: loopback}, &net.UDPAddr{IP: loopback, Port: port})
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadBuffer(4 << 20) // as much as the kernel grants
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// field is the value of the first header field of that name, as the member writes it.
func field(message []byte, name string) []byte {
	head, _, _ := bytes.Cut(message, []byte("\r\n\r\n"))
	_, rest, ok := bytes.Cut(head, []byte("\r\n"+name+": "))
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

// mediaPort is the port of the audio that a message describes, 0 if it describes none.
func mediaPort(message []byte) int {
	_, rest, ok := bytes.Cut(message, []byte("\r\nm=audio "))
	if !ok {
		return 0
	}
	digits, _, _ := bytes.Cut(rest, []byte(" "))
	port, _ := strconv.Atoi(string(digits))
	return port
}
