// Package cluster lets clusters of real members live through what clusters meet: members that die, freeze, come back
// and lose the network, while calls go on.
//
//	lines_test.go    what members say of each other, read from their logs
//	life_test.go     members form a cluster, die, freeze, come back
//	leave_test.go    members that join and leave many times
//	impostor_test.go who is no member, or not the one it says; a start without the store
//	store_test.go    a store that is away
//	flow_test.go     one call over three members
//	place_test.go    where a leg lives under every combination of settings
//	junction_test.go    audio between the members of a conference, and of a bridge of two Tasks
//	fax_test.go         faxes between the members of a call
//	drain_test.go    a member that takes nothing new
//	move_test.go     who is parked or has a name is found when the owner of the name has gone
//	load_test.go     a hundred calls, and what became of them
//	kill_test.go     each member killed under those
//	presence_test.go how accounts stand, when the owner of a name dies
//	split_test.go    a network that is cut
//	queuelog_test.go what all members write of all queues, when one is killed
//	exchange_test.go who speaks with a server that is not ours, when he is killed
//	reports_test.go  tables of queue logs that all share, when who writes them is killed
//	history_test.go  who owned what when
//
// Times are measured and logged. A test waits for what shall happen, with a deadline that a busy machine meets; no
// test fails because something was slow within it.
package cluster
