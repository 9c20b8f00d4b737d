package conf

import "time"

// SIP is the signalling edge: listeners, timers, limits.
type SIP struct {
	Bind    []string // addresses to listen on, IPv4 or IPv6, no port; default 0.0.0.0
	UDP     int      // port, 0 any free, -1 none; default 5060
	TCP     int      // port; default 5060
	TLS     int      // port; default 5061; needs Cert and Key, else no TLS listener
	Cert    string   // file with the certificate chain, PEM
	Key     string   // file with the private key, PEM
	Public  string   // address that peers beyond a NAT see; default: the address of the flow
	Sockets int      // UDP sockets per address (SO_REUSEPORT); default 1

	T1 time.Duration // round trip estimate (RFC 3261 section 17.1.1.1); default 500ms
	T2 time.Duration // longest interval between repeats; default 4s
	T4 time.Duration // longest life of a message in the network; default 5s

	MaxMessage      int           // bytes of one message; default 65535
	MaxConns        int           // stream connections; default 20000
	MaxConnsPerIP   int           // stream connections from one address; default 1000
	IdleTimeout     time.Duration // a stream connection without traffic is closed; default 10m
	HeaderTimeout   time.Duration // a message must be complete after its first byte; default 10s
	MaxTransactions int           // server transactions at once; default 100000. Beyond: 503
	RatePerSource   int           // requests a second from one address before parsing; default 5000
	Queue           int           // messages that may wait to be written on one connection; default 1000

	NonceLife time.Duration // how long a digest nonce is good; default 2m
	UserAgent string        // Server and User-Agent header; default "Tandem"
}

// DefaultSIP returns the section's defaults.
func DefaultSIP() SIP {
	return SIP{
		Bind: []string{"0.0.0.0"}, UDP: 5060, TCP: 5060, TLS: 5061, Sockets: 1,
		T1: 500 * time.Millisecond, T2: 4 * time.Second, T4: 5 * time.Second,
		MaxMessage: 65535, MaxConns: 20000, MaxConnsPerIP: 1000,
		IdleTimeout: 10 * time.Minute, HeaderTimeout: 10 * time.Second,
		MaxTransactions: 100000, RatePerSource: 5000, Queue: 1000,
		NonceLife: 2 * time.Minute, UserAgent: "Tandem",
	}
}
