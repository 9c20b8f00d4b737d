// Package acttest is the test kit of the actor rooms: a player of transcripts, and probes that stand in
// for actors.
//
// A transcript is a text file that tells one story: lines of events, a line of dashes, and what came
// of them, which a test compares and, with -update, writes anew. Lines that begin with '#' are prose.
//
//	# The caller hangs up while the phone rings.
//	incoming to=1001
//	----
//	owner LegReady codecs=PCMU
//	waiting
//
// A probe keeps what it is told, and a test waits for that: Await, and Until for what nobody is told of.
// Nothing here sleeps.
//
// It is for tests only.
package acttest
