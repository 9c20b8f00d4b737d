// Package cluster is what every actor knows of the house it lives in: members and their addresses,
// handlers, how an actor is placed and how one is found by name. It is the only package, beside the
// actors' own shells, that sees the actor runtime.
//
//	member.go   Member: the actor system of this process, its kinds, start and stop
//	kind.go     Kind: how an actor of a kind is made, and how many there may be
//	cell.go     what surrounds each actor: panics ended cleanly, mailbox counted
//	handler.go  Handler: a reference to something alive as an opaque, authenticated text
//	name.go     virtual actors: found by name, made on demand, put away when idle
//
// There are two ways to reach an actor. What has a life (a signal, a leg, a task, a session) is
// reached by its handler and dies with the call; what has a name (an account, a queue) is told by
// name, and is made where and when it is needed. The two are never mixed: a leg found by name would
// come back empty from the dead.
//
// A mailbox never blocks its senders. Its limit is kept at the ingress: Offer refuses what would
// make a mailbox longer than the limit, so the network gets a 503 instead of the member a queue
// without end. Messages between actors are not refused: each of them is bounded by the protocol.
package cluster
