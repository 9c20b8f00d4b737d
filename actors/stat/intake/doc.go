// Package intake takes on this member what adapters of sources outside send, and watches over the sources that this member
// holds.
//
// Who creates it, who ends it: the house, one Intake for each member. It is no actor: whoever offers lines waits for what
// becomes of them.
//
//	adapter ══ WebSocket or POST ══► Intake of any member ──► Intake of the holder ──► journal ──► hall
//	   ▲                                                          │    ▲                         │
//	   └──────── number of the line that is wanted next ──────────┘    └── Book: what was told ◄─┘
//
// The holder of a source is the owner of its name, found as that of a queue is. It takes one offer after the other, and
// notices when the source is not heard of any more. What a source has told, and which number is wanted, it knows from the
// journal alone: so the next holder, after a death, goes on where the journal ends, and tells the adapter from where to
// send again. Where two hold a source for a moment nothing is counted twice (package source).
//
//	intake.go  offers: found a holder, taken by it
//	held.go    one source that this member holds
//	watch.go   silence, calls that are stuck
//	pace.go    how many lines come, and which were refused
//	stand.go   how all sources stand
package intake
