// Package jitter puts the packets of one RTP stream back into order and in time. Packets are pushed
// as they come and pulled as they are played, one each time the player has used up the last; the
// buffer has no timer and no goroutine, and copies payload into slots of its own.
//
// Each packet is due at the time its timestamp tells, plus a delay that follows the jitter: it is
// set anew at the start of a talkspurt, grows in between when the buffer runs dry (the player
// conceals, and what comes late is still played), and shrinks by dropping single packets, seldom,
// when it has become longer than the jitter asks for.
//
// The picture, for one packet after another at the player's side:
//
//	          first packet due            nothing left for 120 ms
//	waiting ───────────────────▶ playing ─────────────────────────▶ waiting
//	   ▲                            │ gap in the timestamps: a talkspurt ended
//	   └────────────────────────────┘
package jitter
