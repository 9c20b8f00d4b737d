// Package agent is one agent of a call centre: one work state over all of his queues, devices and sessions.
//
// Who creates it, who ends it: it is a virtual actor, found by his name, on the member that holds its lease. It is made
// by the first word to it, or, while it is kept that he is logged on, by its owner (Floor.Wake), and lives while he is.
// The pure machine has events in, effects out, the time passed in, one alarm clock (Next, Elapsed); actor.go and its
// continuations see the runtime: actor_wish.go what people want of him, actor_device.go the devices at which he sits,
// actor_effects.go what comes of it.
//
//	            ┌───────┐ ── Stand, Granted, Refused, Doubt ──► his queues
//	phones,  ──►│ Agent │ ◄── Reserve, Pass, Progress, Release ──
//	sessions ◄──└───────┘ ── Keep ──► what must last           ── Report ──► the records
//
// The states:
//
//	logged out ◄──► ready ──► reserved ──► ringing ──► talking ──► wrap-up ──► ready
//	     ▲            ▲  ▲        │            │           │           │
//	     │            │  └────────┴────────────┘           │           │
//	     └──► paused ◄┴────────────── a choice that was made meanwhile ┘
//
// One offer at a time: queues ask before they ring, and one is granted. He who has become ready and belongs to queues
// that are not alike hears them all first, for a moment at most, and chooses (reserve.go).
//
// Nobody is stuck: a state that somebody else must end is doubted after a while, and at once when the Task that rings
// is no more. The queue answers how the offer stands, or sets him free. A queue whose owner is new knows it from the
// callers; an agent whose owner is new hears it from the queues and the Tasks before he is ready (Gathered).
//
// What lasts, with Keep, is the Record: that he is logged on, his pauses with their reasons, his queues with what he
// has done for them.
package agent
