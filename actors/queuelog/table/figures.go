package table

import (
	"context"

	"tandem/actors/queuelog/report"
)

// Figures are those of a source, as a Summary makes them of the same lines.
func (t *Tables) Figures(ctx context.Context, source report.Source, ask report.Ask) (none report.Figures, err error) {
	sum := report.NewSummary(ask)
	var reads []report.Read
	err = t.look(ctx, source, func(v *view) error {
		reads = append(reads, v.fold.Read())
		v.fold.Open(v.named(sum))
		return first(
			v.stints(ctx, &ask, func(s *report.Stint) bool { sum.Stint(s); return true }),
			v.attempts(ctx, &ask, func(a *report.Attempt) bool { sum.Attempt(*a); return true }),
			v.sessions(ctx, &ask, func(s *report.Session) bool { sum.Session(s); return true }),
			v.pauses(ctx, &ask, func(p *report.Pause) bool { sum.Pause(p); return true }))
	})
	if err != nil {
		return none, err
	}
	return sum.Figures(source.String(), reads...), nil
}

func first(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}
