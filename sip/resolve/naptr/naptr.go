package naptr

import (
	"bufio"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"
)

// Limits of a question.
const (
	patience   = 2 * time.Second // with one server
	maxServers = 3
	dnsPort    = 53
)

// Failures.
var (
	ErrNone   = errors.New("naptr: the name has no such record")
	ErrServer = errors.New("naptr: the name servers do not answer")
	ErrName   = errors.New("naptr: it is no name")
	errPacket = errors.New("naptr: malformed answer")
)

// Record is one record (RFC 3403 section 4.1).
type Record struct {
	Order, Preference          uint16
	Flags, Service, Expression string
	Replacement                string // a name, absolute; "" for the root
}

// Ask asks for the records of a name, one server after the other, until one knows: be it that there are none, which is
// ErrNone. They are in the order in which they are to be tried.
func Ask(ctx context.Context, servers []netip.AddrPort, name string) ([]Record, error) {
	var random [2]byte
	if _, err := rand.Read(random[:]); err != nil {
		return nil, err
	}
	asked, err := question(binary.BigEndian.Uint16(random[:]), name)
	if err != nil {
		return nil, err
	}
	for _, s := range servers[:min(len(servers), maxServers)] {
		records, truncated, err := askUDP(ctx, s, asked)
		if truncated {
			records, err = askTCP(ctx, s, asked)
		}
		if err == nil || errors.Is(err, ErrNone) {
			slices.SortStableFunc(records, func(a, b Record) int {
				return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Preference, b.Preference))
			})
			return records, err
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return nil, ErrServer
}

// askUDP asks by a datagram, from a port of its own. What is no answer to the question is passed over.
func askUDP(ctx context.Context, server netip.AddrPort, asked []byte) (records []Record, truncated bool, err error) {
	conn, done, err := dial(ctx, "udp", server)
	if err != nil {
		return nil, false, err
	}
	defer done()
	if _, err := conn.Write(asked); err != nil {
		return nil, false, err
	}
	buffer := make([]byte, 4096)
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			return nil, false, err
		}
		if records, truncated, err = answered(asked, buffer[:n]); !errors.Is(err, errPacket) {
			return records, truncated, err
		}
	}
}

func askTCP(ctx context.Context, server netip.AddrPort, asked []byte) ([]Record, error) {
	conn, done, err := dial(ctx, "tcp", server)
	if err != nil {
		return nil, err
	}
	defer done()
	if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(asked))), asked...)); err != nil {
		return nil, err
	}
	var head [2]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		return nil, err
	}
	answer := make([]byte, binary.BigEndian.Uint16(head[:]))
	if _, err := io.ReadFull(conn, answer); err != nil {
		return nil, err
	}
	records, truncated, err := answered(asked, answer)
	if truncated {
		return nil, errPacket
	}
	return records, err
}

// dial opens a connection that lives for a question.
func dial(ctx context.Context, network string, server netip.AddrPort) (net.Conn, func(), error) {
	dialer := net.Dialer{Timeout: patience}
	conn, err := dialer.DialContext(ctx, network, server.String())
	if err != nil {
		return nil, nil, err
	}
	err = conn.SetDeadline(time.Now().Add(patience))
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	return conn, func() { stop(); _ = conn.Close() }, err
}

// Servers are the name servers of this machine, as its resolv.conf has them; none where it can not be read.
func Servers(path string) (servers []netip.AddrPort) {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan() && len(servers) < maxServers; {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 || fields[0] != "nameserver" {
			continue
		}
		if a, err := netip.ParseAddr(fields[1]); err == nil {
			servers = append(servers, netip.AddrPortFrom(a, dnsPort))
		}
	}
	return servers
}
