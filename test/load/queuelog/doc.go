// Package queuelog measures how fast lines of queue_logs become tables and reports, as ratios to the least that this
// machine could spend on the same lines, measured in the same run.
//
//	TANDEM_LOAD=1 go test -count=1 -v -timeout 20m ./test/load/queuelog
//	TANDEM_LOAD=1 go test -count=1 -v -run Tables ./test/load/queuelog -args -lines 1000000
//
// The programs fail when figures are wrong, never because something took long. Without TANDEM_LOAD a few lines go the same
// ways, which takes a moment.
package queuelog
