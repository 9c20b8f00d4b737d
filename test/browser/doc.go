// Package browser lets pages in headless Chromium be phones: JsSIP registers over a WebSocket and
// exchanges messages and calls through a member, with other pages and with phones. Instead of a microphone a page has a
// tone, and hears of the other side the loudest one.
//
//	browser_test.go   Chromium, the server of the page, and what a page can do
//	linphone_test.go  linphone, as far as it sends and gets messages
//	register_test.go  registering, and who may not
//	message_test.go   messages, and what becomes of those to a page that is gone
//	call_test.go      calls: the echo, page and page, page and phone, hold, ICE restart, a page that is closed
//	reload_test.go    a page in a call that is loaded again, as the member sees it
//	softphone_test.go  the member's own phone page: echo, page and page, phones, transfers, keys, messages, people
//	softphone_media_test.go  its microphone, and its media when it is reloaded or refused some
//	queuelog_test.go  the pages of another server's queues: wallboard with acts, report, recording, loads
//	page/             the page: a phone, its calls, and a loader for the modules of JsSIP
//
// JsSIP comes from npm at the version that package.json pins, and so does axe-core, which the tests of web ask
// about our own pages: run npm ci --ignore-scripts here.
package browser
