package answer

import (
	"context"
	"slices"

	"tandem/actors/queuelog/report"
	"tandem/actors/queuelog/table"
	"tandem/web"
)

// Source reads a source expression; all servers are those that have lines, and the others that are named.
func Source(ctx context.Context, tables *table.Tables, spec string, others ...string) (s report.Source, err error) {
	if s, err = report.ParseSource(spec); err != nil {
		return s, web.Invalid("source %.80q: %v", spec, err)
	}
	if !s.All {
		return s, nil
	}
	known, err := tables.Partitions(ctx)
	if err != nil {
		return s, err
	}
	names := append(namesOf(known), others...)
	slices.Sort(names)
	return s.Expand(slices.Compact(names)), nil
}

func namesOf(all []table.Partition) (names []string) {
	for _, p := range all {
		names = append(names, p.Name)
	}
	return names
}
