package media

import (
	"net/netip"
	"testing"
	"time"
)

// No audio goes to doors of our own, whatever address of this machine is given for them.
func TestShun(t *testing.T) {
	e := newTestEngine(t, testConf())
	if err := e.Shun(5060, 10070); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]bool{"127.0.0.1:5060": true, "127.3.2.1:10070": true, "[::1]:5060": true, "[::ffff:127.0.0.1]:5060": true,
		"127.0.0.1:5061": false, "192.0.2.1:5060": false, "127.0.0.1:16384": false} {
		if got := e.doors.shun(netip.MustParseAddrPort(at)); got != want {
			t.Errorf("%s: %v", at, got)
		}
	}
	var none *doors
	if none.shun(netip.MustParseAddrPort("127.0.0.1:5060")) {
		t.Error("somebody shuns nothing")
	}
	s := newSender(nil, time.Now())
	s.doors, s.plan = &e.doors, testPlan(t, "PCMU")
	for at, want := range map[string]bool{"127.0.0.1:5060": false, "127.0.0.1:5061": true} {
		if s.point(netip.MustParseAddrPort(at)); s.open != want {
			t.Errorf("a stream to %s is open: %v", at, s.open)
		}
	}
}
