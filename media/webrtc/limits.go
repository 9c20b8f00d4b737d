package webrtc

import "time"

// Limits that are no settings: the standards or the browsers give them.
const (
	// Patience is how long an agreed peer may take until its keys are there.
	Patience = 30 * time.Second
	// Consent is how long a peer is believed to be there without a sign of life (RFC 7675 section 5.1).
	Consent = 30 * time.Second
	// linger is how long DTLS is kept after the handshake: its last flight may be asked for again.
	linger = 10 * time.Second
	// watchEvery is how often the port looks after its peers.
	watchEvery = time.Second

	// maxPaths is how many addresses of a peer count at once; a browser has one for each of its networks.
	maxPaths = 8
	// pathLife is how long an address counts without a check from it.
	pathLife = time.Minute
	// maxFlight is how many datagrams of a handshake may wait to be read; more are dropped and come again.
	maxFlight = 32
	// maxUsername is the longest user name in a check: two fragments of 256 and a colon (RFC 8445 section 5.3).
	maxUsername = 513
	// maxAttributes is how many attributes of a check are read.
	maxAttributes = 32
	// readBuffer is what the kernel keeps for the port, in octets, if it allows as much.
	readBuffer = 4 << 20
)
