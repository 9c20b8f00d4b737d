package rtp

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxGathered is how many datagrams a port keeps during a pass; they leave when there are as many.
const maxGathered = 32

// outbox has what a port keeps during a pass, as sendmmsg(2) wants it. It points into itself: never copy it.
type outbox struct {
	gathering *Gathering

	passes  atomic.Int32 // that have begun and not ended
	waiting atomic.Int32 // changed under mu; who ends a pass looks first, and does not wait for others where nothing is

	mu       sync.Mutex
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
	if b.passes.Load() == 0 || len(datagram) > BufferSize {
		return false
	}
	i := b.waiting.Load()
	b.vectors[i].SetLen(copy(b.room[i][:], datagram))
	b.names[i], b.messages[i].Hdr.Namelen = *name, uint32(size)
	// The last pass may have ended meanwhile, and have seen that nothing was here.
	if b.waiting.Add(1) == maxGathered || b.passes.Load() == 0 {
		b.empty(fd)
	}
	return true
}

// empty sends what waits. One that the kernel refuses is lost, as on the network, and those after it are not.
func (b *outbox) empty(fd int) {
	all := int(b.waiting.Load())
	for from := 0; from < all; {
		// The kernel does not wait here, so the scheduler need not be told.
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&b.messages[from])),
			uintptr(all-from), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
		if errno != 0 || n == 0 {
			n = 1
		}
		from += int(n)
	}
	b.waiting.Store(0)
}

// Gather implements Socket.
func (p *port) Gather(g *Gathering) {
	p.out = newOutbox(g)
	g.add(p)
}

func (p *port) begin() { p.out.passes.Add(1) }

func (p *port) end() {
	if p.out.passes.Add(-1); p.out.waiting.Load() == 0 {
		return
	}
	p.using.RLock()
	defer p.using.RUnlock()
	p.out.mu.Lock()
	defer p.out.mu.Unlock()
	if p.closed {
		p.out.waiting.Store(0)
	}
	p.out.empty(p.fd)
}
