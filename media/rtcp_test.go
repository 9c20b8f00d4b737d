package media

import (
	"math"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtcp"

	"tandem/media/codec"
	wire "tandem/media/rtp"
	"tandem/media/tone"
)

// control is the next compound RTCP packet that comes to the port of the phone, from the given one.
func (p *phone) control(conn *net.UDPConn, source uint16) []rtcp.Packet {
	p.t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		p.t.Fatal(err)
	}
	buffer := make([]byte, 2000)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buffer)
		if err != nil {
			p.t.Fatalf("no RTCP came: %v", err)
		}
		if !wire.IsRTCP(buffer[:n]) {
			continue
		}
		if from.Port() != source {
			p.t.Errorf("RTCP came from %v, want port %d", from, source)
		}
		packets, err := rtcp.Unmarshal(buffer[:n])
		if err != nil {
			p.t.Fatal(err)
		}
		return packets
	}
}

func TestReports(t *testing.T) {
	t.Run("own port", func(t *testing.T) { testReports(t, false) })
	t.Run("mux", func(t *testing.T) { testReports(t, true) })
}

func testReports(t *testing.T, mux bool) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	e.reportEvery = 100 * time.Millisecond
	p := newPhone(t, "PCMU")
	conn := p.conn
	if p.params.Mux = mux; !mux {
		other := newPhone(t, "PCMU") // for its port
		conn, p.params.RemoteRTCP = other.conn, other.addr()
	}
	s := p.call(e, Options{})
	source := p.target
	if !mux {
		source = netip.AddrPortFrom(source.Addr(), source.Port()+1)
	}
	s.Play(tone.Sine(8000, 1004, -10))
	for i := range 20 {
		if packet := p.packet(make([]byte, 160)); i%4 != 1 {
			p.write(packet)
		}
	}
	eventually(t, "all are received", func() bool { return s.Stats().Received == 15 })
	packets := p.control(conn, source.Port())
	for len(packets[0].DestinationSSRC()) == 0 {
		packets = p.control(conn, source.Port())
	}
	sr, ok := packets[0].(*rtcp.SenderReport)
	if !ok || sr.PacketCount == 0 || len(sr.Reports) != 1 {
		t.Fatalf("the first packet is %v", packets[0])
	}
	block := sr.Reports[0]
	if block.SSRC != p.header.SSRC || block.TotalLost != 5 {
		t.Errorf("report block %+v, want 5 lost of %d", block, p.header.SSRC)
	}
	if name := packets[1].(*rtcp.SourceDescription).Chunks[0].Items[0]; name.Type != rtcp.SDESCNAME || name.Text == "" {
		t.Errorf("source description %v", name)
	}

	// An answer as from a peer 80 ms away that misses a tenth.
	answer := wire.AppendReport(nil, p.header.SSRC, &wire.SenderPart{NTP: wire.NTP(time.Now())}, &wire.Block{
		SSRC: sr.SSRC, Fraction: 26, Jitter: 80,
		LastSender: wire.Middle(wire.NTP(time.Now().Add(-time.Second))), Delay: 65536 * 92 / 100,
	})
	if _, err := conn.WriteToUDPAddrPort(answer, source); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the answer is read", func() bool { return s.Stats().RoundTrip > 0 })
	stats := s.Stats()
	if off := stats.RoundTrip - 80*time.Millisecond; off.Abs() > 20*time.Millisecond {
		t.Errorf("round trip %v, want 80 ms", stats.RoundTrip)
	}
	if math.Abs(stats.RemoteLossRatio-0.1) > 0.01 || stats.RemoteJitter != 10*time.Millisecond {
		t.Errorf("remote loss %v, jitter %v", stats.RemoteLossRatio, stats.RemoteJitter)
	}

	// The next report answers that of the peer; the last one says good-bye.
	for answered := false; !answered; {
		packets = p.control(conn, source.Port())
		sr, ok := packets[0].(*rtcp.SenderReport)
		answered = ok && len(sr.Reports) == 1 && sr.Reports[0].LastSenderReport != 0
	}
	s.Close()
	for bye := false; !bye; {
		packets = p.control(conn, source.Port())
		_, bye = packets[len(packets)-1].(*rtcp.Goodbye)
	}
}

// RTCP of strangers, and too much of it, is not read.
func TestFeedbackLimits(t *testing.T) {
	p := newPhone(t, "PCMU")
	s := p.call(newTestEngine(t, testConf()), Options{})
	report := wire.AppendReport(nil, 1, nil, nil)
	s.receiveControl(report, netip.MustParseAddrPort("127.0.0.77:5000"))
	if n := s.Stats().Discarded; n != 1 {
		t.Errorf("%d discarded after a stranger's", n)
	}
	for range 3 * maxFeedback {
		s.receiveControl(report, p.addr())
	}
	if n := s.Stats().Discarded; n < 2*maxFeedback {
		t.Errorf("%d discarded in a flood", n)
	}
}

// Without a better address RTCP goes to the port above that of RTP, once the stream was moved.
func TestReportAddress(t *testing.T) {
	named, other := netip.MustParseAddrPort("127.0.0.9:4000"), netip.MustParseAddrPort("127.0.0.8:5000")
	rtcpAt := netip.MustParseAddrPort("127.0.0.9:4101")
	r := newReceiver(true, netip.MustParseAddr("127.0.0.8"), time.Now())
	p := newPhone(t, "PCMU")
	p.params.Remote, p.params.RemoteRTCP = named, rtcpAt
	plan, err := newPlan(p.params)
	if err != nil {
		t.Fatal(err)
	}
	r.apply(plan, time.Now())
	if to := r.reportTo(); to != rtcpAt {
		t.Errorf("reports to %v, want what SDP says", to)
	}
	for range 10 {
		r.admit(p.packet([]byte{1}), other, time.Now())
	}
	if to := r.reportTo(); to.Addr() != other.Addr() || to.Port() != 5001 {
		t.Errorf("reports to %v once the stream has moved", to)
	}
}

// Whom a stream has sent nothing to it says no good-bye to either.
func TestSilentLeave(t *testing.T) {
	e := newTestEngine(t, testConf())
	p := newPhone(t, "PCMU")
	p.params.Mux = true
	p.manual(e, Options{}).Close()
	_ = p.conn.SetReadDeadline(time.Now().Add(codec.Frame))
	if n, _, err := p.conn.ReadFromUDPAddrPort(make([]byte, 2000)); err == nil {
		t.Errorf("%d octets came", n)
	}
}
