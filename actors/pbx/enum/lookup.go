package enum

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"
)

// Limits of a question.
const (
	patience   = 3 * time.Second // with one server
	maxServers = 3
	dnsPort    = 53
)

// Find finds the URLs of a number for a service such as "sip", the best first, under a domain; "" is the usual
// one. ErrNone: there is none.
func Find(ctx context.Context, servers []netip.AddrPort, service, text, domain string) ([]string, error) {
	if domain == "" {
		domain = Domain
	}
	name, number, err := Name(text, domain)
	if err != nil {
		return nil, err
	}
	rules, err := ask(ctx, servers, name)
	if err != nil {
		return nil, err
	}
	if urls := choose(rules, service, number); len(urls) > 0 {
		return urls, nil
	}
	return nil, ErrNone
}

// ask asks one server after the other, until one knows.
func ask(ctx context.Context, servers []netip.AddrPort, name string) ([]rule, error) {
	var random [2]byte
	if _, err := rand.Read(random[:]); err != nil {
		return nil, err
	}
	asked := question(binary.BigEndian.Uint16(random[:]), name)
	for _, s := range servers[:min(len(servers), maxServers)] {
		rules, truncated, err := askUDP(ctx, s, asked)
		if truncated {
			rules, err = askTCP(ctx, s, asked)
		}
		if err == nil || errors.Is(err, ErrNone) {
			return rules, err
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return nil, ErrServer
}

// askUDP asks by a datagram, from a port of its own. What is no answer to the question is passed over.
func askUDP(ctx context.Context, server netip.AddrPort, asked []byte) (rules []rule, truncated bool, err error) {
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
		if rules, truncated, err = answered(asked, buffer[:n]); !errors.Is(err, ErrPacket) {
			return rules, truncated, err
		}
	}
}

func askTCP(ctx context.Context, server netip.AddrPort, asked []byte) ([]rule, error) {
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
	rules, truncated, err := answered(asked, answer)
	if truncated {
		return nil, ErrPacket
	}
	return rules, err
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
