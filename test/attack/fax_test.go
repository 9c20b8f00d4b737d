package attack

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// TestFaxBombs has calls that become faxes (attack group A36, ITU-T T.38): descriptions of faxes that make no sense, parties
// that change their minds without end, and datagrams that are none, have gaps, lie about what is in them, come from
// strangers, and come far too many. What is no datagram of a fax does not reach the other one, and what is still does.
func TestFaxBombs(t *testing.T) {
	t.Parallel()
	w := newWitness(t)
	near, far := newFax(t, "127.0.0.1"), newFax(t, "127.0.0.1")
	phone := w.Phone(t, "1001")
	phone.Register(600)
	called := make(chan *lab.Call, 1)
	go func() { called <- w.Phone(t, "1000").Call("1001") }()
	two := phone.Await()
	two.Answer()
	one := <-called
	if one.Status != 200 {
		t.Fatalf("the call got %d %s", one.Status, one.Reason)
	}
	t.Run("descriptions", func(t *testing.T) { faxDescriptions(t, one) })
	two.TakeFax(far.sdp())
	near.at, far.at = faxAt(t, one.Reoffer(near.sdp())), faxAt(t, two.FaxOffer())
	t.Run("datagrams", func(t *testing.T) { faxDatagrams(t, near, far) })
	t.Run("to and fro", func(t *testing.T) {
		for range 10 {
			if one.Reoffer(one.Offer("sendrecv")) == "" {
				t.Fatal("no audio again")
			}
			near.at, far.at = faxAt(t, one.Reoffer(near.sdp())), faxAt(t, two.FaxOffer())
		}
		near.reaches(t, far)
		far.reaches(t, near)
	})
	if one.Reoffer(one.Offer("sendrecv")) == "" {
		t.Fatal("no audio again")
	}
	one.Say(500)
	two.AwaitTones(t, 300*time.Millisecond, 500)
	w.unharmed(t)
	one.Hangup()
	two.AwaitEnd()
	w.over(t)
}

// faxDescriptions offers faxes that nobody can be.
func faxDescriptions(t *testing.T, c *lab.Call) {
	for what, body := range map[string]string{
		"at no port":             sdpHead + "m=image 0 udptl t38\r\n",
		"at the port of nobody":  sdpHead + "m=image 99999999999 udptl t38\r\n",
		"over TCP":               sdpHead + "m=image 4000 tcp t38\r\n",
		"that is no T.38":        sdpHead + "m=image 4000 udptl t39\r\n",
		"a thousand of them":     sdpHead + strings.Repeat("m=image 4000 udptl t38\r\n", 1000),
		"numbers out of range":   sdpHead + "m=image 4000 udptl t38\r\na=T38FaxVersion:-1\r\na=T38MaxBitRate:99999999999999999999\r\na=T38FaxMaxDatagram:0\r\n",
		"a correction of nobody": sdpHead + "m=image 4000 udptl t38\r\na=T38FaxUdpEC:" + strings.Repeat("x", 10000) + "\r\n",
		"for the member itself":  strings.Replace(sdpHead, "c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0", 1) + "m=image 4000 udptl t38\r\n",
	} {
		began := time.Now()
		_ = c.Reoffer(body) // whatever the answer is
		if took := time.Since(began); took > patience {
			t.Errorf("a fax, %s: answered after %v", what, took)
		}
	}
	if c.Reoffer(c.Offer("sendrecv")) == "" {
		t.Fatal("no audio after that")
	}
}

// spoilt is in all that no fax may get.
const spoilt = "spoilt!"

// faxDatagrams sends what a fax may send and what nobody may.
func faxDatagrams(t *testing.T, near, far *fax) {
	stranger := newFax(t, "127.0.0.77")
	near.reaches(t, far)
	far.reaches(t, near)
	bad := badDatagrams()
	for i := range 20_000 {
		switch i % 4 {
		case 0:
			near.send(bad[i/4%len(bad)])
		case 1: // gaps, and steps back
			near.number += uint16(rand.IntN(5000))
			near.send(near.datagram())
		case 2:
			_, _ = stranger.conn.WriteToUDPAddrPort(good(uint16(i), []byte(spoilt)), near.at)
		case 3:
			far.send(bad[(i+1)/4%len(bad)])
		}
		if i%100 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	near.reaches(t, far)
	far.reaches(t, near)
	for name, f := range map[string]*fax{"near": near, "far": far} {
		if n := f.spoilt(); n > 0 {
			t.Errorf("the %s fax got %d datagrams that are none", name, n)
		}
	}
	if n := len(stranger.came); n > 0 {
		t.Errorf("a stranger got %d datagrams", n)
	}
}

// good is a datagram with one packet of a fax.
func good(number uint16, packet []byte) []byte {
	return append(append([]byte{byte(number >> 8), byte(number), byte(len(packet))}, packet...), 0, 0)
}

// badDatagrams are none of a fax.
func badDatagrams() [][]byte {
	mark := []byte(spoilt)
	with := func(head ...byte) []byte { return append(head, mark...) }
	redundant := append(good(1, mark)[:3+len(mark)], 0, 0xbf, 0xff)
	return [][]byte{
		with(),                                       // no length that is true
		with(0, 1, 0x7f),                             // more than there is
		with(0, 1, 0xbf, 0xff),                       // far more
		with(0, 1, 0xc4),                             // in parts
		append(redundant, mark...),                   // 16,383 packets before this one
		append(good(2, mark), mark...),               // an end in the middle
		good(3, mark)[:3+len(mark)],                  // no word of those before
		with(0, 1, 1, 0, 0x80, 1, 255, 255),          // parity over 255 packets
		with(0, 1, 1, 0, 0x80, 255, 1, 1, 1, 7),      // a span of 255 octets
		append(good(4, make([]byte, 9000)), mark...), // longer than any
		packet(0, 7, 160, 1, append(make([]byte, 100), mark...)),
		append([]byte{0x81, 203, 0, 1, 0, 0, 0, 7}, mark...), // RTCP that says good-bye
	}
}

// fax sends and takes datagrams of T.38.
type fax struct {
	conn   *net.UDPConn
	at     netip.AddrPort
	number uint16
	came   chan []byte
}

func newFax(t *testing.T, address string) *fax {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(address)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	f := &fax{conn: conn, came: make(chan []byte, 100_000)}
	go func() {
		for room := make([]byte, 65535); ; {
			n, err := conn.Read(room)
			if err != nil {
				return
			}
			select {
			case f.came <- bytes.Clone(room[:n]):
			default:
			}
		}
	}()
	return f
}

// sdp offers or answers a fax.
func (f *fax) sdp() string {
	return fmt.Sprintf("%sm=image %d udptl t38\r\na=T38FaxVersion:0\r\na=T38MaxBitRate:14400\r\na=T38FaxUdpEC:t38UDPRedundancy\r\n",
		sdpHead, f.conn.LocalAddr().(*net.UDPAddr).Port)
}

// imageAt is where an SDP wants a fax.
var imageAt = regexp.MustCompile(`(?s)c=IN IP4 (\S+).*m=image ([1-9]\d*) udptl t38`)

func faxAt(t *testing.T, sdp string) netip.AddrPort {
	t.Helper()
	found := imageAt.FindStringSubmatch(sdp)
	if found == nil {
		t.Fatalf("no fax: %q", sdp)
	}
	return netip.MustParseAddrPort(found[1] + ":" + found[2])
}

func (f *fax) send(datagram []byte) { _, _ = f.conn.WriteToUDPAddrPort(datagram, f.at) }

// datagram is the next one.
func (f *fax) datagram() []byte { f.number++; return good(f.number, []byte("a packet of a fax")) }

// reaches sends a datagram that is unlike all others until it comes to the other fax.
func (f *fax) reaches(t *testing.T, other *fax) {
	t.Helper()
	mark := fmt.Appendf(nil, "mark %x", rand.Uint64())
	lab.Wait(t, patience, "a fax reaches the other one", func() bool {
		f.number++
		f.send(good(f.number, mark))
		return other.holds(mark)
	})
}

// holds looks through what has come up to now, and keeps what is spoilt.
func (f *fax) holds(mark []byte) bool {
	for range len(f.came) {
		switch one := <-f.came; {
		case bytes.Contains(one, mark):
			return true
		case bytes.Contains(one, []byte(spoilt)):
			f.came <- one
		}
	}
	return false
}

// spoilt is how many came that should not.
func (f *fax) spoilt() (n int) {
	for range len(f.came) {
		if one := <-f.came; bytes.Contains(one, []byte(spoilt)) {
			n++
		}
	}
	return n
}
