// Package user is the page of account holders: the phone at /user/. It is served to anybody, as nothing private is in
// it; the login to XIMSS, which its scripts make over the WebSocket at /ximss, is its gate.
//
//	page.go      what differs from one answer to the next
//	page.html    bar, login, the places that scripts fill
//
// What lives is in web/static: ximss/ is the client of XIMSS, which pages of others import too, and js/phone/ is the
// phone that is made of it:
//
//	ximss/ximss.js        what others import
//	  connection.js       the session over a WebSocket: login, resume, requests, messages
//	  phone.js  call.js   calls, contacts, messages; one call and its exchanges of SDP
//	  media.js            a PeerConnection; microphone.js what it sends; quality.js how it sounds
//	  sdp.js  element.js  the XML forms
//	js/phone/page.js      begins the page, and says what follows from what
//	  state.js            what the page knows, as signals; acts.js what can be done
//	  panel_*.js          paint it; keys.js, ringer.js, devices.js, words.js
//	  history.js  people.js  messages.js    beside calls; store.js what the browser keeps of them
//	  agent.js  panel_agent.js    the agent of queues: loaded where the account is one's, with ximss/agent.js
//	  help.js  devices.js         dialogs: loaded when somebody opens them
//
// The page loads no more than 80 KB before it can be used, which TestThePhoneIsLight of package web holds it
// to. What not everybody needs is therefore imported by a call.
//
// A reload keeps the call: the tab remembers the name of its session, takes it up again, asks which calls there are,
// and offers each of them new media.
package user
