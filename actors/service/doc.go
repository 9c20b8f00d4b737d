// Package service is what the house does for programs: the functions by which Tasks read and change accounts, send
// messages and ask other servers, each family with its rights and limits; and the errands of signal rules. The machine
// of a Task asks for a service by its name and goes on when the result comes (actors/pbx/task).
//
//	service.go    all of them; whose rights count
//	account.go    accounts: preferences, groups, numbers, rules, calls; commands
//	dataset.go    data sets
//	roster.go     peers
//	balance.go    what accounts may spend
//	route.go      where an address leads
//	statistic.go  statistics elements and call records
//	http.go       HTTPCall
//	message.go    instant messages, voice mail, the message lamp
//	outside.go    name servers, ENUM
//	radius.go     RADIUSCall
//	agent.go      agents and queues
//	errand.go     what signal rules want done beside a call
package service
