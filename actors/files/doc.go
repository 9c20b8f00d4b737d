// Package files is what the store's files are to Tasks: programs and sounds of application environments, the files of
// accounts, and their voice mail.
//
//	environment.go  the application environment: read at the start, and followed
//	change.go       how it is changed and shown, for the admin command line and for pages
//	account.go      the store as the storage of accounts sees it
//	recordings.go   the recordings of calls that Tasks want, from the disk of a member into the store; recording.go: one of them
//	voicemail.go    mailboxes that change; recordings that a crash left; old messages
package files
