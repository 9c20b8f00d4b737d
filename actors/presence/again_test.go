package presence

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"tandem/signal"
	"tandem/sip/pidf"
)

// A phone that publishes anew from its address, without the tag of what it said before, has said that no more.
func TestPhoneThatBeginsAnew(t *testing.T) {
	n := 0
	now := time.Now()
	p := New("alice@t.local", "tag", DefaultLimits, func() string { n++; return string(rune('a' + n)) }, now)
	publish := func(from string, state signal.Presence, call string) {
		r := &signal.Request{ID: "1", Method: signal.PUBLISH, CallID: call, ContentType: pidf.Type,
			Headers: signal.Headers{{Name: "Event", Value: Event}},
			Body:    []byte(pidf.Document{Presence: state}.String())}
		r.Origin.Flow.Remote = netip.MustParseAddrPort(from)
		p.Request(r, now)
	}
	publish("192.0.2.1:5060", signal.PresenceBusy, "a")
	publish("192.0.2.2:5060", signal.PresenceAway, "b")
	publish("192.0.2.1:5060", signal.PresenceOffline, "c")
	if got := p.aggregate(); got.Presence != signal.PresenceAway || p.Sources() != 2 {
		t.Errorf("%v of %d", got, p.Sources())
	}
	// Two devices behind one proxy have its address: each of them begins anew for itself.
	p.shared = func(netip.AddrPort) bool { return true }
	publish("192.0.2.9:5060", signal.PresenceBusy, "d")
	publish("192.0.2.9:5060", signal.PresenceOnline, "e")
	if got := p.aggregate(); got.Presence != signal.PresenceBusy || p.Sources() != 4 {
		t.Errorf("%v of %d", got, p.Sources())
	}
	publish("192.0.2.9:5060", signal.PresenceOffline, "d")
	if got := p.aggregate(); got.Presence != signal.PresenceOnline || p.Sources() != 4 {
		t.Errorf("%v of %d", got, p.Sources())
	}
}

// An address is shared where it is a proxy's, or several devices have registered from it.
func TestSharedAddress(t *testing.T) {
	from, other := netip.MustParseAddrPort("192.0.2.1:5060"), netip.MustParseAddrPort("192.0.2.2:5060")
	at := func(a netip.AddrPort, routes ...string) signal.Contact {
		return signal.Contact{Flow: signal.Flow{Transport: "UDP", Remote: a}, Routes: routes}
	}
	named := func(contact, device string) signal.Contact {
		c := at(from)
		host, params, _ := strings.Cut(contact, ";")
		c.Device, c.URI = device, signal.URI{Scheme: "sip", User: "1000", Host: host}
		for p := range strings.SplitSeq(params, ";") {
			if name, value, ok := strings.Cut(p, "="); ok {
				c.URI.Params = c.URI.Params.With(name, value)
			}
		}
		return c
	}
	for _, x := range []struct {
		devices []signal.Contact
		want    bool
	}{
		{nil, false}, {[]signal.Contact{at(from)}, false}, {[]signal.Contact{at(from), at(other)}, false},
		{[]signal.Contact{named("a", ""), named("b", "")}, true}, {[]signal.Contact{named("a", ""), named("a;transport=tcp", "")}, false},
		{[]signal.Contact{named("a;line=1", ""), named("a;line=2;transport=tcp", "")}, true},
		{[]signal.Contact{named("a", "phone"), named("b", "phone")}, false}, {[]signal.Contact{named("a", "phone"), named("a", "other")}, true},
		{[]signal.Contact{named("a", ""), named("a", ""), named("b", "")}, true}, {[]signal.Contact{at(from, "<sip:proxy;lr>")}, true},
	} {
		if got := shares(x.devices, from); got != x.want {
			t.Errorf("%v: %v", x.devices, got)
		}
	}
}
