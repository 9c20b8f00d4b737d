package media

import (
	"net/netip"
	"time"
)

// Options describe a stream to open.
type Options struct {
	ID      string      // the leg's name in logs and snapshots; unique
	Call    string      // streams of one call share a shard
	Local   netip.Addr  // local address to bind
	Peer    netip.Addr  // where the party's signalling comes from: its media may come from there too
	WebRTC  bool        // the peer is a browser: its audio comes by ICE and DTLS-SRTP on the port that all share
	Urgent  bool        // for a call for help, which has ports of its own when all others are taken
	Fixed   bool        // the peer sends from the address of Apply and no other: none is learned
	OnEvent func(Event) // called from a media goroutine; must not block
}

// Event is what a stream tells its owner. The set is closed.
type Event interface{ event() }

// The events of a stream; Finished is one of a voice too.
type (
	// Digit: the peer pressed a key: 0-9 * # A-D. Sent once per key, at its end or after Duration limits.
	Digit struct {
		Key      byte
		Duration time.Duration
		InBand   bool
	}
	// Finished: the source that Play was given has come to its end.
	Finished struct{ Source string }
	// Silent: no packet came for conf.Media.Silence.
	Silent struct{ Since time.Duration }
	// Secured: the keys of a handshake are there; the profile is that of SRTP, as SDP names it.
	Secured struct{ Profile string }
	// Unsecured: the audio of such a stream can not come, or does not come any more, and why.
	Unsecured struct{ Reason string }
	// Speechless: there is audio to send, and this build has no encoder for the codec agreed on, see codec.Codec.Encodes.
	// The peer does not hear it before another one is agreed on. Sent once for each Apply.
	Speechless struct{}
	// Heard: first valid packet from the peer (after opening, or after Silent).
	Heard struct{ From netip.AddrPort }
)

func (Digit) event()      {}
func (Finished) event()   {}
func (Silent) event()     {}
func (Speechless) event() {}
func (Heard) event()      {}
func (Secured) event()    {}
func (Unsecured) event()  {}

// Source is audio to send: one call per frame of 20 ms. One that many streams play alike may offer its frames
// as payload that is made already, as sound.Player does.
type Source interface {
	// Name tells what it is, for logs and Finished.
	Name() string
	// Rate is its samples a second: 8000 or 16000.
	Rate() int
	// Read fills the frame; false means it has ended and the frame is not valid.
	Read(frame []int16) bool
}

// Stats is what a stream measured, both ways.
type Stats struct {
	Codec                    string
	Sent, Received           uint64 // packets
	SentBytes, ReceivedBytes uint64
	Lost                     uint64 // expected minus received (RFC 3550 A.3)
	LossRatio                float64
	Jitter                   time.Duration // RFC 3550 A.8
	RoundTrip                time.Duration // from RTCP, 0 when unknown
	RemoteLossRatio          float64       // what the peer reports of our stream
	RemoteJitter             time.Duration
	MOS                      float64        // estimate by the E-model (ITU-T G.107), 1 to 4.5
	Discarded                uint64         // from a wrong address, wrong payload, malformed, too late
	Remote                   netip.AddrPort // where we send to now
	Concealed                uint64         // frames made up
	Fax                      FaxStats
	Encryption               string // "DTLS-SRTP", "SDES-SRTP", or "" where audio is sent as it is
}

// Snapshot is the engine's own count, for metrics.
type Snapshot struct {
	Streams, Mixers, Recordings, PortsFree, PortsInUse, PortsQuarantined int
	Sent, Received, Lost, Discarded                                      uint64
	Relayed                                                              uint64
	LateTicks                                                            uint64
	Fax                                                                  FaxStats
	EventsDropped                                                        uint64 // their owners were too slow
}
