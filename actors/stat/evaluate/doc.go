// Package evaluate computes statistics without a server: a file of facts, statistics and instants in, values out. It is pure,
// and the same file gives the same values everywhere.
//
//	file.go      what a file has
//	evaluate.go  from a file to its values
package evaluate
