package router

import (
	"strconv"

	"tandem/signal"
)

// The names of what is placed: the caller's leg, and a Task for it; branches are named by their numbers.
const (
	callerOperation = "caller"
	taskOperation   = "task"
)

func branchOperation(id signal.BranchID) string { return strconv.Itoa(int(id)) }

// branchOf reads what branchOperation wrote; anything else is no branch.
func branchOf(operation string) signal.BranchID {
	n, _ := strconv.Atoi(operation)
	return signal.BranchID(n)
}
