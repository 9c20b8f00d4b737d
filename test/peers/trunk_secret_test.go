package peers

import (
	"fmt"
	"testing"

	"tandem/test/lab"
)

// TestEncryptionOfItsOwn: a trunk that wants its audio encrypted refuses calls without, each way, and so does an account; for
// all others the member's setting stands.
func TestEncryptionOfItsOwn(t *testing.T) {
	lab.Long(t)
	x := newCarrier(t, carrierConf{})
	m := lab.Start(t, lab.Options{Set: []string{"media.srtp_clear=true", "trunks.numbers=" + abroad, `trunks.incoming=[{match: ".", to: "1001"}]`,
		fmt.Sprintf(`trunks.list=[{name: carrier, targets: [%q], domain: carrier.example, user: line, secret: "carrier's secret", register: true, srtp: required}]`, x.target())}})
	if err := m.Ask("PATCH", "accounts/1005@tandem.local", map[string]any{"srtp": "required"}, nil); err != nil {
		t.Fatal(err)
	}
	x.takes()
	p, secret := m.Phone(t, "1000"), m.Phone(t, "1005")
	p.Register(300)
	awaitTrunk(t, m, "the trunk is registered", func(s standing) bool { return s.Registration == "registered" })
	for _, call := range []struct {
		what string
		made *lab.Call
		want int
	}{
		{"over the trunk, to one who answers without keys", p.Call("004989123456"), 488},
		{"from the trunk", x.far.Call("sip:+4989700200@carrier.example"), 488},
		{"of the account", secret.Call("1000"), 488},
		{"of another account", p.Call("9196"), 200},
	} {
		if call.made.Status != call.want {
			t.Errorf("a call %s: %d %s, want %d", call.what, call.made.Status, call.made.Reason, call.want)
		}
	}
}
