// Package cli is the admin command line, CLI/API: its grammar, its dialogue and its listener. It knows how
// commands are written and what they need; what they do is the Executor's.
//
//	command.go    Command: one command as read, with its parameters by name
//	failure.go    Failure: why a command was refused, as code and text
//	syntax.go     how the parameters of a command are written, as rows of the table say it
//	word.go       words, strings and objects of a line
//	table*.go     the commands there are
//	session.go    the PWD dialogue: login, commands, answers (reference cgpl.md 4.1)
//	login.go      the part of it that comes before: USER and PASS, APOP, AUTH
//	listener.go   the TCP listener
//
// The same commands come from CG/PL programs (ExecuteCLI) and from XIMSS (cliExecute): they read a line
// with Parse and give the Command to the same Executor.
package cli
