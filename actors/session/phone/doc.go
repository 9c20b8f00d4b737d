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
// Where the reference is silent:
//
//	callSendInfo, callInfo   contentType names the content, which is the element's text
//	callSendDTMF             before the answer too, where early media are heard; so is callSendInfo
//	callDTMF                 the key as text; of partners, and of programs that press keys for the client
//	callTransferred          peer, where it is known: the client talks to somebody else from here on
//	callUpdate               one at a time; refuses an update of the peer's that waits for the client
//	callList                 a call that waits for the client's answer brings what callIncoming offered
//	callStart without sdp    callConnected brings the offer of the called party, callUpdateAccept answers it
//	callRedirect             the caller's Signal rings all that are served here, at once
//	REFER of a leg           is refused: who wants the client elsewhere transfers its partner
//	makeCall                 a call of the session to its own account, whose answer it transfers to the peer
//	sendIM                   ends when the message is delivered; composing and the like by RFC 3994
//	iqSend, iqRead           a MESSAGE that only sessions understand
//	signalBind               the sample's media say whether it takes calls, readIM whether messages (RFC 3840 methods)
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
