// Package phone is what a XIMSS session is as a telephone: its registration, its calls, its messages (reference
// communigate.md 2.2 to 2.4). It is a pure machine: requests of the client and messages of legs in, effects out.
//
// The session is an edge: legs tell it what they tell any edge, and it answers so. Of a call there are two ends, and
// each is a SIP dialog of its own that knows nothing of the other's shape: the leg, somewhere in the cluster, and the
// call here. No SIP text is written between them.
//
//	client ──callStart──► call ──INVITE──► Signal ──► leg ──► ...
//	client ◄─callIncoming─ call ◄─INVITE── leg ◄── Signal ◄── ...
//
// The dialog keeps tags, sequence numbers, forks, glare and lost answers in order; the call translates between it and
// the client. A leg is known by its tag in the dialog, which is its handler.
//
//	calling ─1xx─► ringing ─2xx─► up ─┐          an outgoing call
//	        alerting ─callAccept─► up ─┼─► gone   an incoming one
//	   refused, cancelled, killed, BYE ┘
//
//	phone.go        Phone: who it belongs to, the table of operations, what the cluster tells
//	effect.go       what is to be done
//	call.go         one call: its states, and what its dialog says
//	outgoing.go incoming.go update.go transfer.go signs.go   what can be done with it
//	list.go         all calls, for a client that has lost its memory
//	make.go         makeCall: a call between others that the session arranges
//	bind.go         the registration
//	message.go      messages outside of calls
//	description.go  session descriptions, in the form that the client used last
//	address.go      whom the client means, and how it is told who calls
package phone
