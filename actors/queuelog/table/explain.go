package table

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"tandem/actors/queuelog/report"
)

// Limits of an explanation: how many lines before the first one that names a call are read, and behind the last, where what
// was taken for it by its times may stand, and how many in all.
const (
	explainedAround = 20000
	explainedMost   = 500000
)

// Explain tells line by line what became of a call, as report.Explain does; nothing where no line names it.
func (t *Tables) Explain(ctx context.Context, partition, call string) ([]report.Step, error) {
	k, err := t.find(ctx, t.read, partition, "")
	if err != nil {
		return nil, err
	}
	if k == nil {
		return nil, fmt.Errorf("%w: %s", ErrNoPartition, partition)
	}
	var first, last sql.NullInt64
	begin, end := lineID(k.num, 0), lineID(k.num, k.lines)
	err = t.read.QueryRowContext(ctx, t.kind.sql("select min(id), max(id) from lines where id >= ? and id < ? and call = ?"), begin, end, call).
		Scan(&first, &last)
	if err != nil || !first.Valid {
		return nil, err
	}
	from := max(begin, first.Int64-explainedAround)
	to := min(end, last.Int64+explainedAround, from+explainedMost)
	var text strings.Builder
	err = t.texts(ctx, t.read, k.num, uint64(from-begin), uint64(to-begin), func(line string) bool {
		text.WriteString(line)
		text.WriteByte('\n')
		return true
	})
	if err != nil {
		return nil, err
	}
	steps, err := report.Explain(report.Part{Name: partition}, report.Source{}, t.names(partition), call, strings.NewReader(text.String()))
	for i := range steps {
		if steps[i].Ordinal > 0 {
			steps[i].Ordinal += from - begin
		}
	}
	return steps, err
}
