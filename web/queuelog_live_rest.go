package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/web/feed"
	"tandem/web/screen"
)

// liveLogs are those there are, if who asks supervises a queue at least: of others he hears nothing.
func (s *Server) liveLogs(r *http.Request) (LiveLogs, error) {
	if s.services.LiveLogs == nil {
		return nil, NotFound("this member keeps no queue logs")
	}
	by := asker(r)
	who, ok := s.services.Logins.Identity(by.Account)
	if !by.Master && (!ok || who.right() < screen.QueueSupervisor) {
		return nil, Refuse(http.StatusForbidden, "no_right", "this needs a supervisor, of one queue at least")
	}
	return s.services.LiveLogs, nil
}

// liveQuery reads the question.
func liveQuery(q map[string][]string, by Asker) (l LiveQuery, err error) {
	first := func(name string) string {
		if len(q[name]) == 0 {
			return ""
		}
		return q[name][0]
	}
	l = LiveQuery{By: by, Source: first("source"), Zone: first("zone")}
	for _, text := range q["queues"] {
		if text != "*" {
			l.Queues = append(l.Queues, strings.FieldsFunc(text, func(c rune) bool { return c == '|' || c == ',' })...)
		}
	}
	if text := first("within"); text != "" {
		if l.Within, err = strconv.ParseInt(text, 10, 32); err != nil || l.Within < 1 {
			return l, Invalid("within %s is no number of seconds", clip(text, 40))
		}
	}
	if text := first("from"); text != "" {
		zone, err := time.LoadLocation(l.Zone)
		if err != nil || l.Zone == "Local" {
			return l, Invalid("zone %s is no time zone: UTC, or a place such as Europe/Berlin", clip(l.Zone, 60))
		}
		if l.From = momentIn(text, zone); l.From.Unix() <= 0 {
			return l, Invalid("from %s is no time: 2026-01-31, or 2026-01-31T14:00", clip(text, 40))
		}
	}
	return l, nil
}

func (s *Server) liveShow(r *http.Request) (any, error) {
	logs, err := s.liveLogs(r)
	if err != nil {
		return nil, err
	}
	q, err := liveQuery(r.URL.Query(), asker(r))
	if err != nil {
		return nil, err
	}
	return logs.Live(r.Context(), q)
}

// liveAct has servers do something, and answers with what each has said.
func (s *Server) liveAct(r *http.Request) (any, error) {
	logs, err := s.liveLogs(r)
	if err != nil {
		return nil, err
	}
	var body struct {
		Source  string   `json:"source"`
		Server  string   `json:"server"`
		Agent   string   `json:"agent"`
		Device  string   `json:"device"`
		Queues  []string `json:"queues"`
		Reason  string   `json:"reason"`
		Call    string   `json:"call"`
		To      string   `json:"to"`
		Paused  bool     `json:"paused"`
		Penalty int      `json:"penalty"`
	}
	if err := s.readJSON(r, &body); err != nil {
		return nil, err
	}
	a := LiveAct{By: asker(r), Source: body.Source, Server: body.Server, Verb: r.PathValue("verb"), Agent: body.Agent, Device: body.Device,
		Queues: body.Queues, Reason: body.Reason, Call: body.Call, To: body.To, Paused: body.Paused, Penalty: body.Penalty}
	if err := a.check(); err != nil {
		return nil, err
	}
	answers, err := logs.Act(r.Context(), a)
	return map[string]any{"answers": append([]LiveAnswer{}, answers...)}, err
}

// aboutCalls are the verbs that are told of a call.
var aboutCalls = append([]string{"hangup", "transfer"}, HearingActs...)

// check tells what an act lacks.
func (a LiveAct) check() error {
	for name, text := range map[string]string{"agent": a.Agent, "device": a.Device, "reason": a.Reason, "call": a.Call, "to": a.To, "server": a.Server,
		"queues": strings.Join(a.Queues, "|")} {
		if len(text) > maxField || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return Invalid("%s is longer than %d bytes, or no text of one line", name, maxField)
		}
	}
	call := slices.Contains(aboutCalls, a.Verb)
	switch {
	case !slices.Contains(LiveActs, a.Verb):
		return NotFound("servers can be told: %s; not %s", strings.Join(LiveActs, ", "), clip(a.Verb, 40))
	case call && a.Call == "":
		return Invalid(`which call? Send "call", such as A:1795305021.0`)
	case !call && a.Agent == "":
		return Invalid(`which agent? Send "agent"`)
	case a.Verb == "transfer" && a.To == "":
		return Invalid(`where to? Send "to", a number`)
	case slices.Contains(HearingActs, a.Verb) && a.Device == "":
		return Invalid(`who listens? Send "device", such as SIP/204`)
	case (a.Verb == "logon" || a.Verb == "add") && len(a.Queues) == 0:
		return Invalid(`to which queues? Send "queues"`)
	case a.Penalty < 0 || a.Penalty > 1_000_000:
		return Invalid("penalty %d is not 0 to 1000000", a.Penalty)
	}
	return nil
}

// liveEvents is a stream of Server-Sent Events of what goes on: all parts of a view first, by their kind and name, and then
// those that change, at most once a second; a beat says that the stream lives.
func (s *Server) liveEvents(w http.ResponseWriter, r *http.Request) {
	logs, err := s.liveLogs(r)
	var q LiveQuery
	if err == nil {
		q, err = liveQuery(r.URL.Query(), asker(r))
	}
	if err == nil {
		_, err = logs.Live(r.Context(), q) // what is wrong with the question is told as such
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	stream, err := s.feed.Open([]feed.Topic{{Name: "live", Key: q.By.eyes() + " live logs " + r.URL.Query().Encode(), Source: s.liveParts(logs, q)}})
	if err != nil {
		s.refuse(w, r, Unavailable("too many follow: %v", err))
		return
	}
	defer stream.Close()
	right := s.rightOf(q.By)
	out := eventWriter{w: w, control: http.NewResponseController(w)}
	_ = out.control.SetReadDeadline(time.Time{}) // nothing more is read
	w.Header().Set("Content-Type", "text/event-stream")
	beat := time.NewTicker(s.beatEvery)
	defer beat.Stop()
	for out.err == nil {
		select {
		case <-stream.Wake():
			for _, m := range stream.Next() {
				out.send("change", m)
			}
		case <-beat.C:
			if s.rightOf(q.By) != right { // the account may have been disabled, or may more or less than the stream shows
				return
			}
			out.send("beat", map[string]int64{"time": s.now().UnixMilli()})
		case <-s.stopping.Done():
			return
		case <-r.Context().Done():
			return
		}
	}
}

// liveParts computes the parts of a view.
func (s *Server) liveParts(logs LiveLogs, q LiveQuery) feed.Source {
	return func(ctx context.Context) (feed.Parts, error) {
		v, err := logs.Live(ctx, q)
		var told *Error
		switch {
		case errors.As(err, &told):
			return nil, told
		case err != nil:
			s.log.Warn("a live view failed", slog.Any("err", err))
			return nil, errInternal
		}
		parts := feed.Parts{}
		put := func(kind, name string, part any) {
			if text, failed := json.Marshal(part); failed == nil {
				parts[kind+" "+name] = text
			} else {
				err = failed
			}
		}
		for _, x := range v.Servers {
			x.Log.Heard, x.Manager.Heard = time.Time{}, time.Time{} // a heartbeat is no change
			put("server", x.Name, x)
		}
		for _, x := range v.Queues {
			put("queue", x.Name, x)
		}
		for _, x := range v.Calls {
			put("call", x.Key()+" "+x.Queue, x)
		}
		for _, x := range v.Agents {
			put("agent", x.Name, x)
		}
		put("all", "", v.All)
		return parts, err
	}
}
