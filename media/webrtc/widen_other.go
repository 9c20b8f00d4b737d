//go:build !linux

package webrtc

import "net"

// widen asks the kernel for room for a burst; less only means that one may be cut.
func widen(socket *net.UDPConn) { _ = socket.SetReadBuffer(readBuffer) }
