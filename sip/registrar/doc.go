// Package registrar is the judgement of REGISTER as a pure function (RFC 3261 section 10.3): a
// request, the bindings that an account has, and the time give the new bindings, what changed, and
// the response. It keeps nothing, knows no clock and asks nobody; who may register what was settled
// before (credentials, address of record).
//
// A request is taken whole or not at all: one bad contact refuses it, and nothing changes.
//
//	registrar.go  Register, step by step      binding.go  Binding, Expire
//	contact.go    what a contact may be       equal.go    when two contacts are the same
//	outbound.go   several flows of one device
//	expires.go    how long it lives           refusal.go  what is answered instead of 200
package registrar
