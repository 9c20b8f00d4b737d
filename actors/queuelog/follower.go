package queuelog

import (
	"cmp"
	"fmt"
	"time"

	"tandem/actors/msg"
)

// Words of refusals.
const (
	Position    = "position"    // the loader is not where the partition is
	Writer      = "writer"      // another one follows
	Late        = "late"        // lines are new and much older than what is there
	Busy        = "busy"        // too much is asked
	Unavailable = "unavailable" // the store can not be read or written now
	Full        = "full"        // the store is full
	Large       = "large"       // too much at once
	Ours        = "own"         // the lines of our own queues are there
)

// Failure is why the store did not do something; the zero Failure: it did.
type Failure struct{ Word, Why string }

// follower is who follows the file of a partition, and who would as well.
type follower struct {
	who     *msg.PartitionWriter // nil: nobody
	heard   time.Time
	offset  uint64
	size    uint64
	ahead   time.Duration
	refused *msg.PartitionWriter
	at      time.Time // of that
}

// lives tells whether somebody follows.
func (f *follower) lives(now time.Time) bool { return f.who != nil && now.Sub(f.heard) < WriterLife }

// admit refuses a second follower, of files or of rows; nil: the job is let in.
func (p *Partition) admit(j *job) *Answer {
	w, f := j.load.Writer, &p.follower
	if p.head.Note.GetWriter() == OwnWriter {
		a := p.refuse(j, Ours, "this partition has the lines of this cluster's own queues: another name is needed for those of another server")
		return &a
	}
	if !w.Follows && !j.row {
		return nil
	}
	if f.lives(p.now) && f.who.Run != w.Run {
		if w.Ends {
			a := p.reply(j)
			return &a
		}
		f.refused, f.at = w, p.now
		a := p.refuse(j, Writer, fmt.Sprintf("%s at %s follows this partition, and was heard %.0f s ago: there can be one alone. Stop it, "+
			"or wait %.0f s after it has ended", f.who.Name, cmp.Or(f.who.Address, "an unknown address"), p.now.Sub(f.heard).Seconds(), WriterLife.Seconds()))
		return &a
	}
	if w.Follows || !f.lives(p.now) || f.who.Run == w.Run {
		f.who, f.heard, f.offset, f.size = w, p.now, max(j.load.From, j.load.To), j.load.Size
		if f.ahead = 0; w.ClockMs != 0 {
			f.ahead = time.UnixMilli(w.ClockMs).Sub(p.now)
		}
	}
	if w.Ends {
		f.who = nil
	}
	return nil
}

// key names the session of a job's loader.
func key(j *job) string {
	if j.row {
		return "row " + j.load.Writer.Name + " " + j.load.Writer.Run
	}
	return "load " + j.load.Writer.Name + " " + j.load.Writer.Run
}

// sessionOf is the session that a job goes on with, or begins; nil: it is at no place that is known.
func (p *Partition) sessionOf(j *job) *session {
	k, l := key(j), j.load
	s := p.sessions[k]
	switch {
	case j.row && len(l.Text) > 0:
		return s
	case !j.row && s != nil && s.stands(l, p.head.Sequence):
		return s
	case j.row, l.From == 0 && l.After == "":
		s = &session{compares: true}
	case p.continues(l):
		s = &session{before: p.head.Before}
	default:
		return nil
	}
	s.file, s.offset, s.hash, s.piece, s.heard = l.File, l.From, l.Hash, p.head.Sequence, p.now
	p.remember(k, s)
	return s
}

// continues tells whether a loader stands where the newest piece ends.
func (p *Partition) continues(l *msg.PartitionLoad) bool {
	n := p.head.Note
	if n == nil || n.Writer != l.Writer.Name || n.Hash != l.Hash {
		return false
	}
	return n.File == l.File && n.Offset == l.From || l.After != "" && n.File == l.After && l.From == 0
}

// remember keeps a session in place of the one heard least recently, if there are too many.
func (p *Partition) remember(k string, s *session) {
	if p.sessions[k] == nil && len(p.sessions) >= maxSessions {
		oldest := ""
		for k, other := range p.sessions {
			if oldest == "" || other.heard.Before(p.sessions[oldest].heard) {
				oldest = k
			}
		}
		delete(p.sessions, oldest)
	}
	p.sessions[k] = s
}

// forget ends a session whose counts are wrong: its loader begins again.
func (p *Partition) forget(s *session) {
	for k, other := range p.sessions {
		if other == s {
			delete(p.sessions, k)
		}
	}
}
