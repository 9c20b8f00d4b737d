// Package keylamp tells phones how the calls of an account stand: the lamp beside a key that is set to a colleague (the
// event package "dialog", RFC 4235).
//
// What it is: a virtual actor for each account that a phone has such a key for, by AOR. Who may have one is settled
// before: see signal.Policy.
//
//	                              KeylampWatches
//	SUBSCRIBE ──► keylamp ──────────────────────────► board of each member
//	    ◄── NOTIFY ──┘ ◄──────────────────────────────────── each leg of the account, when it changes
//	                              KeylampCall
//
// A leg costs nothing more where nobody has a key for its account: the boards know which accounts are watched. What is
// asked for is asked again each minute, so that a member that comes later tells too, and a board forgets who asks no more.
//
// Who creates it, who ends it: the first SUBSCRIBE makes it, and it is put away when nobody subscribes any more. It keeps
// nothing: a crash costs the subscriptions, and a phone that hears 481 subscribes anew; where the name is given up in
// order, phones are told to come again at once.
//
//	keylamp.go  the pure machine: which calls there are, and who is told
//	board.go    the accounts that are watched, as a member knows them
//
// Messages in: SignalRequest (SUBSCRIBE), KeylampCall, SignalResponse; the end of legs.
// Messages out: SignalRespond, SignalSend, KeylampWatches.
package keylamp
