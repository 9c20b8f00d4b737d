// Package form is how things are written as objects, for programs and the admin command line alike.
//
//	dictionary.go  dictionaries as the store keeps them; lists
//	rule.go        signal rules
//	dialog.go      living call legs
package form
