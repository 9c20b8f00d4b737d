// Package resolve finds where a SIP request can be sent: from a host name to addresses, in the order in which they
// are to be tried (RFC 3263).
//
//	resolve.go  NAPTR, then SRV, then A and AAAA, as far as the URI leaves the choice
//	naptr       the question for NAPTR records
//	sick.go     targets that have failed lately are tried last
//	kept.go     what names led to within the last minute, for when no name server answers, and which have had records
//
// All names are looked up when they are needed; the machine's name servers have a cache.
package resolve
