// Package ximss is the protocol between a session and its client: how XML elements are read and written, how a
// client logs in, and the three ways in which it is connected. It knows nothing of calls, and of sessions only
// what door.go says; a session of any member can stand behind a connection of this one.
//
//	door.go       Door, Session, Line: what a connection and a session need of one another
//	errors.go     the numbers and texts of refusals
//
// One element is an *object.XML. A request has an attribute id, which its answers repeat; what the server
// says by itself has none (reference communigate.md 1.1).
package ximss
