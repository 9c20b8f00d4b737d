// Package stat is the statistics server of a member: it follows the journal, answers what others want to know of
// statistics, and tells those who watch.
//
// Who creates it, who ends it: the house, one Hall for each member. It is no actor: one goroutine follows the journal, and
// whoever asks takes the same lock.
//
//	journal ──► reader ──► engine.World ──► values ──► who asks, on any member
//	    ▲                                     └──────► who watches
//	    └── stat.opened, stat.asked, stat.closed: the pool
//
// Every member folds all facts into its own world: who belongs to whom, and what goes on. The statistics themselves are
// computed once, in the world of the owner of their object, who is found like that of a queue, by the name Type:ID under the
// kind stat. Any member takes a request: it has the statistic in the pool, and asks the owner for the value.
//
// The pool, which is the statistics that somebody has asked for, is in the journal too: what a statistic comes to depends
// on nothing but the facts (decision D7). It is kept while nobody looks, and dropped a time after the last request.
//
//	hall.go       all that a member knows, and how facts change it
//	pool.go       which statistics are open
//	request.go    what is asked for, and the names in it
//	catalogue.go  names that there are from the beginning
//	define.go     what the settings say of objects becomes facts
//	expire.go     registrations that have run out become facts
//	ask.go        questions and answers, on one member and between members
//	list.go       what is open, searched
//	watch.go      what an owner tells other members of values that change
//	board.go      who follows statistics on this member
//	subscriber.go modes of notification, and the limits of who follows
//	export.go     the facts and statistics as a file for tandem stat evaluate
//	follow.go     rounds that take what the journal tells, and looks at where it ends
//	wait.go       who waits until the hall has got somewhere
//	keep.go       what is looked after beside: take-overs, checkpoints, backups
//	counts.go     what metrics show
//	checkpoint.go what is kept of a hall at one position of the journal
//	aside.go      which checkpoint before it is kept for others, and until when
//	pieces.go     files that are larger than the store takes one
//	backup.go     what statistics have counted, for another installation
//	takeover.go   how statistics move to a new owner
//	solution.go   parts of the members that compute statistics apart
//
// When an owner dies another member loads the newest checkpoint that has the meters, replays the journal from there, and
// moves them into its own world where both stand at the same position: so a value is what it would have been without it,
// what goes on included.
package stat
