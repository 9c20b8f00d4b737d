package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// StatFollowing is what a stream tells of some statistics.
type StatFollowing struct {
	IDs           []string
	Mode          string // ChangesBased, TimeBased, ResetBased or NoNotification; "": the first
	Insensitivity float64
	Frequency     int // seconds, of TimeBased
}

// StatStream is what somebody is told of statistics, in order. It holds a bounded number of events.
type StatStream interface {
	// Wake tells that there may be events.
	Wake() <-chan struct{}
	// Next takes the events that wait.
	Next() []StatEvent
	Close()
}

// StatEvent is one thing that a stream tells: value, reset (the last one before it), invalid, valid, gone; overflow: some
// were missed, and all values follow as they are; or names: requests may use others than before, which the profile has.
type StatEvent struct {
	Kind  string
	Value StatValue
}

// statEvents is a stream of Server-Sent Events: /api/v1/stat/events?id=a,b&mode=ChangesBased&insensitivity=1. Each event has
// the kind of the StatEvent as its name; a beat says that the stream lives.
func (s *Server) statEvents(w http.ResponseWriter, r *http.Request) {
	f, err := statFollowing(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	stream, err := s.services.Statistics.Follow(r.Context(), f)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	defer stream.Close()
	out := eventWriter{w: w, control: http.NewResponseController(w)}
	_ = out.control.SetReadDeadline(time.Time{}) // nothing more is read
	w.Header().Set("Content-Type", "text/event-stream")
	s.tellStatistics(r.Context(), &out, stream)
}

func (s *Server) tellStatistics(ctx context.Context, out *eventWriter, stream StatStream) {
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	out.send("beat", map[string]int64{"time": s.now().UnixMilli()})
	for out.err == nil {
		select {
		case <-stream.Wake():
			for _, e := range stream.Next() {
				if e.Kind == "names" {
					out.send(e.Kind, map[string]int64{"time": s.now().UnixMilli()})
					continue
				}
				out.send(e.Kind, e.Value)
			}
		case <-beat.C:
			out.send("beat", map[string]int64{"time": s.now().UnixMilli()})
		case <-s.stopping.Done():
			return
		case <-ctx.Done():
			return
		}
	}
}

func statFollowing(r *http.Request) (f StatFollowing, err error) {
	q := r.URL.Query()
	f.Mode = q.Get("mode")
	for _, list := range q["id"] {
		f.IDs = append(f.IDs, strings.Split(list, ",")...)
	}
	if len(f.IDs) == 0 {
		return f, Invalid("which statistics? Send id=")
	}
	if text := q.Get("insensitivity"); text != "" {
		if f.Insensitivity, err = strconv.ParseFloat(text, 64); err != nil {
			return f, Invalid("insensitivity=%s is no number", clip(text, 40))
		}
	}
	if text := q.Get("frequency"); text != "" {
		if f.Frequency, err = strconv.Atoi(text); err != nil {
			return f, Invalid("frequency=%s is no number of seconds", clip(text, 40))
		}
	}
	return f, nil
}
