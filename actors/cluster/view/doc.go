// Package view is what one member thinks of all others: who is there, who is gone, who may be called.
//
// What it is: a pure machine. Events go in with the time at which they happen, effects come out; it has no clock, no
// network and no goroutine. The shell that has them is in package cluster.
//
//	view.go      View: what it is told by its own member
//	heard.go     heartbeats of others: who is taken, who is refused, what they say of us and of others
//	tick.go      time passes: silences, freezes, deaths
//	beat.go      heartbeats of ours, and the addresses to which they go
//	state.go     the states and the one function that changes them
//	grave.go     lives that are over, and strangers
//	row.go       Row: what can be asked
//	effect.go    what comes out
//	willing.go   the list of members that make call legs for others, and the choice among them
//	limit.go     all limits
//
// Who creates it, who ends it: each member makes one at its start. It is over when the member is fenced or leaves.
//
// A member has one life after another, each with a boot tag. States are those of a life, as one other member sees it:
//
//	heard, but it does not                heard, and it
//	hear us yet                           hears us
//	      │                                   │
//	      ▼                                   ▼
//	   JOINING ────────── it hears us ──────► UP
//	      │ ▲                                 │ ▲
//	      ▼ └───────────┐                     ▼ │
//	      └──────────► SUSPECT ◄──────────────┘ │   its connection broke, it was silent for DeadAfter/2,
//	                    │  └── heard, as above ─┘   or it does not hear us any more
//	                    │
//	                    │  silent for DeadAfter; from every state above: nobody listens at its address
//	                    ▼
//	                   LOST ─── heard ──► JOINING or UP, with a new relation
//	                    │
//	                    │  declared by one with quorum; from every state: a new life is in its place
//	                    ▼
//	                   DEAD ─── heard ──► it is told, and fences itself
//
//	from every state but DEAD: it said that it goes ──► LEFT
//
// LOST is an opinion: whoever says it has cut the link and waits. DEAD is a fact for all and for ever, which only a
// member with quorum makes of a loss, quorum being that the store can be written from where it is. Majorities are
// counted in the store, not here. Without the store nobody is declared dead, and whoever is heard again comes
// back.
//
// A declaration can not be taken back, so it is made with care:
//
//   - Quorum must have lasted for DeadAfter: whoever gets the store back may just get the others back as well.
//   - Nobody else hears the lost one, as the others' heartbeats tell. Else a way has failed, not a member.
//   - If several fell silent and nobody is heard, it may be us who is deaf. Nobody is declared dead then.
//   - Nobody listens at its address any more: then there is no doubt, and none of these is waited for.
//
// Two that declared each other dead, each with quorum, do not both go: the lower boot tag is in the right.
//
// Who is declared dead finds out by the next heartbeat of one with quorum, whenever it hears again: a dead one that
// speaks is answered. It is fenced: it gives up its roles, drains, and exits; its next life has another boot tag.
//
// A member that did not run for longer than DeadAfter/2 is told so by Thawed. The silence of others in that time says
// nothing of them, so it is counted anew; and quorum is not believed any more until it is said again.
//
// Of two that claim a name from different addresses it belongs to the one whose session the store has ([View.Named]) or,
// as long as it has neither's, to the elder. An old life at the same address has ended: its successor is taken in the
// same step. Who is elder is not told by clocks, which may be hours off, but by how long each says that it has lived.
// Newcomers that are refused, for their name, for the version of their words or since there is no room, are told why
// and fence themselves; an elder does not heed the refusal of a younger one.
//
// Time is that of the monotonic clock. One that stands still while the machine sleeps hides the sleep from the view:
// the others do not overlook it.
package view
