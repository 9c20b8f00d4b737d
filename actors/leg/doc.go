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
// Messages in: LegStart; SignalRequest, SignalResponse, SignalCancelled; from the owner LegProgress,
// LegAccept, LegBridge, LegReject, LegRun, LegHangup; from the partner LegHold, LegInfo, LegMessage,
// LegEnded; for transfers LegTransfer, LegReplace, LegTransferred.
// Messages out: to the owner LegReady, LegProgressed, LegAnswered, LegRefused, LegEnded; to the
// edge SignalSend, SignalCancel, SignalRespond; to the partner as above; SignalStart for a transfer.
//
// Two legs that are joined are partners: each knows the other's handler and stream. Whose phone
// holds the call tells its partner, and the partner plays music to its own party: one place decides
// what a party hears (hearing.go).
//
// The machine (leg.go and its neighbours) is pure: events in, effects out; the dialog and the SDP
// state inside it are pure too. The shell sees the runtime, the clock and the media engine: actor.go,
// and by concept actor_stream.go, actor_record.go and actor_tape.go.
//
// A Floor, here as in the other rooms, is what the actors of one kind stand on: what they are all given.
package leg
