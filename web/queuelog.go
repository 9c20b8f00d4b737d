package web

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"tandem/web/screen"
)

// QueueLogs are the queue_logs of many servers, each a partition. A refusal is an *Error; what a loader does something
// about is a word in its Taken.
type QueueLogs interface {
	// Load offers lines of a partition.
	Load(ctx context.Context, o LineOffer) (Taken, error)
	// Row offers one line of a loader without positions, Mark asks for the greatest time of the lines that are there.
	Row(ctx context.Context, o LineOffer) (Taken, error)
	Mark(ctx context.Context, o LineOffer) (Taken, error)
	// Partitions are all there are, by name, or the one that is named.
	Partitions(ctx context.Context, name string) ([]Partition, error)
	// Figures are those of a source expression, as tandem queuelog report prints them.
	Figures(ctx context.Context, source string, asked map[string][]string) (any, error)
	// Explain tells what each line did to a call, named as partition:id, as tandem queuelog explain prints it.
	Explain(ctx context.Context, call string) (LogStory, error)
}

// LogStory is how a call came about, line by line.
type LogStory struct {
	Call  string    `json:"call"`
	Steps []LogStep `json:"steps"`
}

// LogStep is a line of a queue_log, and what it did to a call.
type LogStep struct {
	Line  int64  `json:"line"` // its number in the partition, from 1; 0: after the last
	Text  string `json:"text"`
	What  string `json:"what"`
	Stint any    `json:"stint,omitempty"` // the call in a queue, as it is then; nil: the line is no step of one
}

// LineOffer is what a loader offers.
type LineOffer struct {
	Partition string
	Writer    string // machine and file
	Run       string // differs from each start of the loader to the next
	Address   string // from where it was heard
	Version   string
	Follows   bool // it goes on for ever
	Ends      bool // it follows no more
	Clock     time.Time

	File     string // what the file is known by
	From, To uint64 // bytes in front of the text, and up to its end
	Hash     string // of the last line in front of it
	After    string // file that was read to its end before this one
	Text     []byte // whole lines
	Size     uint64 // bytes of the file
	Late     bool   // much older lines than those there may be new
}

// Taken is what became of it, and where the partition is.
type Taken struct {
	Refusal   string `json:"refusal,omitempty"` // position, writer, late, busy, unavailable, full, large, own; none: taken
	Why       string `json:"why,omitempty"`     // for people
	File      string `json:"file"`
	Offset    uint64 `json:"offset"`
	Hash      string `json:"hash"`
	Lines     uint64 `json:"lines"` // that the partition has
	Added     uint64 `json:"added"`
	Present   uint64 `json:"present"`
	Malformed uint64 `json:"malformed"` // of those added
	Late      uint64 `json:"late"`      // of those added
	High      int64  `json:"high"`      // greatest time, seconds since 1970; 0: there is none
}

// Partition is how the queue_log of one server stands.
type Partition struct {
	Name      string    `json:"name"`
	State     string    `json:"state"` // live, behind, quiet, cut off; unknown: its owner does not answer
	Lines     uint64    `json:"lines"`
	Malformed uint64    `json:"malformed"`
	Rows      uint64    `json:"rows"` // lines that are in this member's tables
	First     time.Time `json:"first,omitzero"`
	Last      time.Time `json:"last,omitzero"`
	Own       bool      `json:"own,omitempty"`    // its lines are those of our own queues
	Writer    string    `json:"writer,omitempty"` // who follows its file; of our own: the Controller
	Address   string    `json:"address,omitempty"`
	Version   string    `json:"version,omitempty"`
	Heard     time.Time `json:"heard,omitzero"`
	Behind    uint64    `json:"behind_bytes"` // of the file, not yet read
	Ahead     Seconds   `json:"clock_ahead"`
	Refused   string    `json:"refused,omitempty"` // who would follow as well
	RefusedAt time.Time `json:"refused_at,omitzero"`
	File      string    `json:"file,omitempty"` // from where its writer can go on
	Offset    uint64    `json:"offset"`
	Hash      string    `json:"hash,omitempty"`
	By        string    `json:"by,omitempty"` // the writer of the newest lines
	Member    string    `json:"member,omitempty"`
	Loads     []Visit   `json:"loads"`
}

// Visit is one load.
type Visit struct {
	Writer    string    `json:"writer"`
	File      string    `json:"file"`
	Begin     time.Time `json:"begin"`
	Last      time.Time `json:"last"`
	Added     uint64    `json:"added"`
	Present   uint64    `json:"present"`
	Malformed uint64    `json:"malformed"`
	Late      uint64    `json:"late"`
	Refusal   string    `json:"refusal,omitempty"`
}

// maxLines is how many bytes of lines are taken at once.
const maxLines = 512 << 10

func (s *Server) queueLogRoutes() map[string]answer {
	return map[string]answer{
		"GET /api/v1/queuelog/partitions":              s.partitionList,
		"GET /api/v1/queuelog/partitions/{name}":       s.partitionShow,
		"POST /api/v1/queuelog/partitions/{name}/text": s.partitionLoad,
		"GET /api/v1/queuelog/report":                  s.queueLogFigures,
		"GET /api/v1/queuelog/explain":                 s.queueLogExplain,
		"GET /api/v1/queuelog/live":                    s.liveShow,
		"POST /api/v1/queuelog/live/{verb}":            s.liveAct,
		"GET /api/v1/queuelog/calls/{key}/recordings":  s.logRecordingList,
	}
}

// logNeed is what somebody wants of queue logs.
type logNeed int

const (
	toLoad     logNeed = iota // for loaders
	toSeeLoads                // how far that has come: for loaders and supervisors
	toRead                    // what the lines say: for supervisors
)

// queueLogs are those there are, if who asks may do with them what is needed. An administrator may do all.
func (s *Server) queueLogs(r *http.Request, need logNeed) (QueueLogs, error) {
	if s.services.QueueLogs == nil {
		return nil, NotFound("this member keeps no queue logs")
	}
	by := asker(r)
	if by.Master {
		return s.services.QueueLogs, nil
	}
	who, ok := s.services.Logins.Identity(by.Account)
	loads, sees := ok && slices.Contains(who.Roles, roleLoader), ok && who.right() >= screen.Supervisor
	if loads && need != toRead || sees && need != toLoad {
		return s.services.QueueLogs, nil
	}
	role := roleLoader
	if need == toRead {
		role = roleSupervisor
	}
	return nil, Refuse(http.StatusForbidden, "no_right", "this needs an administrator, or an account with the role %s", role)
}

func (s *Server) partitionList(r *http.Request) (any, error) {
	logs, err := s.queueLogs(r, toSeeLoads)
	if err != nil {
		return nil, err
	}
	all, err := logs.Partitions(r.Context(), "")
	return struct {
		Partitions []Partition `json:"partitions"`
	}{append([]Partition{}, all...)}, err
}

func (s *Server) partitionShow(r *http.Request) (any, error) {
	logs, err := s.queueLogs(r, toSeeLoads)
	if err != nil {
		return nil, err
	}
	all, err := logs.Partitions(r.Context(), r.PathValue("name"))
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, NotFound("there is no partition %q", clip(r.PathValue("name"), 80))
	}
	return all[0], nil
}

// partitionLoad takes lines: the body is their text, the address says where it stands.
func (s *Server) partitionLoad(r *http.Request) (any, error) {
	logs, err := s.queueLogs(r, toLoad)
	if err != nil {
		return nil, err
	}
	o, err := offerOf(r)
	if err != nil {
		return nil, err
	}
	if o.Text, err = io.ReadAll(http.MaxBytesReader(nil, r.Body, maxLines)); err != nil {
		return nil, Refuse(http.StatusRequestEntityTooLarge, "too_large", "at most %d bytes of lines are taken at once", maxLines)
	}
	return logs.Load(r.Context(), o)
}

// offerOf reads what the address says of lines.
func offerOf(r *http.Request) (o LineOffer, err error) {
	q := r.URL.Query()
	o = LineOffer{Partition: r.PathValue("name"), Address: source(r).String()}
	for name, to := range map[string]*string{"writer": &o.Writer, "run": &o.Run, "version": &o.Version, "file": &o.File, "hash": &o.Hash,
		"after": &o.After} {
		if *to = q.Get(name); len(*to) > maxField {
			return o, Invalid("%s is longer than %d bytes", name, maxField)
		}
	}
	for name, to := range map[string]*uint64{"from": &o.From, "to": &o.To, "size": &o.Size} {
		if *to, err = wholeOf(q, name); err != nil {
			return o, err
		}
	}
	clock, err := wholeOf(q, "clock")
	if err != nil || clock > 1<<50 {
		return o, Invalid("clock %s is no time in milliseconds since 1970", clip(q.Get("clock"), 40))
	}
	if clock > 0 {
		o.Clock = time.UnixMilli(int64(clock))
	}
	o.Follows, o.Ends, o.Late = q.Get("follows") == "true", q.Get("ends") == "true", q.Get("late") == "true"
	if o.Writer == "" || o.To < o.From {
		return o, Invalid("who has the lines, and where do they stand? The address says writer, file, from, to and hash")
	}
	return o, nil
}

func wholeOf(q url.Values, name string) (uint64, error) {
	text := q.Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return 0, Invalid("%s %s is no whole number", name, clip(text, 40))
	}
	return n, nil
}

func (s *Server) queueLogExplain(r *http.Request) (any, error) {
	logs, err := s.queueLogs(r, toRead)
	if err != nil {
		return nil, err
	}
	return logs.Explain(r.Context(), clip(r.URL.Query().Get("call"), maxField))
}

func (s *Server) queueLogFigures(r *http.Request) (any, error) {
	logs, err := s.queueLogs(r, toRead)
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	source := q.Get("source")
	if source == "" {
		return nil, Invalid("which partitions are read as one? source is sql:A, cluster:A|B|C or cluster:*")
	}
	return logs.Figures(r.Context(), source, q)
}
