// Package transport carries whole SIP messages as bytes between this member and its peers: over
// UDP, TCP and TLS on sockets of its own, and over WebSocket connections that the HTTP side hands
// over one frame at a time. It knows no message beyond what framing needs, and keeps no state of
// calls.
//
//	transport.go  Set: listen, send, close         conns.go   flow numbers, caps, reuse
//	udp.go        the datagram loop, pktinfo.go    which local address a datagram was sent to
//	stream.go     accept, read, dial               framer.go  where one message ends
//	conn.go       one connection's write queue     frame.go   WebSocket
//	source.go     how often one address may ask    counter.go what was seen, for the metrics
//
// # Why the stream transports are our own
//
// The library whose message types we use can frame a stream as well. It is not used for that, for
// two reasons. First, two parties that disagree about where a message ends let an attacker smuggle
// a second request inside the first: the framer here accepts one reading only (exactly one
// Content-Length made of digits, lines that end in CRLF and nothing else) and refuses the rest,
// before any parser with its own opinion sees the bytes. Second, limits have to hold where the bytes
// arrive: connections per address and in all, the time a header may take, idle connections, the
// memory of one message, and a peer that does not read what it is sent.
//
// # Order, blocking, memory
//
// A message is handed over on the goroutine that read it, so messages of one flow arrive in the
// order of the wire. Nothing that is sent waits for a peer: a datagram goes to the kernel, a stream
// message into the connection's queue, and a queue that is full ends its connection. Each
// connection has one reading goroutine, and a writing one only while something is queued.
//
// Everything here is bounded: the table of sources has a fixed size, connections are capped, buffers
// grow to one message and shrink again.
package transport
