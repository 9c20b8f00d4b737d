package block

import (
	"slices"
	"strings"

	"tandem/actors/queuelog/line"
	"tandem/actors/queuelog/report"
)

// outcomeTime is how long after the end of a call its outcome is accepted, in seconds (reference queuelog.md 1.3).
const outcomeTime = 1800

// callKey names a call.
type callKey struct{ partition, call string }

// said is what notes say of a call.
type said struct {
	code           string
	codeAt         int64
	features, tags []string
	path           []string // choices in menus
	menu           string   // the last one
	first          int64    // when the first choice was made; 0: none
	dnis           string
	holds          int64
	held           int64 // seconds
	heldAt         int64 // since when it is on hold; 0: it is not
}

const (
	featureList = iota
	tagList
)

// note adds what one note says.
func (s *said) note(n report.Note) {
	switch n.Kind {
	case report.Outcome:
		s.code, s.codeAt = n.Code, n.At
	case report.Feature:
		s.features = add(s.features, n.Code)
	case report.NoFeature:
		s.features = slices.DeleteFunc(s.features, func(f string) bool { return f == n.Code })
	case report.Tagged:
		s.tags = add(s.tags, n.Code)
	case report.Chosen:
		s.choose(n)
	case report.Dialled:
		s.dnis = n.Code
	case report.Held:
		s.holds++
		s.heldAt = n.At
	case report.Retrieved:
		if length, ok := line.Number([]byte(n.Code)); ok {
			s.held += length
		} else if s.heldAt != 0 {
			s.held += n.At - s.heldAt
		}
		s.heldAt = 0
	}
}

func (s *said) choose(n report.Note) {
	if s.first == 0 {
		s.first = n.At
	}
	if n.Text != "" {
		s.menu = n.Text
	}
	step := n.Code
	if step == "" {
		step = n.Text
	}
	if step != "" && len(s.path) < maxPath {
		s.path = append(s.path, step)
	}
}

func add(all []string, word string) []string {
	if word == "" || slices.Contains(all, word) || len(all) == maxPath {
		return all
	}
	return append(all, word)
}

func (s *said) list(which int) []string {
	switch {
	case s == nil:
		return nil
	case which == tagList:
		return s.tags
	}
	return s.features
}

// pathText is the choices of a caller, in order: 2-1.
func (s *said) pathText() string {
	if s == nil {
		return ""
	}
	return strings.Join(s.path, "-")
}

func (s *said) number() string {
	if s == nil {
		return ""
	}
	return s.dnis
}

func (s *said) times() int64 {
	if s == nil {
		return 0
	}
	return s.holds
}

// outcome is what came of a call, if it was said in time.
func (c *call) outcome() string {
	if c.said == nil || c.State != report.Waiting && c.State != report.Talking && c.said.codeAt > c.End+outcomeTime {
		return ""
	}
	return c.said.code
}

// kinds are what an outcome is, by the measures of the report.
func (r *run) kinds(code string) (all []string) {
	if code == "" {
		return nil
	}
	for _, k := range []struct {
		word  string
		codes []string
	}{{"sale", r.ask.Sales}, {"contact", r.ask.Contacts}, {"qualified", r.ask.Qualified}} {
		if slices.Contains(k.codes, code) {
			all = append(all, k.word)
		}
	}
	return all
}
