// Package radius asks RADIUS servers on behalf of programs: may a user in (RFC 2865), and here is what a call
// costs (RFC 2866).
//
//	packet.go   packets as bytes, what authenticates them
//	client.go   one exchange over UDP, with repeats
//
// Passwords go by PAP, the one way that a program which has the password itself can use. Every Access-Request
// carries a Message-Authenticator, and an answer to it that has one is checked by it (RFC 3579 section 3.2).
package radius
