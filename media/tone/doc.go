// Package tone makes and recognises tones: the 1004 Hz test tone, ringback, busy, DTMF digits, beeps
// and a tune. Levels are in dBm0: the digital milliwatt of ITU-T G.711 is 0 dBm0, and a sine that
// just fills mu-law is +3.17 dBm0. A Source has the methods that the media engine wants of a source
// of audio; a Detector tells whether, and how loud, a given frequency is in what was received.
//
// The call-progress tones are the European ones (ETSI TR 101 041): 425 Hz, ringback 1 s on and 4 s
// off, busy half a second each.
package tone
