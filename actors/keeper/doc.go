// Package keeper sees to it that every leg has exactly one record, and that no registration that was answered is lost,
// whatever crashes.
//
//	keeper.go  what a member has open, and the position of the journal before which nothing is
//	mend.go    a member that is alone makes good at its start what its last life left open
//	close.go   in a cluster the Controller does so for every life that is dead: see actors/life
//	catch.go   the records of all members, for lists
//
// It stands on the journal, and knows of legs and accounts only what they write there.
package keeper
