package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Bounds of lists.
const (
	defaultLimit = 100
	maxLimit     = 10000
)

// accountBody is what a client sends to make or change an account.
type accountBody struct {
	AOR         string         `json:"aor"`
	Password    *string        `json:"password"`
	Display     *string        `json:"display"`
	Enabled     *bool          `json:"enabled"`
	Roles       *[]string      `json:"roles"`
	Forward     *ForwardChange `json:"forward"`
	Voicemail   *Voicemail     `json:"voicemail"`
	Aliases     *[]string      `json:"aliases"`
	Record      *bool          `json:"record"`
	MaxContacts *int           `json:"max_contacts"`
	SRTP        *string        `json:"srtp"`
	Revision    uint64         `json:"revision"`
}

// change is the body as a word of the service.
func (b accountBody) change(r *http.Request) AccountChange {
	return AccountChange{AOR: b.AOR, Revision: b.Revision, Author: author(r), Password: b.Password,
		Display: b.Display, Enabled: b.Enabled, Roles: b.Roles, Forward: b.Forward, Voicemail: b.Voicemail,
		Aliases: b.Aliases, Record: b.Record, MaxContacts: b.MaxContacts, SRTP: b.SRTP}
}

func (s *Server) accountList(r *http.Request) (any, error) {
	q := r.URL.Query()
	limit, err := limitOf(q)
	if err != nil {
		return nil, err
	}
	found, err := s.services.Accounts.Find(r.Context(),
		AccountQuery{Match: q.Get("match"), After: q.Get("after"), Limit: limit + 1})
	if err != nil {
		return nil, err
	}
	list, more := page(found, limit)
	return struct {
		Accounts []Account `json:"accounts"`
		More     bool      `json:"more"`
	}{list, more}, nil
}

func (s *Server) accountShow(r *http.Request) (any, error) {
	aor := r.PathValue("aor")
	found, err := s.services.Accounts.Find(r.Context(), AccountQuery{AOR: aor, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, NotFound("there is no account %q", aor)
	}
	return found[0], nil
}

func (s *Server) accountAdd(r *http.Request) (any, error) {
	var body accountBody
	if err := s.readJSON(r, &body); err != nil {
		return nil, err
	}
	if body.AOR == "" {
		return nil, Invalid(`an account needs an address: send "aor"`)
	}
	if body.Revision != 0 {
		return nil, Invalid(`a new account has no revision yet: leave "revision" out`)
	}
	c := body.change(r)
	c.Create = true
	made, err := s.services.Accounts.Save(r.Context(), c)
	if err != nil {
		return nil, err
	}
	return created{made}, nil
}

func (s *Server) accountEdit(r *http.Request) (any, error) {
	var body accountBody
	if err := s.readJSON(r, &body); err != nil {
		return nil, err
	}
	aor := r.PathValue("aor")
	if body.AOR != "" && body.AOR != aor {
		return nil, Invalid("an account cannot be renamed from %q to %q: "+
			"add the new one and remove the old", aor, body.AOR)
	}
	body.AOR = aor
	return s.services.Accounts.Save(r.Context(), body.change(r))
}

func (s *Server) accountRemove(r *http.Request) (any, error) {
	revision := uint64(0)
	if text := r.URL.Query().Get("revision"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return nil, Invalid("revision %q is not a number", text)
		}
		revision = n
	}
	aor := r.PathValue("aor")
	if err := s.services.Accounts.Remove(r.Context(), aor, revision); err != nil {
		return nil, err
	}
	return map[string]string{"removed": aor}, nil
}

// limitOf reads how many rows the client wants.
func limitOf(q url.Values) (int, error) {
	text := q.Get("limit")
	if text == "" {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLimit {
		return 0, Invalid("limit %q is not a number from 1 to %d", text, maxLimit)
	}
	return n, nil
}

// page cuts a list to the limit and says whether there was more. It is never null on the wire.
func page[T any](list []T, limit int) ([]T, bool) {
	if len(list) > limit {
		return list[:limit], true
	}
	if list == nil {
		list = []T{}
	}
	return list, false
}

// sinceOf reads a moment: RFC 3339, or a length of time before now such as "1h30m".
func sinceOf(q url.Values, now time.Time) (time.Time, error) {
	text := q.Get("since")
	if text == "" {
		return time.Time{}, nil
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, Invalid("since %q is neither a time like 2026-01-31T08:00:00Z "+
			"nor a length of time like 90m", text)
	}
	return t, nil
}
