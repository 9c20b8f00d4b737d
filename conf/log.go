package conf

// Log says what is logged and how.
type Log struct {
	// Least severe line that is written.
	Level string `oneof:"debug info warn error" change:"now"`
	// Shape of a line: console for people, json for machines.
	Format string `oneof:"console json" change:"restart" scope:"early"`
	// Whether every SIP message is logged, passwords masked.
	Wire bool `change:"now"`
}

// DefaultLog returns the section's defaults.
func DefaultLog() Log { return Log{Level: "info", Format: "console"} }
