package lab

import (
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
)

// Ports for programs that can not be told to take any: below those that the kernel gives away by itself (32768 and up, see
// ip_local_port_range) and those of members' media (16384 and up), so that nobody takes one before the program does.
const (
	portFirst = 12000
	portEnd   = 16384
	portStep  = 4 // the port itself, its RTCP, and a second medium
)

// portGuard is an address of nobody's: who has a port there has it here.
const portGuard = "127.99.0.1"

var ports atomic.Uint32 // tried by this process

// Port is a port of 127.0.0.1, for UDP and TCP, that is no other test's as long as this one lasts. It is even, and the
// three behind it are free as well.
func Port(t testing.TB) int {
	t.Helper()
	const blocks = (portEnd - portFirst) / portStep
	first := uint32(os.Getpid()) * 16 // so that runs of several packages seldom meet
	for range blocks {
		port := portFirst + int((first+ports.Add(1))%blocks)*portStep
		guard, err := net.Listen("tcp", net.JoinHostPort(portGuard, strconv.Itoa(port)))
		if err != nil {
			continue
		}
		if free(port, portStep) {
			t.Cleanup(func() { _ = guard.Close() })
			return port
		}
		_ = guard.Close()
	}
	t.Fatal("every port is taken")
	return 0
}

// free tells whether nobody has some ports of 127.0.0.1.
func free(from, n int) bool {
	for port := from; port < from+n; port++ {
		at := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		l, err := net.Listen("tcp", at)
		if err != nil {
			return false
		}
		_ = l.Close()
		c, err := net.ListenPacket("udp", at)
		if err != nil {
			return false
		}
		_ = c.Close()
	}
	return true
}
