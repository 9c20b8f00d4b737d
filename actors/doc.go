// Package actors is the plan of the house: it opens what a member stands on, introduces the kinds of
// actors to each other, and gives the rooms that answer people and programs what they need.
//
//	house.go     House: start and stop of a member, in order
//	kinds.go     which actors there are, and what each is given
//	handlers.go   what is done with Tasks by their handlers, on whatever member they live
//	drain.go vitals.go   taking nothing new; what heartbeats say of this member
//	registrations.go   registrations as other members change them
//	trunks.go trunks_list.go metrics_trunks.go   ways to carriers: kept, counted, shown
//	recorders.go   recording servers: who is recorded, and what scribes stand on
//	cluster.go closing.go   the way to other members; what dead ones left open, while this one is the Controller
//	files.go     programs and sounds of Tasks, files of accounts, recordings that a crash left
//	tasks.go     what Tasks stand on; start, list, tell and end them
//	sessions.go sessions_list.go sessions_presence.go   what XIMSS sessions stand on; list and end them; whom they see
//	ximss.go     the listener for clients of sessions
//	entrance.go  new members are let in
//	presences.go   how accounts stand towards others
//	lamps.go keylamps.go named.go schedule.go   message lamps of phones, and lamps of their keys; tasks that are reached by a name, or by the clock
//	founding.go  the first accounts, and the cluster's secrets
//	settings.go health.go   what web asks for beside actors/desk
//	commandline.go   the admin command line: its listener, and what actors/console is given
//	metrics.go metrics_cluster.go   the libraries' counters as metric families
//
// The rooms below it:
//
//	actors/msg      every message that may cross members
//	actors/cluster  members, handlers, placing, names
//	actors/store    what lasts: settings, leases, the journal, files
//	actors/setting  settings for all members or one, laid over those of the member's file
//	actors/life     lives of members, and which of their words count
//	actors/keeper   every leg has one record, and no registration is lost, whatever crashes
//	actors/ledger   what the store keeps of accounts, domains and names, read and changed
//	actors/console  the admin command line: what each command does, and who may give it
//	actors/service  what programs ask of the house, each family with its rights and limits; errands of signal rules
//	actors/desk     what pages and the REST interface ask
//	actors/files    what the store's files are to Tasks: environments, files of accounts, voice mail
//	actors/guard    a fault of ours ends what was asked for, and no more
//	actors/form     how things are written as objects, for programs and the command line
//	actors/tally    what accounts did; numbers that programs and operators keep
//	actors/vault    passwords as challenges need them
//	actors/router   one request on its way; the ingress of SIP; the edge
//	actors/account  registrations of one account (virtual)
//	actors/leg      one party's part of a call
//	actors/mixer    the common channel of several parties
//	actors/scribe   one call on its way to a recording server
//	actors/deck     what legs and mixers play and record for Tasks
//	actors/junction    audio between the legs and mixers of two members
//	actors/pbx      one Task: a program that takes calls; below it its language, its machine, its files, and the
//	                keepers of meetings and of Named Tasks (virtual)
//	actors/lamp     the message lamp of one account's phones (virtual)
//	actors/keylamp  how the calls of one account stand, for keys of phones (virtual)
//	actors/session  one XIMSS session, and the connection of its client
//	actors/presence how one account stands towards others, and who is told (virtual)
//
// No actor room imports another: they meet in messages. Console, service, desk and files are no actors: they stand on
// the ledger, get the rest as small interfaces, and nobody but the house knows them. A call from one phone to another goes
//
//	sip ─► router (Signal) ─► leg of the caller
//	                      └─► leg of each device that is rung ─► sip
//
// and then the two legs talk to each other; the Signal is gone.
package actors
