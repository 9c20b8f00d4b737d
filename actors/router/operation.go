package router

import (
	"strconv"

	"tandem/signal"
)

// callerOperation names the placing of the caller's leg; branches are named by their numbers.
const callerOperation = "caller"

func branchOperation(id signal.BranchID) string { return strconv.Itoa(int(id)) }

// branchOf reads what branchOperation wrote; anything else is no branch.
func branchOf(operation string) signal.BranchID {
	n, _ := strconv.Atoi(operation)
	return signal.BranchID(n)
}
