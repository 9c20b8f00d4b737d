// Package link is one end of the tie between two members: it makes of connections that come and go one ordered
// stream of messages each way, of which none is lost and none comes twice.
//
// A [Tie] is a pure machine for one peer in one of its lives. What is to be sent is put in and stays until the peer
// has acknowledged it; frames are made of what the peer may not have. A connection that broke took an unknown part of
// them along, so after it, or when no acknowledgement comes, all that is not acknowledged goes again from the oldest
// on; the receiver takes what is next in order and drops the rest, since connections keep their order and a gap means
// that one broke.
//
//	          put                 frame                    acknowledged
//	message ──────► waiting ───────────────► under way ───────────────────► forgotten
//	                   ▲                         │
//	                   └──── again: reconnected ─┘ or no acknowledgement in time
//
// A tie that can not keep its promise is broken off, by either side: what waits is dropped, and an epoch with the next
// higher number begins, in both directions. A frame of a higher epoch breaks the tie at its receiver too, so both
// sides agree that everything before was cut, and each can tell the actors that counted on it. A frame of a lower
// epoch brings nothing but the answer that it is over.
//
// Epochs and entries are numbered from 1. A frame is from one life of a member to one life of another: boot tags in
// it keep it from anybody else.
package link
