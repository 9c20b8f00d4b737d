// Package reader turns the journal's facts into those of the statistics server: what queues and agents report becomes
// actions at objects (reference statserver.md 2.2 to 2.4). It is pure, and what it makes depends on nothing but the facts
// that it was given, in their order.
//
//	journal ──► Reader ──► engine.Fact, engine.Fact, … ──► a World
//
//	reader.go  which kind of fact is read how; what makes an engine.Fact
//	queue.go   a table of what queues report: callers, rings, conversations
//	agent.go   a table of the states of agents: at which device, in which queues
//	state.go   what must be known of earlier facts, its limits, and how it is kept
//
// Queues are objects of the type Queue, agents of the type Agent. An agent works at a device, a RegDN by the name under
// which he has logged on (1002 of SIP/1002); rings, conversations, wrap-ups and pauses are actions of that device, and
// come to him by his login.
//
// Two owners of a name may both tell the same thing: it is taken once, because a Reader knows how far each caller and each
// agent is. What it is told of a caller of whom it does not know is nothing.
package reader
