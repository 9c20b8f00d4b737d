package conf

import "time"

// XIMSS is how clients of sessions are connected: over TCP, over WebSocket at /ximss, and over HTTP at /XIMSSLogin/
// and /Session/.
type XIMSS struct {
	// Addresses to listen on, IPv4 or IPv6, without a port.
	Bind []string `change:"restart" scope:"member"`
	// TCP port; 0 takes any free one, -1 opens none. A client can change to TLS on it if there is a certificate.
	Port int `range:"-1..65535" change:"restart"`
	// Port for TLS; 0 takes any free one, -1 opens none. Without cert and key there is no TLS listener.
	TLSPort int `range:"-1..65535" change:"restart"`
	// File with the certificate chain, PEM.
	Cert string `change:"restart" scope:"path"`
	// File with the private key, PEM.
	Key string `change:"restart" scope:"path"`
	// Whether passwords may come in clear from other machines without TLS. From this machine they always may.
	ClearPasswords bool `change:"now"`

	// TCP connections at once; the next one is closed.
	MaxConns int `unit:"connections" range:"1..1000000" change:"now"`
	// TCP connections from one address at once, and WebSockets from one at /ximss; the next one is refused.
	MaxConnsPerIP int `unit:"connections" range:"1..1000000" change:"now"`
	// Size of one document, and of the body of an HTTP request; a larger one ends the connection.
	MaxMessage int `unit:"bytes" range:"1KiB..16MiB" change:"now"`
	// Text that may wait for a slow client on its connection; more closes it.
	MaxUnread int `unit:"bytes" range:"64KiB..256MiB" change:"now"`
	// A document must be complete so long after its first byte.
	MessageTime time.Duration `range:"100ms..5m" change:"now"`
	// How long a connection may stand open before somebody logs in on it.
	LoginTime time.Duration `range:"1s..1h" change:"now"`
	// How often a WebSocket is pinged; one that misses two is closed.
	PingEvery time.Duration `range:"1s..1h" change:"now"`
	// Longest wait of one poll over HTTP, whatever the client asks for.
	MaxWait time.Duration `range:"1s..50s" change:"now"`

	// Sessions at once; the next login is refused.
	MaxSessions int `unit:"sessions" range:"1..10000000" change:"now"`
	// Sessions of one account at once on one member; its next login there is refused.
	MaxSessionsPerAccount int `unit:"sessions" range:"1..10000000" change:"now"`
	// Calls of one session at once; further ones are refused, or do not reach it.
	MaxCalls int `unit:"calls" range:"1..1000" change:"next call"`
	// How long a session whose connection is lost, or whose client over HTTP is silent, waits for it to come back.
	Resume time.Duration `range:"1s..24h" change:"next call"`
	// How long a connected client may be silent, where it does not wish another time itself.
	IdleTimeout time.Duration `range:"10s..24h" change:"next call"`
	// Messages that wait for a client that is not there; more are dropped, all of them, and it is told when it is back.
	MaxQueued int `unit:"messages" range:"10..1000000" change:"next call"`
	// Text of those messages, and of one answer to a client that is there.
	MaxQueuedBytes int `unit:"bytes" range:"64KiB..64MiB" change:"next call"`
}

// DefaultXIMSS returns the section's defaults.
func DefaultXIMSS() XIMSS {
	return XIMSS{Bind: []string{"0.0.0.0"}, Port: 11024, TLSPort: -1,
		MaxConns: 20000, MaxConnsPerIP: 1000, MaxMessage: 256 << 10, MaxUnread: 4 << 20,
		MessageTime: 10 * time.Second, LoginTime: time.Minute, PingEvery: 30 * time.Second, MaxWait: 50 * time.Second,
		MaxSessions: 20000, MaxSessionsPerAccount: 1000, MaxCalls: 20, Resume: 2 * time.Minute, IdleTimeout: 10 * time.Minute, MaxQueued: 1000, MaxQueuedBytes: 1 << 20}
}

func (x XIMSS) check(k *checker) {
	k.addresses("ximss.bind", x.Bind, true)
	k.certificate("ximss", x.Cert, x.Key)
	if x.MaxUnread < 2*x.MaxMessage {
		k.wrong("ximss.max_unread", text(x.MaxUnread)+" does not hold two messages of max_message, "+text(x.MaxMessage),
			"twice max_message or more", "ximss.max_message")
	}
	if x.MaxUnread < 2*x.MaxQueuedBytes { // which a client that comes back is told at once
		k.wrong("ximss.max_unread", text(x.MaxUnread)+" does not hold twice what waits for a client that comes back, "+
			text(x.MaxQueuedBytes), "twice max_queued_bytes or more", "ximss.max_queued_bytes")
	}
}
