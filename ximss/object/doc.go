// Package object has the objects that CG/PL programs, the admin command line and XIMSS share: strings,
// numbers, datablocks, timestamps, addresses, arrays, dictionaries, XML objects, handles, and null.
//
//	value.go       Value: one object or null, 24 bytes, and what it is
//	array.go dictionary.go xml.go handle.go   the kinds that have parts
//	equal.go       equality, order, identity, deep copy, size
//	text.go parse.go   the text form (reference cgpl.md 1.8), as the command line and files have it
//	json.go subkey.go  the JSON and the XIMSS (subKey, subValue) forms
//
// Strings, numbers, datablocks, timestamps, addresses and handles never change; arrays, dictionaries and
// XML objects do, and are shared by whoever holds the Value. Copy parts them.
package object
