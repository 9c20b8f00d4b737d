// Package writer copies the journal's facts of queues and agents into the file queue_log of this member, one line for
// each that has one (reference queuelog.md 1.1), and tells them to those who listen.
//
//	writer.go  follows the journal: rounds, lines, who is told
//	sieve.go   facts become lines, for this file and for the partitions of members
//	double.go  a fact that two owners of one queue have told is written once
//	file.go    the file: it grows, moves when it is big or somebody has renamed it
//	mark.go    how far the file has the journal, in a file beside it
//	resume.go  what a crash has left behind the mark is compared with the journal and gone on with
//
// Who creates it, who ends it: the house, one for each member. It has one goroutine, and nobody waits for it: the
// journal is the truth, the file a copy, which goes on where it stood when it could not be written for a time.
//
// Every member writes the facts of all. Calls have names that no two members give, so that they need no prefix of a
// system name. QUEUESTART is a fact like the others, which the house appends when nothing can be left of earlier
// calls: a member that comes back among living ones has lost no queue.
//
// A line is written once, whatever happens in between:
//
//	lines ──► file, synced ──► mark (position in the journal, size of the file, what stands there), synced
//
// Behind the mark there may be lines, and a part of one, that were written before a crash. What is written from a
// position on is always the same; so these bytes are the beginning of what is to be written, and only the rest is.
// Lines of somebody else among them stay.
//
// Without a mark and without a file all that the journal has is written; with a file alone, what comes from now on.
package writer
