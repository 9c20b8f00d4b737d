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
//
// The key of a field is its section and its name in lower case with underscores:
// sip.max_conns_per_ip. A value comes from the last of these that names it:
//
//	default < YAML file < environment (TANDEM_SIP__MAX_CONNS_PER_IP) < flags
//
// Load reports everything that is wrong at once, each with its place. A Conf is never changed after
// it was loaded; Live swaps a whole one for the next.
package conf
