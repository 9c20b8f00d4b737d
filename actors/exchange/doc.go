// Package exchange speaks with one server of another make, such as Asterisk, through its manager interface: it hears what
// its queues do, and has it do things (reference queuelog.md 4.8). The grammar of that is package ximss/ami.
//
// What it is: a virtual actor for each server in the settings, by the name of its partition; so at any time one member at
// most holds a connection to a server. Who creates it, who ends it: the member that owns the name tells it, each second,
// to keep its connection; when the name goes to another member it ends, and closes the connection.
//
//	settings ─► house of the owner ──Keep──► exchange ◄══ TCP ══► manager interface of the server
//	live views of all members ──Find──►          │
//	                          ◄──Found──         └─ live.Told: members, callers
//	whoever acts ──Act──►  ──actions──►  ──answers──►  ──Acted──►
//
// Nothing is remembered from one connection to the next: after each login the server is asked for all that there is, and
// then events say what changes. That is asked again now and then, so that what was missed is not missed for ever.
//
//	        Keep, when it is time        greeting          challenge          login           end of the list
//	away ───────────────────► dialling ─────────► proving ─────────► entering ─────► listing ────────► live
//	  ▲                          │                   │                  │               │               │
//	  └──────────────────────────┴───────────────────┴── lost, refused, silent, changed settings ───────┘
//
// Each time that fails the next one waits longer.
//
//	exchange.go  the machine: connection, login, what is heard
//	act.go       what the server is told, and what it answers
//	state.go     states
//	effect.go    what the machine wants
//	line.go      the connection: one goroutine reads, one writes
//	limits.go    limits
//
// Messages in: ExchangeKeep, ExchangeFind, ExchangeAct. Messages out: ExchangeFound, ExchangeActed.
package exchange
