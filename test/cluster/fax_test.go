package cluster

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"testing"
	"time"

	"tandem/test/lab"
)

// Parties whom different members have taken in become faxes, and talk to each other again: the datagrams go from port to
// port of both members.
func TestFaxBetweenMembers(t *testing.T) {
	lab.Long(t)
	all := start(t, lab.ClusterOptions{Members: 2})
	one, other := parked(t, all, "6001")
	near, far := newFax(t), newFax(t)
	if answer := one.Reoffer(near.sdp(14400)); answer != "" {
		t.Fatalf("a fax, though the other one refuses:\n%s", answer)
	}
	one.Say(300)
	other.AwaitTones(t, 500*time.Millisecond, 300)

	other.TakeFax(far.sdp(9600))
	answer := one.Reoffer(near.sdp(14400))
	near.at, far.at = faxAt(t, answer, "9600"), faxAt(t, other.FaxOffer(), "14400")
	near.reaches(t, far, 'a')
	far.reaches(t, near, 'b')

	if answer := one.Reoffer(one.Offer("sendrecv")); answer == "" {
		t.Fatal("no audio again")
	}
	one.Say(500)
	other.AwaitTones(t, 500*time.Millisecond, 500)
	other.Say(700)
	one.AwaitTones(t, 500*time.Millisecond, 700)
	one.Hangup()
	other.Hangup()
	lab.Wait(t, 30*time.Second, "all streams are closed", func() bool { return rtpStreams(all...) == 0 })
}

// fax sends and takes datagrams of T.38.
type fax struct {
	conn *net.UDPConn
	at   netip.AddrPort
}

func newFax(t *testing.T) *fax {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &fax{conn: conn}
}

// sdp offers or answers a fax of that rate.
func (f *fax) sdp(rate int) string {
	return fmt.Sprintf("v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"+
		"m=image %d udptl t38\r\na=T38FaxVersion:0\r\na=T38MaxBitRate:%d\r\na=T38FaxUdpEC:t38UDPRedundancy\r\n",
		f.conn.LocalAddr().(*net.UDPAddr).Port, rate)
}

// imageAt is where an SDP wants a fax, and at which rate it is one.
var imageAt = regexp.MustCompile(`(?s)c=IN IP4 (\S+).*m=image ([1-9]\d*) udptl t38.*a=T38MaxBitRate:(\d+)`)

// faxAt is where the member takes datagrams, by an SDP that has to be of that rate.
func faxAt(t *testing.T, sdp, rate string) netip.AddrPort {
	t.Helper()
	found := imageAt.FindStringSubmatch(sdp)
	if found == nil || found[3] != rate {
		t.Fatalf("no fax of %s bit/s:\n%s", rate, sdp)
	}
	return netip.MustParseAddrPort(found[1] + ":" + found[2])
}

// reaches sends datagrams until one comes to the other fax: the members may not yet have told each other. What comes is
// what was sent.
func (f *fax) reaches(t *testing.T, other *fax, mark byte) {
	t.Helper()
	room := make([]byte, 1500)
	for number := range byte(250) {
		sent := []byte{0, number, 2, 0xc0, mark, 0, 0}
		if _, err := f.conn.WriteToUDPAddrPort(sent, f.at); err != nil {
			t.Fatal(err)
		}
		if err := other.conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if n, err := other.conn.Read(room); err == nil {
			if got := room[:n]; n != len(sent) || got[1] > number || !bytes.Equal(got[2:], sent[2:]) {
				t.Fatalf("%x came for %x", got, sent)
			}
			return
		}
	}
	t.Fatalf("nothing of fax %c comes to the other one", mark)
}
