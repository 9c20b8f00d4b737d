// Package sip is the signalling edge of one member: it takes SIP requests from the network and hands
// them to a signal.Receiver, and as a signal.Edge it sends what the owners of dialogs want sent.
//
// A message passes these rooms, in this order:
//
//	sip/transport  sockets, connections, framing; who sends too much is dropped unread
//	sip/farm       which of several members processes it? What is for another one is passed on as it is
//	sip/guard      is it a sound message? If not, one stateless answer
//	sip/txn        a repeat, an ACK or a CANCEL ends here
//	sip/translate  wire to signal
//	               To tag: signal.Receiver.Deliver, to the owner of the dialog (sip/dialog)
//	sip/overload   may it begin, now that the member is late? If not, 503 (late.go)
//	sip/border     what only trusted peers may say of callers
//	sip/auth       who proved to be who
//	               signal.Receiver.Admit, then the server transaction, then Receiver.Receive
//
// Nothing is kept for a request before it is admitted: refusals, challenges and 481 are sent
// once, without a transaction, and are made again when the request is repeated. So what strangers
// send costs time only, and one datagram brings at most one answer, which is no larger than itself:
// whoever writes another's address into his packets gains nothing by us.
//
// Of github.com/emiago/sipgo only the message types, parser and serialiser are used. Here and in the
// rooms below, the identifier sip means that package.
//
//	server.go   Server: start, stop, ports       receive.go  the order of work above
//	respond.go  answers                          client.go   requests that we send
//	fit.go      answers to strangers, in as few octets as they sent
//	target.go   where a request goes             lookup.go   requests whose way is being found
//	pursue.go   from one target to the next  turn.go      how long each one has
//	via.go      our Via, received and rport  late.go   how late we are
//	wire.go     the log of messages              snapshot.go counts for the metrics
//	farm.go     packets from and for other members, and neighbour.go what is known of their flows
package sip
