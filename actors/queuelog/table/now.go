package table

import (
	"context"

	"tandem/actors/queuelog/report"
)

// Now shows how one partition stands: what its lines leave open, with the names that they give, and the figures that are
// asked for, all as of one moment. The Fold is good until it returns. The error is ErrNoPartition where it has no lines.
func (t *Tables) Now(ctx context.Context, partition string, ask report.Ask, show func(*report.Fold, report.Figures)) error {
	source := report.Source{Parts: []report.Part{{Name: partition}}}
	return t.look(ctx, source, func(v *view) error {
		sum := report.NewSummary(ask)
		v.fold.Open(v.named(sum))
		if err := v.figures(ctx, &ask, sum); err != nil {
			return err
		}
		show(v.fold, sum.Figures(partition, v.fold.Read()))
		return nil
	})
}

// Restarts are the moments at which the servers of a source were started again, as their lines say, by partition; in seconds
// since 1970. The error is ErrNoPartition where the source names one that has no lines.
func (t *Tables) Restarts(ctx context.Context, source report.Source) (map[string][]int64, error) {
	all := map[string][]int64{}
	err := t.look(ctx, source, func(v *view) error {
		all[v.part.Name] = v.fold.Read().Restarts
		return nil
	})
	return all, err
}
