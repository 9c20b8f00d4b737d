// Package console is the admin command line: what each command does, who may give it, and who may log in. Its grammar,
// its dialogue and its listener are those of ximss/cli; programs (ExecuteCLI) and clients (cliExecute) give the same
// commands by ExecuteLine.
//
//	console.go       what commands are done with; who may give which
//	login.go         passwords, and digests over a challenge
//	account.go       accounts: made, renamed, ended, set
//	account_part.go  their aliases, rights, preferences and counts
//	account_kept.go  what is kept for them: data sets, roster, balances
//	telnum.go        their telephone numbers
//	name.go          forwarders and groups
//	domain.go        domains
//	rule.go          signal rules
//	file.go          application environments
//	task.go          living PBX Tasks
//	session.go       XIMSS sessions
//	task_named.go    named and scheduled tasks
//	signal.go        calls, and where they go
//	statistics.go    statistics elements
//	server.go        the member and the cluster, their settings
package console
