// Package queuelog keeps the queue_logs of many servers as one: it takes the lines of partitions from those who have
// them, each line once, whatever is said twice or lost on the way (reference queuelog.md 1.6).
//
// What it is: a virtual actor for each partition, by its name: the one writer of the partition's raw lines in the store.
// Who creates it, who ends it: whoever offers lines makes it. It is put away when nobody has offered any for some time,
// and begins again from the newest piece in the store, which says all that it needs.
//
//	loader ──text, position──► partition ──► what is new ──► store, raw lines ──► tables of every member
//	       ◄─────position──────
//
// A line is known in one of two ways. By position: whoever goes on exactly where the newest piece ends, in the same file,
// behind the same line, has nothing to be compared; so a follower pays nothing. Or by comparing: whoever begins a file is
// compared second by second. A line is new if it was offered more often, since its loader began, than it is there. So a
// file can be loaded twice, or a longer copy of it, and lines that stand twice in one second stay two.
//
// The lines of our own queues come from the journal, into partitions named as the members (actor_own.go). Nobody else
// writes those.
//
// Whoever is at neither place is told how far the partition has come, and goes on there or begins his file again: this
// is all there is to lost answers, broken connections and dead members.
//
//	offered ──► waiting ──► compared ──► appended ──► answered
//	                │            (only a piece that has come between, or a store that is away, sends a loader back)
//	                └► refused: position, writer, late, busy
//
//	partition.go  the machine: jobs one after the other, who follows
//	session.go    what one loader has said since it began its file
//	text.go       lines of a text, and the seconds that they are compared in
//	visit.go      what is shown of loads
//	share.go      which member's partition a line of our own queues belongs to
//	effect.go     what the machine wants
//	limits.go     limits
//
// Messages in: PartitionLoad, PartitionRow, PartitionMark, PartitionFind. Messages out: PartitionLoaded, PartitionFound.
package queuelog
