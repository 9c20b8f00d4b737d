package live

import "time"

// Limits of what is kept of one server. What is beyond them is counted.
const (
	maxMembers = 20000
	maxCallers = 20000
)

// Times.
const (
	// slack is by how much the times of log and events may differ, in seconds: lines have whole ones.
	slack = 2
	// LogCut and ManagerCut are how long nobody may have been heard of a file, or of a manager interface, before it is cut off.
	LogCut     = 10 * time.Second
	ManagerCut = 5 * time.Second
)
