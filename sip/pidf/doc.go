// Package pidf reads and writes presence documents (RFC 3863), with the activities of RFC 4480 that tell busy from
// away. It is pure. What it reads comes from the network: size, depth and number of elements are bounded, and a
// document with a document type is refused, since that is where entities are made.
//
//	document.go   what a document says here
//	read.go       from the wire      write.go   to it
package pidf
