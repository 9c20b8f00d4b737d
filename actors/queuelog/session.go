package queuelog

import (
	"time"

	"tandem/actors/msg"
)

// session is what one loader has said since it began its file.
type session struct {
	file     string
	offset   uint64
	hash     string
	compares bool   // it has begun at the beginning of its file, so that all it has said can be counted
	piece    uint64 // the newest one when it was last heard: who does not compare must not miss any
	before   int64  // time of its last line that can be read
	near     int64  // the same, of those that can be believed
	heard    time.Time
	visit    *msg.PartitionVisit

	recent, older counts // what it has offered
}

// offered counts a line, and returns how often it was offered.
func (s *session) offered(k second) int {
	if len(s.recent) >= maxCounted {
		s.older, s.recent = s.recent, nil
	}
	if s.recent == nil {
		s.recent = counts{}
	}
	s.recent[k]++
	return s.recent[k] + s.older[k]
}

// take finds what is new among entries, given how often each is there.
func (s *session) take(all []entry, stored counts) (fresh []entry) {
	for _, e := range all {
		if !s.compares {
			fresh = append(fresh, e)
			continue
		}
		k := second{e.at, string(e.text)}
		if s.offered(k) > stored[k] {
			stored[k]++
			fresh = append(fresh, e)
		}
	}
	return fresh
}

// passed notes what the loader has said last.
func (s *session) passed(all []entry, to uint64, far int64) {
	s.offset = to
	if len(all) == 0 {
		return
	}
	s.hash = HashOf(all[len(all)-1].text)
	for _, e := range all {
		if !e.bad {
			s.before = e.at
		}
		if e.at <= far {
			s.near = e.at
		}
	}
}

// stands tells whether a loader that says where it is is where it was.
func (s *session) stands(l *msg.PartitionLoad, newest uint64) bool {
	if !s.compares && s.piece != newest {
		return false // lines of another loader have come between
	}
	if l.Hash != s.hash {
		return false
	}
	return l.File == s.file && l.From == s.offset || l.After != "" && l.After == s.file && l.From == 0
}
