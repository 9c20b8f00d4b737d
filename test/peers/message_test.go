package peers

import (
	"testing"

	"tandem/test/lab"
)

// TestMessage lets two linphones write to each other over different transports. baresip 1.0.0 shows
// messages on its screen alone.
func TestMessage(t *testing.T) {
	t.Skip("the member's MESSAGE has no tag in From, so linphone refuses it")
	m := member(t)
	a, b := start(t, m, linphoneUDP, seats[0]).(*linphone), start(t, m, linphoneTCP, seats[1]).(*linphone)
	for _, c := range []struct{ from, to *linphone }{{a, b}, {b, a}} {
		c.from.do("chat sip:%s@%s good morning from %s", c.to.number, lab.Domain, c.from.number)
		c.to.await(t, "good morning from "+c.from.number)
	}
}
