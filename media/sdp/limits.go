package sdp

import "time"

// How much of an SDP is read. What goes beyond is ErrMalformed.
const (
	MaxSize     = 64 << 10 // octets
	MaxMedia    = 64       // m-lines
	MaxFormats  = 128      // formats of one m-line; RTP has no more payload numbers
	maxCryptos  = 16       // a=crypto lines of one m-line that we can use; further ones are passed over
	maxFaxLines = 24       // attributes of T.38 of one m-line that are passed on, and
	maxFaxText  = 120      // octets of each; further ones, and longer, are passed over
	maxTag      = 9        // digits of the tag of one (RFC 4568 section 9.1)
)

// minPort is the lowest RTP port we send to: below are the system's own services.
const minPort = 1024

// The audio in one packet, whatever the peer asks for: multiples of ptimeStep within the bounds.
const (
	minPtime  = 10 * time.Millisecond
	maxPtime  = 120 * time.Millisecond
	ptimeStep = 10 * time.Millisecond
)

// The range of dynamic payload numbers (RFC 3551 section 3), and the ones we begin with for
// telephone-event, by custom, and for other codecs.
const (
	firstDynamic = 96
	lastDynamic  = 127
	eventNumber  = 101
)
