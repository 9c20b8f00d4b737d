package peers

import (
	"fmt"
	"strings"
	"testing"

	"tandem/test/lab"
)

// TestPresence lets two baresips see each other: each publishes whether it is there, and has the other as its contact.
func TestPresence(t *testing.T) {
	m := member(t)
	one, other := seats[0], seats[1]
	one.contact, other.contact = other.number, one.number
	a, b := start(t, m, baresipUDP, one).(*baresip), start(t, m, baresipUDP, other).(*baresip)
	a.awaitContact("Online")
	b.awaitContact("Online")
	a.do("presence_offline")
	b.awaitContact("Offline")
	a.do("presence_online")
	b.awaitContact("Online")
	a.Quit()
	b.awaitContact("Offline")
}

// watches has a baresip publish its presence and watch its contact. Its account must be there when that begins.
func (b *baresip) watches(m *lab.Member, port int) {
	b.t.Helper()
	b.write("accounts", b.account(m)+";pubint=600\n")
	b.write("contacts", fmt.Sprintf("<sip:%s@127.0.0.1:%d>;presence=p2p\n", b.contact, m.UDP))
	b.write("config", fmt.Sprintf(baresipConf, b.dir, port, "/usr/lib/baresip/modules", "module_app presence.so"))
}

// awaitContact waits until the contact is shown so.
func (b *baresip) awaitContact(word string) {
	b.t.Helper()
	lab.Wait(b.t, patience, b.number+" sees "+b.contact+" "+word, func() bool {
		return strings.Contains(b.do("contacts"), word)
	})
}
