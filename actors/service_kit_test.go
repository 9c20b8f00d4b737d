package actors

import (
	"net"
	"strings"
	"testing"

	"tandem/actors/acttest"
	"tandem/signal"
)

// registerPhone lets a phone register for an account, as if its credentials were checked, in a registration
// of that Call-ID.
func registerPhone(p *phone, h *House, aor signal.AOR, callID string) {
	p.Helper()
	flow := registeredFlow(p, h)
	uri := signal.URI{Scheme: "sip", User: aor.User(), Host: flow.Remote.Addr().String(), Port: int(flow.Remote.Port())}
	h.ingress.Receive(&signal.Request{ID: callID, Method: signal.REGISTER, CallID: callID, CSeq: 1,
		To: signal.Party{URI: signal.URI{Scheme: "sip", User: aor.User(), Host: aor.Domain()}}, Contacts: []signal.Party{{URI: uri}},
		Origin: signal.Origin{Account: aor, Flow: flow}})
	acttest.Until(p.T, callID+" is registered", func() bool {
		for _, b := range h.directory.Bindings(aor) {
			if b.CallID == callID {
				return true
			}
		}
		return false
	})
}

// registeredFlow is the way to a phone.
func registeredFlow(p *phone, h *House) signal.Flow {
	return signal.Flow{Edge: h.Name(), Transport: "UDP", Remote: p.sip.LocalAddr().(*net.UDPAddr).AddrPort(),
		Local: p.sip.RemoteAddr().(*net.UDPAddr).AddrPort()}
}

// newPhoneAt is a phone at an address of its own, which somebody had before.
func newPhoneAt(t *testing.T, h *House, local string) *phone {
	t.Helper()
	at, err := net.ResolveUDPAddr("udp", local)
	if err != nil {
		t.Fatal(err)
	}
	p := &phone{T: t}
	p.sip, err = net.DialUDP("udp", at, &net.UDPAddr{IP: net.ParseIP(h.live.Conf().SIP.Bind[0]), Port: h.Ports()["sip_udp"]})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.sip.Close() })
	return p
}

// reply answers a request that came.
func (p *phone) reply(request, status string) {
	p.Helper()
	var b strings.Builder
	b.WriteString("SIP/2.0 " + status + "\r\n")
	for line := range strings.SplitSeq(request, "\r\n") {
		if line == "" {
			break
		}
		name, value, _ := strings.Cut(line, ": ")
		switch name {
		case "Via", "From", "Call-ID", "CSeq":
			b.WriteString(line + "\r\n")
		case "To":
			if !strings.Contains(value, "tag=") {
				line += ";tag=phone"
			}
			b.WriteString(line + "\r\n")
		}
	}
	b.WriteString("Content-Length: 0\r\n\r\n")
	if _, err := p.sip.Write([]byte(b.String())); err != nil {
		p.Fatal(err)
	}
}
