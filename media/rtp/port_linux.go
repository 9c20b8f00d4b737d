package rtp

import (
	"net"
	"net/netip"
	"strconv"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// port is one socket of a Loop.
type port struct {
	loop *Loop
	fd   int
	at   netip.AddrPort
	six  bool
	out  *outbox // nil: each datagram leaves by itself

	reading  sync.Mutex // held while the handler is called
	handle   Handler
	failures int

	using  sync.RWMutex // held while the descriptor is used: its number may be another's after Close
	closed bool
}

// Serve implements Conn.
func (p *port) Serve(handle Handler) {
	p.reading.Lock()
	p.handle = handle
	p.reading.Unlock()
	// It fails when the port or the loop is closed, and then there is nothing to deliver.
	_ = p.loop.watch(p)
}

// read hands over what has come. A port that is flooded leaves the rest for the next visit.
func (p *port) read(in *inbox) {
	p.reading.Lock()
	defer p.reading.Unlock()
	for range maxBursts {
		if p.closed || !p.burst(in) {
			return
		}
	}
}

// burst hands over what one call of the kernel gives; false: that was all.
func (p *port) burst(in *inbox) (more bool) {
	n, err := in.receive(p.fd)
	switch {
	case err == nil:
		p.failures = 0
	case err == unix.EAGAIN || err == unix.EINTR:
		return false
	default: // the kernel may report the fate of an earlier send here; that is no end
		if p.failures++; p.failures == maxFailures {
			p.loop.unwatch(p)
		}
		return false
	}
	for i := range n {
		if datagram, from, ok := in.datagram(i); ok {
			p.handle(datagram, from)
		}
	}
	return n == maxBurst
}

// Send implements Conn. A socket whose room is full loses the datagram, as the network would.
func (p *port) Send(datagram []byte, to netip.AddrPort) error {
	p.using.RLock()
	defer p.using.RUnlock()
	if p.closed {
		return net.ErrClosed
	}
	var name unix.RawSockaddrInet6 // the larger one
	size, err := p.address(&name, to)
	if err != nil {
		return err
	}
	if p.out != nil && p.out.keep(p.fd, datagram, &name, size) {
		return nil
	}
	var first unsafe.Pointer
	if len(datagram) > 0 {
		first = unsafe.Pointer(&datagram[0])
	}
	// The kernel does not wait here, so the scheduler need not be told.
	_, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(p.fd), uintptr(first), uintptr(len(datagram)),
		unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, uintptr(unsafe.Pointer(&name)), size)
	if errno != 0 {
		return errno
	}
	return nil
}

// address writes where to send to as the kernel wants it, and returns its size. A socket of IPv6 that is bound to an
// address of one link sends on that link.
func (p *port) address(name *unix.RawSockaddrInet6, to netip.AddrPort) (size uintptr, err error) {
	host, number := to.Addr().Unmap(), to.Port()
	if !host.IsValid() || host.Is4() == p.six {
		return 0, unix.EAFNOSUPPORT
	}
	if p.six {
		name.Family, name.Addr = unix.AF_INET6, host.As16()
		putPort(&name.Port, number)
		return unix.SizeofSockaddrInet6, nil
	}
	four := (*unix.RawSockaddrInet4)(unsafe.Pointer(name))
	four.Family, four.Addr = unix.AF_INET, host.As4()
	putPort(&four.Port, number)
	return unix.SizeofSockaddrInet4, nil
}

// Close implements Conn.
func (p *port) Close() error {
	if p.out != nil {
		p.out.gathering.remove(p)
	}
	p.loop.forget(p)
	p.reading.Lock()
	defer p.reading.Unlock()
	p.using.Lock()
	defer p.using.Unlock()
	if p.closed {
		return net.ErrClosed
	}
	p.closed = true
	return unix.Close(p.fd)
}

// Local implements Socket.
func (p *port) Local() netip.AddrPort { return p.at }

// Widen implements Socket. An administrator may get more than others, whose bound (net.core.rmem_max) is often no more
// than 20 ms of the audio of 300 legs.
func (p *port) Widen(octets int) {
	p.using.RLock()
	defer p.using.RUnlock()
	if p.closed {
		return
	}
	if unix.SetsockoptInt(p.fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, octets) != nil {
		_ = unix.SetsockoptInt(p.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, octets)
	}
}

// nameOf is the address that a socket has.
func nameOf(fd int) (netip.AddrPort, error) {
	name, err := unix.Getsockname(fd)
	switch name := name.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(name.Addr), uint16(name.Port)), err
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(name.Addr), uint16(name.Port)), err
	}
	return netip.AddrPort{}, err
}

// bind makes a socket that does not wait. One of IPv6 takes nothing of IPv4, which has ports of its own.
func bind(local netip.AddrPort) (fd int, at netip.AddrPort, err error) {
	host := local.Addr().Unmap()
	family := unix.AF_INET6
	if host.Is4() {
		family = unix.AF_INET
	}
	fd, err = unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return -1, at, err
	}
	if host.Is4() {
		err = unix.Bind(fd, &unix.SockaddrInet4{Port: int(local.Port()), Addr: host.As4()})
	} else if err = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1); err == nil {
		err = unix.Bind(fd, &unix.SockaddrInet6{Port: int(local.Port()), Addr: host.As16(), ZoneId: zone(host)})
	}
	at = netip.AddrPortFrom(host, local.Port())
	if err == nil && at.Port() == 0 {
		at, err = nameOf(fd)
	}
	if err != nil {
		_ = unix.Close(fd) // the other error says more
		return -1, at, err
	}
	return fd, at, nil
}

// zone is the number of the link that an address of one link belongs to, 0 for none.
func zone(host netip.Addr) uint32 {
	if host.Zone() == "" {
		return 0
	}
	if link, err := net.InterfaceByName(host.Zone()); err == nil {
		return uint32(link.Index)
	}
	n, _ := strconv.ParseUint(host.Zone(), 10, 32)
	return uint32(n)
}
