package conf

import (
	"fmt"
	"strings"
	"time"
)

// Reports say where the tables of queue logs are that reports are made of. They can be made anew from the raw lines, which
// the store keeps: see store.max_lines.
type Reports struct {
	// PostgreSQL for the tables, such as postgres://user@host/name; empty: a file of SQLite. All members may have the same:
	// the Controller writes it, and the others read. It may be away at times.
	DSN Secret `change:"restart" scope:"member"`
	// That file; a name without a directory lies in the member's data directory.
	File string `change:"restart" scope:"path"`
	// Whether Local/101@agents stays what it is; else it is Agent/101.
	KeepLocal bool `change:"restart"`
	// Whether SIP/101-8f2c is SIP/101: servers before 1.4 wrote channels for agents.
	StripChannels bool `change:"restart"`
	// Where other servers' recordings lie, as PARTITION=TEMPLATE: /srv/a/%Y/%m/%d/*{callid}*.wav or an address; * is any.
	Recordings []Address `change:"now"`
	// Time zone of the days and hours in those templates, such as Europe/Berlin.
	RecordingsZone string `change:"now"`
	// How long no line may come of a partition that somebody follows before it is shown as quiet, and no more as live.
	Quiet time.Duration `range:"10s..168h" change:"now"`
}

// DefaultReports returns the section's defaults.
func DefaultReports() Reports {
	return Reports{File: "queuelog.db", RecordingsZone: "UTC", Quiet: 10 * time.Minute}
}

// Rules are the rules of recordings, with their passwords.
func (r Reports) Rules() (all []string) {
	for _, rule := range r.Recordings {
		all = append(all, string(rule))
	}
	return all
}

func (r Reports) check(k *checker) {
	if r.File == "" && r.DSN == "" {
		k.wrong("reports.file", "is empty", "a name such as queuelog.db, or reports.dsn")
	}
	for _, rule := range r.Rules() {
		if strings.Contains(rule, mask) {
			k.wrong("reports.recordings", "has the mask that hides a password", "the password itself")
		}
		partition, template, _ := strings.Cut(rule, "=")
		if partition == "" || !strings.HasPrefix(template, "/") && !strings.HasPrefix(template, "http://") && !strings.HasPrefix(template, "https://") {
			k.wrong("reports.recordings", fmt.Sprintf("has %q", rule), "PARTITION=TEMPLATE, the template an absolute path or an address")
		}
	}
	if _, err := time.LoadLocation(r.RecordingsZone); err != nil {
		k.wrong("reports.recordings_zone", fmt.Sprintf("is %q", r.RecordingsZone), "a time zone such as UTC or Europe/Berlin")
	}
}
