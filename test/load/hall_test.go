package load

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"
)

// hall is the callers of a queue: as many at each time, since for each who is served another one comes. Each is a guest
// with a number of his own. He wants to hear nothing, so that what is measured is the queue and not its music.
type hall struct {
	desk  desk // writes the requests; nothing of it runs
	media int
	done  chan struct{}

	mu     sync.Mutex
	live   map[int]*operation
	next   int
	joined map[int]time.Time // when each was answered: he waits from then on
	failed int
	closed bool
}

// openHall lets so many callers come, not all at once.
func openHall(t *testing.T, to server, size int) *hall {
	t.Helper()
	h := &hall{desk: desk{conn: dial(t, to.at), mark: rand.Text()[:8]}, media: openPhones(t).port, done: make(chan struct{}),
		live: map[int]*operation{}, joined: map[int]time.Time{}}
	go func() { defer close(h.done); h.read() }()
	t.Cleanup(h.close)
	for range size {
		h.mu.Lock()
		h.come()
		h.mu.Unlock()
		time.Sleep(time.Second / lowPace)
	}
	return h
}

// numbered is who makes a call; the agents' phones are told his number.
func numbered(number int) *identity { return &identity{user: fmt.Sprint("7", number)} }

func (h *hall) come() {
	o := &operation{number: h.next, live: true, began: time.Now()}
	h.live[h.next] = o
	h.next++
	uri := "sip:" + loadNumber + "@tandem.local"
	h.desk.ask(o, h.desk.request(o, numbered(o.number), words{method: "INVITE", uri: uri, to: "<" + uri + ">", body: sdp(h.media) + "a=sendonly\r\n"}))
}

// inside is how many have been answered and not served yet.
func (h *hall) inside() (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, o := range h.live {
		if o.to != "" {
			n++
		}
	}
	return n
}

func (h *hall) read() {
	in := make([]byte, maxDatagram)
	for {
		_ = h.desk.conn.SetReadDeadline(time.Now().Add(timerT1))
		n, err := h.desk.conn.Read(in)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case errors.Is(err, os.ErrDeadlineExceeded):
		case err == nil:
			h.take(in[:n])
		}
		if h.repeat() {
			return
		}
	}
}

// repeat says again what was not answered; true: the hall is closed.
func (h *hall) repeat() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	for n, o := range h.live {
		switch {
		case o.request == nil:
		case now.Sub(o.began) > giveUp:
			h.fail(n)
		case now.After(o.due):
			h.desk.ask(o, o.request)
		}
	}
	return h.closed
}

func (h *hall) fail(number int) { delete(h.live, number); h.failed++ }

func (h *hall) take(message []byte) {
	number, mark, _ := bytes.Cut(field(message, "Call-ID"), []byte("."))
	n, err := strconv.Atoi(string(number))
	h.mu.Lock()
	defer h.mu.Unlock()
	o := h.live[n]
	switch {
	case status(message) == 0:
		a := answerer{contact: contactOf(h.desk.conn, "load")}
		a.answer(message, func(response []byte) { _, _ = h.desk.conn.Write(response) })
		if bytes.HasPrefix(message, []byte("BYE ")) && o != nil {
			delete(h.live, n)
			if !h.closed {
				h.come()
			}
		}
	case err != nil || string(mark) != h.desk.mark || o == nil:
	default:
		h.react(n, o, message)
	}
}

func (h *hall) react(n int, o *operation, response []byte) {
	code := status(response)
	o.request = nil
	switch {
	case code < 200:
	case code >= 300:
		h.fail(n)
	default:
		if o.to == "" {
			o.to, o.target = string(field(response, "To")), inBrackets(field(response, "Contact"))
			h.joined[n] = time.Now()
		}
		_, _ = h.desk.conn.Write(h.desk.again(o, numbered(n), words{method: "ACK", uri: o.target, to: o.to}))
	}
}

// close lets nobody come any more. Those inside go with the member.
func (h *hall) close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	<-h.done
}
