// Package hatch answers what programs ask by the manager interface (package ximss/ami), as package desk does for pages
// and the REST interface, whose words about queues, agents and calls it translates.
//
//	hatch.go   who may do what; how refusals are told
//	queue.go   queues with their agents and callers
//	agent.go   what is done with agents
//	caller.go  what is done with callers
//	call.go    call legs, and calls that are begun
//	feed.go    what happens, as events: one goroutine that takes facts of the journal in their order
//	fact.go    which event a fact is
package hatch
