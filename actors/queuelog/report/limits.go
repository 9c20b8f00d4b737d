package report

// Limits of what a Fold keeps. A log whose calls never end, or whose agents are never the same, must not fill the memory.
const (
	maxOpen   = 20000  // stints; beyond it the oldest one ends without an exit
	maxAgents = 100000 // agents with an open session or pause; further ones are not followed
	maxNames  = 200000 // names that are remembered in their final form
	maxVerbs  = 1000   // unknown verbs that are counted by name; further ones are counted together

	maxRestarts = 10000 // of a server that are named; the oldest ones go
	maxQueues   = 1000  // of one agent, and as many with a pause of their own; further ones are not followed
)
