// Package loader reads files of queue_logs and offers their lines to a server, so that each arrives once: whole files, or
// one that grows and is rotated. It sees files and a function that sends; what travels in between is somebody else's.
//
//	source.go  files read as one, line by line, squeezed or not
//	load.go    files that are complete
//	pieces.go  a file and what it was before it was rotated
//	tail.go    a file that grows
//
// A position is the file, the bytes in front, and the hash of the last line there. The server says where it is; whoever is
// elsewhere goes there, if that is found in the file, or begins the file again, which the server compares with what it
// has. A file is known by its first line, so that it is found again when it was renamed, copied or squeezed.
package loader
