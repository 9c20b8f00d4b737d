// Package meeting keeps the meetings and the simple queues of one account: the places where Tasks find each
// other by name (reference cgpl.md 2.12 and 2.13).
//
// Who creates it, who ends it: it is a virtual actor, found by the account's AOR and made by the first
// question. It is put away when it holds nothing and was asked nothing for a while. What it holds is kept in memory:
// meetings and queues are about Tasks that live, and end with them.
//
// When the account moves to another member, or the member dies, a new keeper begins with nothing. So each Task announces
// what it has (cluster.Announcement): its place in a queue, with what orders it there, and the meetings that it was the
// last to change. A new keeper answers nothing before it has heard all of that. What is lost in a move is a meeting whose
// last Task has ended.
//
//	Task ── MeetingAsk ──► keeper ── MeetingAnswer with MeetingStands ──► Task ── announces it ──► keeper, and each next one
//	another Task takes it: keeper ── MeetingParted ──► Task ── withdraws it, MeetingParted ──► keeper
//
// Messages in: MeetingAsk, MeetingStands, MeetingParted. Messages out: MeetingAnswer, to the asker; MeetingParted, to
// whose announcement does not stand any more.
//
// A meeting is a key in a set, with a parameter and perhaps one active Task. One that has no active Task is
// forgotten after a day. A Task that ends stays noted as active until ClearMeeting, as in the ancestor; a
// queued one leaves its queues at once.
//
// The machine (meeting.go, queue.go, stands.go) is pure; actor.go sees the runtime.
package meeting
