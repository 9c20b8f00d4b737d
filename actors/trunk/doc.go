// Package trunk is a trunk: the way to and from a carrier, that is a SIP provider, a gateway or another PBX.
//
// What it is: a virtual actor for each trunk in the settings, by its name; so at any time one member at most registers there,
// asks its targets for signs of life, and counts its calls over the whole cluster. Who creates it, who ends it: the member
// that owns the name tells it, each second, to keep; when the name goes to another member it ends.
//
//	settings ─► house of the owner ──Keep──► trunk ──REGISTER, OPTIONS──► edge of the member ◄══► carrier
//	Signal of a call ──Seize──►                │
//	                 ◄──Seized──               │  a channel, and the targets in the order in which they are to be tried
//	                 ──Held, for each leg──►   │
//	houses of all members ──Legs, Call──►      │  legs that use it; records of those that are over
//	                      ◄──Standing──        ┘  what all members must know: addresses from which calls come
//
// A call goes from the member that has it to the carrier; the trunk only says whether and where. Of what it counts nothing is
// written down: a new owner learns from the members which legs use the trunk, within a few seconds, and registers anew.
//
// The registration is left to an heir: all members know from TrunkStanding under which Contact the owner before was registered.
// The new owner registers himself first, and takes that Contact back where the carrier still lists it; until then its calls are
// the trunk's. Likewise where the owner's member is drained: then the Contact of another member is registered, by that one's
// edge. So there is no moment without a registration, and none is left behind by who has died.
//
//	     Keep                 200                        settings, stop
//	none ────► asking ────────────────► registered ─────────────────────► none
//	             │ ▲                        │
//	     refused │ └─ Keep, later, longer   │ Keep, in time: asks again, and is registered meanwhile
//	             ▼                          ▼
//	           refused ◄──────────────── refused, or not answered until it is over
//
// An answer that comes after that makes a refused one registered.
//
//	trunk.go         the machine: what it is told      channel.go  calls at once, calls in a second
//	registration.go  REGISTER                          figures.go  what has become of calls
//	target.go        OPTIONS, and who is tried first   state.go    states of registration and targets
//	lead.go          where the names of targets lead
//	effect.go        what the machine wants            limits.go   times and limits
//
// Messages in: TrunkKeep, TrunkFind, TrunkTry, TrunkSeize, TrunkHeld, TrunkLegs, TrunkCall; SignalResponse of what it asks.
// Messages out: TrunkFound, TrunkSeized, TrunkStanding (to all members); SignalSend to the edge.
package trunk
