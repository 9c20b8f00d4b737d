package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"tandem/web/feed"
)

// Limits of a stream of events.
const (
	feedEvery = time.Second      // between two versions of a topic
	beatEvery = 5 * time.Second  // between two signs that the stream lives
	eventTime = 10 * time.Second // a browser must take an event within it
)

// events is the stream of a browser: /events?topics=a&topics=b. Each topic begins with a snapshot; see feed.
// With now=1 it is the snapshots alone, for a browser whose stream is cut.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	v, ok := s.visitor(r)
	if !ok {
		s.refuse(w, r, Refuse(http.StatusUnauthorized, "unauthorized", "log in first"))
		return
	}
	topics, err := s.feedTopics(r.URL.Query()["topics"], v)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	stream, err := s.feed.Open(topics)
	if err != nil {
		s.refuse(w, r, Unavailable("too many pages are open: %v", err))
		return
	}
	defer stream.Close()
	if r.URL.Query().Get("now") == "1" {
		s.eventsNow(w, r, stream, len(topics))
		return
	}
	s.stream(w, r, v, stream)
}

// eventsNow answers with one snapshot of each topic.
func (s *Server) eventsNow(w http.ResponseWriter, r *http.Request, stream *feed.Stream, want int) {
	var all []feed.Message
	for len(all) < want {
		select {
		case <-stream.Wake():
			all = append(all, stream.Next()...)
		case <-r.Context().Done():
			return
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"messages": all})
}

// stream sends events until the browser goes, the login ends or the member stops.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, v visitor, stream *feed.Stream) {
	out := eventWriter{w: w, control: http.NewResponseController(w)}
	_ = out.control.SetReadDeadline(time.Time{}) // nothing more is read
	w.Header().Set("Content-Type", "text/event-stream")
	beat := time.NewTicker(s.beatEvery)
	defer beat.Stop()
	out.send("beat", map[string]int64{"time": s.now().UnixMilli()})
	for out.err == nil {
		select {
		case <-stream.Wake():
			for _, m := range stream.Next() {
				out.send("change", m)
			}
		case <-beat.C:
			if now, ok := s.visitor(r); !ok || now.right != v.right { // the account may have been disabled, or may see more or less now
				return
			}
			out.send("beat", map[string]int64{"time": s.now().UnixMilli()})
		case <-v.login.Ended():
			return
		case <-s.stopping.Done():
			return
		case <-r.Context().Done():
			return
		}
	}
}

// eventWriter writes events until one can not be written.
type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	err     error
}

func (e *eventWriter) send(kind string, v any) {
	if e.err != nil {
		return
	}
	data, err := json.Marshal(v) // has no line break
	if err != nil {
		e.err = err
		return
	}
	if err := e.control.SetWriteDeadline(time.Now().Add(eventTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		e.err = err
		return
	}
	if _, e.err = fmt.Fprintf(e.w, "event: %s\ndata: %s\n\n", kind, data); e.err == nil {
		e.err = e.control.Flush()
	}
}
