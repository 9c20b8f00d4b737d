// Package attack lets callers do wrong to the programs that answer them: floods of keys, input that is far
// too long, text that would be a command, guesses of a PIN, and programs that run away. The oracle is the
// same in all: another call keeps its audio, another Task answers at once, the memory returns, and nothing
// was done that nobody may do. And strangers come to the doors between members, with wrong papers, with stolen ones,
// as a copy of a member, and as a member that has gone mad. Clients of sessions are rude in every way.
package attack
