package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"tandem/conf"
)

// StoredSettings are the settings that the cluster keeps, for all members or for one of them. A refusal is an
// *Error.
type StoredSettings interface {
	// Explain tells about one setting as this member has it.
	Explain(key string) (conf.Explanation, error)
	// Find returns the values that are set, in the order of their keys, for all members first.
	Find(ctx context.Context, q SettingQuery) ([]StoredSetting, error)
	// Save sets a value, or takes it back, and returns what is set then.
	Save(ctx context.Context, w SettingWrite) (StoredSetting, error)
	// History returns the revisions of one value that are kept, the oldest first. Member "" is for all.
	History(ctx context.Context, key, member string) ([]SettingRevision, error)
	// Revert saves the value of an older revision again, as a new one. w.Value is not looked at.
	Revert(ctx context.Context, to uint64, w SettingWrite) (StoredSetting, error)
}

// SettingQuery selects values that are set.
type SettingQuery struct {
	Key    string // "" for all
	Member string // only those for this member; "" for all
}

// SettingWrite is one change.
type SettingWrite struct {
	Key      string
	Member   string  // whom the value is for; "" for all members
	Value    *string // as on a flag; nil: no value, so that the members' files say it again
	Revision *uint64 // that the change was made upon, 0: none is set; nil: whatever
	Author   string
	Reason   string
}

// StoredSetting is one value that is set.
type StoredSetting struct {
	Key      string          `json:"key"`
	Member   string          `json:"member,omitempty"` // whom it is for; none: all
	Value    *string         `json:"value"`            // null: none is set
	Revision uint64          `json:"revision"`
	At       time.Time       `json:"at"`
	Author   string          `json:"author"`
	Reason   string          `json:"reason,omitempty"`
	Change   string          `json:"change"` // what a change of it needs: now, next call, restart
	Except   []SettingExcept `json:"except"` // members that do not obey it
}

// SettingExcept tells of a member that does not obey a value.
type SettingExcept struct {
	Member string `json:"member"`
	State  string `json:"state"`         // after restart, hidden, not taken
	Why    string `json:"why,omitempty"` // what hides it, or what is wrong with it there
}

// SettingRevision is one revision of a value.
type SettingRevision struct {
	Revision uint64    `json:"revision"`
	Value    *string   `json:"value"` // null: it was taken back
	At       time.Time `json:"at"`
	Author   string    `json:"author"`
	Reason   string    `json:"reason,omitempty"`
}

// settingBody is what a client sends to set a value.
type settingBody struct {
	Value    *string `json:"value"`
	Revision *uint64 `json:"revision"`
	Reason   string  `json:"reason"`
}

func (s *Server) settingList(r *http.Request) (any, error) {
	found, err := s.services.Stored.Find(r.Context(), SettingQuery{Member: r.URL.Query().Get("member")})
	if err != nil {
		return nil, err
	}
	return struct {
		Settings []StoredSetting `json:"settings"`
	}{append([]StoredSetting{}, found...)}, nil
}

// settingShow explains one setting as this member has it, and tells what the cluster keeps for it.
func (s *Server) settingShow(r *http.Request) (any, error) {
	key := r.PathValue("key")
	e, err := s.services.Stored.Explain(key)
	if err != nil {
		return nil, err
	}
	found, err := s.services.Stored.Find(r.Context(), SettingQuery{Key: key, Member: r.URL.Query().Get("member")})
	if err != nil {
		return nil, err
	}
	return struct {
		conf.Explanation
		Settings []StoredSetting `json:"settings"`
	}{e, append([]StoredSetting{}, found...)}, nil
}

func (s *Server) settingSet(r *http.Request) (any, error) {
	var body settingBody
	if err := s.readJSON(r, &body); err != nil {
		return nil, err
	}
	if body.Value == nil {
		return nil, Invalid(`no value was sent: "value" is a text; DELETE takes a value back`)
	}
	return s.services.Stored.Save(r.Context(), SettingWrite{Key: r.PathValue("key"), Member: r.URL.Query().Get("member"),
		Value: body.Value, Revision: body.Revision, Author: author(r), Reason: body.Reason})
}

func (s *Server) settingUnset(r *http.Request) (any, error) {
	q := r.URL.Query()
	w := SettingWrite{Key: r.PathValue("key"), Member: q.Get("member"), Author: author(r), Reason: q.Get("reason")}
	if q.Has("revision") {
		n, err := strconv.ParseUint(q.Get("revision"), 10, 64)
		if err != nil {
			return nil, Invalid("revision %q is not a number", q.Get("revision"))
		}
		w.Revision = &n
	}
	return s.services.Stored.Save(r.Context(), w)
}

func (s *Server) settingHistory(r *http.Request) (any, error) {
	key, member := r.PathValue("key"), r.URL.Query().Get("member")
	found, err := s.services.Stored.History(r.Context(), key, member)
	if err != nil {
		return nil, err
	}
	return struct {
		Key       string            `json:"key"`
		Member    string            `json:"member,omitempty"`
		Revisions []SettingRevision `json:"revisions"`
	}{key, member, append([]SettingRevision{}, found...)}, nil
}

func (s *Server) settingRevert(r *http.Request) (any, error) {
	var body struct {
		To       uint64  `json:"to"` // revision whose value is wanted back
		Revision *uint64 `json:"revision"`
		Reason   string  `json:"reason"`
	}
	if err := s.readJSON(r, &body); err != nil {
		return nil, err
	}
	if body.To == 0 {
		return nil, Invalid(`no revision was sent: "to" is the number of one in the history`)
	}
	return s.services.Stored.Revert(r.Context(), body.To, SettingWrite{Key: r.PathValue("key"),
		Member: r.URL.Query().Get("member"), Revision: body.Revision, Author: author(r), Reason: body.Reason})
}
