// Package enum finds out where a telephone number can be called on the net: ENUM (RFC 6116).
//
//	enum.go    numbers as names, and what the rules of a number come to
//	naptr.go   NAPTR records in DNS packets (RFC 1035, RFC 3403)
//	lookup.go  the question, over UDP, and over TCP where the answer is too long for that
//
// The standard library has no question for NAPTR records. This one asks the name servers of this machine
// itself, and no others.
package enum
