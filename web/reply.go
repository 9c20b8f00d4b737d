package web

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"reflect"
	"strconv"
)

// Error is a refusal that the user sees. Message says what was refused, why, and what to do.
type Error struct {
	Status  int    // HTTP status
	Code    string // short word, stable, for programs
	Message string // for people
}

func (e *Error) Error() string { return e.Message }

// Refuse makes a refusal with the given HTTP status and code.
func Refuse(status int, code, format string, args ...any) *Error {
	return &Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// NotFound refuses because the thing named does not exist.
func NotFound(format string, args ...any) *Error {
	return Refuse(http.StatusNotFound, "not_found", format, args...)
}

// Invalid refuses because what was sent cannot be meant.
func Invalid(format string, args ...any) *Error {
	return Refuse(http.StatusBadRequest, "invalid", format, args...)
}

// Conflict refuses because the thing has changed, or exists already.
func Conflict(format string, args ...any) *Error {
	return Refuse(http.StatusConflict, "conflict", format, args...)
}

// Unavailable refuses because the member cannot do it now; trying again may help.
func Unavailable(format string, args ...any) *Error {
	return Refuse(http.StatusServiceUnavailable, "unavailable", format, args...)
}

// errInternal hides a fault of ours. The log has its text.
var errInternal = Refuse(http.StatusInternalServerError, "internal",
	"the member failed to do this; its log has the reason")

// answer is a handler that returns what to send: a value for 200, a created value for 201, or a
// refusal.
type answer func(r *http.Request) (any, error)

// created marks an answer that is sent with status 201.
type created struct{ value any }

// serveJSON turns an answer into a handler.
func (s *Server) serveJSON(a answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := a(r)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		status := http.StatusOK
		if c, ok := v.(created); ok {
			status, v = http.StatusCreated, c.value
		}
		writeJSON(w, status, v)
	}
}

// explain is what a user sees of an error. One that is no *Error is our own fault and is logged here.
func (s *Server) explain(r *http.Request, err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	if r.Context().Err() != nil {
		return Unavailable("the request was given up before it was done; try again")
	}
	s.log.Error("request failed", slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Any("err", err))
	return errInternal
}

// refuse answers with the error: as a page to a browser that wants to look at it, else as JSON.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	e := s.explain(r, err)
	if e.Status == http.StatusServiceUnavailable && w.Header().Get("Retry-After") == "" {
		w.Header().Set("Retry-After", "2")
	}
	if wantsPage(r) {
		v, _ := s.visitor(r)
		s.refusePage(w, r, v, e)
		return
	}
	writeJSON(w, e.Status, map[string]any{
		"error": map[string]string{"code": e.Code, "message": e.Message},
	})
}

// writeJSON sends the value. A failure to write means that nobody listens any more.
func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil { // a number that JSON cannot hold: the caller's words are at fault
		status, body = http.StatusInternalServerError,
			[]byte(`{"error":{"code":"internal","message":"the answer cannot be written as JSON"}}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}

// readJSON reads the body into v: exactly one JSON object, no unknown field, no more bytes than
// allowed.
func (s *Server) readJSON(r *http.Request, v any) error {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return Refuse(http.StatusUnsupportedMediaType, "media_type",
			"the body must be JSON: send Content-Type: application/json")
	}
	dec := json.NewDecoder(http.MaxBytesReader(nil, r.Body, s.live.Load().maxBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return bodyError(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Invalid("the body must be one JSON object and nothing behind it")
	}
	return nil
}

// bodyError says what is wrong with a body.
func bodyError(err error) error {
	var tooLong *http.MaxBytesError
	if errors.As(err, &tooLong) {
		return Refuse(http.StatusRequestEntityTooLarge, "too_large",
			"the body is longer than %d bytes (http.max_body)", tooLong.Limit)
	}
	if errors.Is(err, io.EOF) {
		return Invalid("the body is empty; a JSON object is needed")
	}
	var other *json.UnmarshalTypeError
	if errors.As(err, &other) {
		return Invalid("%s is %s here, and was sent as a JSON %s", cmp.Or(quoted(other.Field), "the body"),
			jsonWord(other.Type), clip(other.Value, 40))
	}
	return Invalid("the body is not the JSON that is needed here: %v", err)
}

// quoted is a name in quotes, "" when there is none.
func quoted(name string) string {
	if name == "" {
		return ""
	}
	return strconv.Quote(name)
}

// jsonWord is what a value of ours is in JSON, in words.
func jsonWord(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number, not below 0"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Pointer:
		return jsonWord(t.Elem())
	}
	return "an object"
}
