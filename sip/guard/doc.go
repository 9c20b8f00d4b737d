// Package guard stands between the transports and everything else: a message that gets past it is
// whole, unambiguous and sound SIP (RFC 3261 sections 7, 8.2 and 16.3). What is not is answered
// statelessly, where it deserves an answer, or dropped. No state is made for it.
//
//	guard.go  Parse, limits, faults        scan.go   one walk over the raw octets
//	start.go  request and status line      field.go  names and grammar of the fields that matter
//	check.go  what a sound message must be tidy.go   legal but unusual white space made usual
//	reply.go  the stateless response       via.go    the grammar of Via
//	problem.go every way to be refused
//
// The raw octets are judged before sipgo parses them, since sipgo is lenient where leniency is
// dangerous (two Content-Length fields, a bare line feed) and strict where an answer is due (an
// unknown scheme). Only messages with folding or spaces in odd places are rewritten for it.
//
// What the guard can not know is the server's: realms (401, 407), dialogs and transactions (481,
// 482), who may do what (403, 404), which scheme a To or Contact may have.
package guard
