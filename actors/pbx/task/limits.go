package task

import "tandem/actors/pbx/cgpl"

// Limits of a Task.
type Limits struct {
	Program cgpl.Limits
	Input   int   // events and digits that wait to be read; beyond it they are refused
	Text    int   // bytes of an event's parameter and of other objects that leave the Task
	Ring    int64 // seconds a call may ring, at most
}

// DefaultLimits: 1000 entries, 64 KiB, ten minutes.
var DefaultLimits = Limits{Program: cgpl.DefaultLimits, Input: 1000, Text: 64 << 10, Ring: 600}
