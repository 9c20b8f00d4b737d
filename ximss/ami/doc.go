// Package ami is the manager interface that programs around Asterisk's queues speak: its grammar, its dialogue and its
// listener (reference queuelog.md 4.8). It knows how actions, answers and events are written; what queues, agents and
// calls there are, and what is done with them, the House says.
//
//	packet.go         Packet: lines "Name: value" up to an empty one, read and written within limits
//	event.go          events, their classes and the masks by which clients choose
//	shape.go          queue, agent and caller, as House tells them
//	shape_event.go    how they look in events
//	session.go        the dialogue of one connection: greeting, actions, answers
//	login.go          Login, plain or by MD5 challenge, Challenge, Logoff, Events
//	action.go         the actions there are
//	action_queue.go   those of queues and agents
//	action_call.go    those of calls
//	outbox.go         what waits for a slow client
//	client.go         what a client reads: the greeting of another server, its answers and events
//	server.go         the TCP listener, and who hears an event
//
// A client is one account, with what that may: whoever may see a queue hears its events, whoever may change it acts in
// it. Rights are asked for at each action and each event.
package ami
