package registrar

import (
	"net/netip"
	"strings"

	"tandem/signal"
)

// Limits of one request, in bytes. Phones stay far below.
const (
	maxContact = 512  // a contact with its parameters
	maxPath    = 2048 // all Path fields together
	maxCallID  = 256
	maxAgent   = 128 // more of a User-Agent is cut off, not refused
)

// checkContact refuses contacts that would do harm where they are used or shown.
func (g Registrar) checkContact(c signal.Party) *refusal {
	switch text := c.String(); {
	case len(text) > maxContact:
		return refuse(400, "Contact Too Long")
	case !printable(text):
		return refuse(400, "Control Character In Contact")
	case c.URI.Scheme != "sip" && c.URI.Scheme != "sips":
		return refuse(400, "Contact Is Not A SIP URI")
	case c.URI.Host == "":
		return refuse(400, "Contact Without Host")
	case c.URI.Headers != "":
		return refuse(400, "Contact With Headers")
	case !reachable(c.URI.Host):
		return refuse(400, "Contact Is No Unicast Address")
	case g.Own != nil && g.Own(c.URI):
		return refuse(403, "Contact Is This Server")
	}
	if maddr, ok := c.URI.Params.Get("maddr"); ok && !reachable(maddr) {
		return refuse(400, "Contact Is No Unicast Address")
	}
	return nil
}

// reachable reports whether a host may be one device: every name, and every address that is not
// multicast, broadcast or unspecified.
func reachable(host string) bool {
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return true
	}
	a = a.Unmap()
	return !a.IsMulticast() && !a.IsUnspecified() && a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// printable reports whether a text is free of control characters.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' && s[i] != '\t' || s[i] == 0x7f {
			return false
		}
	}
	return true
}

// checkRest refuses what else of a request is stored and could do harm.
func checkRest(r *signal.Request) *refusal {
	size := 0
	for _, p := range r.Headers.All("Path") {
		if size += len(p); !printable(p) {
			return refuse(400, "Control Character In Path")
		}
	}
	switch {
	case size > maxPath:
		return refuse(400, "Path Too Long")
	case len(r.CallID) > maxCallID || !printable(r.CallID):
		return refuse(400, "Bad Call-ID")
	}
	return nil
}

// agent is the User-Agent as it is kept: cut to size, without control characters.
func agent(r *signal.Request) string {
	s := r.Origin.Agent
	if s == "" {
		s = r.Headers.Get("User-Agent")
	}
	if len(s) > maxAgent {
		s = strings.ToValidUTF8(s[:maxAgent], "")
	}
	if !printable(s) {
		return ""
	}
	return s
}
