package webrtc

import (
	"context"
	"crypto/x509"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/logging"
	"github.com/pion/transport/v4/packetio"

	"tandem/media/sdp"
)

// handshake is one try of DTLS with a peer. To DTLS it is a socket: what comes is put in by its owner, what goes out
// goes to where the peer is.
type handshake struct {
	owner  owner
	local  *net.UDPAddr
	proven bool // ICE has shown that the address is the peer's; else its first hello is answered by a cookie alone
	in     *packetio.Buffer
	cancel context.CancelFunc
	wrong  atomic.Bool // the peer showed another certificate
	quiet  atomic.Bool // nothing more is sent: the goodbye of DTLS would end the peer's audio
	at     *net.UDPAddr
	until  time.Time // when it is let go; of the peer's lock, zero until the keys are there
}

// owner is whom a handshake is for.
type owner interface {
	// say sends a datagram to where the peer is now.
	say(datagram []byte) error
	// secured and refused take what becomes of it.
	secured(h *handshake, keys sdp.Keys)
	refused(h *handshake, err error)
}

// begin begins it, on a goroutine of a group.
func (h *handshake) begin(i *Identity, d sdp.DTLS, on *sync.WaitGroup) *handshake {
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	h.in, h.cancel = packetio.NewBuffer(), cancel
	h.in.SetLimitCount(maxFlight)
	on.Go(func() { h.run(ctx, i, d.Fingerprint, d.Active) })
	return h
}

func (h *handshake) run(ctx context.Context, i *Identity, fingerprint string, active bool) {
	defer h.cancel()
	conn, err := h.open(i, fingerprint, active)
	if err == nil {
		err = conn.HandshakeContext(ctx)
	}
	if err != nil {
		h.owner.refused(h, h.verdict(err))
		return
	}
	state, _ := conn.ConnectionState()
	profile, _ := conn.SelectedSRTPProtectionProfile()
	if err = matches(fingerprint, state.PeerCertificates); err != nil {
		h.owner.refused(h, err)
		return
	}
	keys, err := keysOf(&state, profile, active)
	if err != nil {
		h.owner.refused(h, err)
		return
	}
	h.owner.secured(h, keys)
}

// open makes the end of DTLS: the client's if we begin.
func (h *handshake) open(i *Identity, fingerprint string, active bool) (*dtls.Conn, error) {
	shared := []dtls.Option{
		dtls.WithCertificates(i.certificate),
		dtls.WithSRTPProtectionProfiles(profiles...),
		dtls.WithInsecureSkipVerify(true), // it is known by its fingerprint, not by who signed it
		dtls.WithVerifyPeerCertificate(func(raw [][]byte, _ [][]*x509.Certificate) error {
			h.wrong.Store(matches(fingerprint, raw) != nil)
			return matches(fingerprint, raw)
		}),
		dtls.WithLoggerFactory(&logging.DefaultLoggerFactory{Writer: io.Discard,
			DefaultLogLevel: logging.LogLevelDisabled}),
	}
	if active {
		options := []dtls.ClientOption{}
		for _, o := range shared {
			options = append(options, o)
		}
		return dtls.ClientWithOptions(h, h.at, options...)
	}
	options := []dtls.ServerOption{
		dtls.WithClientAuth(dtls.RequireAnyClientCert),
		dtls.WithInsecureSkipVerifyHello(h.proven),
	}
	for _, o := range shared {
		options = append(options, o)
	}
	return dtls.ServerWithOptions(h, h.at, options...)
}

// verdict is the reason of a failure that matters to us.
func (h *handshake) verdict(err error) error {
	if h.wrong.Load() {
		return errFingerprint
	}
	return err
}

// put hands a datagram over. What finds no room will come again.
func (h *handshake) put(datagram []byte) { _, _ = h.in.Write(datagram) }

// end lets the goroutines of DTLS go, without a word to the peer.
func (h *handshake) end() {
	h.quiet.Store(true)
	h.cancel()
	_ = h.in.Close()
}

// The rest makes the handshake a net.PacketConn.

// ReadFrom implements net.PacketConn.
func (h *handshake) ReadFrom(buffer []byte) (int, net.Addr, error) {
	n, err := h.in.Read(buffer)
	return n, h.at, err
}

// WriteTo implements net.PacketConn. It sends to where the peer is now, which may have moved.
func (h *handshake) WriteTo(datagram []byte, _ net.Addr) (int, error) {
	if h.quiet.Load() {
		return len(datagram), nil
	}
	return len(datagram), h.owner.say(datagram)
}

// Close implements net.PacketConn.
func (h *handshake) Close() error { return h.in.Close() }

// LocalAddr implements net.PacketConn.
func (h *handshake) LocalAddr() net.Addr { return h.local }

// SetDeadline implements net.PacketConn; writing never waits.
func (h *handshake) SetDeadline(t time.Time) error { return h.in.SetReadDeadline(t) }

// SetReadDeadline implements net.PacketConn.
func (h *handshake) SetReadDeadline(t time.Time) error { return h.in.SetReadDeadline(t) }

// SetWriteDeadline implements net.PacketConn.
func (h *handshake) SetWriteDeadline(time.Time) error { return nil }
