package webrtc

import (
	"net"

	"golang.org/x/sys/unix"
)

// widen asks the kernel for room for a burst: what a socket of one leg needs, times all legs. An administrator may get
// more than others, whose bound (net.core.rmem_max) is often no more than 20 ms of the audio of 300 legs; less only means
// that a burst may be cut.
func widen(socket *net.UDPConn) {
	_ = socket.SetReadBuffer(readBuffer)
	if raw, err := socket.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) {
			_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, readBuffer)
		})
	}
}
