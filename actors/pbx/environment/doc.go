// Package environment is the application environment of PBX Tasks (reference communigate.md 4.3): the
// programs, modules and sounds that a Task of a domain finds by name, in the language it has chosen.
//
//	name.go      Place and names: whose environment a file is in, and what it may be called
//	set.go       Set: all files of all environments, and how a name is looked up
//	program.go   programs and modules, compiled once
//	contents.go  sounds and other contents, of which the Set keeps those in use
//	list.go      what the command line asks: lists and single files
//
// A name is looked for in these directories, and the first that has it wins:
//
//	domain/language  domain   server/language  server   cluster/language  cluster   stock/language  stock
//
// The domain's files are the domain's; the server's belong to one member, the cluster's to all; the stock
// ones come with the binary. Names are not sensitive to case, and keep the spelling they were stored with.
//
// A Set is a picture of files that somebody else keeps: the one who follows the store calls Put and
// Remove, and whoever looks next sees the change. A Task keeps the Module it began with. Texts of programs
// are in memory, so Program never waits for a disk; sounds are fetched when they are first played, and
// stay until more recently used ones need their room.
package environment
