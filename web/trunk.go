package web

import (
	"context"
	"net/http"
	"time"
)

// Trunks are the ways to and from carriers. A refusal is an *Error.
type Trunks interface {
	// Find tells how the trunks of the settings stand, in their order, or the one that is named.
	Find(ctx context.Context, name string) ([]Trunk, error)
	// Try has the targets of a trunk asked for a sign of life now, and the registration tried, and tells how it then stands.
	Try(ctx context.Context, name, author string) (Trunk, error)
	// Stand tells at once how the trunks of the settings stand, as far as this member was told.
	Stand() []TrunkStand
}

// TrunkStand is how a trunk stands in short.
type TrunkStand struct {
	Name  string
	Known bool // somebody has told
	Up    bool // it takes calls
	Why   string
}

// Trunk is how one stands. What is of the last hour is of calls that ended in it.
type Trunk struct {
	Name         string        `json:"name"`
	State        string        `json:"state"`            // up, impaired, down, unknown
	Why          string        `json:"why,omitempty"`    // it is not up
	Member       string        `json:"member,omitempty"` // that registers and asks the targets
	Registration string        `json:"registration"`     // none, asking, registered, refused
	RegisteredAt time.Time     `json:"registered_at,omitzero"`
	Expires      time.Time     `json:"expires,omitzero"`
	Targets      []TrunkTarget `json:"targets"`
	Channels     int           `json:"channels"`     // calls now, over the whole cluster
	Incoming     int           `json:"incoming"`     // of them, those from the carrier
	MaxChannels  int           `json:"max_channels"` // 0: any number
	Peak         int           `json:"peak"`
	Rate         int           `json:"rate"` // calls begun in a second, now
	MaxRate      int           `json:"max_rate"`
	Refused      uint64        `json:"refused"` // calls that a limit has kept out
	Hour         TrunkFigures  `json:"hour"`
	LastError    string        `json:"last_error,omitempty"`
	LastErrorAt  time.Time     `json:"last_error_at,omitzero"`
}

// TrunkTarget is where calls are sent.
type TrunkTarget struct {
	Address  string    `json:"address"`
	State    string    `json:"state"` // up, down, unknown
	Why      string    `json:"why,omitempty"`
	Since    time.Time `json:"since,omitzero"`
	Answered time.Time `json:"answered,omitzero"` // OPTIONS, last
	Trip     Seconds   `json:"trip"`              // how long that took
	Priority int       `json:"priority"`
	Weight   int       `json:"weight"`
}

// TrunkFigures say how calls went. A share of nothing is absent.
type TrunkFigures struct {
	Out       uint64   `json:"out"` // calls to the carrier
	In        uint64   `json:"in"`
	Answered  uint64   `json:"answered"`      // of both
	ASR       *float64 `json:"asr,omitempty"` // share of calls out that were answered
	NER       *float64 `json:"ner,omitempty"` // share of calls out that reached who was called (ITU-T E.425)
	ACD       *Seconds `json:"acd,omitempty"` // talk of an answered call
	PDD       *Seconds `json:"pdd,omitempty"` // from the call to the first ring
	TalkTotal Seconds  `json:"talk_total"`
}

// trunkRoutes are the answers about trunks.
func (s *Server) trunkRoutes() map[string]answer {
	return map[string]answer{
		"GET /api/v1/trunks":              s.trunkList,
		"GET /api/v1/trunks/{name}":       s.trunkShow,
		"POST /api/v1/trunks/{name}/test": s.trunkTest,
	}
}

// trunks are those of the member; none where it knows of none.
func (s *Server) trunks(ctx context.Context, name string) ([]Trunk, error) {
	if s.services.Trunks == nil {
		return nil, nil
	}
	return s.services.Trunks.Find(ctx, name)
}

func (s *Server) trunkList(r *http.Request) (any, error) {
	all, err := s.trunks(r.Context(), "")
	return struct {
		Trunks []Trunk `json:"trunks"`
	}{append([]Trunk{}, all...)}, err
}

func (s *Server) trunkShow(r *http.Request) (any, error) {
	all, err := s.trunks(r.Context(), r.PathValue("name"))
	if err == nil && len(all) == 0 {
		err = noTrunk(r.PathValue("name"))
	}
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

func noTrunk(name string) error {
	return NotFound("there is no trunk %q; trunks.list names those there are", clip(name, 80))
}

func (s *Server) trunkTest(r *http.Request) (any, error) {
	if s.services.Trunks == nil {
		return nil, noTrunk(r.PathValue("name"))
	}
	return s.services.Trunks.Try(r.Context(), r.PathValue("name"), author(r))
}
