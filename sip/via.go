package sip

import (
	"crypto/rand"
	"net/netip"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"

	"tandem/signal"
	"tandem/sip/txn"
)

// stampVia notes in the topmost Via where a request really came from: always when it asked for it
// (RFC 3581 section 4), else when the sender's idea of its address is another one (RFC 3261 section
// 18.2.1). A received or rport that the sender wrote itself is overwritten. It returns the way back to
// the sender: see wayBack.
func stampVia(m *sip.Request, flow signal.Flow) signal.Flow {
	via := m.Via()
	addr := flow.Remote.Addr().WithZone("")
	asked := false
	for i := range via.Params {
		p := &via.Params[i]
		switch {
		case strings.EqualFold(p.K, "rport"):
			p.V = strconv.Itoa(int(flow.Remote.Port()))
			asked = true
		case strings.EqualFold(p.K, "received"):
			p.K = "received"
		}
	}
	via.Params.Remove("received")
	host, err := netip.ParseAddr(strings.Trim(via.Host, "[]"))
	honest := err == nil && host.Unmap() == addr
	if asked || !honest {
		via.Params.Add("received", addr.String())
	}
	if asked || !honest || flow.Transport != "UDP" {
		return flow
	}
	return wayBack(via.Port, flow)
}

// wayBack is the flow to a sender of datagrams that has not asked for rport and knows its own address:
// there is no NAT between, and it listens where its Via says, which need not be where it sends from
// (RFC 3261 section 18.2.2). For a sender behind a NAT that rule leads nowhere: if there is a way, it
// is the one by which the request came.
func wayBack(port int, flow signal.Flow) signal.Flow {
	if port == 0 {
		port = usualPort
	}
	flow.Remote = netip.AddrPortFrom(flow.Remote.Addr(), uint16(port))
	return flow
}

// usualPort is where a peer listens that names no port (RFC 3261 section 19.1.2).
const usualPort = 5060

// newVia makes the Via of a request that leaves over flow, with a branch that nobody can guess: who
// does not see the request can not answer it; among several members it tells whose it is. It asks for rport (RFC 3581 section 3).
func (s *Server) newVia(flow signal.Flow) (via *sip.ViaHeader, branch string) {
	branch = txn.Cookie + s.farm.mark + rand.Text()
	host, port := s.sentBy(flow)
	return &sip.ViaHeader{ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: flow.Transport,
		Host: host, Port: port,
		Params: sip.HeaderParams{{K: "branch", V: branch}, {K: "rport"}}}, branch
}

// sentBy is where the peer of a flow can reach us: the public address when one is set, and the
// port on which we listen, since that of a connection which we opened is good for that one only. For a flow of another member it is what that one said.
func (s *Server) sentBy(flow signal.Flow) (host string, port int) {
	if flow.Edge != s.member {
		if f, ok := s.farm.faces.of(flow); ok {
			return f.host, f.port
		}
	}
	switch addr, public := flow.Local.Addr(), s.live.Load().Public; {
	case public != "":
		host = public
	case addr.IsValid():
		host = addr.WithZone("").String()
	default: // a WebSocket that tells no address; its peer needs none (RFC 7118 section 5)
		host = s.member + ".invalid"
	}
	port = int(flow.Local.Port())
	switch p := s.Ports(); {
	case flow.Transport == "TCP" && p.TCP != 0:
		port = p.TCP
	case flow.Transport == "TLS" && p.TLS != 0:
		port = p.TLS
	}
	return host, port
}

// fillHost completes a URI whose author does not know the flow yet and leaves its host to the edge, to
// that by which the peer of the flow reaches us. A URI knows one word for WebSockets,
// whether secure or not (RFC 7118 section 5.2.4).
func (s *Server) fillHost(u *signal.URI, flow signal.Flow) {
	u.Host, u.Port = s.sentBy(flow)
	switch flow.Transport {
	case "UDP":
	case "WSS":
		u.Params = u.Params.With("transport", "ws")
	default:
		u.Params = u.Params.With("transport", strings.ToLower(flow.Transport))
	}
}

// contacts completes the contacts that leave their host to the edge; the slice is copied before it
// is changed. Where the request asks for a secure way they do so too (RFC 3261 sections 8.1.1.8 and
// 12.1.1).
func (s *Server) contacts(flow signal.Flow, secure bool, parties []signal.Party) []signal.Party {
	copied := false
	for i := range parties {
		if u := &parties[i].URI; u.Host != "" || u.Scheme == "*" || u.Scheme == "tel" {
			continue
		}
		if !copied {
			parties = append([]signal.Party(nil), parties...)
			copied = true
		}
		if secure {
			parties[i].URI.Scheme = "sips"
		}
		s.fillHost(&parties[i].URI, flow)
	}
	return parties
}

func (s *Server) withContacts(flow signal.Flow, req *sip.Request, r *signal.Response) *signal.Response {
	own := *r
	own.Contacts = s.contacts(flow, strings.EqualFold(req.Recipient.Scheme, "sips"), r.Contacts)
	return &own
}
