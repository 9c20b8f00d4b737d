package table

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Foreign is a table in which another program keeps lines of queue_logs (reference queuelog.md 1.5): Asterisk's realtime,
// with data1 to data5 or all of it in one column; or that of QueueMetrics.
type Foreign struct {
	File  string // of SQLite; or
	DSN   string // of PostgreSQL; or
	MySQL string // of MySQL or MariaDB: mysql://user:password@host:port/name
	// Table is its name, "" for queue_log.
	Table string
	// Zone is that of Asterisk's times, where they have none; nil: UTC, as with queue_log_realtime_use_gmt. In the hour that a
	// change of clocks repeats, nobody can tell which one was meant: the first one is taken.
	Zone *time.Location
}

// ErrForeign: the columns of a table are those of no program that is known.
var ErrForeign = errors.New("this is no table of queue_log lines: time_id, call_id, queue, agent, verb are wanted, or time, callid, " +
	"queuename, agent, event")

// Import hands out the lines of a foreign table in their order, with the partition that a row names, "" where it names none,
// until the function gives an error.
func Import(ctx context.Context, f Foreign, each func(partition, text string) error) error {
	db, err := f.open()
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	query, err := f.query(ctx, db)
	if err != nil {
		return err
	}
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	read, err := f.reader(rows)
	if err != nil {
		return err
	}
	for rows.Next() {
		partition, text, err := read()
		if err != nil {
			return err
		}
		if err := each(partition, text); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (f *Foreign) open() (*sql.DB, error) {
	switch {
	case f.DSN != "":
		return sql.Open("pgx", f.DSN)
	case f.MySQL != "":
		return openMySQL(f.MySQL)
	}
	return sql.Open("sqlite", "file:"+f.File+"?mode=ro&_pragma=query_only(1)&_pragma=busy_timeout(10000)")
}

// query reads a table in the order of its lines: by time alone where it has nothing better.
func (f *Foreign) query(ctx context.Context, db *sql.DB) (string, error) {
	table := f.Table
	if table == "" {
		table = "queue_log"
	}
	for _, c := range table {
		if c != '_' && c != '.' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return "", fmt.Errorf("%q is no name of a table: letters, digits, '_' and '.' are wanted", table)
		}
	}
	rows, err := db.QueryContext(ctx, "select * from "+table+" limit 0")
	if err != nil {
		return "", err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	has := func(name string) bool { return slices.Contains(columns, name) }
	fields, order := []string{"time", "callid", "queuename", "agent", "event"}, []string{"time", "id"}
	if has("time_id") {
		fields, order = []string{"time_id", "call_id", "queue", "agent", "verb"}, []string{"partition", "time_id", "unique_row_count"}
	}
	for _, name := range fields {
		if !has(name) {
			return "", fmt.Errorf("%w; %s has %s", ErrForeign, table, strings.Join(columns, ", "))
		}
	}
	for _, name := range []string{"data", "data1", "data2", "data3", "data4", "data5"} {
		if has(name) {
			fields = append(fields, name)
		}
	}
	where := "''"
	for _, name := range []string{"serverid", "partition"} {
		if has(name) {
			where = `"` + name + `"`
		}
	}
	order = slices.DeleteFunc(order, func(name string) bool { return !has(name) })
	return `select ` + where + `, "` + strings.Join(fields, `", "`) + `" from ` + table + ` order by "` + strings.Join(order, `", "`) + `"`, nil
}

// reader gives the partition and line of the row at hand.
func (f *Foreign) reader(rows *sql.Rows) (func() (string, string, error), error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	var partition sql.NullString
	var stamp any
	texts := make([]sql.NullString, len(types)-2)
	fields := []any{&partition, &stamp}
	for i := range texts {
		fields = append(fields, &texts[i])
	}
	kind := types[1].DatabaseTypeName()
	zoned := kind == "TIMESTAMPTZ" || kind == "TIMESTAMP" && f.MySQL != ""
	return func() (string, string, error) {
		if err := rows.Scan(fields...); err != nil {
			return "", "", err
		}
		at, err := f.seconds(stamp, zoned)
		words := []string{at}
		for _, text := range texts {
			words = append(words, strings.TrimRight(text.String, "\r\n"))
		}
		for len(words) > 6 && words[len(words)-1] == "" { // columns that the line did not fill
			words = words[:len(words)-1]
		}
		return partition.String, strings.Join(words, "|"), err
	}, nil
}

// seconds makes seconds since 1970 of a time as a column has it.
func (f *Foreign) seconds(stamp any, zoned bool) (string, error) {
	zone := f.Zone
	if zone == nil {
		zone = time.UTC
	}
	switch v := stamp.(type) {
	case int64:
		return strconv.FormatInt(v, 10), nil
	case time.Time:
		if !zoned {
			v = time.Date(v.Year(), v.Month(), v.Day(), v.Hour(), v.Minute(), v.Second(), 0, zone)
		}
		return strconv.FormatInt(v.Unix(), 10), nil
	case []byte:
		return f.seconds(string(v), zoned)
	case string:
		if n, err := strconv.ParseFloat(v, 64); err == nil {
			return strconv.FormatInt(int64(n), 10), nil
		}
		for _, form := range []string{time.DateTime, "2006-01-02T15:04:05"} { // with parts of a second or without
			if at, err := time.ParseInLocation(form, v, zone); err == nil {
				return strconv.FormatInt(at.Unix(), 10), nil
			}
		}
	}
	return "", fmt.Errorf("%v is no time of a line", stamp)
}
