// Package setting keeps settings for all members, or for one of them, in the store, and lays them over what
// each member's own file says, as they change (conf.Live.Overlay). It is no actor: one goroutine follows the
// store.
//
//	record.go   what the store keeps, and under which keys
//	follow.go   Settings: what the store keeps, laid over the member's own; what the others are told of it
//	save.go     set, take back, revert
//	find.go     what is set, its history, and which members do not obey
//
// A value goes this way:
//
//	Save ─► checked alone, and with this member's other settings ─► bucket, compare-and-set
//	                                                                   │ watch, on every member
//	               state/MEMBER ◄─ not taken, hidden, after restart ◄─ Overlay
//
// A member takes what it can and writes into the store what it can not, under a key of its own, so that
// whoever asks any member hears of all. A value that was taken back is a record without a value, no deletion:
// so the newest revision that a member has taken is one number which compares among members.
package setting
