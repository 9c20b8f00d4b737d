// Package trust says who belongs to a cluster. Each cluster has an authority of its own, made by its first member;
// every member has a certificate of it, and nobody without one is spoken to.
//
//	authority.go   the authority: makes itself, signs members
//	identity.go    Identity: what a member is by its certificate; found, open, issue, renew
//	neighbours.go  Neighbours: where others are
//	files.go       how that lies on the disk
//	tls.go         both ends of a connection between members
//	ticket.go      Ticket: what an administrator carries from a member to a new one
//	register.go    the tickets that are valid, on the disk of the member that printed them
//	envelope.go    the words of a join, and what makes them genuine
//	issuer.go      Issuer: answers who wants to join
//	join.go        Join: asks to
//	settle.go      Settle: opened, joined or founded
//	limits.go      every limit
//
// # On the disk
//
// In the directory cluster of member.data, mode 0700, files 0600: ca.pem, the certificate of the authority;
// member.pem, certificate and key of this member; ca.key, the key of the authority, with members that may issue;
// neighbours.json, where others were when it joined; tickets.json. The directory comes into being as a whole, by
// being renamed, so that a member that is killed meanwhile begins again.
//
// # The key of the authority
//
// It is made by the founder and lies there. SealKey gives it as PEM for the store's bucket of settings, from where
// other members take it with OpenKey, into memory alone: then they issue and renew too. It is sealed by nothing but
// the store's own access: whoever reads that bucket is the cluster. That loses nothing, since the bucket holds the
// accounts and the secret of the cluster already.
//
// # A join
//
//	administrator          old member                                  new member
//	    │ cluster ticket       │                                            │
//	    │─────────────────────►│ keeps two keys made of the secret          │
//	    │ http://HOST:PORT#SECRET                                           │
//	    │──────────────────────┼───────────────────────────────────────────►│
//	    │                      │   POST /cluster/join                       │
//	    │                      │◄── version, name, request, nonce, MAC ─────│ keeps its key
//	    │                      │─── nonce, certificate, authority,          │
//	    │                      │    seeds, store, MAC ─────────────────────►│ cluster/
//
// It goes over plain HTTP, because neither side has anything yet that the other would believe. The secret never
// travels: each side proves by an HMAC over all it says that it has it, with a key of its own direction. What a
// listener sees is public: names, addresses, certificates. What a forger changes is refused. A request that is sent
// again gets the answer of the first time, and takes no further use of the ticket. Refused in one and the same way:
// a ticket that is wrong, expired, used up, withdrawn. Clocks do not matter to the one who joins.
package trust
