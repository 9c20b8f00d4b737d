package conf

import (
	"slices"
	"testing"
)

func TestTrustedNetworks(t *testing.T) {
	trunks := Trunks{List: []Trunk{
		{Name: "a", Trusted: true, Addresses: []string{"10.1.0.0/29"}, Targets: []string{"10.2.0.1:5070;transport=tcp", "sip.example.com"}},
		{Name: "b", Addresses: []string{"10.3.0.1"}},
		{Name: "c", Trusted: true, LoginUser: "c", Addresses: []string{"10.4.0.1"}, Targets: []string{"10.5.0.1"}},
	}}
	if got := trunks.TrustedNetworks(); !slices.Equal(got, []string{"10.1.0.0/29", "10.2.0.1/32", "10.4.0.1/32"}) {
		t.Errorf("trusted are %v", got)
	}
}

func TestTransportOfTarget(t *testing.T) {
	for text, want := range map[string][2]string{
		"a.example": {"", "a.example;transport=udp"}, "a.example;transport=udp": {"udp", "a.example;transport=udp"},
		"a.example:5070;transport=TLS": {"tls", "a.example:5070;transport=tls"},
	} {
		if hop, err := ParseTrunkTarget(text); err != nil || hop.Wanted() != want[0] || hop.Address() != want[1] {
			t.Errorf("%s: wants %q, shown as %s, %v", text, hop.Wanted(), hop.Address(), err)
		}
	}
}
