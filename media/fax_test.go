package media

import (
	"bytes"
	"net"
	"net/netip"
	"testing"
	"time"

	"tandem/media/rtp"
	"tandem/media/sdp"
	"tandem/media/udptl"
)

// toFax has the phone's stream told that the phone is a fax now.
func (p *phone) toFax(s *Stream) {
	p.t.Helper()
	params := p.params
	params.Fax = "t38\nT38FaxVersion:0"
	if err := s.Apply(params); err != nil {
		p.t.Fatal(err)
	}
}

// fax sends a datagram of a fax from a socket.
func fax(t *testing.T, from *net.UDPConn, to netip.AddrPort, number uint16, ifp ...byte) []byte {
	t.Helper()
	datagram := udptl.Append(nil, udptl.Packet{Sequence: number, Primary: ifp, Older: [][]byte{{0}}})
	if _, err := from.WriteToUDPAddrPort(datagram, to); err != nil {
		t.Fatal(err)
	}
	return datagram
}

// takeFax is the next datagram of a fax that comes to the phone, whatever audio comes before it.
func (p *phone) takeFax() []byte {
	p.t.Helper()
	room := make([]byte, rtp.BufferSize)
	if err := p.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		p.t.Fatal(err)
	}
	for {
		n, err := p.conn.Read(room)
		if err != nil {
			p.t.Fatal(err)
		}
		if _, ok := udptl.Valid(room[:n]); ok {
			return room[:n]
		}
	}
}

func TestFaxAndBackToAudio(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	a, b := newPhone(t, "PCMU"), newPhone(t, "G722") // the audio is no relay
	sa, sb := join(t, e, a, b)
	a.talk(600)
	b.hearAt(600, -10)
	a.toFax(sa)
	b.toFax(sb)
	for i := range uint16(20) {
		sent := fax(t, a.conn, a.target, i, byte(i), 1, 2)
		if got := b.takeFax(); !bytes.Equal(got, sent) {
			t.Fatalf("%x became %x", sent, got)
		}
		sent = fax(t, b.conn, b.target, 65530+i, byte(i), 3)
		if got := a.takeFax(); !bytes.Equal(got, sent) {
			t.Fatalf("%x became %x", sent, got)
		}
	}
	fax(t, a.conn, a.target, 25) // five are lost
	b.takeFax()
	if s := sa.Stats(); s.Codec != "T.38" || s.Fax != (FaxStats{Sent: 20, Received: 21, Lost: 5, Discarded: s.Fax.Discarded}) {
		t.Errorf("%+v", s)
	}
	a.accept(sa)
	b.accept(sb)
	a.hearAt2way(b)
	if s := sb.Stats(); s.Codec != "G722" || s.Fax.Sent != 21 {
		t.Errorf("%+v", s)
	}
}

// hearAt2way: audio goes both ways again.
func (p *phone) hearAt2way(other *phone) {
	p.t.Helper()
	p.talk(600)
	other.talk(1100)
	other.hearAt(600, -10)
	p.hearAt(1100, -10)
}

// A call that begins as a fax has no codec, and is answered by one that has none either.
func TestFaxFromTheBeginning(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	a, b := newPhone(t, "PCMU"), newPhone(t, "PCMU")
	a.params, b.params = sdp.Params{Remote: a.params.Remote}, sdp.Params{Remote: b.params.Remote}
	sa, sb := a.open(e, Options{}), b.open(e, Options{})
	a.dial(sa)
	b.dial(sb)
	a.toFax(sa)
	if err := Bridge(sa, sb); err != nil {
		t.Fatal(err)
	}
	fax(t, a.conn, a.target, 1) // too early: nobody is there
	eventually(t, "the datagram for nobody is given up", func() bool { return sa.Stats().Fax.Discarded == 1 })
	b.toFax(sb)
	sent := fax(t, a.conn, a.target, 2, 7)
	if got := b.takeFax(); !bytes.Equal(got, sent) {
		t.Fatalf("%x became %x", sent, got)
	}
}

// What is no fax, or comes from elsewhere, does not pass; a fax behind a NAT is found.
func TestFaxOfStrangers(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	a, b := newPhone(t, "PCMU"), newPhone(t, "PCMU")
	sa, sb := join(t, e, a, b)
	a.toFax(sa)
	b.toFax(sb)
	stranger, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 99)})
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	for i := range uint16(10) {
		fax(t, stranger, a.target, i)
	}
	for _, junk := range [][]byte{{1}, make([]byte, 1500), {0, 1, 5, 0, 0}, bytes.Repeat([]byte{0x80}, 172)} {
		if _, err := a.conn.WriteToUDPAddrPort(junk, a.target); err != nil {
			t.Fatal(err)
		}
	}
	sent := fax(t, a.conn, a.target, 1, 9)
	if got := b.takeFax(); !bytes.Equal(got, sent) {
		t.Fatalf("%x became %x", sent, got)
	}
	if s := sa.Stats(); s.Fax.Received != 1 || s.Fax.Discarded < 13 {
		t.Errorf("%+v", s.Fax)
	}

	moved := newPhone(t, "PCMU") // the same host, another port: as many in sequence as RTP needs
	for i := range uint16(4) {
		sent = fax(t, moved.conn, b.target, 100+i)
	}
	if got := a.takeFax(); !bytes.Equal(got, sent) {
		t.Fatalf("%x became %x", sent, got)
	}
	sent = fax(t, a.conn, a.target, 2, 9)
	if got := moved.takeFax(); !bytes.Equal(got, sent) {
		t.Fatalf("%x became %x", sent, got)
	}
}

// A fax is sent no RTCP: the port above its own may be anybody's. Once it is audio again it is.
func TestFaxIsSentNoReports(t *testing.T) {
	p := newPhone(t, "PCMU")
	r := newReceiver(true, netip.MustParseAddr("127.0.0.1"), time.Now())
	for _, fax := range []sdp.Fax{"", "t38", ""} {
		params := p.params
		if params.Fax = fax; fax != "" {
			params.RemoteRTCP = netip.AddrPort{}
		}
		plan, err := newPlan(params)
		if err != nil {
			t.Fatal(err)
		}
		r.apply(plan, time.Now())
		if _, to, _ := r.block(time.Now()); reachable(to) != (fax == "") {
			t.Errorf("fax %q: reports to %v", fax, to)
		}
	}
}

// FuzzFax gives a fax whatever may come from its peer: nothing panics, and what goes on is as it came.
func FuzzFax(f *testing.F) {
	e := newTestEngine(f, testConf())
	f.Add([]byte{0, 1, 1, 2, 0, 1, 1, 0})
	f.Fuzz(func(t *testing.T, datagram []byte) {
		a, b := fuzzStream(t, e, "PCMU"), fuzzStream(t, e, "PCMU")
		from := a.plan.Load().Remote
		for _, s := range []*Stream{a, b} {
			p := s.plan.Load().Params
			p.Fax = "t38"
			plan, err := newPlan(p)
			if err != nil {
				t.Fatal(err)
			}
			s.plan.Store(plan)
			s.receiver.apply(plan, time.Now())
			s.sender.apply(plan, plan.Remote, time.Now())
		}
		sent := 0
		b.sender.conn = sentOn(func(got []byte) {
			if sent++; !bytes.Equal(got, datagram) {
				t.Fatalf("%x became %x", datagram, got)
			}
		})
		a.onward.Store(&onward{to: b})
		a.receive(datagram, from)
		_, valid := udptl.Valid(datagram)
		if valid != (sent == 1) {
			t.Fatalf("valid %v, and %d sent on", valid, sent)
		}
	})
}

// sentOn is a port that shows what is sent.
type sentOn func(datagram []byte)

func (s sentOn) Send(datagram []byte, _ netip.AddrPort) error {
	s(datagram)
	return nil
}
func (sentOn) Serve(rtp.Handler) {}
func (sentOn) Close() error      { return nil }
