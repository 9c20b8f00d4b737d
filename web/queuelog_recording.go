package web

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// LogRecordings are the recordings that other servers made of the calls in their queue_logs. A refusal is an *Error.
type LogRecordings interface {
	// Find returns those of a call, those of our own last; NotFound where no call is that somebody may hear. Trouble says
	// which places did not answer; it is empty when all did.
	Find(ctx context.Context, by Asker, c LogCall) (all []LogRecording, trouble string, err error)
	// Open opens one of them, by its number in that list.
	Open(ctx context.Context, by Asker, c LogCall, number int) (LogRecording, io.ReadSeekCloser, error)
}

// LogCall is a call in the queue_log of a server.
type LogCall struct {
	Partition, ID string
	At            int64 // when it entered a queue, seconds since 1970; 0: its id says so
}

// String is how it is told from the calls of other servers.
func (c LogCall) String() string { return c.Partition + ":" + c.ID }

// LogRecording is one recording.
type LogRecording struct {
	Name string `json:"name"`
	Size int64  `json:"size"` // bytes; -1: not told
	Kind string `json:"kind"` // content type
	Href string `json:"href"` // where it is heard; "": by its number here
}

var errNoLogCall = Invalid("a call is PARTITION:ID, such as B:1795305028.4")

// logCall is the call of a request.
func logCall(r *http.Request) (c LogCall, err error) {
	key := r.PathValue("key")
	if key == "" {
		key = r.FormValue("key")
	}
	c.Partition, c.ID, _ = strings.Cut(key, ":")
	if c.Partition == "" || c.ID == "" || len(key) > maxField {
		return c, errNoLogCall
	}
	if at := r.FormValue("at"); at != "" {
		if c.At, err = strconv.ParseInt(at, 10, 64); err != nil || c.At < 0 {
			return c, Invalid("at %q is no time in seconds since 1970", clip(at, 40))
		}
	}
	return c, nil
}

// path is where the recordings of a call are.
func (c LogCall) path() string {
	return "/api/v1/queuelog/calls/" + url.PathEscape(c.String()) + "/recordings"
}

// href is where one of them is heard.
func (c LogCall) href(number int) string {
	out := c.path() + "/" + strconv.Itoa(number)
	if c.At != 0 {
		out += "?at=" + strconv.FormatInt(c.At, 10)
	}
	return out
}

// logRecordings are those of a call, with where each is heard.
func (s *Server) logRecordings(r *http.Request, by Asker, c LogCall) (all []LogRecording, trouble string, err error) {
	if s.services.LogRecordings == nil {
		return nil, "", errNoReports
	}
	all, trouble, err = s.services.LogRecordings.Find(r.Context(), by, c)
	for i := range all {
		if all[i].Href == "" {
			all[i].Href = c.href(i)
		}
	}
	return all, trouble, err
}

func (s *Server) logRecordingList(r *http.Request) (any, error) {
	c, err := logCall(r)
	if err != nil {
		return nil, err
	}
	all, trouble, err := s.logRecordings(r, asker(r), c)
	if err != nil {
		return nil, err
	}
	return struct {
		Recordings []LogRecording `json:"recordings"`
		Trouble    string         `json:"trouble,omitempty"`
	}{append([]LogRecording{}, all...), trouble}, nil
}

// logRecordingSound sends one.
func (s *Server) logRecordingSound(w http.ResponseWriter, r *http.Request) {
	c, err := logCall(r)
	number, wrong := strconv.Atoi(r.PathValue("number"))
	switch {
	case err != nil:
	case s.services.LogRecordings == nil:
		err = errNoReports
	case wrong != nil || number < 0:
		err = NotFound("there is no recording %q of call %s", clip(r.PathValue("number"), 20), clip(c.String(), 80))
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	one, from, err := s.services.LogRecordings.Open(r.Context(), asker(r), c, number)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	defer func() { _ = from.Close() }()
	if one.Kind == plainBytes {
		w.Header().Set("Content-Disposition", "attachment")
	}
	sound(w, r, one.Kind, from)
}

// plainBytes is the content type of what is no sound that a browser knows.
const plainBytes = "application/octet-stream"
