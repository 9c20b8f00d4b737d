// Package rtp is the wire layer below the streams: RTP and RTCP packets read and written in place
// (RFC 3550, RFC 5761), what a receiver counts of its source (RFC 3550 appendix A), the address a
// stream believes its peer to be at, port pairs with their quarantine, and the UDP sockets: a Loop reads those of a shard
// in one goroutine, where the kernel lets it. A port from which many peers are sent to can take part in a Gathering.
//
// Nothing here allocates per packet. Everything but the networks is pure: time comes in as
// an argument.
package rtp
