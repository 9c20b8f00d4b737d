// Package command tells stories of who drives Tasks by commands: the verbs of the server's program, and the
// admin command line as a client of the ancestor speaks it, over TCP.
package command
