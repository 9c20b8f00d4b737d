package resolve

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// Limits of a question.
const (
	patience   = 2 * time.Second // with one name server
	maxServers = 3
	maxRecords = 32
	maxAnswer  = 4096 // bytes; a longer answer is left out, and the SRV records are asked for without it
)

// typeNAPTR is the record's number (RFC 3403 section 6).
const typeNAPTR dnsmessage.Type = 35

// errPacket says that an answer is none to the question.
var errPacket = errors.New("resolve: malformed answer")

// naptr is one record (RFC 3403 section 4.1).
type naptr struct {
	order, preference uint16
	flags, service    string
	replacement       string // a name, absolute
}

// naptr asks for the NAPTR records of a name, one server after the other.
func (r *Resolver) naptr(ctx context.Context, name string) ([]naptr, error) {
	servers := r.Servers
	if len(servers) == 0 {
		servers = machineServers("/etc/resolv.conf")
	}
	question, id, err := newQuestion(name)
	if err != nil {
		return nil, err
	}
	err = ErrNone
	for _, s := range servers[:min(len(servers), maxServers)] {
		var records []naptr
		if records, err = ask(ctx, s, question, id); err == nil {
			return records, nil
		}
	}
	return nil, err
}

func newQuestion(name string) (packet []byte, id uint16, err error) {
	fqdn, err := dnsmessage.NewName(strings.TrimSuffix(name, ".") + ".")
	if err != nil {
		return nil, 0, err
	}
	var random [2]byte
	if _, err := rand.Read(random[:]); err != nil {
		return nil, 0, err
	}
	id = binary.BigEndian.Uint16(random[:])
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: id, RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: fqdn, Type: typeNAPTR, Class: dnsmessage.ClassINET}}}
	packet, err = m.Pack()
	return packet, id, err
}

// ask asks one server by a datagram, from a port of its own. What is no answer to the question is passed over.
func ask(ctx context.Context, server netip.AddrPort, question []byte, id uint16) ([]naptr, error) {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "udp", server.String())
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	if _, err := conn.Write(question); err != nil {
		return nil, err
	}
	buffer := make([]byte, maxAnswer)
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			return nil, err
		}
		records, err := readAnswer(buffer[:n], id)
		if !errors.Is(err, errPacket) {
			return records, err
		}
	}
}

// readAnswer reads the NAPTR records of an answer. Records that can not be read are left out.
func readAnswer(packet []byte, id uint16) (out []naptr, err error) {
	var p dnsmessage.Parser
	head, err := p.Start(packet)
	if err != nil || head.ID != id || !head.Response {
		return nil, errPacket
	}
	if err := p.SkipAllQuestions(); err != nil {
		return nil, errPacket
	}
	for len(out) < maxRecords {
		h, err := p.AnswerHeader()
		if err != nil { // the end of the section, or of what was cut
			break
		}
		if h.Type != typeNAPTR {
			if p.SkipAnswer() != nil {
				break
			}
			continue
		}
		body, err := p.UnknownResource()
		if err != nil {
			break
		}
		if one, ok := readNAPTR(body.Data); ok {
			out = append(out, one)
		}
	}
	if len(out) == 0 {
		return nil, ErrNone
	}
	return out, nil
}

// readNAPTR reads the content of a record: two numbers, three texts and a name without compression.
func readNAPTR(b []byte) (n naptr, ok bool) {
	if len(b) < 4 {
		return n, false
	}
	n.order, n.preference = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	b = b[4:]
	var expression string
	for _, field := range []*string{&n.flags, &n.service, &expression} {
		if len(b) == 0 || len(b) < 1+int(b[0]) {
			return n, false
		}
		*field, b = string(b[1:1+int(b[0])]), b[1+int(b[0]):]
	}
	var name strings.Builder
	for len(b) > 0 && b[0] != 0 {
		length := int(b[0])
		if length > 63 || len(b) < 1+length || name.Len()+length > 254 {
			return n, false
		}
		name.Write(b[1 : 1+length])
		name.WriteByte('.')
		b = b[1+length:]
	}
	n.replacement = name.String()
	return n, len(b) == 1 && expression == ""
}

// machineServers are the name servers of a resolv.conf; none where it can not be read.
func machineServers(path string) (servers []netip.AddrPort) {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan() && len(servers) < maxServers; {
		f := strings.Fields(lines.Text())
		if len(f) < 2 || f[0] != "nameserver" {
			continue
		}
		if a, err := netip.ParseAddr(f[1]); err == nil {
			servers = append(servers, netip.AddrPortFrom(a, 53))
		}
	}
	return servers
}
