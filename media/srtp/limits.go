package srtp

import "time"

// Limits that are no settings: the standards or the phones give them.
const (
	// overhead is what encryption adds to a packet at most: tag, index and authentication.
	overhead = 64
	// replayWindow is how many packets back one may come late, and not twice (RFC 3711 section 3.3.2).
	replayWindow = 256
	// windowSize is how many packets back one that is passed on may come late. It is as many as a window has bits.
	windowSize = 64
	// MaxSources is how many sources (SSRC) a peer may send from with one key. A trunk passes on those of all that are
	// behind it in the course of a call, music and announcements too, and none can be forgotten, for what it sent could be
	// sent again. Each has a window, and costs about 200 octets.
	MaxSources = 1024
	// maxDatagrams is how many datagrams are decrypted in a second: four times what a stream reads of one peer, reports
	// not counted.
	maxDatagrams = 2000
	// maxOthers is how many datagrams from elsewhere than the peer are tried in a second: as many as a peer sends that
	// has moved.
	maxOthers = 200
	// grace is for how long the peer may go on with the key before: it takes up the new one when our answer has come.
	grace = 5 * time.Second
	// maxKept is how many keys of SDP a stream keeps of each side, in case an exchange is undone. Both sides draw new ones
	// in the course of a call; those of longest ago are forgotten, and ours of them never come back.
	maxKept = 8
)
