// Package desk answers what pages and the REST interface ask: it satisfies the interfaces that package web declares,
// each with a type of that name, and says refusals as HTTP does.
//
//	desk.go          refusals; who may ask
//	account.go       accounts
//	login.go         who may log in to the pages
//	registration.go  registrations
//	call.go          call legs that live, records of those that ended
//	task.go          PBX Tasks
//	queue.go         queues of call centres and their callers
//	agent.go         their agents
//	asker.go         what who asks may see of those, and do
//	definition.go    what they are like, as JSON
//	history.go       what has happened to a caller or an agent
//	others.go        asking the other members too
//	cluster.go       the cluster: its members, and what may be changed in it
//	chronicle.go     what happened in it lately
package desk
