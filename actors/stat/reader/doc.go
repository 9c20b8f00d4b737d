// Package reader turns the journal's facts into those of the statistics server: what queues and agents report becomes
// actions at objects (reference statserver.md 2.2 to 2.4). It is pure, and what it makes depends on nothing but the facts
// that it was given, in their order.
//
//	journal ──► Reader ──► engine.Fact, engine.Fact, … ──► a World
//
//	reader.go  which kind of fact is read how; what makes an engine.Fact
//	queue.go   a table of what queues report: callers, rings, conversations
//	agent.go   a table of the states of agents: at which device, in which queues
//	leg.go     what the legs of devices do: dial, ring, talk, hold, give calls away
//	registration.go whether devices are registered
//	ends.go       which registrations run out next
//	(package source) lines of sources outside
//	definition.go what the settings say of objects: groups, places, skills
//	state.go   what must be known of earlier facts, its limits, and how it is kept
//
// Queues are objects of the type Queue, agents of the type Agent. An agent works at a device, a RegDN by the name under
// which he has logged on (1002 of SIP/1002); rings, conversations, wrap-ups and pauses are actions of that device, and
// come to him by his login.
//
// The device of an account has the name that its address has in its domain. The type of a call is known when it is
// answered: it is internal where both ends are devices, inbound or outbound where one is not, and a consultation where
// the device that calls holds another call meanwhile (reference statserver.md 2.4). How an agent rings and talks for a
// queue he says himself; his leg adds that he holds the call. Of a dead member's legs the record counts that the fence of
// package life lets through.
//
// Two owners of a name may both tell the same thing: it is taken once, because a Reader knows how far each caller and each
// agent is. What it is told of a caller of whom it does not know is nothing.
package reader
