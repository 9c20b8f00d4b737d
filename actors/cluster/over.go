package cluster

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/msg"
)

// Over tells whether the life of the member on which an actor lived is over for good. Else it is only out of reach, and
// may go on behind a split; or this member itself goes, or is in the minority. Who watches an actor hears of its end in
// both cases, and where an end has consequences for people they must wait until it is certain.
func (m *Member) Over(pid *actor.PID) bool {
	if m.alone() || m.Here(pid) {
		return true
	}
	_, boot, _, err := splitID(pid.GetId())
	if err != nil {
		return true
	}
	r, ok := m.Society().Rows.ByBoot(boot)
	return !ok || r.State == msg.MemberState_DEAD || r.State == msg.MemberState_LEFT
}

// Ended tells an actor that watches others what the runtime's word of an end is worth: true, that one has ended. Else
// *Lost comes after a while, and the actor watches it anew if it still wants to know.
func (m *Member) Ended(ctx actor.Context, t *actor.Terminated) bool {
	if t.Why != actor.TerminatedReason_AddressTerminated || m.Over(t.Who) {
		return true
	}
	After(ctx, lostAgain, &Lost{t.Who})
	return false
}

// Lost is the time to look again for an actor that was out of reach.
type Lost struct{ Who *actor.PID }

const lostAgain = 200 * time.Millisecond
