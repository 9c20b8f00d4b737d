package sip

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"tandem/signal"
	"tandem/sip/farm"
	"tandem/sip/resolve"
)

// Reasons why a request is not sent.
var (
	errForeign   = errors.New("sip: flow belongs to another member")
	errLookups   = errors.New("sip: too many requests wait for their target")
	errFlowOnly  = errors.New("sip: a WebSocket peer is reached by its flow only")
	errCancelled = errors.New("sip: cancelled while a connection was opened")
	errNoTarget  = errors.New("sip: URI names no host to send to")
)

// nextHop reads the next hop from the topmost Route, or else from the request URI (RFC 3261 section 8.1.2), and what the
// URI says of the transport (RFC 3263 section 4.1). An maddr stands in the place of the host (RFC 3263 section 4); whoever
// is there must still prove to be the host, where certificates are asked for.
func (s *Server) nextHop(r *signal.Request) (resolve.Hop, error) {
	uri := r.URI
	if len(r.Routes) > 0 {
		p, err := signal.ParseParty(r.Routes[0])
		if err != nil {
			return resolve.Hop{}, fmt.Errorf("sip: topmost route: %w", err)
		}
		uri = p.URI
	}
	if uri.Host == "" {
		return resolve.Hop{}, errNoTarget
	}
	h := resolve.Hop{Host: farm.HostOf(uri), Port: uri.Port, Secure: uri.Scheme == "sips"}
	if h.Host != uri.Host {
		h.Name = uri.Host
	}
	if t, ok := uri.Params.Get("transport"); ok && !h.Secure {
		h.Transport = strings.ToUpper(t)
	}
	switch h.Transport {
	case "", "UDP", "TCP", "TLS":
		return h, nil
	case "WS", "WSS":
		return resolve.Hop{}, errFlowOnly
	}
	return resolve.Hop{}, fmt.Errorf("sip: transport %q is not known", h.Transport)
}

// ours are the transports that we can send by. Connections are opened whether we listen for some or not.
func (s *Server) ours() []string {
	if s.Ports().UDP == 0 {
		return []string{"TCP", "TLS"}
	}
	return []string{"UDP", "TCP", "TLS"}
}

// Addresses are those to which the host of a URI leads for sure, since whoever is there is trusted: where a name server fails to
// tell of SRV records there are none, though requests may go to the host itself then (see resolve.Targets). Of an error
// resolve.Absent tells whether there are none.
func (s *Server) Addresses(ctx context.Context, u signal.URI) (all []netip.Addr, err error) {
	hop, err := s.nextHop(&signal.Request{URI: u})
	if err != nil {
		return nil, err
	}
	sure := s.resolver()
	sure.Sure = true
	targets, err := sure.Targets(ctx, hop, s.ours())
	for _, t := range targets {
		all = append(all, t.Addr.Addr())
	}
	return all, err
}

// resolver looks up names as the settings of the moment want.
func (s *Server) resolver() *resolve.Resolver {
	r := &resolve.Resolver{Kept: &s.kept}
	for _, text := range s.live.Load().NameServers {
		if at, err := netip.ParseAddrPort(text); err == nil {
			r.Servers = append(r.Servers, at)
		} else if addr, err := netip.ParseAddr(text); err == nil {
			r.Servers = append(r.Servers, netip.AddrPortFrom(addr, 53))
		}
	}
	return r
}

// direct returns the flow to a hop that takes no waiting: a datagram to an address.
func (s *Server) direct(h resolve.Hop) (signal.Flow, bool) {
	targets := h.Here(s.ours())
	if len(targets) == 0 || targets[0].Transport != "UDP" {
		return signal.Flow{}, false
	}
	flow, err := s.transports.FlowUDP(targets[0].Addr)
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
