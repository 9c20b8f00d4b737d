// Package web is the HTTP listener of a member: the pages of the admin realms, the phone page at /user/, SIP over
// WebSocket at /sip (RFC 7118), XIMSS over WebSocket at /ximss and over HTTP (ximss.go), metrics at /metrics, health at
// /healthz and /readyz, and the REST interface under /api/v1/ that the command line speaks. It is the only home of gorilla/websocket and of the Prometheus client.
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
// # Pages
//
// A page is a function from words to a screen.View (page_*.go), shown by web/screen; web/static has what it
// loads, web/login remembers which browsers have logged in, web/feed tells them what changes. Pages work
// without script: forms are sent and lead back to a page. With it they live, on one stream of events for all
// tabs of a browser (/events), and forms are sent without leaving the page.
//
//	page ─► login ─► right of the realm ─► look: View ─► templates
//	form ─► login ─► own origin ─► administrator ─► act: notice, undo, or a question first
//
// A question first is a page of its own; with script it is asked over the page from which it comes, which lives on below.
//
// Who has logged in may use the REST interface too, where a change must come from one of our pages.
//
// # Refusals
//
// Every refusal is {"error":{"code":"short_word","message":"what, why, what to do"}}. A handler
// returns an *Error and one place, reply.go, writes it, as a page to a browser that wants one; any other
// error is our own fault: it is logged and answered 500 without its text.
package web
