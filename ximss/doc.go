// Package ximss is the protocol between a session and its client: how XML elements are read and written, how a
// client logs in, and the three ways in which it is connected. It knows nothing of calls, and of sessions only
// what door.go says; a session of any member can stand behind a connection of this one.
//
//	door.go        Door, Session, Line: what a connection and a session need of one another
//	errors.go      the numbers and texts of refusals
//	element.go     elements as text: reading under limits, writing, answers
//	stat.go       what is said of statistics
//	operation.go   the names of what a session can be asked
//	entry.go       what comes before login (1.2), in every binding; porter.go: what all logins share
//	connection.go  a client that stays connected: login, then its requests to its session
//	line.go        what a session says to it, bounded
//	stream.go      a TCP connection: documents with a zero byte behind each
//	socket.go      a WebSocket: one document per message
//	http.go        the HTTP binding (1.4): login, and the requests and polls of a session
//	server.go      the listeners, and how many may come
//
// One element is an *object.XML. A request has an attribute id, which its answers repeat; what the server
// says by itself has none (reference communigate.md 1.1).
package ximss
