// Package report makes calls, sessions and pauses of the lines of queue_logs, and figures of those (reference
// queuelog.md 2 and 3). It is pure: lines in, figures out.
//
//	file of A ─► Fold A ─► stints, sessions, pauses ─┐
//	file of B ─► Fold B ─►                           ├─► Summary
//	file of C ─► Fold C ─►                           ┘
//
// A stint is a caller's stay in one queue. Its key is partition, call and queue: servers give the same names to
// different calls, and a call may visit several queues. A partition is folded in the order of its file and knows
// nothing of the others; so what one server does, a restart among it, touches no other, and the order in which
// partitions are named does not matter.
//
// A Fold keeps only what is open. What has ended is handed to a Sink, once; so new lines cost the same however many
// have gone before.
//
//	source.go    source expressions: sql:A, cluster:A|B-|C-, clustrw:A|B|C
//	name.go      what agents are called
//	stint.go     a stay in a queue
//	fold.go      lines of one partition, in order
//	call.go      lines about calls
//	note.go      lines that say something of a call beside its way
//	presence.go  lines about agents: sessions and pauses
//	save.go      what is open, kept for later
//	interval.go  unions of time
//	ask.go       what is asked for
//	summary.go   what that comes to
//	figures.go   figures of queues and agents
//	explain.go   how the lines of a call became its stints
//	roll.go      all that happened in some time, counted
//	rolled.go    figures of that
//	pack.go      the same in few bytes
//	unpack.go    and back
//	limits.go    how much may be open
package report
