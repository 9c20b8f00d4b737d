// Package media is the audio side of a call: RTP streams, the loops that pace them, relay, mixer,
// players and recorders. It is a data plane: packets never enter an actor's mailbox; what an actor
// must know (a digit, the end of a prompt, silence on the wire) comes as an Event.
//
// A Stream is the RTP flow of one leg's m-line. Its audio source is swapped atomically: a bridge to
// another stream, a player, an echo, a mixer. Where two bridged streams agree on the codec, packets
// are relayed with only header fields rewritten; audio is decoded only where something listens to it.
//
//	media/sdp      offers and answers          media/codec   G.711, G.722, Opus, linear, resampler
//	media/wav      prompts and recordings      media/tone    tones, ringback, DTMF both ways
//	media/prompt   embedded speech and music   media/jitter  play-out buffer and concealment
//	media/rtp      packets, ports, sockets     media/dtmf    keys as events, tones and INFO
//	media/sound    files and tones to play     media/spool   recordings on their way to a program
//	media/shelf    sounds that were decoded   media/webrtc   browsers: ICE and DTLS-SRTP on one port
//	media/srtp     encryption of streams
//
// # The way of a packet
//
//	socket ─▶ receiver ─────────────▶ sender of the other side ─▶ socket       relay
//	          whose is it?     │      our SSRC, sequence, clock
//	          is it counted?   ▼
//	                          ear ──▶ feed of the other side ──▶ sender        transcoding
//	                        play-out, ├▶ mixer ────────────────▶ senders       conference
//	                        decoder   ├▶ detector of keys ─────▶ Digit
//	                                  └▶ recorder's queue ─────▶ disk
//
// # Opus
//
// Between two who both talk it Opus is relayed as any codec is, in every build, at whatever rate and in as many channels as
// they like. It is decoded in every build too: for a mixer, a recording, a party that talks something else, keys in band. What
// goes out to such a party of our own (a prompt, a mix, transcoded audio) needs an encoder, which a build has with the tag
// libopus alone. Without it the stream sends nothing and tells Speechless; its owner then agrees with the peer on a codec
// that can be encoded, and does not agree on Opus in the first place but with a partner who talks it.
//
// # Who attends a call
//
// A third stream may attend one of a bridge (Attend): listen, whisper, barge. The bridge is made over to a mixer for as
// long, and is one again when the last attendant has left; where the stream is in a mixer that one is joined. The owners of
// the two sides are not told, so that holds, transfers and recordings go their way.
//
// # Who runs what
//
// A reader of each shard takes what has come to its streams' ports, and runs receiver, relay, and the filling of the ear's
// buffer. A shard's loop runs everything that happens once per frame of 20 ms: the feed of each stream, each mixer, and
// the ear of a stream that nobody else pulls. A stream that may not send, or has nothing of its own to send, and whose
// ear nobody needs, rests: it is called when its report is due, or its peer has been silent for too long, or what it plays
// ends, and at once when something changes (rest.go, turn.go). What it plays keeps its place by the clock meanwhile. So
// thousands who wait on hold, or are joined by a relay, cost what their packets cost. A shard's second goroutine delivers
// events, so that a slow owner delays other events at worst, and audio never. Each recorder has its own goroutine.
//
// All browsers are sent to from one port. What a reader or a loop has for them leaves in batches: a call of the kernel costs
// about as much by itself as what it does for a packet (rtp.Gathering).
//
// # Locks
//
// Engine.topology guards who is joined with whom; only calls of the owner take it, and take it
// first. The locks of mixer, receiver, ear and sender are leaves, each held alone:
// a packet or a frame is taken from one before it is given to the next. Below the ear's is that of a copy's ring alone.
package media
