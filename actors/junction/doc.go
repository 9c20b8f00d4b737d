// Package junction is one end of a junction, as telephony calls the line between two exchanges: the path that audio
// takes between two members, where a leg and its partner, or the mixer that its party takes part in, do not live on
// the same one.
//
// It is no actor but a part of two: of a leg and of a mixer. Each has a media stream for it on its own member, and
// joins that with its party's stream, or with its mixer:
//
//	phone ◄─ RTP ─► leg's stream ══ junction's stream ◄── RTP ──► junction's stream ══ leg's stream ◄─ RTP ─► phone
//	                ────────── one member ──────────               ──────── another member ────────
//	                                                               junction's stream ══ mixer
//
// Both ends say by LegJunction where they take audio and what their party talks; from the two words each computes the
// same codec (choose.go). It is that of a party, so that packets pass untouched as far as they can, and telephone-events
// always do. Nobody but the other end is heard.
//
//	closed ── Open ──► asked ── its word ──► up ── Close, or its last word ──► closed
//	   │                 └── nothing in time, or a refusal ──► closed            ▲
//	   └─── its word came first ─────────────► up ─────────────────────────────┘
//
// Messages in and out: LegJunction. They are lost only with the other member; then the actor there is terminated, of
// which its owner hears. It makes no difference which end opens, nor that both do at once.
//
// The machine (machine.go) is pure: words in, effects out. End (end.go) has the stream.
package junction
