// Package sdp makes and answers SDP offers (RFC 3264, RFC 6337, RFC 8866) for one audio stream with
// telephone-event. A Session is one leg's side: it keeps the o= line and its version, the order and
// payload numbers of the m-lines, the directions, and what stands when an SDP offer is refused.
// Pure: no network, no clock.
//
//	session.go  the exchange: Offer, Answer, Accept, Rollback
//	choose.go   which m-line and codec, and what we may do on it
//	parse.go    text to description          media.go   what one m-line says
//	write.go    our SDP                      limits.go  how much we read
//	fax.go      T.38 in place of audio       lines.go   several m-lines, as recording servers have them
//	inspect.go  what an SDP offer allows     errors.go  the verdicts
//	secure.go   the profile of browsers: ICE and DTLS-SRTP
//	keys.go     encryption with keys in SDP    dtls.go  with keys by DTLS, without ICE
//	opus.go     what an end says of its Opus
//
// The reader is our own because it must be more tolerant than a validating one: an SDP offer with
// m=image, an unknown bandwidth type or an unknown protocol still has to be answered line by line.
//
// Rules worth knowing:
//
//   - One m=audio line is taken: the one of the exchange before, else the first that fits; or, where there is none, one of
//     T.38 (m=image), of which nothing is understood but where its datagrams go: see Fax. Every
//     other line is answered with port 0.
//   - A leg is in the plain profile or, with Capability.Secure, in the secure one, for good; an SDP offer of the other
//     kind is refused. RTP/AVP and RTP/AVPF are plain. Secure are UDP/TLS/RTP/SAVPF and the shorter names of it, with
//     fingerprint, ICE credentials and rtcp-mux. Each is answered as itself.
//   - A leg in the plain profile may be encrypted with keys in SDP (RFC 4568), as Capability.Suites says. An SDP offer of
//     RTP/SAVP is answered with a key or refused; one of RTP/AVP with a=crypto is too where the suite suits, and without
//     encryption else. Ours is of RTP/SAVP if encryption is required; else it is of RTP/AVP with a=crypto, which peers
//     without encryption pass over.
//   - UDP/TLS/RTP/SAVP on such a leg is a phone that would agree on keys by DTLS (RFC 5763). It is answered where
//     Capability.Fingerprint says so and its fingerprint is believed, with rtcp-mux or without; we offer it only to who did.
//   - Our key of a suite is the same as long as the suite is agreed on, whatever key the peer has. One that comes back has a
//     new key. What goes out under one key is counted, and no two packets alike, in media/srtp.
//   - The peer's ICE credentials and fingerprint say what an exchange means: the same ones, that all stays; other
//     credentials, an ICE restart, for which ours are new too; another fingerprint, that the peer begins anew.
//   - An answer names one codec, and telephone-event if it was offered with the codec's clock (or
//     8000 Hz). Codec: the first preferred one that is offered, else the one in use, else the peer's
//     first that we can do.
//   - A codec that this build can not encode, which Opus may be, is offered and answered only where it is asked for as
//     preferred: that is for somebody whose packets are passed on. Else it counts as none of ours.
//   - Payload numbers in an answer are those of the SDP offer. A number that once meant a codec in
//     this leg is never given to another by us (RFC 3264 section 8.3.2).
//   - The o= version grows exactly when the text differs from the one sent last, also when that was
//     refused in between.
//   - The peer's port must be 1024 or above, its address unicast and of our family, and on the loopback
//     only if ours is. The unspecified address is the old way to hold (RFC 3264 section 8.4).
package sdp
