// Package lab gives black-box tests a laboratory: members as real processes on loopback, their REST
// interface and their command line, and ears and voices for the audio.
//
//	build.go    Binary: the server, built once in a run of the tests
//	guard.go    what keeps a test run from flooding the machine with processes
//	process.go  Process: one child, ended by its id and never left behind
//	member.go   Member: start, stop, kill, start again on the same data
//	cluster.go  StartCluster: members of a cluster, each to be killed, stopped and started by itself
//	network.go  Net: a network of the test's own between them, to be cut
//	disk.go     Disk: a file system of the test's own, to be filled
//	apart.go    running a test a second time, in a namespace of the kernel's
//	rest.go     REST with the control token; verbs of the command line
//	console.go  Console: the admin command line
//	need.go     skipping with a sentence; waiting for a thing
//	port.go     Port: for a program that can not be told to take any
//	sound.go    WAV files and tones
//	ear.go      which tones a recording holds
//	phone.go    Phone: a small SIP telephone, for what the real ones can not do
//	call.go     Call: one call of it
//	sip.go      the SIP messages of both, as bytes
//	rtp.go      Ear: the audio of a call, and keys in it
//	ximss.go    XIMSS: a client of a session, over TCP and WebSocket; ximss_http.go over HTTP
//	browser.go  Browser: the media side of a browser: ICE, DTLS, SRTP
//	postgresql.go  PostgreSQL: a database of the test's own
//	mariadb.go     MariaDB: another one
//	traffic.go  how many packets a call has sent, got and missed
//
// A test that uses it imports nothing of the server. Every port is any free one, and readiness is
// what the member says itself: its ports file, then /readyz.
//
//	m := lab.Start(t, lab.Options{})
//	sipp(t, m.UDP(), ...)
//	m.Kill()
//	m.Restart()
//
//	all := lab.StartCluster(t, lab.ClusterOptions{Members: 3})
//	all[1].Pause()
//
// In the environment: TANDEM_TEST_BINARY names a server that is built already, TANDEM_TEST_RACE=1
// builds it with the race detector.
package lab
