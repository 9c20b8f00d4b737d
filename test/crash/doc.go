// Package crash kills a member under load, again and again, and looks at what it remembers: all
// that it has acknowledged, and one record of each leg.
//
//	phone_test.go   the phone that makes the load: registers and calls
//	ledger_test.go  what was acknowledged, and the comparison with what is there
//	crash_test.go   the rounds
package crash
