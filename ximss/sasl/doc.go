// Package sasl is the server's side of proving who one is (RFC 4422): PLAIN (RFC 4616), LOGIN, CRAM-MD5
// (RFC 2195) and SCRAM-SHA-256 (RFC 5802, RFC 7677). It neither sends nor receives: an Exchange is given what the
// client said and returns what to say. Passwords it asks of Accounts.
//
// Channel binding is not offered. Passwords are compared as they are written, without the preparation of
// RFC 4013: they are UTF-8 on both sides.
package sasl
