// Package source turns what foreign switches tell of their devices and queues, as source events in lines of JSON, into facts
// of the statistics server (reference statserver.md 2.4). It is pure: the same lines give the same facts on every member.
//
//	text ──► Sift: each line checked, numbers in order ──► Batch in the journal ──► Book ──► Feed of its source ──► engine.Fact
//	          └──► which lines are malformed, and why; which number is wanted next
//
// Lines have numbers that grow by one. The journal may have a line twice, because two members took it or an adapter did not
// hear that it was taken: a Feed takes each number once. So it does not matter who has written a Batch, and what a source
// has told is a function of the journal alone (decision D7).
//
//	time.go     moments as lines have them
//	line.go     one line, and what is wrong with it
//	event.go    a table of source events: what each must have, and who takes it
//	rules.go    how the lines of a source are to be read
//	sift.go     what of an offer is good
//	batch.go    what the journal keeps
//	book.go     all sources, and how what is known of them is kept
//	feed.go     one source: its numbers, its clock, its validity
//	call.go     a call and the actions that belong to it
//	wait.go     calls in queues
//	party.go    calls at devices
//	agent.go    who works at a device
//	roll.go     in what agents are, by all sources
//	item.go     items of open media in their queues
//	stuck.go    calls whose end was never told
//	gone.go     a source that is none any more
//
// Devices are objects RegDN:7001, or RegDN:7001@pbx where the source has a switch; queues likewise. What is not voice
// happens in a channel, Channel:1002/chat, by the name of the agent. Several sources may tell of one channel: its status is the
// highest of what goes on there by any of them, it is invalid while one of them is lost, and the agent leaves it when he has left
// it by all; the places and agents above it unite their media by the rules of places (reference statserver.md 2.5). All of them belong to the object Switch of their source,
// so that its loss is one fact.
package source
