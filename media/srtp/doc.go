// Package srtp encrypts and decrypts the RTP and RTCP of one stream (RFC 3711, RFC 7714), whatever way its keys came:
// by a DTLS handshake (RFC 5764) or in SDP (RFC 4568).
//
//	opener.go  the key of the peer at work     sealer.go  ours
//	window.go  what was encrypted with it, for no two packets may be under one number
//	guard.go   the ports of a stream, whose keys come by SDP, or by DTLS on the way of the audio, and may change
//	kept.go    the keys that a stream has had in SDP
//
// A datagram is judged in this order, the cheap before the dear: what may be tried in a second is not used up, the source is one
// of few, it was not here before, it is authentic. Only what is authentic is seen by anybody else, so that a stranger
// can not move a stream.
package srtp
