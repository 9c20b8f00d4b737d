package presence

import (
	"net/netip"
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
	publish := func(from string, state signal.Presence) {
		r := &signal.Request{ID: "1", Method: signal.PUBLISH, ContentType: pidf.Type,
			Headers: signal.Headers{{Name: "Event", Value: Event}},
			Body:    []byte(pidf.Document{Presence: state}.String())}
		r.Origin.Flow.Remote = netip.MustParseAddrPort(from)
		p.Request(r, now)
	}
	publish("192.0.2.1:5060", signal.PresenceBusy)
	publish("192.0.2.2:5060", signal.PresenceAway)
	publish("192.0.2.1:5060", signal.PresenceOffline)
	if got := p.aggregate(); got.Presence != signal.PresenceAway || p.Sources() != 2 {
		t.Errorf("%v of %d", got, p.Sources())
	}
}
