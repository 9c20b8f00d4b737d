package answer

import (
	"tandem/actors/queuelog/block"
	"tandem/actors/queuelog/report"
)

// limited are the facts of some queues alone. Sessions belong to no queue, so there are none.
type limited struct {
	block.Facts
	may func(queue string) bool
}

// Stints implements block.Facts, and so do the others.
func (l limited) Stints(a report.Ask, take func(*report.Stint) bool) error {
	return l.Facts.Stints(a, func(s *report.Stint) bool { return !l.may(s.Queue) || take(s) })
}

func (l limited) Sessions(report.Ask, func(*report.Session) bool) error { return nil }

func (l limited) Pauses(a report.Ask, take func(*report.Pause) bool) error {
	return l.Facts.Pauses(a, func(p *report.Pause) bool { return !l.may(p.Queue) || take(p) })
}

func (l limited) Attempts(a report.Ask, take func(report.Attempt) bool) error {
	return l.Facts.Attempts(a, func(x report.Attempt) bool { return !l.may(x.Queue) || take(x) })
}

// Notes are those of calls that were in one of the queues.
func (l limited) Notes(a report.Ask, take func(report.Note) bool) error {
	calls := map[[2]string]bool{}
	err := l.Stints(a, func(s *report.Stint) bool { calls[[2]string{s.Partition, s.CallID}] = true; return true })
	if err != nil {
		return err
	}
	return l.Facts.Notes(a, func(n report.Note) bool { return !calls[[2]string{n.Partition, n.CallID}] || take(n) })
}
