// Package farm decides which member processes a SIP packet that came to one of several. Phones and trunks
// may know all members by one address or one name, so a packet can come to any of them; what belongs
// together must meet at one.
//
//	a response                   to the member that made its branch
//	a request with our To tag    to the member where the owner of the dialog lives
//	one whose topmost Route or   to that member
//	URI is a member's address
//	any other request            to the member that its Call-ID names among those that take a share
//
// The last rule needs no memory that members share: all of them compute the same (rendezvous hashing), an
// INVITE, its repeats, its CANCEL and its ACK have one Call-ID, and a member that joins or goes moves only the
// Call-IDs that it wins or had. So that a change moves no transaction that has begun, two things come before
// the rules: a transaction that is here stays here, and a member remembers where it passed the others on to
// (Ways).
//
// A packet is passed on once. Who gets it processes it, whatever its own idea of the farm is, so there are no
// loops while members disagree for a moment.
//
//	facts.go   Facts: what one walk over a packet finds      uri.go    places in it
//	view.go    View: the members, and where a packet goes    mark.go   the member in a branch
//	ways.go    Ways: where packets went                      packet.go what is passed on
package farm
