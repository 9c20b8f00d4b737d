// Package enum finds out where a telephone number can be called on the net: ENUM (RFC 6116): numbers as names, and what
// the NAPTR records of a number come to (package naptr asks for them). The name servers are those of this machine.
package enum
