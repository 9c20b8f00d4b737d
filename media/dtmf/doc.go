// Package dtmf recognises and sends the keys of a telephone in the three ways in which they travel:
// as two tones within the audio (ITU-T Q.23, Q.24), as events in RTP packets of their own (RFC 4733),
// and as bodies of SIP INFO requests. Whatever the way, a key comes out once, as a Press, when it is
// let go or has been held for MaxPress.
//
// All of it is pure: time is an argument, and nothing waits.
package dtmf
