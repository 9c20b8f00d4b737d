package peers

import "testing"

// TestMessage lets two linphones write to each other over different transports. baresip 1.0.0 shows
// messages on its screen alone.
func TestMessage(t *testing.T) {
	m := member(t)
	a, b := start(t, m, linphoneUDP, seats[0]).(*linphone), start(t, m, linphoneTCP, seats[1]).(*linphone)
	for _, c := range []struct{ from, to *linphone }{{a, b}, {b, a}} {
		c.from.do("chat sip:%s@127.0.0.1 good morning from %s", c.to.number, c.from.number)
		c.to.await(t, "good morning from "+c.from.number)
	}
}
