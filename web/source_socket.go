package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// sourceProtocol is lines of a source: a message has some of them, and is answered by one.
var sourceProtocol = protocol{"tandem-source", "/api/v1/stat/sources/NAME", "lines of a source of statistics", "adapters.max_conns_per_ip", 4096}

// Times of an adapter's connection.
const (
	adapterPing    = 10 * time.Second // it is pinged; one that misses two is closed
	adapterMessage = 10 * time.Second // a message must be whole within it
	goodbyeTime    = 3 * time.Second  // for the holder to hear that a connection has ended
)

// forGood are refusals after which nothing that the connection sends can be taken: another one sends, there is no such source
// any more, or it may send no more.
var forGood = []int{http.StatusConflict, http.StatusNotFound, http.StatusForbidden}

// sourceSocket takes what an adapter sends until its connection ends, or it may send no more.
func (s *Server) sourceSocket(w http.ResponseWriter, r *http.Request, name string, may func() error) {
	o := SourceOffer{Source: name, Step: "opens", Conn: rand.Text(), Address: sourcePort(r).String()}
	first, err := s.services.Sources.Offer(r.Context(), o)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	socket, end := s.upgrade(w, r, sourceProtocol, s.live.Load().adapters)
	if socket != nil {
		defer end()
		s.serveSource(r, socket, o, first, may)
	}
	ctx, cancel := context.WithTimeout(context.Background(), goodbyeTime)
	defer cancel()
	o.Step, o.Text = "ends", nil
	if _, err := s.services.Sources.Offer(ctx, o); err != nil {
		s.log.Debug("the holder of a source does not hear that its connection has ended", "source", name, "err", err)
	}
}

// Messages of an adapter that are read while those before them are being taken: so many wait at most, and this many bytes of
// them are offered at once.
const (
	sourceAhead    = 16
	sourceTogether = maxSourceBody
)

// serveSource answers each message, in order; the first answer says which line is wanted. What comes while lines are on their
// way into the journal is offered together, so that an adapter may send faster than they get there one by one.
func (s *Server) serveSource(r *http.Request, socket *Socket, o SourceOffer, first SourceAnswer, may func() error) {
	o.Step = ""
	done := make(chan struct{})
	defer close(done)
	texts := readAhead(socket, done)
	if answerSource(socket, first) != nil {
		return
	}
	var waiting [][]byte
	for {
		if len(waiting) == 0 {
			text, ok := <-texts
			if !ok {
				return
			}
			waiting = append(waiting, text)
		}
		waiting = gather(waiting, texts)
		o.Text, o.Behind = waiting[0], together(waiting[0], waiting[1:])
		a, err := SourceAnswer{}, may()
		if err == nil {
			a, err = s.services.Sources.Offer(context.Background(), o) // it has limits of its own
		}
		if err != nil {
			if !s.explainSource(r, socket, err) {
				return
			}
			waiting = waiting[1:]
			continue
		}
		for _, a := range append([]SourceAnswer{a}, a.Behind...) {
			if answerSource(socket, a) != nil {
				return
			}
			waiting = waiting[1:]
		}
	}
}

// readAhead reads messages until the socket ends or done is closed.
func readAhead(socket *Socket, done <-chan struct{}) <-chan []byte {
	texts := make(chan []byte, sourceAhead)
	go func() {
		defer close(texts)
		for {
			text, err := socket.ReadMessage()
			if err != nil {
				return
			}
			select {
			case texts <- text:
			case <-done:
				return
			}
		}
	}()
	return texts
}

// gather adds what has come by now to what waits, within the limit.
func gather(waiting [][]byte, texts <-chan []byte) [][]byte {
	for len(waiting) < sourceAhead {
		select {
		case text, ok := <-texts:
			if !ok {
				return waiting
			}
			waiting = append(waiting, text)
		default:
			return waiting
		}
	}
	return waiting
}

// together are the texts that may be offered with a first one.
func together(first []byte, behind [][]byte) [][]byte {
	size := len(first)
	for n, text := range behind {
		if size += len(text); size > sourceTogether {
			return behind[:n]
		}
	}
	return behind
}

func answerSource(socket *Socket, answer any) error {
	text, err := json.Marshal(answer)
	if err == nil {
		err = socket.WriteMessage(text)
	}
	return err
}

// explainSource answers a message that is refused. False: so would be all that follow.
func (s *Server) explainSource(r *http.Request, socket *Socket, err error) bool {
	e := s.explain(r, err)
	failed := answerSource(socket, map[string]any{"error": map[string]string{"code": e.Code, "message": e.Message}})
	return failed == nil && !slices.Contains(forGood, e.Status)
}
