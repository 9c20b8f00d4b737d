// Package naptr asks for NAPTR records (RFC 3403), for which the standard library has no question.
//
//	naptr.go   the question, by a datagram, and by TCP where the answer is too long for one
//	packet.go  the records in DNS packets (RFC 1035)
//
// What is no answer to the question is passed over, and so is a broken record: it does not hide the others.
package naptr
