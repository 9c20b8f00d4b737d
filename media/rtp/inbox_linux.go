package rtp

import (
	"encoding/binary"
	"net/netip"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxBurst is how many datagrams are taken from a port at a time. A phone sends one in 20 ms; more are there when we
// come late, or when somebody floods the port, and then the others come first.
const maxBurst = 8

// maxBursts is how many times so many are taken from a port in one visit: the port of all browsers has as much.
const maxBursts = 8

// noDeadline lets a wait last.
var noDeadline time.Time

// inbox has room for the datagrams of one recvmmsg(2). It points into itself: never copy it.
type inbox struct {
	messages [maxBurst]unix.Mmsghdr
	vectors  [maxBurst]unix.Iovec
	names    [maxBurst]unix.RawSockaddrInet6
	room     [maxBurst][BufferSize]byte
}

func newInbox() *inbox {
	b := &inbox{}
	for i := range b.messages {
		b.vectors[i].Base = &b.room[i][0]
		b.vectors[i].SetLen(BufferSize)
		h := &b.messages[i].Hdr
		h.Name, h.Iov = (*byte)(unsafe.Pointer(&b.names[i])), &b.vectors[i]
		h.SetIovlen(1)
	}
	return b
}

// receive takes what has come to a socket and does not wait for more.
func (b *inbox) receive(fd int) (n int, err error) {
	for i := range b.messages {
		b.messages[i].Hdr.Namelen = unix.SizeofSockaddrInet6
	}
	// The kernel does not wait here, so the scheduler need not be told.
	got, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(&b.messages[0])), maxBurst,
		unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(got), nil
}

// datagram is the one at a place and where it came from; false: from an address of no family that we know.
func (b *inbox) datagram(i int) ([]byte, netip.AddrPort, bool) {
	octets := b.room[i][:min(int(b.messages[i].Len), BufferSize)]
	six := &b.names[i]
	switch six.Family {
	case unix.AF_INET:
		four := (*unix.RawSockaddrInet4)(unsafe.Pointer(six))
		return octets, netip.AddrPortFrom(netip.AddrFrom4(four.Addr), getPort(&four.Port)), true
	case unix.AF_INET6:
		return octets, netip.AddrPortFrom(netip.AddrFrom16(six.Addr).Unmap(), getPort(&six.Port)), true
	}
	return nil, netip.AddrPort{}, false
}

// The kernel has the number of a port in the order of the network, whatever the machine's own.
func getPort(at *uint16) uint16    { return binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(at))[:]) }
func putPort(at *uint16, n uint16) { binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(at))[:], n) }
