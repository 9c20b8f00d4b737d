package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tandem/actors/queuelog/loader"
	tables "tandem/actors/queuelog/table"
)

// foreign is a table of another program, and which of its rows are wanted.
type foreign struct {
	tables.Foreign
	only string
}

func (a *app) queuelogImport() *cobra.Command {
	var f foreign
	var partition, zone string
	var lines int
	var late bool
	cmd := &cobra.Command{
		Use:   "import --partition NAME DATABASE",
		Short: "Load the table in which another program keeps a queue log",
		Long: "Load lines out of a table of Asterisk (queue_log of its realtime, with data1 to data5 or one column data) or of\n" +
			"QueueMetrics. DATABASE is a file of SQLite, or a server: postgres://user@host/name, or mysql://user@host/name of MySQL\n" +
			"and MariaDB (with ?tls=true, or ?socket=PATH), whose passwords may be in PGPASSWORD and MYSQL_PWD. What is there\n" +
			"already is not loaded again. Times of Asterisk have no zone: --zone says which one.",
		Args: cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			s, err := a.newSender(partition, "import of "+partition)
			if err != nil {
				return err
			}
			if err := f.named(args[0], zone); err != nil {
				return err
			}
			return s.load(cmd.Context(), a, &loader.Load{Name: "table", Lines: lines, Late: late, Whole: true,
				Open: func() (io.ReadCloser, error) { return f.text(cmd.Context()), nil }})
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&partition, "partition", "", "the server that the lines are of, a word")
	flags.StringVar(&f.only, "only", "", "rows of this partition or serverid alone, where the table has several")
	flags.StringVar(&f.Table, "table", "queue_log", "name of the table")
	flags.StringVar(&zone, "zone", "UTC", "time zone of times without one, such as Europe/Berlin")
	flags.IntVar(&lines, "batch", 1000, "lines sent at once")
	flags.BoolVar(&late, "late", false, "take lines that are more than an hour older than what is there")
	return cmd
}

// named says which database is meant.
func (f *foreign) named(database, zone string) (err error) {
	if f.Zone, err = time.LoadLocation(zone); err != nil {
		return usage("--zone %s: %v", zone, err)
	}
	kind, _, server := strings.Cut(database, "://")
	switch {
	case server && (kind == "postgres" || kind == "postgresql"):
		f.DSN = database
		return nil
	case server && kind == "mysql":
		f.MySQL, err = withPassword(database)
		return err
	case server:
		return usage("%s is not read: a file of SQLite, postgres:// and mysql:// are", kind)
	}
	f.File = database
	_, err = os.Stat(database)
	return err
}

// withPassword adds the one of the environment to an address of MySQL that has none: others see what a command is given.
func withPassword(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", tables.ErrMySQL
	}
	if _, has := u.User.Password(); !has {
		if password := os.Getenv("MYSQL_PWD"); password != "" {
			u.User = url.UserPassword(u.User.Username(), password)
		}
	}
	return u.String(), nil
}

// text are the lines of the table, as a file would have them.
func (f *foreign) text(ctx context.Context) io.ReadCloser {
	in, out := io.Pipe()
	go func() {
		first := ""
		_ = out.CloseWithError(tables.Import(ctx, f.Foreign, func(partition, line string) error {
			switch {
			case f.only != "" && partition != f.only:
				return nil
			case first == "":
				first = partition
			case partition != first:
				return fmt.Errorf("the table has lines of several servers, %s and %s: name one with --only", first, partition)
			}
			_, err := io.WriteString(out, line+"\n")
			return err
		}))
	}()
	return in
}
