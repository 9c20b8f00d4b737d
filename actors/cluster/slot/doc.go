// Package slot decides who owns which name. The names of virtual actors (accounts, meetings, named tasks, lamps)
// hash into 64 slots; a slot is owned by one member at a time, by a lease in the store. [Table] is the whole of it
// on one member: a pure machine without a clock, a goroutine or a store. It is told what its owner sees, and when,
// and answers with effects that the owner must perform.
//
//	slot.go     Slot, Holder: hashing and keys          lease.go   our own session: may we act, is the watch fresh
//	table.go    Table and what it is told               turn.go    what is to be done about one slot
//	name.go     whose name it is, while another has it  plan.go    who should own which slot
//	state.go    states of a slot and their transitions
//	entry.go    records as they lie in the store        map.go     who owns a slot, for many readers
//	effect.go   what the owner performs                 limits.go  every time and limit
//
// # In the store
//
// One bucket holds, beside each other, so that one watch shows all in the order of their revisions:
//
//	session.MEMBER  {boot, address}  written again by its member each Lease/6, by compare-and-set
//	slot.N          {member, boot}   whose slot N is; written by compare-and-set alone
//	controller      {member, boot}   the same for the part of the Controller
//
// The revision of a slot's record is the epoch of the ownership. It only grows, and every write that an owner makes
// carries it, so that a later owner's word wins whatever became late.
//
// # One slot on one member
//
//	         Own: a record younger than           Disown: Lapsed, Taken,
//	         our row of renewals names us         Moved, Leaving, Fenced
//	┌──────┐                           ┌───────┐         ┌──────────┐
//	│ Idle │──────────────────────────►│ Owned │────────►│ Draining │
//	└──────┘                           └───────┘         └──────────┘
//	 ▲ │  ▲                                 Drained, or time is up │
//	 │ │  └────────────────────────────────────────────────────────┤
//	 │ └ Claim, when nobody holds it                               │ to be given: Release
//	 │                                                             ▼
//	 │                  HandedOver                            ┌────────┐
//	 └────────────────────────────────────────────────────────│ Giving │
//	                                                          └────────┘
//
// An epoch is owned once: after Disown the same record never makes us owner again, a new one must be written.
//
// # Why no two members own a slot
//
// A member M is valid from the moment it hears that a write of its session succeeded until 2/3 Lease after the START
// of that write. Renewals that are heard of in time make a row. When the row breaks, everything that M owned in it is
// over, without a word to the store, and M has to claim anew. A record makes M owner only if it is younger than the
// first write of M's present row.
//
// Another member N takes M's slot in four cases: M gave it, after it had ended there; M's process is surely dead;
// nobody holds it; or M's session was not renewed for a whole Lease by N's clock, counted from the moment when N saw
// the last renewal. In the last case N's own watch must be fresh: a write of N's own session, which N began at q, at
// most Lease/4 before the claim at p, has come back in the watch. The watch is in order, so N has seen all renewals
// that were written before q. Suppose that M goes on being valid behind N's claim.
//
//   - M's row began after q. Then the record that N wants to replace is older than the row: else N, which saw it, had
//     seen the row's first renewal too, just now. So it does not make M owner, and M's attempt to write a new one meets
//     N's in the compare-and-set: one of the two fails.
//   - It began before q, and a renewal after q was heard of in time, within 2/3 Lease from the start of one before q.
//     That one was written after q - 2/3 Lease >= p - 11/12 Lease, and N saw it later still: N's Lease is not over.
//   - It began before q, and the last renewal too. It runs out at 2/3 Lease, while N waits a whole one.
//
// From the START of the write, because the write may be in the store long before its answer is here: whatever the
// delay, others have seen it later than we began it. 2/3, because the rest pays for the age of N's watch, Lease/4, for
// clocks that run up to 5 % fast or slow, and for the time in which M's actors of the slot stop. What even that does
// not cover, a process that is stopped between its look at the clock and its write, the epoch covers.
//
// What the store must keep for this: the last 16 revisions of each key, so that a watch that was behind does not
// skip a renewal; and it must not acknowledge a write that could be lost.
//
// # Why no two members have a name
//
// A session is written by compare-and-set too, so a name has one life at a time, and the life that has it keeps it as
// long as it renews. A younger one at another address waits (effect Held): it does not write before the other one was
// surely dead, declared dead, or silent for a whole Lease. If the other one goes on, it is the younger one that ends
// (effect Fence). One that was taken for dead and comes back finds the younger one's session, can not write over it,
// and ends. At the same address a younger life does not wait, and takes what the old one owned: two processes do not
// listen there.
//
// # What else decides
//
// Who is UP in the view ([Table.Living]) says who should own what, never who may: a wrong view costs time or a move,
// not safety. [Table.Surely] must be true. Loss of the store ends everybody's row after 2/3 Lease, takes
// nothing over, and afterwards members that are UP get Lease/3 to come back before others take what was theirs.
// A store that takes writes again within 2/3 Lease - Lease/6 - Lease/12 ends nobody's row: 5 s of 12 s, 7.5 s of 18 s.
//
// # What the owner of a table does
//
// One goroutine has the table. It begins to watch the bucket, so that entries come to it in order, gives the table
// every entry of the bucket's copy ([Table.Entry]), then what the watch brings, and ticks. It gives each input the time
// of the moment at which it hands it over, never an earlier one. After each input it publishes a new [Map], and only
// then performs the effects, each write on a goroutine of its own that reports within [WriteLimit]. A write is a
// success if its revision is known.
//
// Whoever makes an actor for a name looks into the newest Map under the lock under which the actors of a slot are
// stopped, so that none is made behind Drained.
package slot
