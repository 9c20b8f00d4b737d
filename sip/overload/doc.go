// Package overload decides which new requests are let in while a member is late.
//
// A member that is asked for more than it can do answers everybody late, and those who wait ask again: without a
// limit it does less the more it is asked for (RFC 5390). What tells that it is late is how long its work waits
// before it is begun, not how busy its processors are: a member can be busy and in time.
//
// The Governor hears at each beat how late the member was, and keeps from it a rate of requests that may begin. It is
// open until the member is late for some beats on end; then it goes down to what the member was seen to do, further while
// the wait does not shrink, and up again, a little at each beat, while the member is in time. When for a while nothing
// had to be refused, it is open again.
//
//	open ── late ──► holding ── late, and not less so: rate down
//	  ▲                 │  └─── in time: rate up
//	  └── nothing refused for a while
//
// Whom it refuses first: who asks how we are, for events or with a message; then who calls; last who registers, since a
// phone that is refused there is lost for more than this call. None of them takes all: calls have a part of the rate, and
// registrations have one. Requests in a dialog, ACK and CANCEL are never asked about. Emergency calls always pass, of those
// who have proved who they are; anybody can call himself an emergency, so of the others there is a limit, beside the rate.
//
// It knows no clock and no runtime: the times of its inputs are given.
package overload
