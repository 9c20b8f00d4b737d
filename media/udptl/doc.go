// Package udptl reads and writes the datagrams by which faxes send T.38 to each other (ITU-T T.38 section 9.1, RFC 3362):
// a number, the newest packet of the fax (IFP), and older ones or parity against loss. What the packets of the fax say
// is not looked at. Pure.
//
//	number (2) │ IFP: length, octets │ 0x00, count, older IFPs: length, octets, ...
//	                                 │ 0x80, 1, span, count, parities: length, octets, ...
//
// Lengths are those of packed ASN.1 (ITU-T X.691 section 10.9): one octet below 128, two below 16384.
package udptl
