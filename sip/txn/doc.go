// Package txn is SIP's transactions (RFC 3261 section 17 as corrected by RFC 6026): it tells a
// repeated request from a new one, repeats what may have been lost, and gives up in time.
//
// The four machines are pure: an event and the time go in, a set of actions comes out. The Table is
// the thin shell around them: it finds the machine a message belongs to, performs the actions and
// runs every timer from one wheel.
//
//	action.go  what a machine asks for        server.go  server machines (INVITE and others)
//	key.go     which transaction a message is client.go  client machines
//	wheel.go   all timers                     table.go   the shell, limits, counts
//	derive.go  ACK and CANCEL of our INVITE   serving.go, asking.go  one transaction in the shell
//	path.go    a flow in half the space       line.go   who needs which connection
//
// A transaction keeps what it may have to send again, as bytes, and a few small fields; the parsed
// request of a server transaction is let go as soon as the final response is made.
//
//	server, INVITE                                server, others
//
//	   |  INVITE                                     |  request
//	   v                                             v
//	Proceeding --2xx--> Accepted --L--> end       Trying --1xx--> Proceeding
//	   | 300-699                                     | final          | final
//	   v                                             v                v
//	Completed --ACK--> Confirmed --I--> end       Completed --J--> end
//	   | H
//	   v
//	  end
//
//	client, INVITE                                client, others
//
//	   |  INVITE                                     |  request
//	   v                                             v
//	Calling --1xx--> Proceeding                   Trying --1xx--> Proceeding
//	   |  2xx: Accepted --M--> end                   | final, F       | final, F
//	   |  300-699, ACK: Completed --D--> end         v                v
//	   |  B: end                                  Completed --K--> end
package txn
