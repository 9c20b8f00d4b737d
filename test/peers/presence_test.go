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

// TestPresenceOfKinds lets a linphone and a baresip see each other.
func TestPresenceOfKinds(t *testing.T) {
	m := member(t)
	one, other := seats[0], seats[1]
	one.contact, other.contact = other.number, one.number
	l := start(t, m, linphoneUDP, one).(*linphone)
	b := start(t, m, baresipUDP, other).(*baresip)
	l.await(t, `Friend .*is Online`)
	b.awaitContact("Online")
	b.do("presence_offline")
	l.await(t, `Friend .*is Offline`)
	l.Quit()
	b.awaitContact("Offline")
}

// linphonePresence has a linphone publish its presence and watch its friend, at a member's address.
const linphonePresence = `
[proxy_0]
reg_proxy=<sip:127.0.0.1:%[1]d>
reg_route=<sip:127.0.0.1:%[1]d;lr>
reg_identity=sip:%[2]s@127.0.0.1
reg_expires=600
reg_sendregister=1
publish=1
publish_expires=600
[auth_info_0]
username=%[2]s
passwd=%[4]s
realm=tandem.local
[friend_0]
url=<sip:%[3]s@127.0.0.1>
pol=accept
subscribe=1
`

func (l *linphone) watches(m *lab.Member) string {
	return fmt.Sprintf(linphonePresence, m.UDP, l.number, l.contact, lab.Password)
}

// watches has a baresip publish its presence and watch its contact. Its account must be there when that begins.
func (b *baresip) watches(m *lab.Member, port int) {
	b.t.Helper()
	b.write("accounts", b.account(m)+";pubint=600\n")
	b.write("contacts", fmt.Sprintf("<sip:%s@127.0.0.1:%d>;presence=p2p\n", b.contact, m.UDP))
	b.write("config", fmt.Sprintf(baresipConf, b.dir, port, "/usr/lib/baresip/modules", "module_app presence.so", ""))
}

// awaitContact waits until the contact is shown so.
func (b *baresip) awaitContact(word string) {
	b.t.Helper()
	lab.Wait(b.t, patience, b.number+" sees "+b.contact+" "+word, func() bool {
		return strings.Contains(b.do("contacts"), word)
	})
}
