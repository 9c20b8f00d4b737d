// Package translate turns SIP messages into signals and signals into SIP messages (RFC 3261
// sections 7, 20 and 25). It is the one place that knows both sipgo's message types and ours, and
// keeps one promise: what Request accepts, ToRequest can write again, and nothing that was put into
// a field can leave it. A name that holds a line end, a user part with a bracket, a header value
// with a NUL is refused, or made harmless where the field is only for people to read.
//
//	read.go    wire to signal                write.go    signal to wire
//	address.go name-addr, lists, parameters  field.go    names of header fields, their compact forms
//	valid.go   what may stand in which place errors.go   why a message is refused
//
// Parser makes a sipgo parser whose address fields stay text. sipgo's own types for them drop header
// parameters of Route and Refer-To, split quoted parameters at a semicolon and keep spaces in names;
// both kinds are understood here, but only text is lossless.
package translate
