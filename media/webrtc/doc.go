// Package webrtc is the way of a browser's audio to a media stream and back: ICE in its lite form, DTLS-SRTP, and
// SRTP, all on one UDP port for every leg of a member. A Peer is one leg's end of it and looks to the stream like
// any other socket: plain RTP and RTCP go in and come out.
//
//	port.go      the UDP port: who is meant by a datagram        stun.go    checks read and answered (RFC 8489)
//	peer.go      one leg: agreed on, reached, secured, lost      path.go    addresses that have proved themselves
//	handshake.go DTLS, from the first hello to the keys          cipher.go  SRTP both ways
//	identity.go  the certificate that a member shows             limits.go  how long and how much
//	phone.go     DTLS with peers that have no ICE                demux.go   what a datagram carries
//
// A phone that would agree on keys by DTLS, but knows no ICE, keeps a port of its own: Phone has the handshake, and the
// stream encrypts with the keys of it.
//
// # The life of a peer
//
//	open ──Agree──▶ agreed ──check with USE-CANDIDATE──▶ reached ──DTLS──▶ secured ──Close──▶ closed
//	                  │ nothing in Patience                  │ wrong fingerprint    │ no sign of life in Consent
//	                  ▼                                      ▼                      ▼
//	                Failed                                 Failed                  Lost
//
// Another fingerprint in a later exchange of SDP is a page that was loaded again: the peer begins anew at agreed, while
// the stream above it goes on with its numbering. New ICE credentials with the same fingerprint are an ICE restart: the
// keys stay, and the old address is used until the new one has proved itself.
//
// # Why not the whole of pion
//
// A PeerConnection of pion/webrtc costs 22 goroutines and some 240 kB, and makes and reads SDP of its own. An ICE-lite
// agent (RFC 8445 section 2.5) only answers checks, which is a page of code, so a peer here has no goroutine, no timer
// and no socket: the port's goroutine reads, one look a second watches over all. Taken from pion are DTLS, whose
// goroutines are let go as soon as the last flight can not be asked for again, and the SRTP contexts. Audio costs no
// allocation.
//
// # What is refused, and how
//
// A check whose user name is not one of ours is dropped after a look into a map: there is no answer, and nothing is kept.
// So is one that does not carry the password's integrity. DTLS and SRTP are read from addresses alone that have proved
// by a check to be the peer's, and an address belongs to one peer at a time, the one that was there first while it
// lives: what one party says can not take another's audio away. Until the keys are there, nothing is sent and nothing
// believed. A peer that is a lite agent as well never sends a check, so the two of us do not meet.
package webrtc
