// Package storage is the file storage of accounts (reference cgpl.md 2.9), and the voice mail in it (5.6).
//
//	name.go       what a file may be called, and whose it is: "~user/notes/a.txt"
//	storage.go    Storage: reading and writing within limits
//	directory.go  directories and lists
//	voicemail.go  messages: voicemail/new/TIME-ID.wav, and voicemail/old/ when they were heard
//	functions.go  the functions that programs call
//
// A directory exists when it was made, and as long as there is a file in it. Names are sensitive to case.
// All that reads or writes contents may wait for a disk and takes a context; counts and lists answer from
// memory. What lasts is the business of Files; the package itself keeps nothing.
package storage
