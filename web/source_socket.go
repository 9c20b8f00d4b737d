package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
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

// sourceSocket takes what an adapter sends until its connection ends.
func (s *Server) sourceSocket(w http.ResponseWriter, r *http.Request, name string) {
	o := SourceOffer{Source: name, Step: "opens", Conn: rand.Text(), Address: sourcePort(r).String()}
	first, err := s.services.Sources.Offer(r.Context(), o)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	socket, end := s.upgrade(w, r, sourceProtocol, s.live.Load().adapters)
	if socket != nil {
		defer end()
		s.serveSource(r, socket, o, first)
	}
	ctx, cancel := context.WithTimeout(context.Background(), goodbyeTime)
	defer cancel()
	o.Step, o.Text = "ends", nil
	if _, err := s.services.Sources.Offer(ctx, o); err != nil {
		s.log.Debug("the holder of a source does not hear that its connection has ended", "source", name, "err", err)
	}
}

// serveSource answers one message after the other; the first answer says which line is wanted.
func (s *Server) serveSource(r *http.Request, socket *Socket, o SourceOffer, first SourceAnswer) {
	o.Step = ""
	answer := any(first)
	for {
		text, err := json.Marshal(answer)
		if err != nil || socket.WriteMessage(text) != nil {
			return
		}
		if o.Text, err = socket.ReadMessage(); err != nil {
			return
		}
		a, err := s.services.Sources.Offer(context.Background(), o) // it has limits of its own
		if answer = a; err == nil {
			continue
		}
		e := s.explain(r, err)
		answer = map[string]any{"error": map[string]string{"code": e.Code, "message": e.Message}}
		if e.Status == http.StatusConflict || e.Status == http.StatusNotFound {
			if text, err := json.Marshal(answer); err == nil {
				_ = socket.WriteMessage(text)
			}
			return
		}
	}
}
