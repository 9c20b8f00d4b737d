package sip

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"tandem/signal"
)

// Reasons why a request is not sent.
var (
	errForeign  = errors.New("sip: flow belongs to another member")
	errLookups  = errors.New("sip: too many requests wait for their target")
	errFlowOnly = errors.New("sip: a WebSocket peer is reached by its flow only")
	errNoTarget = errors.New("sip: URI names no host to send to")
)

// hop is where a request goes next, before its name is looked up.
type hop struct {
	transport string
	host      string
	port      int // 0: none given, so SRV records would decide before the default does
}

// nextHop reads the next hop from the topmost Route, or else from the request URI (RFC 3261 section
// 8.1.2), and the transport from the URI (RFC 3263 section 4.1, without NAPTR).
func (s *Server) nextHop(r *signal.Request) (hop, error) {
	uri := r.URI
	if len(r.Routes) > 0 {
		p, err := signal.ParseParty(r.Routes[0])
		if err != nil {
			return hop{}, fmt.Errorf("sip: topmost route: %w", err)
		}
		uri = p.URI
	}
	if uri.Host == "" {
		return hop{}, errNoTarget
	}
	h := hop{transport: "UDP", host: uri.Host, port: uri.Port}
	if s.Ports().UDP == 0 {
		h.transport = "TCP"
	}
	if t, ok := uri.Params.Get("transport"); ok {
		h.transport = strings.ToUpper(t)
	}
	if uri.Scheme == "sips" {
		h.transport = "TLS"
	}
	switch h.transport {
	case "UDP", "TCP", "TLS":
		return h, nil
	case "WS", "WSS":
		return hop{}, errFlowOnly
	}
	return hop{}, fmt.Errorf("sip: transport %q is not known", h.transport)
}

// defaultPort is where a peer listens that names no port (RFC 3261 section 19.1.2).
func (h hop) defaultPort() uint16 {
	switch {
	case h.port != 0:
		return uint16(h.port)
	case h.transport == "TLS":
		return 5061
	}
	return usualPort
}

// direct returns the flow to a hop that takes no waiting: a datagram to an address.
func (s *Server) direct(h hop) (signal.Flow, bool) {
	addr, err := netip.ParseAddr(h.host)
	if err != nil || h.transport != "UDP" {
		return signal.Flow{}, false
	}
	flow, err := s.transports.FlowUDP(netip.AddrPortFrom(addr, h.defaultPort()))
	return flow, err == nil
}

// Facing is the address of ours that a peer is reached from: for the audio of a call whose flow is another
// member's. Not valid when there is none.
func (s *Server) Facing(peer netip.AddrPort) netip.Addr {
	flow, err := s.transports.FlowUDP(peer)
	if err != nil {
		return netip.Addr{}
	}
	return flow.Local.Addr()
}

// reach finds a flow to the hop: it looks up the name, tries its addresses in order and opens a
// connection where one is needed.
func (s *Server) reach(ctx context.Context, h hop) (signal.Flow, error) {
	addrs, err := resolve(ctx, h.host)
	if err != nil {
		return signal.Flow{}, err
	}
	var errs []error
	for _, addr := range addrs {
		remote := netip.AddrPortFrom(addr, h.defaultPort())
		var flow signal.Flow
		if h.transport == "UDP" {
			flow, err = s.transports.FlowUDP(remote)
		} else {
			flow, err = s.transports.Dial(ctx, h.transport, remote, h.host)
		}
		if err == nil {
			return flow, nil
		}
		errs = append(errs, err)
	}
	return signal.Flow{}, errors.Join(errs...)
}

func resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, nil
	}
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}
