// Package deck plays and records for a Task: what a leg does with its party and a mixer with all of its.
//
// It is no actor but a part of two. Its owner hands it LegPlay, LegStop, LegTape and LegKept, and brings
// back what its goroutines have made (Came); the deck says LegPlayed and LegRecorded. Nothing that it does
// for a mailbox waits: files are read, decoded, opened and made whole elsewhere.
//
// A recording is never lost by this side. Its file lies in the spool from before its first second until
// LegKept; a deck is Busy until that came or its Task is gone, and its owner lives as long.
package deck
