// Package dialoginfo writes what phones are told of the calls of an account: the document of the event package "dialog"
// (RFC 4235), by which the lamp beside a key is lit. It says how each call stands and who began it, and nothing of who
// is called: those who have a key for an account are not those who may know with whom it talks.
package dialoginfo
