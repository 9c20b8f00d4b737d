package keylamp

import (
	"sync"
	"sync/atomic"
	"time"

	"tandem/actors/msg"
)

// Board knows at a member which accounts are watched, and by which keylamps.
type Board struct {
	send func(to *msg.KeylampWatches, call *msg.KeylampCall)
	now  func() time.Time

	watched sync.Map // AOR -> watched
	count   atomic.Int64
}

// watched is who wants to hear of an account, and how long without asking again.
type watched struct {
	by    *msg.KeylampWatches
	until time.Time
}

// NewBoard makes a board without any account. send must not wait.
func NewBoard(send func(to *msg.KeylampWatches, call *msg.KeylampCall), now func() time.Time) *Board {
	return &Board{send: send, now: now}
}

// Watch notes who asks for an account. The newest one counts: a name has one owner.
func (b *Board) Watch(m *msg.KeylampWatches) {
	if _, known := b.watched.Swap(m.Account, watched{m, b.now().Add(Forget)}); !known {
		b.count.Add(1)
	}
}

// Note tells how a leg of an account stands, if somebody wants to know. It does not wait.
func (b *Board) Note(account, leg string, outgoing bool, state string) {
	if account == "" || b.count.Load() == 0 {
		return
	}
	w, ok := b.watched.Load(account)
	if !ok {
		return
	}
	if b.now().After(w.(watched).until) {
		if b.watched.CompareAndDelete(account, w) {
			b.count.Add(-1)
		}
		return
	}
	b.send(w.(watched).by, &msg.KeylampCall{Leg: leg, Outgoing: outgoing, State: state})
}
