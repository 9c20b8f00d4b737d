package rtp

import (
	"errors"
	"net/netip"
	"syscall"
	"testing"
)

func listen(t *testing.T, address string) (Conn, netip.AddrPort) {
	t.Helper()
	c, err := NewUDP().Listen(netip.MustParseAddrPort(address))
	if err != nil {
		t.Skipf("no such address here: %v", err)
	}
	return c, c.(*udpConn).socket.LocalAddr().(interface{ AddrPort() netip.AddrPort }).AddrPort()
}

func TestConn(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		a, from := listen(t, address)
		b, to := listen(t, address)
		got := make(chan string, 1)
		b.Serve(func(datagram []byte, source netip.AddrPort) {
			if source != from {
				t.Errorf("came from %v, want %v", source, from)
			}
			got <- string(datagram)
		})
		if err := a.Send([]byte("hello"), to); err != nil {
			t.Fatal(err)
		}
		if s := <-got; s != "hello" {
			t.Errorf("got %q", s)
		}
		if err := errors.Join(b.Close(), a.Close()); err != nil { // a never served
			t.Error(err)
		}
		if err := a.Send([]byte("hello"), to); err == nil {
			t.Error("a closed port sends")
		}
	}
}

func TestListenTwice(t *testing.T) {
	a, at := listen(t, "127.0.0.1:0")
	defer a.Close()
	if _, err := NewUDP().Listen(at); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("the same port again: %v", err)
	}
}
