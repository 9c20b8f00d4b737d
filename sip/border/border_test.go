package border

import (
	"fmt"
	"net/netip"
	"testing"

	"tandem/signal"
)

func TestTrusts(t *testing.T) {
	b := New([]string{"192.0.2.0/24", "2001:db8::7", "::ffff:198.51.100.1", "nonsense"})
	for addr, want := range map[string]bool{"192.0.2.9": true, "::ffff:192.0.2.9": true, "192.0.3.9": false, "2001:db8::7": true,
		"2001:db8::8": false, "198.51.100.1": true, "fe80::1%eth0": false} {
		if got := b.Trusts(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %t", addr, got)
		}
	}
	if (&Border{}).Trusts(netip.MustParseAddr("127.0.0.1")) || b.Trusts(netip.Addr{}) {
		t.Error("somebody is trusted for nothing")
	}
}

func TestFields(t *testing.T) {
	b := New([]string{"192.0.2.1"})
	all := signal.Headers{{Name: "Subject", Value: "1"}, {Name: "p-asserted-identity", Value: "2"}, {Name: "Diversion", Value: "3"},
		{Name: "Privacy", Value: "id"}, {Name: "P-Preferred-Identity", Value: "4"}, {Name: "History-Info", Value: "5"}, {Name: "Remote-Party-ID", Value: "6"}}
	friend, stranger := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	for _, tt := range []struct {
		got  signal.Headers
		want string
	}{
		{b.Enter(all, friend), fmt.Sprint(all)},
		{b.Leave(all, friend), fmt.Sprint(all)},
		{b.Enter(all, stranger), "[{Subject 1} {Privacy id} {P-Preferred-Identity 4}]"},
		{b.Leave(all, stranger), "[{Subject 1} {Diversion 3} {History-Info 5}]"},
		{b.Enter(all[:1], stranger), "[{Subject 1}]"},
		{b.Leave(nil, stranger), "[]"},
	} {
		if got := fmt.Sprint(tt.got); got != tt.want {
			t.Errorf("%s, want %s", got, tt.want)
		}
	}
	if len(all) != 7 || all[1].Value != "2" {
		t.Error("the fields of the caller were changed")
	}
}
