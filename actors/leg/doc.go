// Package leg is one party's part of a call: a SIP dialog and its media stream.
//
// Who creates it, who ends it: a Signal places the caller's leg and one leg for each device it
// rings. A leg ends when its party hangs up or refuses, when its owner or partner tells it to, when
// its media falls silent, or when its application ends. It writes one record of itself, whatever
// happens; a leg that panics does so too, sends BYE and frees its ports.
//
//	              1xx / Progress        2xx, ACK / Accept
//	waiting ─────────► ringing ──────────────────► answered
//	   │                  │                           │
//	   └─── refused, cancelled, hung up ──────────────┤
//	                      ▼                           ▼
//	                   ending ── dialog is over ──► ended
//
// A leg may serve a Task (service.go): LegServe gives it one. From then on the Task is told what the party
// does: LegDigit, LegInfo, LegReferred; LegAnswered once, be it at once; LegParted when a partner or a mixer is
// gone; and LegEnded exactly once, after which only LegRecorded comes. It decides what the party hears: itself
// (LegPlay, LegTape), a partner (LegAccept, LegPart) or a mixer (LegMix); the media of a partner and of a
// mixer are not played over. A partner's end leaves the party to its Task. The end of the Task ends the call:
// one that is pending is refused with 500.
//
// What a Task asks of the phone (operation.go: hold, INFO, REFER, OPTIONS) ends with one LegDone each; before
// the caller's ACK it waits.
//
// A call may change to T.38 and back, on both sides or on neither (fax.go): LegFax asks the partner, whose party answers.
//
// A REFER of the party's phone waits for the Task's answer. LegTransferred says how the transfer goes that the
// Task makes, or that it wants none (202: that it is not interested); LegFind leaves it to the platform, which
// sends the partner on, as it does for legs without a Task.
//
// LegFind for a pending call (search.go) has a Signal ring others, with the leg as its caller. The Task is
// dropped at once, or, for a fork, when somebody takes the call: LegTaken. So it is when the platform has
// carried out a transfer of the party: it is in another call then, and its Task has none. A Signal signs what it
// says, so the word of a search that was given up is told from that of the Task and of the next search.
//
// What a Task has recorded lies in the spool until LegKept; the actor lives as long, beyond its call, unless
// its Task is gone.
//
// Messages in: LegStart; SignalRequest, SignalResponse, SignalCancelled; from the owner LegProgress,
// LegAccept, LegBridge, LegReject, LegRun, LegHangup; from the partner LegHold, LegMet, LegInfo, LegDigit, LegMessage, LegFax,
// LegParted, LegEnded; from a scribe ScribeFailed; from the other end of a junction LegJunction; from who attends LegAttended; from the Task it serves LegServe, LegAnswer,
// LegFind, LegPlay, LegTape, LegStop, LegKept, LegPress, LegPart, LegMix, LegAttend, LegRecordCall, LegRecordingFind, LegHoldParty, LegInform, LegRefer, LegProbe, LegContact; for transfers LegTransfer, LegRedirect,
// LegReplace, LegTransferred.
// Messages out: to the owner LegReady, LegProgressed, LegAnswered, LegRefused, LegEnded; to the
// Task what is said above, with LegFound, LegPlayed, LegDone; to the mixer MixerJoined; to whom it attends LegAttended; to the other end of
// a junction LegJunction; to scribes ScribeStart, ScribeTalk, ScribeEnd; to the edge SignalSend, SignalCancel, SignalRespond; to the partner as above; SignalStart for a transfer.
//
// A recording of the call that a Task wants (LegRecordCall, keep.go and actor_keep.go) hangs on the leg and goes on with whomever the
// party talks to; its file is brought into the store behind the leg's back. It lies beside that which the account wants.
//
// Where the settings want the party's calls at recording servers, a scribe (actors/scribe) brings each there: scribing.go and
// actor_scribe.go. Two partners tell each other who their parties are (LegMet), and agree on who has it done. A phone that wants to know that it is recorded is told in SDP (aware.go).
//
// The party of a served leg may attend the call of another leg: a supervisor (LegAttend, attend.go and actor_attend.go). That leg
// goes on as it was: it notes who attends (LegAttended), gives a junction to those of other members, and tells all
// LegParted when its call is over. Who hears whom is the business of package media.
//
// Two legs that are joined are partners: each knows the other's handler and stream. Whose phone
// holds the call tells its partner, and the partner plays music to its own party: one place decides
// what a party hears (hearing.go).
//
// Where the partner, or the mixer, lives on another member, audio passes by a junction (actors/junction; junction.go). The leg
// has one end of one at most: opened when its party is to hear somebody there, or when the leg there asks; closed when
// it leaves who has the other end. A leg that asks before we were told that it is the partner waits, unless our phone
// rings for it: its early media may be heard by any caller. If no audio can be had the Task is told LegParted, and a
// call without one ends.
//
// The machine (leg.go and its neighbours) is pure: events in, effects out; the dialog and the SDP
// state inside it are pure too. The shell sees the runtime, the clock and the media engine: actor.go,
// and by concept actor_partner.go, actor_transfer.go, actor_stream.go,
// actor_record.go, actor_tape.go, actor_task.go and actor_junction.go. Playing and recording for a
// Task is a deck's work (actors/deck).
//
// A Floor, here as in the other rooms, is what the actors of one kind stand on: what they are all given.
package leg
