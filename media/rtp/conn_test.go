package rtp

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"syscall"
	"testing"
)

// networks runs a story on each kind of network that there is here.
func networks(t *testing.T, story func(t *testing.T, n Network)) {
	best, err := NewNetwork(&Gathering{})
	if err != nil {
		t.Logf("plain sockets alone: %v", err)
	}
	for _, n := range []Network{NewUDP(), best} {
		t.Run(fmt.Sprintf("%T", n), func(t *testing.T) {
			story(t, n)
			if err := n.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// listen binds any port of a host.
func listen(t *testing.T, n Network, host string) (Conn, netip.AddrPort) {
	t.Helper()
	c, err := n.Listen(netip.AddrPortFrom(netip.MustParseAddr(host), 0))
	if err != nil {
		t.Skipf("no such address here: %v", err)
	}
	c.Widen(1 << 20)
	return c, c.Local()
}

func TestConn(t *testing.T) {
	networks(t, func(t *testing.T, n Network) {
		for _, host := range []string{"127.0.0.1", "::1"} {
			a, from := listen(t, n, host)
			b, to := listen(t, n, host)
			got := make(chan string, 1)
			b.Serve(func(datagram []byte, source netip.AddrPort) {
				if source != from {
					t.Errorf("came from %v, want %v", source, from)
				}
				got <- string(datagram)
			})
			for _, text := range []string{"hello", ""} {
				if err := a.Send([]byte(text), to); err != nil {
					t.Fatal(err)
				}
				if s := <-got; s != text {
					t.Errorf("got %q, want %q", s, text)
				}
			}
			if err := a.Send([]byte("hello"), netip.AddrPort{}); err == nil {
				t.Error("a port sends to nowhere")
			}
			if err := errors.Join(b.Close(), a.Close()); err != nil { // a never served
				t.Error(err)
			}
			if err := a.Send([]byte("hello"), to); err == nil {
				t.Error("a closed port sends")
			}
		}
	})
}

func TestListenTwice(t *testing.T) {
	networks(t, func(t *testing.T, n Network) {
		a, at := listen(t, n, "127.0.0.1")
		defer a.Close()
		if _, err := n.Listen(at); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("the same port again: %v", err)
		}
	})
}

// What comes to a port in a burst comes whole and in order, however many other ports talk meanwhile. Each port answers
// from within its handler, as an echo does.
func TestManyPortsKeepOrder(t *testing.T) {
	const pairs, burst = 40, 30 // more than a visit takes of ports, and of one port
	networks(t, func(t *testing.T, n Network) {
		var done sync.WaitGroup
		var open []Conn
		for range pairs {
			near, from := listen(t, n, "127.0.0.1")
			far, to := listen(t, n, "127.0.0.1")
			open = append(open, near, far)
			far.Serve(func(datagram []byte, source netip.AddrPort) {
				if err := far.Send(datagram, from); err != nil {
					t.Error(err)
				}
			})
			next := byte(0)
			done.Add(burst)
			near.Serve(func(datagram []byte, source netip.AddrPort) {
				if source != to || len(datagram) != 1 || datagram[0] != next {
					t.Errorf("%v from %v, want %d from %v", datagram, source, next, to)
				}
				next++
				done.Done()
			})
			for i := range byte(burst) {
				if err := near.Send([]byte{i}, to); err != nil {
					t.Fatal(err)
				}
			}
		}
		done.Wait()
		for _, c := range open {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

// A port that is closed while packets come to it delivers nothing any more when Close has returned, and the ports that
// get its descriptor after it hear nothing of its.
func TestCloseUnderFire(t *testing.T) {
	networks(t, func(t *testing.T, n Network) {
		gun, _ := listen(t, n, "127.0.0.1")
		for range 200 {
			c, at := listen(t, n, "127.0.0.1")
			var mu sync.Mutex
			closed, heard := false, make(chan struct{}, 100)
			c.Serve(func([]byte, netip.AddrPort) {
				mu.Lock()
				defer mu.Unlock()
				if closed {
					t.Error("a datagram after Close")
				}
				select {
				case heard <- struct{}{}:
				default:
				}
			})
			for range 5 {
				if err := gun.Send([]byte("shot"), at); err != nil {
					t.Fatal(err)
				}
			}
			<-heard
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			mu.Lock()
			closed = true
			mu.Unlock()
		}
		if err := gun.Close(); err != nil {
			t.Error(err)
		}
	})
}
