package attack

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/pion/stun/v4"

	"tandem/test/lab"
)

// TestBrowserPort lets strangers at the port of all browsers: checks for nobody and with huge names, DTLS and audio
// from nowhere, offers that nobody comes for, a page with another certificate than it told. A call of another browser
// goes on, and nothing is answered.
func TestBrowserPort(t *testing.T) {
	w := newWitness(t)
	b := lab.NewBrowser(t)
	echoed := make(chan struct{}, 1)
	b.Heard = func([]byte) {
		select {
		case echoed <- struct{}{}:
		default:
		}
	}
	good := w.Phone(t, "1000").CallAs(b, "9196")
	if good.Status != 200 {
		t.Fatalf("the good call got %d", good.Status)
	}
	stranger := w.stranger(t)
	pour(func(i int) {
		for _, octets := range strange(t, i) {
			_, _ = stranger.Write(octets)
		}
		packet := append([]byte{0x80, 0, byte(i >> 8), byte(i), 0, 0, 0, 0, 0, 0, 0, 7}, make([]byte, 160)...)
		if i%20 == 0 {
			if err := b.Send(packet); err != nil {
				t.Fatal(err)
			}
		}
	})
	w.unharmed(t)
	select {
	case <-echoed:
	default:
		t.Error("the good call hears nothing of itself")
	}
	t.Run("offers without media", w.offersWithoutMedia)
	t.Run("wrong certificate", w.wrongCertificate)
	w.unharmed(t)
	good.Hangup()
	b.Close()
	w.over(t)
}

// stranger is a socket at the port of browsers that fails the test when anything is answered.
func (w *witness) stranger(t *testing.T) net.Conn {
	t.Helper()
	c, err := net.Dial("udp", net.JoinHostPort(w.Bind, strconv.Itoa(w.WebRTC)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	go func() {
		var answer [1600]byte
		if n, err := c.Read(answer[:]); err == nil {
			t.Errorf("a stranger is answered %x", answer[:n])
		}
	}()
	return c
}

// strange are datagrams that mean nothing to the port.
func strange(t *testing.T, i int) [][]byte {
	t.Helper()
	name := fmt.Sprintf("nobody%d:me", i)
	if i%2 == 0 {
		name = strings.Repeat("x", 500) + ":" + strings.Repeat("y", 12)
	}
	check, err := stun.Build(stun.TransactionID, stun.BindingRequest, stun.NewUsername(name),
		stun.RawAttribute{Type: stun.AttrXORMappedAddress, Value: []byte{0, 9, 1}},
		stun.RawAttribute{Type: stun.AttrUseCandidate},
		stun.NewShortTermIntegrity("a password of nobody at all"), stun.Fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	hello := append([]byte{22, 254, 253, 0, 0, 0, 0, 0, 0, 0, byte(i), 0, 100, 1}, make([]byte, 99)...)
	audio := append([]byte{0x80, 0, 0, byte(i)}, make([]byte, 170)...)
	return [][]byte{check.Raw, hello, audio, {0}, {0x80}, nil}
}

// offersWithoutMedia makes calls whose browsers never come. The caller's bound on calls at once may refuse some.
func (w *witness) offersWithoutMedia(t *testing.T) {
	b := lab.NewBrowser(t)
	p := w.Phone(t, "1001")
	var calls []*lab.Call
	for range 100 {
		c := p.CallOffering("9196", b.Offer("0"))
		if c.Status == 200 {
			calls = append(calls, c)
		}
	}
	if len(calls) < 50 {
		t.Errorf("%d of 100 offers were taken", len(calls))
	}
	for _, c := range calls { // given up by the member: it says goodbye
		c.AwaitEnd()
	}
}

// wrongCertificate lets a page show another certificate than its SDP named: the call is ended.
func (w *witness) wrongCertificate(t *testing.T) {
	b, other := lab.NewBrowser(t), lab.NewBrowser(t)
	b.Fingerprint = other.Fingerprint
	c := w.Phone(t, "1002").CallOffering("9196", b.Offer("0"))
	if c.Status != 200 {
		t.Fatalf("got %d", c.Status)
	}
	if err := b.Connect(c.SDP); err == nil {
		t.Error("the page gets keys")
	}
	c.AwaitEnd()
}
