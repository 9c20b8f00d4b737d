// Package ledger is what the store keeps of accounts, domains and names: how it is read, how it is changed, and how
// the directory follows it. Whoever may do what is asked of whom is the asker's to check, with the words of right.go;
// commands, programs and pages say the same things here.
//
//	ledger.go      what it stands on; how the directory follows the store
//	change.go      changes that others may cross
//	refusal.go     why something is refused, and the one table of texts for that
//	account.go     accounts: made, moved, ended; passwords; registrations that are taken away
//	preference.go  preferences of accounts, above those of their domain
//	telnum.go      telephone numbers: each belongs to one account at most
//	address.go     addresses as people type them, and where they lead
//	right.go       who may do what
//	name.go        groups, forwarders and named tasks: names that no account may have
//	domain.go      domains of the store, and the policy that they and the settings make
//	queue.go       queues of call centres: what each is like, and the numbers that lead to it
//	agent.go       their agents
//	queuecheck.go  what is wrong with a queue
//	definition.go  how that is collected, so that all is told at once
//	shelf.go       objects of the settings that are decoded once
//	rule.go        signal rules of domains, server and cluster
//	dataset.go     data sets of accounts; the roster is one
//	roster.go      peers of accounts
//	balance.go     what accounts may spend
//	task.go        named tasks, and scheduled ones with their clock
//
// It belongs to the house as the store does: rooms that need it import it, and it knows none of them.
package ledger
