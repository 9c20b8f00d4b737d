package table

import (
	"database/sql"
	"errors"
	"net/url"
	"strconv"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"
)

// kind is where one database differs from the other.
type kind struct {
	numbered bool   // parameters are $1 and so on, not ?
	lock     string // ends a query whose row nobody else shall change before the transaction is over
	types    *strings.Replacer
	// parameters is how many values a statement of many rows is given. A server is asked less often with more; the driver
	// of SQLite looks for each value among all of its statement, so that few are quicker.
	parameters int
	// watches: the driver starts a goroutine for each statement that could be interrupted, which costs more than the
	// statement. So short ones are not: an end is seen between them.
	watches  bool
	snapshot sql.IsolationLevel // in which a report sees one moment
}

var (
	sqlite = kind{parameters: 48, watches: true, types: strings.NewReplacer("{id}", "integer primary key", "{bytes}", "blob")}
	// In PostgreSQL several members may write the same tables.
	postgreSQL = kind{parameters: 1000, numbered: true, lock: " for update", snapshot: sql.LevelRepeatableRead,
		types: strings.NewReplacer("{id}", "bigint primary key", "{bytes}", "bytea")}
)

// openSQLite opens a file for one writer and some readers, who do not wait for each other.
func (t *Tables) openSQLite(file string) (err error) {
	if file == "" {
		return errors.New("neither a file nor a server is named")
	}
	t.kind = sqlite
	name := "file:" + (&url.URL{Path: file}).EscapedPath() + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)" +
		"&_pragma=synchronous(normal)&_pragma=cache_size(-16000)&_pragma=temp_store(memory)"
	if t.write, err = sql.Open("sqlite", name+"&_txlock=immediate"); err != nil {
		return err
	}
	t.write.SetMaxOpenConns(1)
	t.read, err = sql.Open("sqlite", name+"&_pragma=query_only(1)")
	return t.readers(err)
}

// openPostgreSQL opens a database of a server by its DSN.
func (t *Tables) openPostgreSQL(dsn string) (err error) {
	t.kind = postgreSQL
	if t.write, err = sql.Open("pgx", dsn); err != nil {
		return err
	}
	t.write.SetMaxOpenConns(1)
	t.read, err = sql.Open("pgx", dsn)
	return t.readers(err)
}

func (t *Tables) readers(err error) error {
	if err != nil {
		return errors.Join(err, t.write.Close())
	}
	t.read.SetMaxOpenConns(maxReaders)
	t.read.SetMaxIdleConns(maxReaders)
	return nil
}

// sql writes a statement as the database wants it.
func (k *kind) sql(text string) string {
	if !k.numbered {
		return text
	}
	var out strings.Builder
	n := 0
	for part := range strings.SplitSeq(text, "?") {
		if n > 0 {
			out.WriteString("$" + strconv.Itoa(n))
		}
		out.WriteString(part)
		n++
	}
	return out.String()
}
