package table

import (
	"context"
	"math"

	"tandem/actors/queuelog/report"
)

// Figures are those of a source, as a Summary makes them of the same lines.
func (t *Tables) Figures(ctx context.Context, source report.Source, ask report.Ask) (none report.Figures, err error) {
	sum := report.NewSummary(ask)
	var reads []report.Read
	err = t.look(ctx, source, func(v *view) error {
		reads = append(reads, v.fold.Read())
		v.fold.Open(v.named(sum))
		return v.figures(ctx, &ask, sum)
	})
	if err != nil {
		return none, err
	}
	return sum.Figures(source.String(), reads...), nil
}

// stretch is a time; its end is no part of it.
type stretch struct{ from, end int64 }

// plan says what is read for a report. All but stints are taken from the roll-ups of all hours that the time touches, as
// far as they are asked for, and stints from those that are in it as a whole; where whole calls are asked for, they must
// have begun in it too. Rows are read of what has ended at the edges, or behind.
//
//	        from                                            to
//	rows     |------|                                    |---|-----------|
//	roll-ups        |=====|==== days ====|===|===|===|===|
type plan struct {
	all    stretch // hours that the time touches
	stints stretch // hours of which all stints are asked for
	days   stretch // days of which there are roll-ups, among those
}

func planOf(a *report.Ask, rolled int64) (p plan) {
	p.all = stretch{bucketOf(a.From, hour), math.MaxInt64}
	begin := a.From
	if a.Whole {
		begin += usualStint
	}
	p.stints = stretch{ceiling(begin, hour), math.MaxInt64}
	if a.To != 0 {
		p.all.end, p.stints.end = ceiling(a.To, hour), bucketOf(a.To, hour)
	}
	p.stints.end = max(p.stints.from, p.stints.end)
	p.days = stretch{ceiling(p.stints.from, day), min(rolled, bucketOf(p.stints.end, day))}
	if p.days.end <= p.days.from {
		p.days = stretch{p.all.from, p.all.from}
	}
	return p
}

// figures adds what has ended in a partition.
func (v *view) figures(ctx context.Context, a *report.Ask, sum *report.Summary) error {
	p := planOf(a, v.rolled)
	use := report.RollUse{Partition: v.part.Name, Source: v.source, CallsOnly: v.part.CallsOnly}
	roll := func(at int64, text []byte) error {
		use.Stints = at >= p.stints.from && at < p.stints.end
		return sum.Packed(text, use)
	}
	stint := func(s *report.Stint) bool { sum.Stint(s); return true }
	session := func(s *report.Session) bool { sum.Session(s); return true }
	pause := func(c *report.Pause) bool { sum.Pause(c); return true }
	return first(
		eachRoll(ctx, v.tx, v.kind, v.num, hour, p.all.from, p.days.from, roll),
		eachRoll(ctx, v.tx, v.kind, v.num, day, p.days.from, p.days.end, roll),
		eachRoll(ctx, v.tx, v.kind, v.num, hour, p.days.end, p.all.end, roll),
		v.stints(ctx, a, stretch{a.From, p.stints.from}, stint),
		v.stints(ctx, a, stretch{p.stints.end, math.MaxInt64}, stint),
		v.oddStints(ctx, a, stint),
		v.sessions(ctx, a, stretch{p.all.end, math.MaxInt64}, session),
		v.oddSessions(ctx, a, session),
		v.pauses(ctx, a, stretch{p.all.end, math.MaxInt64}, pause),
		v.oddPauses(ctx, a, pause))
}

// first is the first error.
func first(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}
