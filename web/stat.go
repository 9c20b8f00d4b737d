package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Statistics are the statistics of the cluster; a refusal is an *Error.
type Statistics interface {
	// Open has a statistic open, which stays so, and gives its value.
	Open(ctx context.Context, by Asker, q StatRequest) (StatValue, error)
	// Peek gives the values of open statistics; at is the moment in ms since 1970, 0 for now.
	Peek(ctx context.Context, ids []string, at int64, explain bool) ([]StatValue, error)
	// Look gives the values of open statistics without asking for them: they are kept no longer for it.
	Look(ctx context.Context, ids []string) []StatValue
	// List gives the open statistics that are wanted, and how many those are, whatever the limit.
	List(q StatSearch) (found []Statistic, all int)
	// Drop ends a statistic for everybody.
	Drop(ctx context.Context, id string) error
	// Follow begins to tell of open statistics.
	Follow(ctx context.Context, f StatFollowing) (StatStream, error)
	// Profile are the names that requests of a solution may use; "": of that of this member.
	Profile(solution string) (StatProfile, error)
	// Solutions tell which solutions there are, by name.
	Solutions() []StatSolution
}

// StatProfile are the names that requests may use.
type StatProfile struct {
	Types      map[string]StatRequest `json:"stat_types"`
	Profiles   map[string]string      `json:"time_profiles"`
	Ranges     map[string]string      `json:"time_ranges"`
	Filters    map[string]string      `json:"filters"`
	Categories []string               `json:"categories"`
}

// StatSolution is a part of the members that computes statistics apart.
type StatSolution struct {
	Name    string   `json:"name"`
	Own     bool     `json:"own"`     // the member that answers belongs to it
	Named   []string `json:"named"`   // members that may belong to it; none: all that are started for it
	Members []string `json:"members"` // that belong to it and are there
}

// StatRequest is a statistic as somebody asks for it: see stat.Request.
type StatRequest struct {
	Object     string `json:"object,omitempty"` // Queue:sales; of a stat type none
	Type       string `json:"stat_type,omitempty"`
	Category   string `json:"category,omitempty"`
	Subject    string `json:"subject,omitempty"`
	Main       string `json:"main_mask,omitempty"`
	Relative   string `json:"relative_mask,omitempty"`
	Profile    string `json:"time_profile,omitempty"`
	Zone       string `json:"zone,omitempty"`
	Range      string `json:"time_range,omitempty"`
	Range2     string `json:"time_range2,omitempty"`
	Filter     string `json:"filter,omitempty"`
	Formula    string `json:"formula,omitempty"`
	Distinct   bool   `json:"distinct,omitempty"`
	Exact      bool   `json:"exact,omitempty"`
	InProgress bool   `json:"in_progress,omitempty"`
	BackFill   bool   `json:"back_fill,omitempty"` // counted from the journal's first fact on
	Solution   string `json:"solution,omitempty"`  // whose members compute it
}

// StatValue is what a statistic comes to. Times are milliseconds since 1970.
type StatValue struct {
	ID         string           `json:"id"`
	Object     string           `json:"object"`
	Number     float64          `json:"value"`
	Empty      bool             `json:"empty,omitempty"` // of nothing: its denominator is zero
	Whole      bool             `json:"whole,omitempty"`
	At         int64            `json:"at"`
	Since      int64            `json:"since"`              // of its interval
	Complete   int64            `json:"complete"`           // since when facts are counted
	Restored   int64            `json:"restored,omitempty"` // up to when it was counted elsewhere, by a backup
	LastFact   int64            `json:"last_fact,omitempty"`
	Age        int64            `json:"age"`                   // ms since the last fact; -1: there was none
	BackFilled bool             `json:"back_filled,omitempty"` // from the journal
	Valid      bool             `json:"valid"`
	Member     string           `json:"member"`            // who has computed it
	Problem    string           `json:"problem,omitempty"` // why there is no value
	State      *StatState       `json:"state,omitempty"`   // of a category that shows what its object is doing
	Explain    *StatExplanation `json:"explain,omitempty"`
	Warnings   []string         `json:"warnings,omitempty"`
	Definition *StatRequest     `json:"definition,omitempty"`
}

// StatState is what an object and its parts are doing.
type StatState struct {
	Object   string        `json:"object"`
	Status   string        `json:"status,omitempty"`
	Since    int64         `json:"since,omitempty"`
	Attached *StatAttached `json:"attached,omitempty"` // reasons and more, of the categories that show them
	Actions  []StatDoing   `json:"actions,omitempty"`
	Parts    []StatState   `json:"parts,omitempty"`
}

// StatAttached are pairs of user data and attributes of a fact.
type StatAttached struct {
	Pairs      map[string]string `json:"pairs,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

// StatDoing is an action that goes on.
type StatDoing struct {
	Name  string `json:"name"`
	Conn  string `json:"conn,omitempty"`
	Since int64  `json:"since"`
}

// StatExplanation is how a value comes about.
type StatExplanation struct {
	From  int64        `json:"from"` // its interval
	To    int64        `json:"to"`
	Sides []StatFigure `json:"sides"` // what the main mask selects, and the relative one
	Facts []StatFact   `json:"facts"` // some of those behind it, the last ones last
}

// StatFigure is what the facts of one mask come to. Lengths are seconds.
type StatFigure struct {
	Mask        string     `json:"mask"`
	Number      int64      `json:"number"` // that count in the interval
	Time        float64    `json:"time"`
	InRange     [2]int64   `json:"in_range"` // of them, by the two ranges
	TimeInRange [2]float64 `json:"time_in_range"`
	Longest     float64    `json:"longest"`
	Shortest    float64    `json:"shortest"`
	Running     int64      `json:"running"`             // that go on
	Forgotten   int64      `json:"forgotten,omitempty"` // end of the last fact that was forgotten for want of room
}

// StatFact is a fact behind a value.
type StatFact struct {
	Name    string `json:"name"`
	Object  string `json:"object"` // at which it was
	From    int64  `json:"from"`
	Until   int64  `json:"until"`
	Running bool   `json:"running,omitempty"`
	Instant bool   `json:"instant,omitempty"`
	Conn    string `json:"conn,omitempty"` // the call
}

// Statistic is one that is open.
type Statistic struct {
	ID string `json:"id"`
	StatRequest
	Opened int64  `json:"opened"` // ms since 1970
	Asked  int64  `json:"asked"`  // when somebody did last, to within an hour
	Leaves int64  `json:"leaves"` // when it is dropped, unless somebody asks for it
	Owner  string `json:"owner"`  // the member that computes it
}

// StatSearch is what is wanted of the open statistics.
type StatSearch struct {
	Object string                   // "": of all
	Wanted func(Statistic) bool     // nil: all
	Order  func(a, b Statistic) int // nil: by id; equal ones are by id
	After  string                   // behind this one, where the order is that of ids
	Limit  int                      // at most
}

// statRoutes are the answers about statistics.
func (s *Server) statRoutes() map[string]answer {
	if s.services.Statistics == nil {
		return nil
	}
	return map[string]answer{
		"PUT /api/v1/stat/statistics":              s.statOpen,
		"GET /api/v1/stat/statistics":              s.statList,
		"GET /api/v1/stat/statistics/{id}":         s.statShow,
		"GET /api/v1/stat/statistics/{id}/explain": s.statExplain,
		"DELETE /api/v1/stat/statistics/{id}":      s.statDrop,
		"GET /api/v1/stat/values":                  s.statValues,
		"GET /api/v1/stat/profile": func(r *http.Request) (any, error) {
			return s.services.Statistics.Profile(r.URL.Query().Get("solution"))
		},
		"GET /api/v1/stat/solutions": func(*http.Request) (any, error) {
			return map[string][]StatSolution{"solutions": append([]StatSolution{}, s.services.Statistics.Solutions()...)}, nil
		},
	}
}

// statOpen opens a statistic, or many; those of a list that can not be have their problem in their place.
func (s *Server) statOpen(r *http.Request) (any, error) {
	var body struct {
		StatRequest
		Statistics []StatRequest `json:"statistics"`
	}
	if err := s.readJSON(r, &body); err != nil {
		return nil, err
	}
	if len(body.Statistics) == 0 {
		return s.services.Statistics.Open(r.Context(), asker(r), body.StatRequest)
	}
	out, free := make([]StatValue, len(body.Statistics)), make(chan struct{}, statsAtOnce)
	var opening sync.WaitGroup
	for i, q := range body.Statistics {
		free <- struct{}{}
		opening.Go(func() {
			defer func() { <-free }()
			v, err := s.services.Statistics.Open(r.Context(), asker(r), q)
			if err != nil {
				v = StatValue{Object: q.Object, Problem: err.Error()}
			}
			out[i] = v
		})
	}
	opening.Wait()
	return map[string]any{"values": out}, nil
}

// statsAtOnce is how many statistics of one request are opened at once: each waits for the journal.
const statsAtOnce = 32

func (s *Server) statList(r *http.Request) (any, error) {
	q := r.URL.Query()
	limit, err := limitOf(q)
	if err != nil {
		return nil, err
	}
	search := StatSearch{Object: q.Get("object"), After: q.Get("after"), Limit: limit + 1}
	if word := strings.ToLower(q.Get("match")); word != "" {
		if len(word) > maxField {
			return nil, Invalid("match= is longer than %d bytes", maxField)
		}
		search.Wanted = func(x Statistic) bool { return strings.Contains(strings.ToLower(x.searched()), word) }
	}
	found, _ := s.services.Statistics.List(search)
	list, more := page(found, limit)
	return struct {
		Statistics []Statistic `json:"statistics"`
		More       bool        `json:"more"`
	}{list, more}, nil
}

func (s *Server) statShow(r *http.Request) (any, error) { return s.statOne(r, false) }

func (s *Server) statExplain(r *http.Request) (any, error) { return s.statOne(r, true) }

func (s *Server) statOne(r *http.Request, explain bool) (any, error) {
	at, err := momentOf(r)
	if err != nil {
		return nil, err
	}
	values, err := s.services.Statistics.Peek(r.Context(), []string{r.PathValue("id")}, at, explain)
	if err != nil {
		return nil, err
	}
	if v := values[0]; v.Problem != "" && v.Object == "" {
		return nil, NotFound("%s", v.Problem)
	} else if v.Problem != "" {
		return nil, Unavailable("%s", v.Problem)
	}
	return values[0], nil
}

// momentOf is the moment of the query, in ms since 1970; 0 where it says none.
func momentOf(r *http.Request) (int64, error) {
	text := r.URL.Query().Get("at")
	if text == "" {
		return 0, nil
	}
	at, err := strconv.ParseInt(text, 10, 64)
	if err != nil || at < 0 {
		return 0, Invalid("at=%s is no time: write milliseconds since 1970", clip(text, 40))
	}
	return at, nil
}

// statValues are the values of many open statistics, of one moment.
func (s *Server) statValues(r *http.Request) (any, error) {
	at, err := momentOf(r)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, list := range r.URL.Query()["id"] {
		ids = append(ids, strings.Split(list, ",")...)
	}
	values, err := s.services.Statistics.Peek(r.Context(), ids, at, false)
	if err != nil {
		return nil, err
	}
	return map[string]any{"values": values}, nil
}

func (s *Server) statDrop(r *http.Request) (any, error) {
	id := r.PathValue("id")
	if err := s.services.Statistics.Drop(r.Context(), id); err != nil {
		return nil, err
	}
	return map[string]string{"removed": id}, nil
}
