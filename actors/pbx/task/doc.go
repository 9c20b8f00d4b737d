// Package task is a PBX Task without its surroundings: a CG/PL program, its input, and the state of its
// call. Events go in with the time they happened, effects come out; there is no clock, no goroutine, no
// network and no actor in it. Package pbx is the shell that makes an actor of it; package script plays it
// without a telephone.
//
//	task.go      Task: what it is, its start, its turns and its end
//	wait.go      the call that the program is blocked in
//	input.go     events and digits, ReadInput
//	incoming.go outgoing.go party.go pending.go   the call
//	playing.go   sounds and recordings
//	recording.go attending.go   the recording of a call, and supervisors in calls of others
//	bridge.go mixing.go transfer.go   several Tasks with each other
//	meeting.go   meetings and simple queues
//	account.go service.go   the account it runs for, and what others do for it
//	library.go   all functions by name
//	state.go     modes
//
// The table of all functions is in the documentation of package pbx.
package task
