package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"tandem/signal"
)

const (
	maxDatagram = 65535
	udpBuffer   = 4 << 20 // bytes of the kernel's receive and send buffer; it may grant less
	errorPause  = 10 * time.Millisecond
)

// socket is one UDP socket with its reading goroutine. Several may share an address: the kernel
// spreads the peers over them, and all datagrams of one peer come to the same one, in order.
type socket struct {
	conn  *net.UDPConn
	local netip.AddrPort
	wild  bool // bound to all addresses: the kernel tells which one a datagram was sent to
	set   *Set
}

// bindUDP opens the sockets of one address. With port 0 the first one chooses for all.
func (s *Set) bindUDP(addr netip.Addr) error {
	port := s.conf.UDP
	for range max(1, s.conf.Sockets) {
		u, err := s.openUDP(netip.AddrPortFrom(addr, uint16(port)))
		if err != nil {
			return fmt.Errorf("sip: listen on UDP %v port %d: %w", addr, port, err)
		}
		s.udp = append(s.udp, u)
		port = int(u.local.Port())
	}
	s.ports.UDP = firstPort(s.ports.UDP, port)
	return nil
}

func (s *Set) openUDP(at netip.AddrPort) (*socket, error) {
	network := "udp6"
	if at.Addr().Is4() {
		network = "udp4"
	}
	wild := at.Addr().IsUnspecified()
	lc := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		var err error
		ctlErr := raw.Control(func(fd uintptr) { err = socketOptions(int(fd), network, s.conf.Sockets > 1, wild) })
		return errors.Join(ctlErr, err)
	}}
	pc, err := lc.ListenPacket(context.Background(), network, at.String())
	if err != nil {
		return nil, err
	}
	conn := pc.(*net.UDPConn)
	// The kernel may grant less than asked for: that costs capacity in a burst, nothing else.
	_ = conn.SetReadBuffer(udpBuffer)
	_ = conn.SetWriteBuffer(udpBuffer)
	local := unmap(conn.LocalAddr().(*net.UDPAddr).AddrPort())
	return &socket{conn: conn, local: local, wild: wild, set: s}, nil
}

func socketOptions(fd int, network string, shared, wild bool) error {
	errs := []error{unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)}
	if shared {
		errs = append(errs, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1))
	}
	if wild && network == "udp4" {
		errs = append(errs, unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_PKTINFO, 1))
	}
	if wild && network == "udp6" {
		errs = append(errs, unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1))
	}
	return errors.Join(errs...)
}

// read hands over datagrams until the socket is closed. No other error ends it: an ICMP message or
// a moment without memory must not make the member deaf.
func (u *socket) read() {
	buf := make([]byte, maxDatagram)
	oob := make([]byte, 128)
	for {
		n, oobn, _, remote, err := u.conn.ReadMsgUDPAddrPort(buf, oob)
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			u.set.count.readErrors.Add(1)
			u.set.pause(errorPause)
			continue
		}
		flow := signal.Flow{Edge: u.set.edge, Transport: "UDP", Local: u.local, Remote: unmap(remote)}
		beside := readAncillary(oob[:oobn])
		if u.wild && beside.local.IsValid() {
			flow.Local = netip.AddrPortFrom(beside.local, u.local.Port())
		}
		now := time.Now()
		if !beside.came.IsZero() {
			u.set.waits.note(now.Sub(beside.came))
		}
		u.datagram(flow, buf[:n], now)
	}
}

// datagram takes one datagram: what is not SIP and what comes too often is dropped before anything
// looks into it. A keep-alive of line ends gets no answer; one by STUN does.
func (u *socket) datagram(flow signal.Flow, data []byte, now time.Time) {
	s := u.set
	if s.sources.take(flow.Remote.Addr(), now) > 0 &&
		!(s.urgent(data) && s.pleas.take(flow.Remote.Addr(), now) == 0) {
		s.count.limited.Add(1)
		return
	}
	data = bytes.TrimLeft(data, "\r\n")
	switch {
	case len(data) == 0:
		s.count.keepalives.Add(1)
	case !tokenByte(data[0]):
		if answer := bindingAnswer(data, flow.Remote); answer != nil && s.known.has(flow.Remote, now) {
			s.count.keepalives.Add(1)
			_ = u.send(flow, answer) // else the device asks again
			return
		}
		s.count.foreign.Add(1)
	default:
		s.handler.Message(flow, data)
	}
}

// send writes one datagram, from the address that the peer knows.
func (u *socket) send(flow signal.Flow, data []byte) error {
	if !u.wild || flow.Local.Addr().IsUnspecified() {
		_, err := u.conn.WriteToUDPAddrPort(data, flow.Remote)
		return err
	}
	var space [64]byte
	_, _, err := u.conn.WriteMsgUDPAddrPort(data, sourceAddress(space[:0], flow.Local.Addr()), flow.Remote)
	return err
}

// socketFor finds a socket that can send for the flow; of several with one address, always the same
// one for the same peer.
func (s *Set) socketFor(flow signal.Flow) *socket {
	for i, u := range s.udp {
		if u.local == flow.Local || u.wild && u.local.Port() == flow.Local.Port() &&
			u.local.Addr().Is4() == flow.Local.Addr().Is4() {
			shared := max(1, s.conf.Sockets)
			return s.udp[i-i%shared+int(flow.Remote.Port())%shared]
		}
	}
	return nil
}

// FlowUDP returns a flow over which a request can be sent to remote: from the socket that is bound
// for the peer's kind of address.
func (s *Set) FlowUDP(remote netip.AddrPort) (signal.Flow, error) {
	remote = unmap(remote)
	flow := signal.Flow{Edge: s.edge, Transport: "UDP", Remote: remote}
	u := s.towards(remote.Addr())
	if u == nil {
		return signal.Flow{}, fmt.Errorf("sip: no UDP socket reaches %v", remote)
	}
	flow.Local = u.local
	if u.wild {
		addr, err := routeSource(remote)
		if err != nil {
			return signal.Flow{}, err
		}
		flow.Local = netip.AddrPortFrom(addr, u.local.Port())
	}
	return flow, nil
}

// towards chooses a socket of the address's family: a loopback address is best reached from one, and
// no other can be.
func (s *Set) towards(addr netip.Addr) (found *socket) {
	for _, u := range s.udp {
		if u.local.Addr().Is4() != addr.Is4() {
			continue
		}
		if u.wild || u.local.Addr().IsLoopback() == addr.IsLoopback() {
			return u
		}
		if found == nil {
			found = u
		}
	}
	return found
}

// routeSource asks the kernel which of our addresses leads to remote; nothing is sent.
func routeSource(remote netip.AddrPort) (netip.Addr, error) {
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(remote))
	if err != nil {
		return netip.Addr{}, err
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap(), nil
}
