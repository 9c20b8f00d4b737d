package load

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// onPorts is the forwarder that has a port for each side of each call, as a member must.
const onPorts = "with a port a leg"

// legPort is one of its ports: what comes to it leaves from the other one of its call.
type legPort struct {
	fd, other int
	side      int // of the phones that send to it
}

// serveOnPorts is the floor of relaying between ports of their own: no port is known to more than one phone, so each packet
// takes a look at the kernel's list, is read from a socket that is not in the cache any more, and is sent by itself. target in
// the environment is how many calls there are. It names a port to be introduced by, as the forwarder is, and then those of
// the calls, the caller's before the called one's.
func serveOnPorts() error {
	calls, err := strconv.Atoi(os.Getenv(target))
	if err != nil || calls < 1 || calls > maxCalls {
		return fmt.Errorf("%s: %w", target, errors.Join(err, strconv.ErrRange))
	}
	control, port, err := blockingSocket()
	if err != nil {
		return err
	}
	list, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return err
	}
	fmt.Printf("port %d\n", port)
	ports := map[int]legPort{}
	for range calls {
		if err := openPair(list, ports); err != nil {
			return err
		}
	}
	fmt.Println("ready")
	var partners [2]unix.Sockaddr
	for partners[0] == nil || partners[1] == nil {
		var first [1]byte
		_, from, err := unix.Recvfrom(control, first[:], 0)
		if err != nil {
			return err
		}
		partners[first[0]&1^1] = from // 'A', the caller's side, is odd
	}
	return forwardBetween(list, ports, partners)
}

// openPair opens the ports of a call, which do not wait.
func openPair(list int, ports map[int]legPort) error {
	var pair [2]int
	for side := range pair {
		fd, port, err := blockingSocket()
		if err != nil {
			return err
		}
		if err := unix.EpollCtl(list, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}); err != nil {
			return err
		}
		fmt.Printf("port %d\n", port)
		pair[side] = fd
	}
	for side, fd := range pair {
		ports[fd] = legPort{fd: fd, other: pair[1-side], side: side}
	}
	return nil
}

// forwardBetween sends what comes from one side to the other.
func forwardBetween(list int, all map[int]legPort, partners [2]unix.Sockaddr) error {
	most := 0
	for fd := range all {
		most = max(most, fd)
	}
	ports := make([]legPort, most+1)
	for fd, p := range all {
		ports[fd] = p
	}
	ready, room := make([]unix.EpollEvent, 2*batchSize), make([]byte, slotSize)
	for {
		n, err := unix.EpollWait(list, ready, -1)
		if err != nil && err != unix.EINTR {
			return err
		}
		for _, e := range ready[:max(n, 0)] {
			p := ports[e.Fd]
			size, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(p.fd), uintptr(unsafe.Pointer(&room[0])), slotSize, unix.MSG_DONTWAIT, 0, 0)
			if errno == 0 {
				_ = unix.Sendto(p.other, room[:size], unix.MSG_DONTWAIT, partners[1-p.side])
			}
		}
	}
}

// startOnPorts starts it, and returns the ports of both sides.
func startOnPorts(t *testing.T, calls int) (s server, sides [2][]netip.AddrPort) {
	t.Helper()
	s, ports := startFloorOn(t, "ports", fmt.Sprint(target, "=", calls))
	if len(ports) != 2*calls {
		t.Fatalf("%d ports for %d calls", len(ports), calls)
	}
	for i, p := range ports {
		sides[i%2] = append(sides[i%2], p)
	}
	return s, sides
}
