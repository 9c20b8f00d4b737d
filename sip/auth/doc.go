// Package auth checks SIP digest credentials for a server (RFC 3261 section 22, RFC 7616, RFC 8760), and answers the
// challenges of other servers.
//
// Nothing is remembered about a challenge: the nonce itself says when, for which realm and for which
// source address it was made, and is signed. Members that share the key accept each other's nonces.
// Memory is spent only on who has passed (nonce counts, replay.go) and on who has failed (guess.go),
// both bounded.
//
// A stranger learns nothing about which accounts exist: an unknown user meets the same challenge,
// the same outcome and the same number of hash operations as a known one with a wrong password.
//
//	auth.go         Check and Challenges          credentials.go  the Authorization field
//	nonce.go        signed nonces                 digest.go       HA1 and the response
//	replay.go       nonce counts already used     guess.go        lock-out after many failures
//	uri.go          digest-uri against request    client.go       what we answer to a challenge
//	challenge.go    the challenge of another server
package auth
