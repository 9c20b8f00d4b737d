package conf

import "time"

// HTTP is the web listener: REST, SIP over WebSocket at /sip, metrics and health.
type HTTP struct {
	Bind          []string      // addresses to listen on; default 0.0.0.0
	Port          int           // port, 0 any free, -1 none; default 8010
	TLSPort       int           // port; default 9010; needs Cert and Key, else no TLS listener
	Cert          string        // file with the certificate chain, PEM
	Key           string        // file with the private key, PEM
	Origins       []string      // origins that may open a WebSocket besides our own host; default none
	Hosts         []string      // Host names that are answered, beside addresses and localhost; default any
	Timeout       time.Duration // for a request's header and for idle connections; default 30s
	MaxBody       int           // bytes of a request body; default 1048576
	MaxWebSockets int           // WebSocket connections at once; default 20000
}

// DefaultHTTP returns the section's defaults.
func DefaultHTTP() HTTP {
	return HTTP{Bind: []string{"0.0.0.0"}, Port: 8010, TLSPort: 9010,
		Timeout: 30 * time.Second, MaxBody: 1 << 20, MaxWebSockets: 20000}
}
