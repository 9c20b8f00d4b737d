package conf

import (
	"net/url"
	"time"
)

// HTTP is the web listener: REST, SIP over WebSocket at /sip, metrics and health.
type HTTP struct {
	// Addresses to listen on, IPv4 or IPv6, without a port.
	Bind []string `change:"restart" scope:"member"`
	// Port; 0 takes any free one, -1 opens none.
	Port int `range:"-1..65535" change:"restart"`
	// Port for TLS; 0 takes any free one, -1 opens none. Without cert and key there is no TLS listener.
	TLSPort int `range:"-1..65535" change:"restart"`
	// File with the certificate chain, PEM.
	Cert string `change:"restart" scope:"path"`
	// File with the private key, PEM.
	Key string `change:"restart" scope:"path"`
	// Origins, such as https://desk.example.com, whose pages may open a WebSocket beside our own.
	Origins []string `change:"now"`
	// Host names that are answered beside addresses, localhost, the name of this host and the domains
	// served; any other is refused, so that no foreign page can reach this one by a name of its own.
	Hosts []string `change:"now"`
	// Longest wait for the header of a request and on an idle connection.
	Timeout time.Duration `range:"1s..1h" change:"restart"`
	// Size of a request body; a larger one is refused with 413.
	MaxBody int `unit:"bytes" range:"1KiB..1GiB" change:"now"`
	// WebSocket connections at once; the next one is refused with 503.
	MaxWebSockets int `unit:"connections" range:"1..1000000" change:"now"`
}

// DefaultHTTP returns the section's defaults.
func DefaultHTTP() HTTP {
	return HTTP{Bind: []string{"0.0.0.0"}, Port: 8010, TLSPort: 9010,
		Timeout: 30 * time.Second, MaxBody: 1 << 20, MaxWebSockets: 20000}
}

func (h HTTP) check(k *checker) {
	k.addresses("http.bind", h.Bind, true)
	k.certificate("http", h.Cert, h.Key)
	for i, o := range h.Origins {
		u, err := url.Parse(o)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" ||
			o != u.Scheme+"://"+u.Host {
			k.wrong(part("http.origins", i), quote(o)+" is no origin",
				"scheme and host alone, such as https://desk.example.com")
		}
	}
	for i, host := range h.Hosts {
		if !hostLike(host) {
			k.wrong(part("http.hosts", i), quote(host)+" is no host name",
				"a name such as desk.example.com, without a port")
		}
	}
}
