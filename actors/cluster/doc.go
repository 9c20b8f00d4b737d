// Package cluster is what every actor knows of the house it lives in: members and their addresses,
// handlers, how an actor is placed and how one is found by name. It is the only package, beside the
// actors' own shells, that sees the actor runtime.
//
//	member.go   Member: the actor system of this process, its kinds, start and stop
//	kind.go     Kind: how an actor of a kind is made, and how many there may be
//	crew.go     who runs the mailboxes
//	cell.go     what surrounds each actor: panics ended cleanly, mailbox counted
//	handler.go  Handler: a reference to something alive as an opaque, authenticated text
//	announce.go what the owner of a name must know, told again to each next one
//	gather.go   what is announced to a name, told to its new actor
//	name.go     virtual actors: found by name, made on demand on their owner, put away when idle
//	place.go    actors that are made where Call Legs Processing says
//	society.go  Join and Lead: among other members; what is known of them
//	loop.go     the one goroutine that thinks about members and leases
//	host.go     what members ask each other as members: actors, answers, news
//	carry.go    what the carrier brings: whose it is, and where it goes
//	gate.go     what goes to other members, and what can not
//	peer.go     one life of another member: the tie to it, who watches whom across
//	carrier     connections between members
//	link, view, slot, trust   the pure machines below: ties, membership, ownership, certificates
//
// # Among other members
//
// A message to an actor of another member goes through the gate into the tie to that member, which carries it in order
// and once, over as many connections as it takes. A connection that breaks makes the member suspect: who waits for an
// answer from it is told at once, what was sent waits. A member that is lost or dead has its tie broken: everybody who
// watches an actor there is told that it has ended, and a handler of it leads to nobody.
//
//	sender ─► gate ─► peer: tie ══ carrier, mutual TLS ══► tie: peer ─► mailbox
//	                    ▲                                    │
//	                    └── loop: view (who lives), slot (who owns) ◄── heartbeats, leases in the store
//
// Heartbeats go past the ties. One goroutine, the loop, owns view and slots, and shows all others what is known.
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
