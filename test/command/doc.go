// Package command tells stories of who drives a member by commands: the verbs of the server's program about Tasks and
// statistics, and the admin command line as a client of the ancestor speaks it, over TCP.
package command
