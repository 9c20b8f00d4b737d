// Package spool is where recordings for programs lie on the disk until the program has them: a WAV file
// and beside it a note of whose it is, written before the recording begins. What a crash leaves behind is
// found by its note at the next start.
package spool
