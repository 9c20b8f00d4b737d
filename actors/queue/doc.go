// Package queue is one queue of a call centre: who waits, who is ready, and who is joined with whom.
//
// Who creates it, who ends it: it is a virtual actor, found by its name, on the member that holds its lease, made by the
// first word to it, or by its owner where callbacks are kept (Floor.Wake). It is put away when nobody is there. The pure
// machine has events in, effects out, the time passed in, one alarm clock (Next, Elapsed); actor.go and actor_effects.go
// see the runtime, and put words into events and effects into words (word.go, word_effect.go).
//
//	caller's Task ── Join ──► ┌───────┐ ── Reserve ──► agent (one work state over all queues)
//	     ◄── Placed, Play ─── │ Queue │ ◄── Granted ──
//	     ◄────── Offer ────── │       │ ── Progress ─►
//	── Connected, Ended ────► └───────┘ ◄── Stand ──── whenever something of him changes
//
// A caller:
//
//	arriving ──► waiting ──► asking ──► ringing ──► announcing ──► talking ──► gone
//	             ▲  ▲  │       │  │       │  │            │
//	             │  └──│───────┘  └► dialling (a callback: first the caller, then the agent)
//	             │     ▼             │  │
//	             └── resting ◄───────┘  └── nobody has answered: the next one, at once
//
// Nobody is looked for. Callers with equal needs form a class; a class knows its callers in order, and the agents
// who fit them in the order of the strategy (class.go). After each event this holds: no caller waits while an agent
// whom it may have is available. So an event looks at the head of each class, and costs the same with ten callers and
// ten thousand.
//
// An agent is reserved before he is rung, by his own actor, which grants one reservation at a time: so he gets one
// offer at most, however many queues and members there are. Each offer has a number under the epoch of the queue's
// owner, and each change of an agent a turn: what is late is recognised and does nothing.
//
// Who is reached by whom: Tasks and agents by the addresses that their words brought, which are watched; an end is
// believed when it is certain (cluster.Member.Ended), so that a member that is split off writes nothing false. Agents are
// told by name. Each actor of a name has an epoch of its own (cluster.Incarnation) under which it speaks and numbers
// offers; one whose lease is over does nothing any more. Facts go into the journal with their reasons (decision.go),
// callbacks into what is kept (kept.go), rows into a table for lists (table.go).
//
// Taking over: a new owner gathers. Callers and agents tell where they stand (Rejoin, Stand); a caller brings its
// place, its time and its offers along. Newcomers wait meanwhile. Gathered begins the work: agents who are held for
// nothing are set free, and the order is what it was.
//
// Limits are in settings.go, settings with their defaults too. A strategy is a file and a row (strategy.go). What
// happens is reported as Facts, of which most are lines of a queue_log (fact.go).
package queue
