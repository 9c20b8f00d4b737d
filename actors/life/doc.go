// Package life says which lives of members there were, and which of their words count no more.
//
// A life is one run of a member, known by its boot tag. While it lasts the store has its *mark*: where the journal ended
// when nothing before it was left open. A life that ends in order takes its mark away. Of one that is found dead the
// mark stays, and the Controller closes what it left open:
//
//  1. the fact member.dead goes into the journal, with a closer: a word that nobody else has
//  2. the *grave* of that life notes where, for those who do not read the journal from its beginning
//  3. the journal is read from the mark to the fact: legs that began there and did not end are open
//  4. each gets its record, by that closer
//  5. the mark goes
//
// A record of a leg counts if it was written by the leg's own member before its death, or behind it by the closer that
// was named last. So each leg has one record that counts, whatever a member writes that was declared dead and is not,
// and whatever happens to a Controller between two of these steps: the next one begins anew, with a closer of its own,
// and finds what was closed already. Everybody who reads records in the journal asks a Fence.
package life
