// Package engine is the world as the statistics server knows it: facts in, values of statistics out (reference
// statserver.md 1 to 3). It is pure and deterministic: times come with the facts and the questions, and the same facts give
// the same values, in whatever order they come within the allowed lateness.
//
//	Fact ──► World: objects, who belongs to whom, what goes on ──► actions and statuses ──► measure.Meter ──► Value
//
// A fact about a device goes to the device itself, to its place, to the agent who is logged in to it, and to the groups of
// both; each has it for as long as they belong together.
//
//	object.go     types of objects; which may be part of which
//	fact.go       what the world is told, and what is attached to it
//	world.go      the world: options, limits, questions
//	timeline.go   facts in order; late ones take the world back a little
//	undo.go       how it goes back
//	thing.go      an object and what facts have made of it
//	action.go     what goes on
//	relation.go   who belongs to whom; logins; lost sources
//	status.go     statuses at the end of each moment
//	group.go      virtual groups
//	statistic.go  opening a statistic
//	tell.go       facts on their way to the statistics
//	schedule.go   resets
//	asof.go       what was a little while ago
//	explain.go state.go   how a value comes about; what an object is doing
//	snapshot.go save.go load.go   a world in a file, written while it goes on
//	take.go       statistics from one world to another
package engine
