// Package account is where an address of record can be reached: its settings, its secrets, its
// registrations.
//
// What it is: a virtual actor for each account that changes its registrations, found by the name of
// its AOR; and the member's own copy of all accounts and registrations, from which routing and the
// digest read without asking anybody (directory.go).
//
// Who creates it, who ends it: the first REGISTER for the account; it is put away when nothing was
// said to it for a while. It keeps nothing that the store does not have.
//
// A REGISTER becomes a fact in the journal. The 200 waits for it, one second at most, then it is a
// 503: a phone that was told 200 finds its registration after any crash. Behind the answer a
// snapshot goes to the registrations bucket, so that a start need not read the whole journal.
//
// Among several members the actor lives on the one that owns the name, and what it writes carries the epoch of that
// ownership. A member that may not act refuses; and wherever registrations are read, by whatever way they came, a
// write of an earlier epoch, or an earlier one of the same, does not replace a later one. All members hear of a change
// before the phone does, so that a call that comes to any of them rings it.
//
// Messages in: AccountRegister (from the ingress), AccountKick (from the administrator's side), AccountLost.
// Messages out: SignalRespond to the edge the REGISTER came by; AccountKicked; AccountBound to all members.
package account
