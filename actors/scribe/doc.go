// Package scribe brings a call to a recording server of others while it is talked (SIPREC: RFC 7245, 7866, 7865).
//
// What it is: an ordinary actor beside a leg, on the same member, since it takes the leg's audio there. It is a SIP client with
// a dialog of its own, whose INVITE brings two m-lines, one with what the party says and one with what its partner says, and a
// document about who that is (metadata). Who creates it, who ends it: a leg makes one for each recorder that wants its
// call, and ends it with the call; it ends too when the leg is gone.
//
//	                        2xx                      End
//	calling ──────────────────────────► recording ──────────► leaving ── all dialogs over ──► over
//	  ▲  │  ▲                               │                    ▲
//	  │  │  └─── lost, hung up: the next ───┤                    │
//	  │  └── refused, silent: the next ──┐  │                    │
//	  │                                  ▼  ▼                    │
//	  └───────── after a while ─────── resting ──────── End ─────┘
//
// The servers of a recorder are called one after the other until one takes the call. One that has taken it is asked for a sign
// of life now and then. When each has had its turn in vain the leg is told so, and after a rest they are tried again: a
// server that comes back gets what is left of the call. Between two servers audio is lost.
//
// When the party has another partner, or a side holds the call or takes it back, a re-INVITE brings a new document, always a
// whole one. While the call is held, or the party has no partner, both m-lines are inactive and nothing is sent.
//
// The machine (scribe.go, attempt.go) is pure: events in, effects out. Each call of a server is an attempt with a dialog of its
// own, all under one tag: the actor's handler, by which requests of the server find it. One that was given up lives
// until its CANCEL or BYE is answered, while the next one is under way.
//
//	scribe.go    which server, and what it is told     attempt.go   the dialog with one of them
//	state.go     states                                effect.go    what the machine wants
//	actor.go     the shell; the media streams          metadata     the document
//
// Messages in: ScribeStart, ScribeTalk, ScribeEnd from the leg; SignalRequest, SignalResponse, SignalCancelled. Messages out:
// ScribeFailed to the leg; SignalSend, SignalCancel, SignalRespond.
package scribe
