package lab

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/logging"
	"github.com/pion/srtp/v3"
	"github.com/pion/transport/v4/packetio"
)

// browserPatience is how long ICE and DTLS may take, on a busy machine.
const browserPatience = 30 * time.Second

// Browser is the media side of a browser: a full ICE agent, DTLS and SRTP, on loopback. Its SDP is that of Chromium as
// far as it matters.
type Browser struct {
	Fingerprint string
	Ufrag, Pwd  string
	Address     *net.UDPAddr // of its one candidate
	Heard       func(packet []byte)

	t           testing.TB
	agent       *ice.Agent
	certificate tls.Certificate
	conn        *ice.Conn
	shaking     *packetio.Buffer
	secured     *dtls.Conn

	number uint16 // of the last packet of SendAudio

	mu     sync.Mutex
	heard  int    // packets
	source uint32 // of the last one
	in     *srtp.Context
	out    *srtp.Context
	room   [1600]byte
}

var silentLog = &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled}

// NewBrowser makes one that has gathered its candidate. The end of the test closes it.
func NewBrowser(t testing.TB) *Browser {
	t.Helper()
	b := &Browser{t: t}
	b.certificate, b.Fingerprint = newCertificate(t)
	b.gather()
	t.Cleanup(b.Close)
	return b
}

func newCertificate(t testing.TB) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	octets := strings.ReplaceAll(fmt.Sprintf("% X", sha256.Sum256(der)), " ", ":")
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, "sha-256 " + octets
}

func (b *Browser) gather() {
	b.t.Helper()
	agent, err := ice.NewAgentWithOptions(
		ice.WithNetworkTypes([]ice.NetworkType{ice.NetworkTypeUDP4}),
		ice.WithCandidateTypes([]ice.CandidateType{ice.CandidateTypeHost}), ice.WithIncludeLoopback(),
		ice.WithIPFilter(func(ip net.IP) bool { return ip.Equal(here) }),
		ice.WithMulticastDNSMode(ice.MulticastDNSModeDisabled), ice.WithLoggerFactory(silentLog))
	if err != nil {
		b.t.Fatal(err)
	}
	b.agent = agent
	gathered := make(chan struct{})
	err = errors.Join(agent.OnCandidate(func(c ice.Candidate) {
		if c == nil {
			close(gathered)
			return
		}
		b.Address = &net.UDPAddr{IP: net.ParseIP(c.Address()), Port: c.Port()}
	}), agent.GatherCandidates())
	if err != nil {
		b.t.Fatal(err)
	}
	<-gathered
	if b.Ufrag, b.Pwd, err = agent.GetLocalUserCredentials(); err != nil {
		b.t.Fatal(err)
	}
}

// Offer is its SDP offer for audio in these codecs by number, as in "0 8 126".
func (b *Browser) Offer(formats string) string { return b.sdp("actpass", formats, "") }

// Answer is its SDP answer to an offer of ours.
func (b *Browser) Answer(offer, formats string) string { return b.sdp("active", formats, offer) }

func (b *Browser) sdp(setup, formats, offer string) string {
	mid := "0"
	if m, ok := attribute(offer, "mid"); ok {
		mid = m
	}
	return strings.Join([]string{"v=0", "o=- 4611732 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE " + mid,
		"m=audio 9 UDP/TLS/RTP/SAVPF " + formats, "c=IN IP4 0.0.0.0", "a=rtcp:9 IN IP4 0.0.0.0",
		"a=ice-ufrag:" + b.Ufrag, "a=ice-pwd:" + b.Pwd, "a=ice-options:trickle", "a=fingerprint:" + b.Fingerprint,
		"a=setup:" + setup, "a=mid:" + mid, "a=sendrecv", "a=rtcp-mux", "a=rtpmap:0 PCMU/8000",
		"a=rtpmap:126 telephone-event/8000", ""}, "\r\n")
}

// attribute is the value of an a= line of an SDP.
func attribute(sdp, name string) (string, bool) {
	for line := range strings.Lines(sdp) {
		if v, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "a="+name+":"); ok {
			return v, true
		}
	}
	return "", false
}

// Connect runs ICE and DTLS by the SDP of the other side.
func (b *Browser) Connect(sdp string) error {
	ufrag, pwd, c, err := remote(sdp)
	if err != nil {
		return err
	}
	if err := b.Reach(ufrag, pwd, c.Address(), c.Port()); err != nil {
		return err
	}
	return b.Secure()
}

// Reach runs ICE, and no DTLS.
func (b *Browser) Reach(ufrag, pwd, address string, port int) error {
	c, err := ice.NewCandidateHost(&ice.CandidateHostConfig{Network: "udp", Address: address, Port: port, Component: 1})
	if err != nil {
		return err
	}
	if err := b.agent.AddRemoteCandidate(c); err != nil {
		return err
	}
	ctx, end := context.WithTimeout(context.Background(), browserPatience)
	defer end()
	if b.conn, err = b.agent.Dial(ctx, ufrag, pwd); err != nil {
		return err
	}
	b.shaking = packetio.NewBuffer()
	go b.read(b.conn)
	return nil
}

// Restart gives the agent new credentials and runs ICE again by the other side's new ones.
func (b *Browser) Restart() {
	b.t.Helper()
	if err := b.agent.Restart("", ""); err != nil {
		b.t.Fatal(err)
	}
	gathered := make(chan struct{})
	err := errors.Join(b.agent.OnCandidate(func(c ice.Candidate) {
		if c == nil {
			close(gathered)
		} else {
			b.Address = &net.UDPAddr{IP: net.ParseIP(c.Address()), Port: c.Port()}
		}
	}), b.agent.GatherCandidates())
	if err != nil {
		b.t.Fatal(err)
	}
	<-gathered
	b.Ufrag, b.Pwd, _ = b.agent.GetLocalUserCredentials()
}

// Again takes the other side's SDP after Restart, and returns when ICE has found the way again.
func (b *Browser) Again(sdp string) error {
	ufrag, pwd, c, err := remote(sdp)
	if err != nil {
		return err
	}
	ctx, end := context.WithTimeout(context.Background(), browserPatience)
	defer end()
	return errors.Join(b.agent.SetRemoteCredentials(ufrag, pwd), b.agent.AddRemoteCandidate(c), b.agent.AwaitConnect(ctx))
}

// remote is what the SDP of the other side says of ICE.
func remote(sdp string) (ufrag, pwd string, c ice.Candidate, err error) {
	ufrag, _ = attribute(sdp, "ice-ufrag")
	pwd, _ = attribute(sdp, "ice-pwd")
	candidate, _ := attribute(sdp, "candidate")
	c, err = ice.UnmarshalCandidate(candidate)
	return ufrag, pwd, c, err
}

// Secure runs DTLS, as the client.
func (b *Browser) Secure() error {
	conn, err := dtls.ClientWithOptions(wire{b}, b.conn.RemoteAddr(), dtls.WithCertificates(b.certificate),
		dtls.WithInsecureSkipVerify(true), dtls.WithLoggerFactory(silentLog),
		dtls.WithSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80))
	if err != nil {
		return err
	}
	return b.shake(conn, true)
}

// Await runs DTLS as the server.
func (b *Browser) Await() error {
	conn, err := dtls.ServerWithOptions(wire{b}, b.conn.RemoteAddr(), dtls.WithCertificates(b.certificate),
		dtls.WithClientAuth(dtls.RequireAnyClientCert), dtls.WithInsecureSkipVerify(true),
		dtls.WithLoggerFactory(silentLog), dtls.WithSRTPProtectionProfiles(dtls.SRTP_AES128_CM_HMAC_SHA1_80))
	if err != nil {
		return err
	}
	return b.shake(conn, false)
}

func (b *Browser) shake(conn *dtls.Conn, client bool) error {
	ctx, end := context.WithTimeout(context.Background(), browserPatience)
	defer end()
	if err := conn.HandshakeContext(ctx); err != nil {
		return err
	}
	state, _ := conn.ConnectionState()
	profile, _ := conn.SelectedSRTPProtectionProfile()
	c := srtp.Config{Profile: srtp.ProtectionProfile(profile)}
	if err := c.ExtractSessionKeysFromDTLS(&state, client); err != nil {
		return err
	}
	in, err := srtp.CreateContext(c.Keys.RemoteMasterKey, c.Keys.RemoteMasterSalt, c.Profile)
	if err != nil {
		return err
	}
	out, err := srtp.CreateContext(c.Keys.LocalMasterKey, c.Keys.LocalMasterSalt, c.Profile)
	if err != nil {
		return err
	}
	b.mu.Lock()
	b.in, b.out, b.secured = in, out, conn
	b.mu.Unlock()
	return nil
}

// read takes what comes, until the agent is closed.
func (b *Browser) read(conn *ice.Conn) {
	var buffer [1600]byte
	for {
		n, err := conn.Read(buffer[:])
		if err != nil {
			return
		}
		if buffer[0] < 64 {
			_, _ = b.shaking.Write(buffer[:n])
			continue
		}
		b.mu.Lock()
		in := b.in
		b.mu.Unlock()
		if in == nil || buffer[1] >= 192 && buffer[1] <= 223 {
			continue
		}
		if plain, err := in.DecryptRTP(buffer[:0], buffer[:n], nil); err == nil {
			b.take(plain)
		}
	}
}

func (b *Browser) take(packet []byte) {
	b.mu.Lock()
	b.heard++
	b.source = binary.BigEndian.Uint32(packet[8:])
	b.mu.Unlock()
	if b.Heard != nil {
		b.Heard(packet)
	}
}

// AwaitEcho talks until n packets came back from now on, and returns the source (SSRC) that they have. The first ones
// may be lost: the browser has its keys a moment before the member.
func (b *Browser) AwaitEcho(n int) (source uint32) {
	b.t.Helper()
	count := func() int { b.mu.Lock(); defer b.mu.Unlock(); return b.heard }
	wanted := count() + n
	pace, over := time.NewTicker(frame), time.After(browserPatience)
	defer pace.Stop()
	for count() < wanted {
		select {
		case <-pace.C:
			b.SendAudio(make([]byte, perFrame))
		case <-over:
			b.t.Fatalf("of %d packets %d came back", n, n+count()-wanted)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.source
}

// Send sends an RTP packet, encrypted.
func (b *Browser) Send(packet []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.out == nil {
		return errors.New("no keys")
	}
	sealed, err := b.out.EncryptRTP(b.room[:0], packet, nil)
	if err == nil {
		_, err = b.conn.Write(sealed)
	}
	return err
}

// SendAudio sends 20 ms of audio in the codec with the number 0, as the next packet of the browser's own stream.
func (b *Browser) SendAudio(payload []byte) {
	b.t.Helper()
	b.number++
	packet := make([]byte, rtpHeader, rtpHeader+len(payload))
	packet[0] = 0x80
	binary.BigEndian.PutUint16(packet[2:], b.number)
	binary.BigEndian.PutUint32(packet[4:], uint32(b.number)*perFrame)
	binary.BigEndian.PutUint32(packet[8:], 4711)
	if err := b.Send(append(packet, payload...)); err != nil {
		b.t.Fatal(err)
	}
}

// SendRaw sends octets as they are.
func (b *Browser) SendRaw(octets []byte) error {
	_, err := b.conn.Write(octets)
	return err
}

// Close ends it without a word, as a page that is closed. Twice: no harm.
func (b *Browser) Close() {
	_ = b.agent.Close()
	if b.shaking != nil {
		_ = b.shaking.Close()
	}
}

// wire is the way of a browser's DTLS.
type wire struct{ b *Browser }

func (w wire) ReadFrom(p []byte) (int, net.Addr, error) {
	n, err := w.b.shaking.Read(p)
	return n, w.b.conn.RemoteAddr(), err
}
func (w wire) WriteTo(p []byte, _ net.Addr) (int, error) { return w.b.conn.Write(p) }
func (w wire) Close() error                              { return nil }
func (w wire) LocalAddr() net.Addr                       { return w.b.conn.LocalAddr() }
func (w wire) SetDeadline(t time.Time) error             { return w.b.shaking.SetReadDeadline(t) }
func (w wire) SetReadDeadline(t time.Time) error         { return w.b.shaking.SetReadDeadline(t) }
func (w wire) SetWriteDeadline(time.Time) error          { return nil }
