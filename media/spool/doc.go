// Package spool is where recordings lie on the disk until who wants them has them, be it a program or the files of an
// account: a WAV file
// and beside it a note of whose it is, written before the recording begins. What a crash leaves behind is
// found by its note at the next start.
package spool
