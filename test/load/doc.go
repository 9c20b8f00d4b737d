// Package load puts bounded load on a member and says what it costs, as ratios to the least that
// this machine could spend on the same packets, measured in the same run.
//
//	TANDEM_LOAD=1 go test -count=1 -v -timeout 30m ./test/load
//	TANDEM_LOAD=1 go test -count=1 -v -run Relay ./test/load -args -calls 500 -rounds 5
//
//	TANDEM_SOAK=1h go test -count=1 -v -timeout 90m -run TestSoak ./test/load
//
// Nine programs, each with a member of its own on loopback:
//
//	cycle_test.go     INVITE to BYE: to an application and between two accounts; REGISTER with digest
//	peak_test.go      the highest clean pace of calls between accounts and of REGISTER, beside sipgo's own dialogs (rival_test.go)
//	overload_test.go  twice the calls that it can take
//	relay_test.go     two-way calls through the member: G.711, with one side in SRTP, from G.711 to G.722
//	room_test.go      conferences in which all talk: one room, and rooms of three
//	memory_test.go    what a call and a registration keep, and what is left when they have ended
//	sessions_test.go  what a silent XIMSS client keeps, and how soon others are answered beside 10,000 of them
//	browser_test.go   calls of browsers to the echo: ICE, DTLS and SRTP
//	ximss_test.go     call messages from one client of a session to another
//
// One that lasts, with a second member as its carrier:
//
//	soak_test.go      mixed stories (story_test.go, story_session_test.go) at half load: what grows or is not given back
//	                  (meter_test.go), and what records and queue_log have missing or double (books_test.go)
//
// Five with a cluster, whose members are processes and keep the store together:
//
//	share_test.go     the same calls through one member and through three, the phones parted among them
//	remote_test.go    an event to a Task of another member and back, while calls talk
//	storm_test.go     10,000 agents of 1,000 queues log on at once, after all members were started
//	change_test.go    from a line of a source outside to whoever follows a statistic, at 2,000 a second
//	dialling_test.go  from INVITE to ringing, the legs on the caller's member and on another by turns
//
// The floors are processes too: one that answers SIP by copying lines of the request (answer_test.go),
// and one that does nothing but recvmmsg, a look-up and sendmmsg (forward_test.go). The server under
// load, member or floor, has one core and the load another. Rounds alternate between them and the
// tables show medians. The steady figure is processor time per operation: it does not depend on the
// pace, and not much on what else the machine does. Delays and losses do; each table shows what
// others took of the server's core.
//
// The programs fail when operations fail, never because they took long. Without TANDEM_LOAD only the
// load's own parts are tested, which takes a moment.
package load
