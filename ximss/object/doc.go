// Package object has the objects that CG/PL programs, the admin command line and XIMSS share: strings,
// numbers, datablocks, timestamps, addresses, arrays, dictionaries, XML objects, handles, and null.
//
//	value.go       Value: one object or null, 24 bytes, and what it is
//	join.go        strings appended to strings
//	array.go dictionary.go xml.go handle.go   the kinds that have parts
//	equal.go copy.go   equality, identity, order; deep copy, size
//	text.go parse.go marked.go   the text form (reference cgpl.md 1.8), as commands and files have it
//	xmltext.go         XML as text
//	json.go subkey.go  the JSON and the XIMSS (subKey, subValue) forms
//
// Strings, numbers, datablocks, timestamps, addresses and handles never change; arrays, dictionaries and
// XML objects do, and are shared by whoever holds the Value. Copy parts them.
//
// A program can put an array into itself, and one array into many. Equal, Copy and Size look at each
// object once, and keep what is open in a list: neither a ring nor a chain of a million hurts. What
// is written ends with ErrDepth at MaxDepth levels, which a ring reaches at once, and with ErrLong at
// MaxText bytes, which bound what one array in many becomes. What is read obeys MaxDepth too.
package object
