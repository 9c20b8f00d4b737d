package registrar

import (
	"strconv"
	"strings"

	"tandem/signal"
)

// A device may keep several flows to us, each a REGISTER of its own with the device's name, +sip.instance, and the number
// of the flow, reg-id (RFC 5626). We are the first hop and the registrar in one, so that a flow is known by itself and needs
// no token in a Path.

// flowTimer is how often a device is to be heard on a connection at least, in seconds (RFC 5626 section 4.4): far less than
// the time after which an idle one is closed.
const flowTimer = 120

// maxRegID is the highest number of a flow (RFC 5626 section 4.2).
const maxRegID = 1<<31 - 1

// outbound reports whether a contact is one of several flows of its device (RFC 5626 section 6).
func outbound(r *signal.Request, c signal.Party) bool {
	b := Binding{Params: c.Params}
	return b.Instance() != "" && b.RegID() != "" && r.Headers.Has("Supported", "outbound")
}

// checkOutbound refuses flows that can not be: two in one request, or by a first hop that does not keep them.
func checkOutbound(r *signal.Request) *refusal {
	flows := 0
	for _, c := range r.Contacts {
		if !outbound(r, c) {
			continue
		}
		if n, err := strconv.Atoi(Binding{Params: c.Params}.RegID()); err != nil || n < 1 || n > maxRegID {
			return refuse(400, "Bad reg-id")
		}
		flows++
	}
	switch path := r.Headers.All("Path"); {
	case flows > 1:
		return refuse(400, "One Flow In A Request")
	case flows == 1 && len(path) > 0 && !keepsFlows(path[len(path)-1]):
		return refuse(439, "First Hop Lacks Outbound Support")
	}
	return nil
}

// keepsFlows tells whether a proxy says of itself that it keeps flows (RFC 5626 section 5.1).
func keepsFlows(path string) bool {
	all := signal.Elements(path)
	p, err := signal.ParseParty(strings.TrimSpace(all[len(all)-1]))
	if err != nil {
		return false
	}
	_, ob := p.URI.Params.Get("ob")
	return ob
}

// flowHeaders tell a device that its flow is kept apart from its others, and how it is kept alive. A datagram's way is by
// the device's own habit.
func flowHeaders(f signal.Flow) signal.Headers {
	h := signal.Headers{{Name: "Require", Value: "outbound"}}
	if f.Conn != 0 {
		h = append(h, signal.Header{Name: "Flow-Timer", Value: strconv.Itoa(flowTimer)})
	}
	return h
}
