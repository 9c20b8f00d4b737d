package task

import (
	"log/slog"
	"time"
)

// How much one Task may write into the log: a program that writes in a loop would fill the disk.
const (
	mostSaid  = 1000                   // lines at once
	sayPeriod = 100 * time.Millisecond // for each further line
)

// says counts what a Task writes into the log by SysLog. The zero says has written nothing.
type says struct {
	full    time.Time // when as much may be written as at first
	dropped int       // lines since one was written
}

// may tells whether one more line may be written, and notes how many were not.
func (s *says) may(now time.Time, log *slog.Logger) bool {
	if s.full.Before(now) {
		s.full = now
	}
	if s.full.Sub(now) >= mostSaid*sayPeriod {
		if s.dropped++; s.dropped == 1 {
			log.Warn("program says too much: lines are dropped")
		}
		return false
	}
	if s.dropped > 0 {
		log.Warn("program says too much: lines were dropped", "lines", s.dropped)
		s.dropped = 0
	}
	s.full = s.full.Add(sayPeriod)
	return true
}
