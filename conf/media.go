package conf

import (
	"fmt"
	"net/netip"
	"time"
)

// Media is the RTP side: ports, codecs, buffers, recordings.
type Media struct {
	// Local addresses without a port. A call takes that to which its signalling comes; where it is not in the list, of those of
	// its family the one with the most free ports. An empty list takes those of sip.bind.
	Bind []string `change:"restart" scope:"member"`
	// Address to put into SDP; empty takes the bound address.
	Public string `change:"next call" scope:"member"`
	// First RTP port, even: RTP takes an even port, its RTCP the next.
	PortMin int `range:"1024..65534" change:"restart"`
	// Last port, odd.
	PortMax int `range:"1025..65535" change:"restart"`
	// UDP port of all WebRTC audio: ICE, DTLS and SRTP of every browser.
	WebrtcPort int `range:"-1..65535" change:"restart"`
	// SRTP with keys in SDP (RFC 4568) for phones and trunks: never; offered to them and taken from them, by DTLS
	// (RFC 5763) too where they offer that; or required, and a call without is refused. Browsers always encrypt.
	SRTP string `oneof:"never offered required" change:"next call"`
	// Whether such keys, and fingerprints for DTLS, may travel by signalling that is not encrypted itself, where others can
	// read and change them.
	SRTPClear bool `change:"next call"`
	// How long a port rests after use, so that late packets reach nobody else.
	Quarantine time.Duration `range:"0s..5m" change:"restart"`
	// Codecs in order of preference. With opus, the packets of parties who both talk it are passed on; anybody else hears it
	// decoded. What we have to say ourselves is in opus where the server was built to encode it, else in another one.
	Codecs []string `oneof:"PCMU PCMA G722 L16 opus" change:"next call"`
	// Audio in each packet that we send.
	Ptime time.Duration `range:"10ms..60ms" change:"next call"`
	// Whether we send to where valid packets come from rather than to where SDP says.
	Symmetric bool `change:"restart"`
	// Packet loops; 0 means one for each core.
	Shards int `unit:"loops" range:"0..256" change:"restart"`

	// Smallest play-out delay.
	JitterMin time.Duration `range:"0s..1s" change:"restart"`
	// Largest play-out delay; what comes later counts as lost.
	JitterMax time.Duration `range:"10ms..5s" change:"restart"`
	// A leg from which no packet came for so long ends; 0s never ends it.
	Silence time.Duration `range:"0s..24h" change:"restart"`

	// Parties in one conference; the next one is refused.
	MaxParties int `unit:"parties" range:"2..10000" change:"restart"`
	// Recordings at once; the next one is refused.
	MaxRecordings int `unit:"recordings" range:"0..100000" change:"restart"`
	// Length of one recording; then it is closed and the call goes on.
	MaxRecording time.Duration `range:"1s..24h" change:"restart"`
	// Directory of recordings; empty takes recordings below member.data.
	Recordings string `change:"restart" scope:"path"`
	// Recordings of calls in the files of accounts are deleted when they are older; 0s keeps them.
	RecordingsAge time.Duration `range:"0s..87600h" change:"now"`
	// Size of all of them; beyond it the oldest make room. 0B is no limit but that of all files.
	RecordingsSize int64 `unit:"bytes" range:"0B..1PiB" change:"now"`
	// Memory for sounds that programs play, decoded; those that were played last are kept.
	Sounds int `unit:"bytes" range:"1MiB..64GiB" change:"restart"`
}

// SRTPWords are those of media.srtp.
var SRTPWords = []string{"never", "offered", "required"}

// DefaultMedia returns the section's defaults.
func DefaultMedia() Media {
	return Media{
		PortMin: 16384, PortMax: 32767, WebrtcPort: 10070, SRTP: "offered", Quarantine: 5 * time.Second,
		Codecs: []string{"PCMU", "PCMA", "G722"}, Ptime: 20 * time.Millisecond, Symmetric: true,
		JitterMin: 20 * time.Millisecond, JitterMax: 200 * time.Millisecond,
		Silence: 60 * time.Second, MaxParties: 1000, MaxRecordings: 500,
		MaxRecording: 4 * time.Hour, Sounds: 128 << 20,
		RecordingsAge: 90 * 24 * time.Hour, RecordingsSize: 10 << 30,
	}
}

func (m Media) check(k *checker) {
	k.addresses("media.bind", m.Bind, false)
	k.public("media.public", m.Public)
	m.checkPublic(k)
	if m.PortMin%2 != 0 {
		k.wrong("media.port_min", fmt.Sprint(m.PortMin, " is odd"),
			"an even port, since RTP takes the even one of a pair")
	}
	if m.PortMax%2 == 0 {
		k.wrong("media.port_max", fmt.Sprint(m.PortMax, " is even"),
			"an odd port, since RTCP takes the odd one of a pair")
	}
	if m.PortMin >= m.PortMax {
		k.wrong("media.port_min", fmt.Sprint(m.PortMin, " is not below port_max, ", m.PortMax),
			"a range with room for at least one pair", "media.port_max")
	}
	if m.JitterMin > m.JitterMax {
		k.wrong("media.jitter_min", text(m.JitterMin)+" is longer than jitter_max, "+text(m.JitterMax),
			"at most "+text(m.JitterMax), "media.jitter_max")
	}
	if m.Ptime%(10*time.Millisecond) != 0 {
		k.wrong("media.ptime", text(m.Ptime)+" is no multiple of 10ms", "20ms")
	}
	if len(m.Codecs) == 0 {
		k.wrong("media.codecs", "is empty", "at least one codec, such as PCMU")
	}
	if len(m.Codecs) == 1 && m.Codecs[0] == "opus" {
		k.wrong("media.codecs", "opus alone can not be played to everybody", "another codec beside it, such as PCMU")
	}
	k.once("media.codecs", m.Codecs)
}

// checkPublic refuses one address outside for several inside: each of these has all ports, so that two calls would be told
// the same one.
func (m Media) checkPublic(k *checker) {
	if m.Public == "" {
		return
	}
	four := 0
	for _, text := range m.Bind {
		if a, err := netip.ParseAddr(text); err == nil && a.Unmap().Is4() {
			four++
		}
	}
	if six := len(m.Bind) - four; four > 1 || six > 1 {
		k.wrong("media.public", quote(m.Public)+" stands for one address, and media.bind names several of a family",
			"one address of each family in media.bind", "media.bind")
	}
}
