package conf

import "time"

// Media is the RTP side: ports, codecs, buffers, recordings.
type Media struct {
	Bind       []string      // local addresses, one per family; default: those of SIP
	Public     string        // address to put into SDP instead; default: the bound address
	PortMin    int           // first RTP port, even; default 16384
	PortMax    int           // last port; default 32767
	Quarantine time.Duration // a port rests so long after use; default 5s
	Codecs     []string      // in order of preference; default PCMU, PCMA, G722
	Ptime      time.Duration // audio per packet that we send; default 20ms
	Symmetric  bool          // send to where valid packets come from; default true
	Shards     int           // packet loops, 0 means one per core; default 0

	JitterMin time.Duration // smallest play-out delay; default 20ms
	JitterMax time.Duration // largest play-out delay; default 200ms
	Silence   time.Duration // no packet for so long ends the leg; default 60s, 0 never

	MaxParties    int           // in one conference; default 1000
	MaxRecordings int           // recordings at once; default 500
	MaxRecording  time.Duration // length of one recording; default 4h
	Recordings    string        // directory; default DATA/recordings
}

// DefaultMedia returns the section's defaults.
func DefaultMedia() Media {
	return Media{
		PortMin: 16384, PortMax: 32767, Quarantine: 5 * time.Second,
		Codecs: []string{"PCMU", "PCMA", "G722"}, Ptime: 20 * time.Millisecond, Symmetric: true,
		JitterMin: 20 * time.Millisecond, JitterMax: 200 * time.Millisecond,
		Silence: 60 * time.Second, MaxParties: 1000, MaxRecordings: 500,
		MaxRecording: 4 * time.Hour,
	}
}
