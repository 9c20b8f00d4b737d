package transport

import (
	"encoding/binary"
	"net/netip"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A socket that is bound to all addresses learns from a control message which of them a datagram
// was sent to, and says in one from which of them to answer (ip(7) IP_PKTINFO, RFC 3542 section 6). Another one says when
// the kernel took the datagram (socket(7) SO_TIMESTAMPNS).
// The messages are read and written in place: this is done for every datagram.

const (
	wordSize   = int(unsafe.Sizeof(uintptr(0)))
	cmsgHeader = wordSize + 8 // length, level, type; a multiple of the word size
)

// ancillary is what the kernel says of a datagram beside its sender.
type ancillary struct {
	local netip.Addr // where it was sent to; not valid where that is not asked for
	came  time.Time  // when the kernel had it; zero where that is not asked for
}

// readAncillary reads the control messages of a received datagram.
func readAncillary(oob []byte) (a ancillary) {
	for len(oob) >= cmsgHeader {
		length := cmsgLength(oob)
		if length < cmsgHeader || length > len(oob) {
			break
		}
		level := int(binary.NativeEndian.Uint32(oob[wordSize:]))
		kind := int(binary.NativeEndian.Uint32(oob[wordSize+4:]))
		body := oob[cmsgHeader:length]
		switch {
		case level == unix.IPPROTO_IP && kind == unix.IP_PKTINFO && len(body) >= unix.SizeofInet4Pktinfo:
			a.local = netip.AddrFrom4([4]byte(body[8:12])) // after interface and routed address
		case level == unix.IPPROTO_IPV6 && kind == unix.IPV6_PKTINFO && len(body) >= unix.SizeofInet6Pktinfo:
			a.local = netip.AddrFrom16([16]byte(body[:16])).Unmap()
		case level == unix.SOL_SOCKET && kind == unix.SCM_TIMESTAMPNS && len(body) >= 16: // two words of 64 bits
			a.came = time.Unix(int64(binary.NativeEndian.Uint64(body)), int64(binary.NativeEndian.Uint64(body[8:])))
		}
		oob = oob[min(len(oob), aligned(length)):]
	}
	return a
}

// sourceAddress appends the control message that makes a datagram leave from addr.
func sourceAddress(oob []byte, addr netip.Addr) []byte {
	if addr.Is4() {
		oob = appendHeader(oob, unix.SizeofInet4Pktinfo, unix.IPPROTO_IP, unix.IP_PKTINFO)
		a := addr.As4()
		oob = append(oob, 0, 0, 0, 0) // any interface
		oob = append(oob, a[:]...)
		oob = append(oob, 0, 0, 0, 0)
	} else {
		oob = appendHeader(oob, unix.SizeofInet6Pktinfo, unix.IPPROTO_IPV6, unix.IPV6_PKTINFO)
		a := addr.As16()
		oob = append(oob, a[:]...)
		oob = append(oob, 0, 0, 0, 0) // any interface
	}
	for len(oob)%wordSize != 0 {
		oob = append(oob, 0)
	}
	return oob
}

func appendHeader(oob []byte, body int, level, kind uint32) []byte {
	if wordSize == 8 {
		oob = binary.NativeEndian.AppendUint64(oob, uint64(cmsgHeader+body))
	} else {
		oob = binary.NativeEndian.AppendUint32(oob, uint32(cmsgHeader+body))
	}
	oob = binary.NativeEndian.AppendUint32(oob, level)
	return binary.NativeEndian.AppendUint32(oob, kind)
}

func cmsgLength(oob []byte) int {
	if wordSize == 8 {
		return int(binary.NativeEndian.Uint64(oob))
	}
	return int(binary.NativeEndian.Uint32(oob))
}

func aligned(n int) int { return (n + wordSize - 1) &^ (wordSize - 1) }
