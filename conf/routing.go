package conf

import "time"

// Routing is what the router may do with one request.
type Routing struct {
	Domain      string        // the main domain; requests for addresses of this host mean it; default "localhost"
	Domains     []string      // further domains served
	RingTimeout time.Duration // a call rings so long before forward or refusal; default 60s
	MaxForks    int           // branches of one request; default 20
	MaxForwards int           // forwards of one request from account to account; default 10
	OpenNumbers bool          // applications need no registration from loopback (dev); default false
	Numbers     []Number      // numbers that run an application; default: none
	MaxSignals  int           // requests on their way at once; default 20000. Beyond: 503
}

// Number gives an application to the numbers that match.
type Number struct {
	Match string // digits; 'n' stands for one digit, e.g. "30nn"
	App   string // name of the application, e.g. "echo"
}

// DefaultRouting returns the section's defaults.
func DefaultRouting() Routing {
	return Routing{Domain: "localhost", RingTimeout: 60 * time.Second, MaxForks: 20,
		MaxForwards: 10, MaxSignals: 20000}
}
