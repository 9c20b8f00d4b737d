package queuelog

import (
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/actors/queuelog/report"
	"tandem/actors/queuelog/table"
)

var count = flag.Int("lines", 10_000_000, "how many lines are loaded")

// lines is how many are loaded: few without TANDEM_LOAD.
func lines(t *testing.T) int {
	t.Helper()
	if os.Getenv("TANDEM_LOAD") == "" {
		return 30_000
	}
	return *count
}

var parts = []string{"A", "B", "C"}

// batch is how many lines are handed over at once.
const batch = 20_000

// TestTables measures how long it takes to load lines of three servers, beside the bare insertion of the same rows, and
// how long reports over them take.
func TestTables(t *testing.T) {
	n := lines(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "queuelog.db")
	made, madeSpent := generating(t, n)
	tables, err := table.Open(t.Context(), table.Options{File: file})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tables.Close() }()
	start, before := time.Now(), spent(t)
	most := watched(func() { err = errors.Join(load(t, tables, n), tables.Index(t.Context())) })
	if err != nil {
		t.Fatal(err)
	}
	loaded, loadSpent := time.Since(start)-made, spent(t)-before-madeSpent
	before = spent(t)
	rows, bareAll, bareLines := bare(t, file, filepath.Join(dir, "bare.db"))
	fmt.Printf("\n%d lines loaded in %v (without making them), %.0f a second; most memory %d MB\n", n, loaded, float64(n)/loaded.Seconds(), most>>20)
	fmt.Printf("bare insertion of the same %d rows %v: ratio of rates %.2f; of the rows of lines alone %v: %.2f\n", rows, bareAll,
		bareAll.Seconds()/loaded.Seconds(), bareLines, bareLines.Seconds()/loaded.Seconds())
	fmt.Printf("processor time %v; of the bare insertion, with reading what it inserts, %v\n", loadSpent, spent(t)-before)
	source, _ := report.ParseSource("cluster:A|B|C")
	const day = 86400
	for _, a := range []struct {
		name string
		ask  report.Ask
	}{
		{"the month", report.Ask{Within: 20}},
		{"the month in Berlin", report.Ask{Within: 20, From: begin - 3600, To: begin + month - 3600}},
		{"the month, three queues", report.Ask{Within: 20, From: begin, To: begin + month, Queues: []string{"queue-1", "queue-2", "queue-3"}}},
		{"a day", report.Ask{Within: 20, From: begin + 2*day, To: begin + 3*day}},
		{"a day in Berlin", report.Ask{Within: 20, From: begin + 2*day - 3600, To: begin + 3*day - 3600}},
		{"a day in Kathmandu", report.Ask{Within: 20, From: begin + 2*day - 20700, To: begin + 3*day - 20700}},
		{"a day, whole calls", report.Ask{Within: 20, From: begin + 2*day, To: begin + 3*day, Whole: true}},
	} {
		best := time.Hour
		var figures report.Figures
		for range 5 {
			start := time.Now()
			if figures, err = tables.Figures(t.Context(), source, a.ask); err != nil {
				t.Fatal(err)
			}
			best = min(best, time.Since(start))
		}
		if figures.All.Offered == 0 || len(figures.Agents) != agents {
			t.Fatalf("%s: %+v", a.name, figures.All)
		}
		fmt.Printf("%s: %d calls, %v\n", a.name, figures.All.Offered, best)
	}
}

// generating is how long it takes to make the lines, and how much processor time.
func generating(t *testing.T, n int) (took, cost time.Duration) {
	t.Helper()
	start, before := time.Now(), spent(t)
	for i, part := range parts {
		l := newLog(part, n/len(parts), uint64(i))
		for range n / len(parts) {
			_ = l.next()
		}
	}
	return time.Since(start), spent(t) - before
}

// load hands lines over, by turns.
func load(t *testing.T, tables *table.Tables, n int) error {
	n /= len(parts)
	var logs []*log
	for i, part := range parts {
		logs = append(logs, newLog(part, n, uint64(i)))
	}
	text := make([]string, 0, batch)
	for at := 0; at < n; at += batch {
		for i, l := range logs {
			text = text[:0]
			for range min(batch, n-at) {
				text = append(text, l.next())
			}
			if err := tables.Add(t.Context(), parts[i], uint64(at), text); err != nil {
				return err
			}
		}
	}
	return nil
}

// watched does something, and gives the most memory that the process had of the machine meanwhile, in bytes.
func watched(do func()) (most int64) {
	runtime.GC()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
	do()
	text, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, _ := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
			return kilobytes << 10
		}
	}
	return 0
}

// bare inserts the rows that the tables have into another file: all of them, and those of lines. Their indexes are made
// after it. It does so by statements of many rows in long transactions, as the tables do.
func bare(t *testing.T, from, to string) (rows int, all, lines time.Duration) {
	t.Helper()
	in := database(t, from)
	out := database(t, to)
	for _, name := range []string{"lines", "stints", "sessions", "pauses", "notes"} {
		start := time.Now()
		n, reading := copied(t, in, out, name)
		rows += n
		took := time.Since(start) - reading
		if all += took; name == "lines" {
			lines = took
		}
	}
	start := time.Now()
	for _, s := range texts(t, in, "select sql from sqlite_master where type = 'index' and sql is not null") {
		if _, err := out.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	return rows, all + time.Since(start), lines
}

func database(t *testing.T, file string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(wal)&_pragma=synchronous(normal)&_pragma=cache_size(-16000)")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(2)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func texts(t *testing.T, db *sql.DB, query string) (all []string) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

// copied inserts all rows of a table, and says how long reading them took, which does not count.
func copied(t *testing.T, in, out *sql.DB, name string) (n int, reading time.Duration) {
	t.Helper()
	for _, s := range texts(t, in, "select sql from sqlite_master where type = 'table' and name = '"+name+"'") {
		if _, err := out.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := in.Query("select * from " + name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, _ := rows.Columns()
	each := max(1, 48/len(columns)) // which is quickest with this driver
	one := "(" + strings.TrimSuffix(strings.Repeat("?,", len(columns)), ",") + "),"
	statement := "insert into " + name + " values " + strings.TrimSuffix(strings.Repeat(one, each), ",")
	values := make([]any, 0, batch*len(columns))
	fields := make([]any, len(columns))
	for more := true; more; {
		start := time.Now()
		values = values[:0]
		for len(values) < batch*len(columns) {
			if more = rows.Next(); !more {
				break
			}
			at := len(values)
			values = values[:at+len(columns)]
			for i := range fields {
				values[at+i] = nil
				fields[i] = &values[at+i]
			}
			if err := rows.Scan(fields...); err != nil {
				t.Fatal(err)
			}
			n++
		}
		reading += time.Since(start)
		insert(t, out, statement, name, one, each*len(columns), values)
	}
	return n, reading
}

func insert(t *testing.T, out *sql.DB, many, name, one string, size int, values []any) {
	t.Helper()
	tx, err := out.Begin()
	if err != nil {
		t.Fatal(err)
	}
	s, err := tx.Prepare(many)
	if err != nil {
		t.Fatal(err)
	}
	for len(values) >= size {
		if _, err := s.Exec(values[:size]...); err != nil {
			t.Fatal(err)
		}
		values = values[size:]
	}
	if len(values) > 0 {
		columns := strings.Count(one, "?")
		last := "insert into " + name + " values " + strings.TrimSuffix(strings.Repeat(one, len(values)/columns), ",")
		if _, err := tx.Exec(last, values...); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}
