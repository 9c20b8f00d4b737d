// Package stat measures what facts and statistics cost in the engine of the statistics server, as ratios to a bare loop over
// the same facts in memory. Times are those of the processor, so that what else the machine does hardly matters.
//
//	TANDEM_LOAD=1 go test -count=1 -v ./test/load/stat
//	go test -run xxx -bench Facts ./test/load/stat
package stat
