package table

import (
	"errors"
	"iter"
	"testing"
)

// given are lines, and at their end an error if there is one.
func given(lines []string, err error) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, text := range lines {
			if !yield(text, nil) {
				return
			}
		}
		if err != nil {
			yield("", err)
		}
	}
}

// TestRebuild: tables are made anew of their lines, when somebody wants it or other names are wanted; reports see what was
// there until it is done.
func TestRebuild(t *testing.T) {
	everywhere(t, func(t *testing.T, o Options) {
		ctx := t.Context()
		all := logs(t, "con-old12")["P"]
		tables := open(t, o)
		if err := tables.Rebuild(ctx, "P", given(append([]string{"1|x|q|NONE|WEIRD|"}, all...), nil)); err != nil {
			t.Fatal(err)
		}
		wrong := errors.New("no more")
		if err := tables.Rebuild(ctx, "P", given(all[:3], wrong)); !errors.Is(err, wrong) {
			t.Fatal(err)
		}
		count(t, tables, len(all)+1)
		for range 2 { // the second time all are there
			if err := tables.Index(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if err := tables.Rebuild(ctx, "P", given(all, nil)); err != nil {
			t.Fatal(err)
		}
		count(t, tables, len(all))
		if err := tables.Add(ctx, "P", uint64(len(all)), []string{""}); err != nil {
			t.Fatal(err)
		}
		if err := tables.Close(); err != nil {
			t.Fatal(err)
		}
		o.Names = names("con-old12") // which the expected figures need
		tables = open(t, o)
		defer func() { _ = tables.Close() }()
		check(t, tables, "con-old12")
		count(t, tables, len(all)+1)
		var n int
		if err := tables.read.QueryRow("select count(*) from partitions").Scan(&n); err != nil || n != 1 {
			t.Fatal(n, err)
		}
	})
}

// count demands that so many lines are there: those of the partition, and no others that were left behind.
func count(t *testing.T, tables *Tables, want int) {
	t.Helper()
	all, err := tables.Partitions(t.Context())
	if err != nil || len(all) != 1 || all[0].Lines != uint64(want) {
		t.Fatal(all, err)
	}
	if m, err := tables.Have(t.Context(), "P"); err != nil || m.Lines != uint64(want) {
		t.Fatal(m, err)
	}
}
