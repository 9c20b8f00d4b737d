package sipp

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

// faxTime is how long a call is a fax in the stories, as their files have it.
const faxTime = 2500 * time.Millisecond

// faxStory is a row: what caller and device do, and whether datagrams of a fax pass between them.
type faxStory struct {
	caller, device string
	codec          string // of the records; "": nothing of a fax passes
}

// TestFax plays calls that become faxes (ITU-T T.38 annex D). The signalling is SIPp's; the datagrams come from sockets of
// the test, which SIPp names in its SDP, and go to the ports that the member named in its own.
func TestFax(t *testing.T) {
	s := newStage(t, shortTimers...)
	t.Run("application", func(t *testing.T) { s.tell(t, story{caller: "invite-fax-expect-488", target: "9196"}) })
	for _, r := range []faxStory{
		{"fax-asks-then-audio-bye", "device-becomes-fax-then-audio-expect-bye", "PCMU"},
		{"becomes-fax-then-bye", "device-asks-fax-expect-bye", "T.38"},
		{"fax-asks-expect-488-bye", "device-is-no-fax-expect-bye", ""},
		{"fax-calls-expect-200-bye", "device-fax-expect-bye", "T.38"},
	} {
		t.Run(r.caller, func(t *testing.T) { s.tellFax(t, r) })
	}
}

func (s stage) tellFax(t *testing.T, r faxStory) {
	t.Helper()
	near, far := newFax(t, 'n'), newFax(t, 'f')
	keys := func(f *fax) map[string]string {
		return map[string]string{"target": "1001", "fax_port": fmt.Sprint(f.port())}
	}
	before := len(s.Records())
	device := s.device(t, party{file: r.device, account: "1001", keys: keys(far)})
	caller := s.play(t, party{file: r.caller, account: "1000", keys: keys(near)}, lab.Port(t))
	if r.codec != "" {
		near.send(t, caller)
		far.send(t, device)
	}
	caller.succeed(t, "caller")
	device.succeed(t, "device")
	s.clear(t, "1000", "1001")
	lab.Wait(t, partyTime, "both legs have records", func() bool { return len(s.Records()) == before+2 })
	if r.codec == "" {
		return
	}
	near.heard(t, far)
	far.heard(t, near)
	for _, record := range s.Records()[:2] {
		if f := record.Media.Fax; f.Sent == 0 || f.Received == 0 || record.Codec != r.codec {
			t.Errorf("the record of %s says of the fax: %s, %+v", record.Handler, record.Codec, f)
		}
	}
}

// fax is a generator of datagrams of T.38: each has a number, an IFP made of it, and the one before against loss.
type fax struct {
	conn *net.UDPConn
	mark byte
	sent int
	came chan []byte
}

func newFax(t *testing.T, mark byte) *fax {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	f := &fax{conn: conn, mark: mark, came: make(chan []byte, 10000)}
	go func() {
		for room := make([]byte, 1500); ; {
			n, err := conn.Read(room)
			if err != nil {
				return
			}
			f.came <- bytes.Clone(room[:n])
		}
	}()
	return f
}

func (f *fax) port() int { return f.conn.LocalAddr().(*net.UDPAddr).Port }

// ifp is the packet of a fax with that number.
func (f *fax) ifp(number int) []byte {
	return append([]byte{0xc0, f.mark, byte(number >> 8), byte(number)}, bytes.Repeat([]byte{byte(number)}, number%40)...)
}

// datagram is UDPTL with redundancy (ITU-T T.38 section 9.1).
func (f *fax) datagram(number int) []byte {
	newest, before := f.ifp(number), f.ifp(number-1)
	out := append([]byte{byte(number >> 8), byte(number), byte(len(newest))}, newest...)
	out = append(out, 0, 1, byte(len(before)))
	return append(out, before...)
}

// faxPort is the port of a fax in an SDP.
var faxPort = regexp.MustCompile(`m=image ([1-9][0-9]+) udptl t38`)

// told is the port for a fax that the party was told, "" while there is none.
func (p *played) told() string {
	for _, message := range p.received() {
		if found := faxPort.FindStringSubmatch(message); found != nil {
			return found[1]
		}
	}
	return ""
}

// send waits until the party was told where its fax goes, and sends for most of the time that the call is one.
func (f *fax) send(t *testing.T, party *played) {
	t.Helper()
	var at netip.AddrPort
	lab.Wait(t, partyTime, "the member names a port for the fax", func() bool {
		var err error
		at, err = netip.ParseAddrPort("127.0.0.1:" + party.told())
		return err == nil
	})
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for end := time.Now().Add(faxTime); time.Now().Before(end); <-tick.C {
			f.sent++
			_, _ = f.conn.WriteToUDPAddrPort(f.datagram(f.sent), at) // after the call nobody is there
		}
	}()
}

// heard demands that what came to a fax are datagrams of the other one, as they were sent, and most of them.
func (f *fax) heard(t *testing.T, other *fax) {
	t.Helper()
	good := 0
	for len(f.came) > 0 {
		got := <-f.came
		number := int(got[0])<<8 | int(got[1])
		if !bytes.Equal(got, other.datagram(number)) {
			t.Fatalf("fax %c: %x came for %x", f.mark, got, other.datagram(number))
		}
		good++
	}
	t.Logf("fax %c: %d datagrams came", f.mark, good)
	if good < 50 {
		t.Errorf("fax %c: %d datagrams came of more than 100", f.mark, good)
	}
}
