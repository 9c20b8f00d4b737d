package conf

// Log says what is logged and how.
type Log struct {
	Level  string // debug, info, warn or error; default info
	Format string // console or json; default console
	Wire   bool   // log every SIP message, passwords masked; default false
}

// DefaultLog returns the section's defaults.
func DefaultLog() Log { return Log{Level: "info", Format: "console"} }
