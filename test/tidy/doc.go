// Package tidy holds the rules that the source must keep, as functions from a tree of Go files to
// faults: who imports whom, one door per dependency, one comment per package, tests that do not
// sleep, generated files that are current. Sizes beyond the aim are listed, not refused.
//
// A new room needs a row in the table of rooms, a new dependency a row in the table of doors.
package tidy
