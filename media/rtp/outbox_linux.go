package rtp

import (
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxGathered is how many datagrams a port keeps during a pass; they leave when there are as many.
const maxGathered = 32

// outbox has what a port keeps during a pass, as sendmmsg(2) wants it. It points into itself: never copy it.
type outbox struct {
	gathering *Gathering

	mu       sync.Mutex
	passes   int // that have begun and not ended
	waiting  int
	messages [maxGathered]unix.Mmsghdr
	vectors  [maxGathered]unix.Iovec
	names    [maxGathered]unix.RawSockaddrInet6
	room     [maxGathered][BufferSize]byte
}

func newOutbox(g *Gathering) *outbox {
	b := &outbox{gathering: g}
	for i := range b.messages {
		b.vectors[i].Base = &b.room[i][0]
		h := &b.messages[i].Hdr
		h.Name, h.Iov = (*byte)(unsafe.Pointer(&b.names[i])), &b.vectors[i]
		h.SetIovlen(1)
	}
	return b
}

// keep takes a datagram in; false: it is to be sent at once, for no pass has begun, or it is too long.
func (b *outbox) keep(fd int, datagram []byte, name *unix.RawSockaddrInet6, size uintptr) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.passes == 0 || len(datagram) > BufferSize {
		return false
	}
	i := b.waiting
	b.vectors[i].SetLen(copy(b.room[i][:], datagram))
	b.names[i], b.messages[i].Hdr.Namelen = *name, uint32(size)
	if b.waiting++; b.waiting == maxGathered {
		b.empty(fd)
	}
	return true
}

// empty sends what waits. One that the kernel refuses is lost, as on the network, and those after it are not.
func (b *outbox) empty(fd int) {
	for from := 0; from < b.waiting; {
		// The kernel does not wait here, so the scheduler need not be told.
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&b.messages[from])),
			uintptr(b.waiting-from), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
		if errno != 0 || n == 0 {
			n = 1
		}
		from += int(n)
	}
	b.waiting = 0
}

// Gather implements Socket.
func (p *port) Gather(g *Gathering) {
	p.out = newOutbox(g)
	g.add(p)
}

func (p *port) begin() {
	p.out.mu.Lock()
	p.out.passes++
	p.out.mu.Unlock()
}

func (p *port) end() {
	p.using.RLock()
	defer p.using.RUnlock()
	p.out.mu.Lock()
	defer p.out.mu.Unlock()
	p.out.passes--
	if p.closed {
		p.out.waiting = 0
	}
	p.out.empty(p.fd)
}
