package conf

import "time"

// Stat says for how long the statistics that somebody has asked for are kept, and how often they are backed up.
type Stat struct {
	// For how long a statistic is computed after it was asked for the last time.
	Keep time.Duration `range:"1m..8760h" change:"now"`
	// How often what they have counted is written into the file statistics.backup in the data directory of one of the members;
	// 0s: never. tandem stat restore reads it, in this installation or another one.
	AutoBackupInterval time.Duration `range:"0s..168h" change:"now"`
}

// DefaultStat returns the section's defaults.
func DefaultStat() Stat { return Stat{Keep: 72 * time.Hour} }
