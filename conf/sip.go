package conf

import (
	"net/netip"
	"strconv"
	"time"
)

// SIP is the signalling edge: listeners, timers, limits.
type SIP struct {
	// Addresses to listen on, IPv4 or IPv6, without a port.
	Bind []string `change:"restart" scope:"member"`
	// UDP port; 0 takes any free one, -1 opens none.
	UDP int `range:"-1..65535" change:"restart"`
	// TCP port; 0 takes any free one, -1 opens none.
	TCP int `range:"-1..65535" change:"restart"`
	// TLS port; 0 takes any free one, -1 opens none. Without cert and key there is no TLS listener.
	TLS int `range:"-1..65535" change:"restart"`
	// File with the certificate chain, PEM.
	Cert string `change:"restart" scope:"path"`
	// File with the private key, PEM.
	Key string `change:"restart" scope:"path"`
	// Address that peers beyond a NAT see; empty takes the address on which a peer reached us.
	Public string `change:"next call" scope:"member"`
	// Peers, as addresses or prefixes, that are trusted to say who calls and who has forwarded a call, and are
	// told so (RFC 3325): other servers of one's own, and carriers.
	Trusted []string `change:"now"`
	// Name servers, with or without a port, that are asked where SIP names lead to; none: those of the machine.
	NameServers []string `change:"now" scope:"member"`
	// UDP sockets opened on each address, sharing the load by SO_REUSEPORT.
	Sockets int `unit:"sockets" range:"1..64" change:"restart"`

	// Estimate of the round trip, from which the timers of transactions follow (RFC 3261 section 17.1.1.1).
	T1 time.Duration `range:"10ms..10s" change:"next call"`
	// Longest interval between repeats of a request or of a final response (RFC 3261 section 17.1.2.2).
	T2 time.Duration `range:"10ms..1m" change:"next call"`
	// Longest life of a message in the network (RFC 3261 section 17.1.2.2).
	T4 time.Duration `range:"10ms..1m" change:"next call"`
	// Which provisional responses of ours the peer must acknowledge by PRACK (RFC 3262): off is none, and
	// we do not take such responses either; required only where the peer insists; media also those with
	// SDP, to peers that can; all every one, to peers that can; demanded the same, and others are refused.
	Reliable string `oneof:"off required media all demanded" change:"next call"`
	// Calls are refreshed so often, by us or by the peer, or end (RFC 4028); 0s turns session timers off.
	SessionExpires time.Duration `range:"0s..24h" change:"next call"`
	// Shortest such interval that a peer may ask for; a shorter one is refused with 422.
	MinSE time.Duration `range:"90s..1h" change:"next call"`

	// Size of one message; a larger one is refused with 513.
	MaxMessage int `unit:"bytes" range:"1300..1MiB" change:"restart"`
	// Stream connections at once; the next one is closed. We open up to a quarter more, 16 at least.
	MaxConns int `unit:"connections" range:"1..1000000" change:"now"`
	// Stream connections from one address at once, of IPv6 from one network of 64 bits; the next one is closed. We open
	// up to a quarter more to it, 16 at least.
	MaxConnsPerIP int `unit:"connections" range:"1..1000000" change:"now"`
	// A stream connection without traffic for so long is closed.
	IdleTimeout time.Duration `range:"1s..24h" change:"now"`
	// A message on a stream must be complete so long after its first byte.
	HeaderTimeout time.Duration `range:"100ms..5m" change:"now"`
	// Server transactions at once; beyond it a request is refused with 503.
	MaxTransactions int `unit:"transactions" range:"1..10000000" change:"now"`
	// While work of the member waits longer than this before it is begun, new requests are refused with 503, as many as
	// must be: emergency calls and requests of calls that are there are not.
	LateAfter time.Duration `range:"5ms..10s" change:"now"`
	// Requests a second from one address that are looked at; more are dropped before parsing.
	RatePerSource int `unit:"requests per second" range:"1..10000000" change:"now"`
	// Messages that may wait to be written on one connection; one more closes it.
	Queue int `unit:"messages" range:"1..1000000" change:"restart"`

	// How long a digest nonce is good.
	NonceLife time.Duration `range:"1s..24h" change:"restart"`
	// Phones that are asked for an MD5 digest alone, named by what their User-Agent begins with: they
	// give up when they see the SHA-256 that all others are asked for first.
	MD5Agents []string `change:"now"`
	// What the Server and User-Agent headers say.
	UserAgent string `change:"restart"`
}

// DefaultSIP returns the section's defaults.
func DefaultSIP() SIP {
	return SIP{
		Bind: []string{"0.0.0.0"}, UDP: 5060, TCP: 5060, TLS: 5061, Sockets: 1,
		T1: 500 * time.Millisecond, T2: 4 * time.Second, T4: 5 * time.Second,
		Reliable: "media", SessionExpires: 30 * time.Minute, MinSE: 90 * time.Second,
		MaxMessage: 65535, MaxConns: 20000, MaxConnsPerIP: 1000,
		IdleTimeout: 10 * time.Minute, HeaderTimeout: 10 * time.Second,
		MaxTransactions: 200000, LateAfter: 20 * time.Millisecond, RatePerSource: 2000, Queue: 1000,
		NonceLife: 2 * time.Minute, MD5Agents: []string{"baresip v0.", "baresip v1.", "JsSIP 3."}, UserAgent: "Tandem",
	}
}

// isServer reports an address, with or without a port.
func isServer(text string) bool {
	_, err := netip.ParseAddr(text)
	_, withPort := netip.ParseAddrPort(text)
	return err == nil || withPort == nil
}

func (s SIP) check(k *checker) {
	k.addresses("sip.bind", s.Bind, true)
	k.public("sip.public", s.Public)
	for _, peer := range s.Trusted {
		_, prefix := netip.ParsePrefix(peer)
		if _, err := netip.ParseAddr(peer); err != nil && prefix != nil {
			k.wrong("sip.trusted", strconv.Quote(peer)+" is no address", "such as 192.0.2.7 or 192.0.2.0/24")
		}
	}
	for _, server := range s.NameServers {
		if !isServer(server) {
			k.wrong("sip.name_servers", strconv.Quote(server)+" is no address", "such as 192.0.2.53 or 192.0.2.53:53")
		}
	}
	k.certificate("sip", s.Cert, s.Key)
	if s.T1 > s.T2 {
		k.wrong("sip.t1", text(s.T1)+" is longer than t2, "+text(s.T2), "at most "+text(s.T2), "sip.t2")
	}
	if s.SessionExpires != 0 && s.SessionExpires < s.MinSE {
		k.wrong("sip.session_expires", text(s.SessionExpires)+" is shorter than min_se, "+text(s.MinSE),
			"0s, or at least "+text(s.MinSE), "sip.min_se")
	}
	if s.MaxConnsPerIP > s.MaxConns {
		k.wrong("sip.max_conns_per_ip", text(s.MaxConnsPerIP)+" is more than max_conns, "+text(s.MaxConns),
			"at most "+text(s.MaxConns), "sip.max_conns")
	}
	if !headerLike(s.UserAgent) {
		k.wrong("sip.user_agent", "holds a character that no header may hold",
			"printable ASCII, at most 100 characters")
	}
}
