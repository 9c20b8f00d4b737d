package conf

import "time"

// Reports say where the tables of queue logs are that reports are made of. They can be made anew from the raw lines, which
// the store keeps: see store.max_lines.
type Reports struct {
	// PostgreSQL for the tables, such as postgres://user@host/name; empty: a file of SQLite. All members may have the same.
	DSN Secret `change:"restart" scope:"member"`
	// That file; a name without a directory lies in the member's data directory.
	File string `change:"restart" scope:"path"`
	// Whether Local/101@agents stays what it is; else it is Agent/101.
	KeepLocal bool `change:"restart"`
	// Whether SIP/101-8f2c is SIP/101: servers before 1.4 wrote channels for agents.
	StripChannels bool `change:"restart"`
	// How long no line may come of a partition that nobody follows before it is shown as cut off.
	Quiet time.Duration `range:"10s..168h" change:"now"`
}

// DefaultReports returns the section's defaults.
func DefaultReports() Reports { return Reports{File: "queuelog.db", Quiet: 10 * time.Minute} }

func (r Reports) check(k *checker) {
	if r.File == "" && r.DSN == "" {
		k.wrong("reports.file", "is empty", "a name such as queuelog.db, or reports.dsn")
	}
}
