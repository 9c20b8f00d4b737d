// Package dialog is the SIP dialog as a pure machine (RFC 3261 sections 12 to 15, RFC 3262, 3311, 3515,
// 3891, 4028, 5057, 6141): one method per event, each returning the effects that its owner must perform. It
// knows no clock, no network and no goroutine, and speaks only in the words of package signal.
//
// One Dialog is one call leg's side of one INVITE usage. As a client (UAC) it may fork: it keeps
// the early dialogs apart by the peer's tag, confirms the first 2xx and ends the surplus ones.
//
// Who calls whom decides the first half of its life; from Established on both sides are alike:
//
//	client  Idle ─▶ Calling ─1xx─▶ Proceeding ─2xx─▶ Established
//	                   └─────Hangup─────┴─▶ Cancelling ─2xx: ACK, BYE─▶ Ending
//	        after an INVITE without SDP: ─2xx─▶ Owing ─Acknowledge─▶ Established
//
//	server  Incoming ─1xx─▶ Alerting ─200─▶ Answered ─ACK─▶ Established
//	                                           └─Hangup─▶ Leaving ─ACK: BYE─▶ Ending
//
//	both    Established ─Hangup: BYE─▶ Ending ─its answer─▶ Over
//
// and from every state an event may lead to Over, told by exactly one Ended or Refused.
//
// Beside the state run small things: the SDP exchange after the first (exchange.go: at most one
// open at a time), the 1xx that waits for its PRACK (reliable.go), the 2xx that waits for its ACK
// (acceptance.go), the session timer (timing.go), and the transfers (referred.go, refer.go).
//
// A reliable 1xx with SDP completes the first exchange before the answer:
//
//	server  Progress ─1xx, RSeq─▶ repeated ─PRACK─▶ Agreed: UPDATE may follow; a 2xx that waited goes
//	                                  └─none for 64*T1─▶ 504, Over
//	client  1xx, RSeq next in order ─▶ PRACK by the early dialog of its tag; else it is ignored
//
// A call with a session timer is refreshed at half the interval by one side, and ended by BYE when
// nobody did so until shortly before its end.
//
//	client.go    our first INVITE and its forks      server.go    the peer's first INVITE
//	exchange.go  re-INVITE and UPDATE, both ways     acceptance.go  2xx until its ACK comes
//	reliable.go  1xx until their PRACK, both ways    timing.go    session timers
//	referred.go  the peer's REFER, our NOTIFY        refer.go     our REFER, the peer's NOTIFY
//	receive.go   requests: who answers what          hangup.go    every way out
//	path.go      target, route set, CSeq             message.go   requests and responses we write
//	timer.go     timers with an identity             state.go     states and their transitions
//	prove.go     challenges to our requests
//
// What an owner must know: a final answer is due for every Offered and Referred, unless Withdrawn
// follows; a request that is still open when the dialog ends is answered 487 by the dialog itself.
// The first INVITE is judged (Local.Judge, Content-Type, Replaces) by the owner; what it refuses it
// rejects.
package dialog
