// Package mixer is the common channel of several parties: what a Task plays to all of them at once, and
// records of them all.
//
// Who creates it, who ends it: a Task places it, and owns it. It ends by LegHangup, and with its owner.
// Its room in the media engine bears the name of its handler; legs join that by LegMix, whatever member
// they and the Task are on. The party of a leg on another member than the mixer's takes part by a junction
// (actors/junction), which the leg opens and the mixer answers.
//
//	open ── LegHangup, or its owner is gone ──► closing ── recordings are taken ──► ended
//
// Messages in: MixerStart; from the owner LegPlay, LegStop, LegTape, LegKept, MixerSet, LegHangup; from legs
// MixerJoined and LegJunction.
// Messages out: to the owner LegPlayed, LegRecorded, and one LegEnded; to the legs in it LegParted when it
// ends, and LegJunction. Who is not told is told by the runtime: each leg watches its mixer.
//
// The machine (mixer.go) is pure: events in, effects out. The shell (actor.go, actor_junction.go) sees the runtime and the
// media engine; playing and recording is a deck's work (actors/deck).
package mixer
