// Package crash kills a member under load, again and again, and looks at what it remembers: all
// that it has acknowledged, and one record of each leg.
//
//	phone_test.go   the phone that makes the load: registers and calls
//	ledger_test.go  what was acknowledged, and the comparison with what is there
//	crash_test.go   the rounds
//
// And it kills a member while a caller leaves a voice message.
//
//	voicemail_test.go  what is left of the message, and the lamps
package crash
