// Package codec turns linear audio into what travels in RTP packets and back: G.711 mu-law and
// A-law (ITU-T G.711), G.722 at 64 kbit/s (ITU-T G.722), linear L16 (RFC 3551 section 4.5.11), Opus
// (RFC 6716, RFC 7587), the resampler between their rates, and the concealment of lost frames. All of it works on the
// caller's buffers and allocates nothing per frame.
//
// Opus is decoded in every build, by pion/opus. It is encoded with the build tag libopus alone, which needs cgo and the
// library's headers (Debian: libopus-dev, pkg-config), and decodes by it too: see Codec.Encodes, and package media for
// what becomes of a party whose codec can not be encoded.
package codec
