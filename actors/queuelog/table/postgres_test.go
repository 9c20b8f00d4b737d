package table

import (
	"os"
	"testing"

	"tandem/test/lab"
)

func TestMain(m *testing.M) { os.Exit(lab.Run(m)) }

// TestOneDatabaseForAll: one member writes and another one reads; then that one goes on where the first has been.
func TestOneDatabaseForAll(t *testing.T) {
	dsn := lab.PostgreSQL(t)
	open := func() *Tables {
		t.Helper()
		tables, err := Open(t.Context(), Options{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = tables.Close() })
		return tables
	}
	one, two := open(), open()
	all := logs(t, "ast22-r2")
	half := len(all["A"]) / 2
	for _, err := range []error{one.Prepare(t.Context()), one.Add(t.Context(), "A", 0, all["A"][:half]), one.Reached(t.Context(), "store", 7),
		one.Add(t.Context(), "B", 0, all["B"])} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if m, err := two.Have(t.Context(), "A"); err != nil || m.Lines != uint64(half) {
		t.Errorf("%+v, %v", m, err)
	}
	if n, err := two.Place(t.Context(), "store"); err != nil || n != 7 {
		t.Errorf("it goes on at %d: %v", n, err)
	}
	if n, err := two.Place(t.Context(), "another store"); err != nil || n != 0 {
		t.Errorf("another one goes on at %d: %v", n, err)
	}
	for _, err := range []error{two.Prepare(t.Context()), two.Add(t.Context(), "A", 0, all["A"]), two.Add(t.Context(), "C", 0, all["C"]),
		one.Add(t.Context(), "A", 10, all["A"][10:]), two.Reached(t.Context(), "store", 9)} { // the first one does not know yet
		if err != nil {
			t.Fatal(err)
		}
	}
	check(t, one, "ast22-r2")
	check(t, two, "ast22-r2")
}
