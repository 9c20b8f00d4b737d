package load

import (
	"fmt"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	batchSize = 64
	slotSize  = 1500 // bytes of one datagram
)

// message is struct mmsghdr.
type message struct {
	header unix.Msghdr
	length uint32
	_      [4]byte
}

// batch holds the datagrams of one recvmmsg(2) or sendmmsg(2). It points into itself: never copy it.
type batch struct {
	messages [batchSize]message
	vectors  [batchSize]unix.Iovec
	names    [batchSize]unix.RawSockaddrInet4
	room     [batchSize][slotSize]byte
}

func newBatch() *batch {
	b := &batch{}
	for i := range b.messages {
		b.vectors[i].Base = &b.room[i][0]
		h := &b.messages[i].header
		h.Name, h.Namelen = (*byte)(unsafe.Pointer(&b.names[i])), unix.SizeofSockaddrInet4
		h.Iov = &b.vectors[i]
		h.SetIovlen(1)
		b.address(i, here(0))
	}
	return b
}

// address sets where datagram i goes.
func (b *batch) address(i int, to netip.AddrPort) {
	port := to.Port()
	b.names[i] = unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: to.Addr().As4(),
		Port: port>>8 | port<<8} // in network order, on a little-endian machine
}

// from is where datagram i came from.
func (b *batch) from(i int) netip.AddrPort {
	port := b.names[i].Port
	return netip.AddrPortFrom(netip.AddrFrom4(b.names[i].Addr), port>>8|port<<8)
}

// receive waits for at least one datagram and returns how many there are, 0 when it waited in vain.
func (b *batch) receive(fd int) (int, error) {
	for i := range b.vectors {
		b.vectors[i].SetLen(slotSize)
	}
	n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(&b.messages[0])),
		batchSize, unix.MSG_WAITFORONE, 0, 0)
	switch errno {
	case 0:
		return int(n), nil
	case unix.EAGAIN, unix.EINTR, unix.ECONNREFUSED:
		return 0, nil
	}
	return 0, fmt.Errorf("recvmmsg: %w", errno)
}

// send sends the first n datagrams and returns how many the kernel took.
func (b *batch) send(fd, n int) int {
	sent := 0
	for failures := 0; sent < n && failures < batchSize; {
		k, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&b.messages[sent])),
			uintptr(n-sent), 0, 0, 0)
		if errno != 0 {
			failures++ // most likely the fate of an earlier datagram
			continue
		}
		sent += int(k)
	}
	return sent
}

// serveForwarding is the floor of relaying: what comes from one of two ports goes to the other. The
// first datagrams introduce them, by their first byte 'A' or 'B'.
func serveForwarding() error {
	fd, port, err := blockingSocket()
	if err != nil {
		return err
	}
	sayReady(port)
	b := newBatch()
	var partners [2]netip.AddrPort
	for {
		n, err := b.receive(fd)
		if err != nil {
			return err
		}
		for i := range n {
			b.vectors[i].SetLen(int(b.messages[i].length))
			if !partners[0].IsValid() || !partners[1].IsValid() {
				partners[b.room[i][0]&1] = b.from(i) // 'A' is odd
				b.vectors[i].SetLen(0)               // it goes back, and is no packet
				continue
			}
			to := partners[0]
			if b.from(i) == to {
				to = partners[1]
			}
			b.address(i, to)
		}
		b.send(fd, n)
	}
}
