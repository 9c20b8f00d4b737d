package ximss

import (
	"sync"
)

// wire carries the documents of one connection. read belongs to one goroutine, write to one at a time.
type wire interface {
	// read returns the next document; any error is final.
	read() (string, error)
	// write sends documents, in a bounded time, and tells how many it has; any error is final.
	write(documents []string) (sent int, err error)
	// allow sets how many bytes a document may have; it belongs to the goroutine of read.
	allow(size int)
	// close ends the connection at once; a read or write under way returns.
	close()
}

// line is the Line of a connection. Nobody runs for it while there is nothing to say.
type line struct {
	wire  wire
	limit int // bytes that may wait

	mu      sync.Mutex
	waiting []string
	unsaid  []string // what waited when it died, and what came later
	size    int
	writing bool // somebody empties waiting
	closing bool // all is said
	dead    bool
	why     string
	then    []func() // when nothing waits

	bySession bool // it was the session that said all
}

// perDocument is what a waiting document costs beside its text.
const perDocument = 64

// Say is Line.Say.
func (l *line) Say(documents ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead || l.closing {
		if !l.bySession && l.size <= l.limit { // what is beyond it, no session keeps either
			l.unsaid = append(l.unsaid, documents...)
			l.size += length(documents)
		}
		return
	}
	for _, d := range documents {
		if d != "" {
			l.waiting = append(l.waiting, d)
		}
	}
	l.size += length(documents)
	if l.size > l.limit {
		l.die("too slow: it left too much unread")
		return
	}
	l.begin()
}

// Then is Line.Then.
func (l *line) Then(f func()) {
	l.mu.Lock()
	if l.writing {
		l.then = append(l.then, f)
		l.mu.Unlock()
		return
	}
	l.mu.Unlock()
	f()
}

// length is what documents take while they wait.
func length(documents []string) (n int) {
	for _, d := range documents {
		n += len(d) + perDocument
	}
	return n
}

// Unsaid is Line.Unsaid.
func (l *line) Unsaid() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	documents := l.unsaid
	l.unsaid = nil
	return documents
}

// Close is Line.Close.
func (l *line) Close(reason string) { l.finish(reason, true) }

// finish closes the line after what was said.
func (l *line) finish(reason string, bySession bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead || l.closing {
		return
	}
	l.closing, l.bySession, l.why = true, bySession, reason
	l.begin()
}

// lingers tells whether somebody writes still, who will close the connection.
func (l *line) lingers() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closing && !l.dead
}

// begin has somebody write what waits, or close. mu is held.
func (l *line) begin() {
	if !l.writing && (len(l.waiting) > 0 || l.closing) {
		l.writing = true
		go l.drain()
	}
}

// drain writes until nothing waits.
func (l *line) drain() {
	for {
		l.mu.Lock()
		documents := l.waiting
		l.waiting, l.size = nil, 0
		if len(documents) == 0 || l.dead {
			l.writing = false
			if l.closing {
				l.die(l.why)
			}
			then := l.then
			l.then = nil
			l.mu.Unlock()
			for _, f := range then {
				f()
			}
			return
		}
		l.mu.Unlock()
		if sent, err := l.wire.write(documents); err != nil {
			l.broke(documents[sent:], "it took nothing more: "+err.Error())
		}
	}
}

// broke ends the line for a reason of the network, and keeps what that did not take.
func (l *line) broke(documents []string, why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.die(why)
	l.unsaid = append(documents, l.unsaid...)
}

// die closes the connection. mu is held. The first reason counts.
func (l *line) die(why string) {
	if l.dead {
		return
	}
	l.dead, l.unsaid, l.waiting = true, append(l.waiting, l.unsaid...), nil
	if l.why == "" {
		l.why = why
	}
	go l.wire.close() // which may wait a moment for the peer's side
}

// parted tells why the line ended, and whether the session did it.
func (l *line) parted() (bySession bool, why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bySession, l.why
}
