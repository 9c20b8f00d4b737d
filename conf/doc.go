// Package conf holds the settings of one member: typed sections with their defaults, and how they
// are read, checked, explained and reloaded. It is the only home of viper and of YAML.
//
// A section is a struct in a file of its own; constructors elsewhere are handed one section, never
// the whole. A setting is one field, and everything about it is written there once: the comment is
// the sentence that a user reads in Explain, the tags say the rest.
//
//	// UDP sockets opened on each address, sharing the load by SO_REUSEPORT.
//	Sockets int `range:"1..64" change:"restart"`
//
//	unit    what a number counts; durations need none, "bytes" also admits 64KiB
//	range   least and greatest legal value, written as in a file
//	oneof   the legal words
//	change  what a change needs: now, next call, restart
//	scope   for whom the cluster may keep a value: nothing for all members or one, "member" for one alone,
//	        "early" and "path" for none: needed before the store opens, names a file of one machine
//
// The key of a field is its section and its name in lower case with underscores:
// sip.max_conns_per_ip. A value comes from the last of these that names it:
//
//	default < what a command brings along < YAML file < cluster, for all members < cluster, for this one
//		< environment (TANDEM_SIP__MAX_CONNS_PER_IP) < flags
//
// Load reports everything that is wrong at once, each with its place. A Conf is never changed after
// it was loaded; Live swaps a whole one for the next.
//
// What the cluster keeps is no part of Load: the store that has it opens by what Load says. It comes by
// Live.Begin and Live.Overlay, while the member runs. A value that the member can not take, because it does
// not know it or because of its other settings, is kept out and told by Live.Fates; the others are taken.
// Environment and flags win over the cluster, so that a member which can not start by what the cluster says
// has a way back.
package conf
