// Package sdp makes and answers SDP offers (RFC 3264, RFC 6337, RFC 8866) for one audio stream with
// telephone-event. pion/sdp parses and prints; the rules are ours. A Session is one leg's side: it
// keeps the o= line and its version, the order and payload numbers of the m-lines, the directions,
// and what stands when an SDP offer is refused. Pure: no network, no clock.
package sdp
