// Package media is the audio side of a call: RTP streams, the loops that pace them, relay, mixer,
// players and recorders. It is a data plane: packets never enter an actor's mailbox; what an actor
// must know (a digit, the end of a prompt, silence on the wire) comes as an Event.
//
// A Stream is the RTP flow of one leg's m-line. Its audio source is swapped atomically: a bridge to
// another stream, a player, an echo, a mixer. Where two bridged streams agree on the codec, packets
// are relayed with only header fields rewritten; audio is decoded only where something listens to it.
//
//	media/sdp      offers and answers          media/codec   G.711, G.722, linear, resampler
//	media/wav      prompts and recordings      media/tone    tones, ringback, DTMF both ways
//	media/prompt   embedded speech and music   media/jitter  play-out buffer and concealment
package media
