package table

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"tandem/actors/queuelog/report"
)

// Options say where the tables are, and how the names in them are made.
type Options struct {
	File string // of SQLite; or
	DSN  string // of PostgreSQL
	// Names say how agents' names are made equal, in every partition that Partitions does not name.
	Names      report.Names
	Partitions map[string]report.Names
}

// Tables are open tables. They may be used by many goroutines.
type Tables struct {
	options Options
	kind    kind
	write   *sql.DB
	read    *sql.DB

	writing sync.Mutex
	live    map[string]*live // that this process adds to
}

// Errors.
var (
	// ErrGap: lines before those that were handed over have not come yet.
	ErrGap = errors.New("lines are missing before these")
	// ErrNoPartition: nothing is known of a partition that a source names.
	ErrNoPartition = errors.New("there is no such partition")
)

// Open opens the tables. A file is prepared at once; a server need not even be there. The error says what the database says.
func Open(ctx context.Context, o Options) (*Tables, error) {
	t := &Tables{options: o, live: map[string]*live{}}
	var err error
	if o.DSN != "" {
		err = t.openPostgreSQL(o.DSN)
	} else {
		err = t.openSQLite(o.File)
	}
	if err != nil {
		return nil, fmt.Errorf("open queue log tables: %w", err)
	}
	if o.DSN != "" {
		return t, nil
	}
	if err := t.Prepare(ctx); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

// Prepare makes tables where there are none. Partitions whose rows were made by other options, or by another form of this
// program, are made anew of their lines, which takes its time. It comes before the first Add, by whoever adds alone; Index
// comes when he has added what there was.
func (t *Tables) Prepare(ctx context.Context) error {
	if err := t.create(ctx); err != nil {
		return fmt.Errorf("make queue log tables: %w", err)
	}
	return t.renew(ctx)
}

// Close ends all use of the tables.
func (t *Tables) Close() error { return errors.Join(t.read.Close(), t.write.Close()) }

// names are those of a partition, or of one that is made in its place.
func (t *Tables) names(partition string) report.Names {
	partition = strings.TrimPrefix(partition, hidden)
	if n, ok := t.options.Partitions[partition]; ok {
		return n
	}
	return t.options.Names
}

// made says by which options and by which form of this program the rows of a partition were made.
func (t *Tables) made(partition string) string {
	n := t.names(partition)
	if len(n.Aliases) == 0 {
		n.Aliases = nil
	}
	text, err := json.Marshal(n)
	if err != nil { // there is nothing in it that can not be written
		panic(err)
	}
	return report.Form + " " + string(text)
}
