// Package ximss has the stories of XIMSS sessions, told with real processes: what a client asks and is told, by each
// binding, and what becomes of its calls on one member and on three.
//
//	binding_test.go   HTTP by any member, logins, pages of other sites, the HTTP port
//	session_test.go   operations by each binding, resuming, any line in any state
//	session_company_test.go  a session on one member, its client on another, its friend on a third
//	call_test.go      calls of sessions with applications, phones and each other
//	stat_test.go      statistics by each binding
//	presence_test.go  sessions and phones that see each other
//	company_test.go   a session here, its leg there, its partner elsewhere; and each of them killed
package ximss
