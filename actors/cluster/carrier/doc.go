// Package carrier brings frames from one member to another, over connections of mutual TLS that it opens where
// something is to be sent and nothing is open.
//
// A connection carries one way: who opened it writes, who took it reads. So two members that talk have two, and
// neither needs to agree with the other about whose is the one. The first frame says by which address the writer is
// reached; who it is says its certificate, and both go along with each frame that is taken.
//
//	frame: length of the body (4 octets) ─ kind (1 octet) ─ body
//
// The carrier promises order on one connection, and nothing else: what was written when a connection breaks may or may
// not have arrived, and what can not be sent is dropped. Ties (package link) make one reliable stream of it, and signs
// of life come again.
//
//	         Send: never waits                    handshake, hello
//	idle ───────────────────────► dialling ─────────────────────────► open
//	  ▲                              │                                  │
//	  └── refused, or no answer: Down ┴── broken off, by either side: Down ┘
//
// Frames that are sent while others are being written go out together with the next write. Whoever may wait writes by
// itself (Write), which spares waking somebody else; for the rest a goroutine is made when there is something.
package carrier
