// Package dispatch joins the machines of several queues, agents and callers in memory, and lets their owners die: what
// holds of a call centre as a whole is tested here. There is nothing in it but tests.
//
// Words travel in order between two, and in any order otherwise. An owner that dies takes along what was on its way to
// it, and perhaps what was on its way from it; or it is only frozen, and goes on later by its clock, not knowing that
// there is another one.
package dispatch
