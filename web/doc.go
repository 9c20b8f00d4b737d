// Package web is the HTTP listener of a member: SIP over WebSocket at /sip (RFC 7118), metrics at
// /metrics, health at /healthz and /readyz, and the REST interface under /api/v1/ that the command
// line speaks. It is the only home of gorilla/websocket and of the Prometheus client.
//
// The package knows nothing of actors, SIP or the store. What its handlers need it asks through the
// small interfaces of api.go, whose words are plain structs; the composition root implements them.
//
// # The way of a request
//
//	listener ─► headers ─► Host ─► cross origin ─► who asks ─► route ─► handler ─► interface of api.go
//	            (all)      (421)   (403)           (401, 429)  (404)     (400)
//
// Open to everybody are /healthz, /readyz, /cluster/join, where a ticket counts, and the WebSocket, whose
// messages the SIP edge judges for itself. /metrics is open to loopback. All else needs the member's control token or the password of
// an administrator.
//
// # Refusals
//
// Every refusal is {"error":{"code":"short_word","message":"what, why, what to do"}}. A handler
// returns an *Error and one place, reply.go, writes it; any other error is our own fault: it is
// logged and answered 500 without its text.
package web
