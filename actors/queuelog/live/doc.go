// Package live tells what goes on at the servers of a source at this moment: queues, calls and agents, over all servers
// and for each (reference queuelog.md 3.2). It is pure.
//
//	lines of the partition ─► Fold ─► Log ──────┐
//	manager interface ─► events ─► Told ────────┼─► Server A ─┐
//	heartbeats of both ─► feeds, and their age ─┘             ├─► View ─► blocks, pages
//	                                                Server B ─┘
//
// The log is the truth that lasts: it alone gives counts, sessions and the reasons of pauses. The manager interface, where
// there is one, knows at once and knows more: who is a member without having been added, what devices do, which channels
// there are. So while it is heard it says who waits and who talks, but for two things. What began before it was asked it
// can not know of conversations: those the log tells. And what the log has seen end is over, whatever was missed.
//
// Servers know nothing of each other: what one does, a restart among it, changes nothing that comes from another one. A
// server that is heard and says nothing is quiet; one that is not heard is cut off, and nothing is known of it but what
// was.
//
//	told.go    what a manager interface has told, event by event
//	server.go  what is known of one server, and its calls
//	seat.go    its agents
//	view.go    all servers of a source
//	hall.go    queues and agents over all servers, and on each
//	block.go   the tables RealtimeDO of a report
//	limits.go  how much is kept, how old it may be
package live
