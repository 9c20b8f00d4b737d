package link

import (
	"errors"
	"time"

	"tandem/actors/msg"
)

// Limits of a tie that are no settings.
const (
	frameEntries = 512       // of one frame
	frameBytes   = 256 << 10 // after which a frame is full
	window       = 4 << 20   // bytes under way; the rest waits for acknowledgements
	ackEntries   = 64        // taken without an acknowledgement, at most
	ackDelay     = 20 * time.Millisecond
	firstAgain   = 250 * time.Millisecond // without an acknowledgement: all again
	lastAgain    = 2 * time.Second
	entryBytes   = 48 // what an entry costs beside its texts and its body
)

// ErrFull says that so much waits for the peer that the tie takes no more.
var ErrFull = errors.New("link: too much waits for the member")

// Limits bound what waits for one peer.
type Limits struct {
	Entries int
	Bytes   int
}

// Tie is one end of the tie to one life of one peer. It is not safe for concurrent use.
type Tie struct {
	self, peer uint32
	address    string // ours, as the peer reaches it
	limits     Limits
	epoch      uint64 // grows with each break, of either side
	tell       bool   // the peer is to be told the epoch and what was taken
	unheard    bool   // nothing shows that it knows
	told       time.Time

	out     outgoing
	in      incoming
	resent  uint64
	repeats uint64
	dropped uint64
}

// outgoing is what goes to the peer.
type outgoing struct {
	base  uint64           // number of the first entry kept
	kept  []*msg.LinkEntry // not acknowledged, in order
	bytes int              // of those
	sent  int              // so many of them are under way
	aloft int              // bytes of those
	since time.Time        // when the oldest of them, or the last acknowledgement of one, was
	wait  time.Duration    // how long to wait for an acknowledgement
}

// incoming is what comes from the peer.
type incoming struct {
	taken uint64 // number of the last entry taken
	owed  int    // taken and not acknowledged
	since time.Time
}

// New makes the tie to a life of a peer.
func New(self, peer uint32, address string, l Limits) *Tie {
	return &Tie{self: self, peer: peer, address: address, limits: l, epoch: 1, out: outgoing{base: 1, wait: firstAgain}}
}

// Put takes a message for the peer, to be sent with the next frame. ErrFull: it was not taken.
func (t *Tie) Put(e *msg.LinkEntry) error {
	size := sizeOf(e)
	if o := &t.out; len(o.kept) >= t.limits.Entries || o.bytes+size > t.limits.Bytes && len(o.kept) > 0 {
		return ErrFull
	}
	t.out.kept = append(t.out.kept, e)
	t.out.bytes += size
	return nil
}

func sizeOf(e *msg.LinkEntry) int { return len(e.Target) + len(e.Type) + len(e.Body) + entryBytes }

// Waiting is how many messages the peer has not acknowledged.
func (t *Tie) Waiting() int { return len(t.out.kept) }

// Ready tells whether Frame has something to send.
func (t *Tie) Ready(now time.Time) bool {
	return t.out.sent < len(t.out.kept) && t.out.aloft < window || t.tell || t.in.owed >= ackEntries ||
		t.in.owed > 0 && now.Sub(t.in.since) >= ackDelay
}

// Frame is the next frame to send; nil when there is none. An acknowledgement travels along. The entries are shared
// with the tie and must not be changed.
func (t *Tie) Frame(now time.Time) *msg.LinkFrame {
	if !t.Ready(now) {
		return nil
	}
	o := &t.out
	f := &msg.LinkFrame{From: t.self, To: t.peer, Address: t.address, Epoch: t.epoch,
		First: o.base + uint64(o.sent), Ack: t.in.taken}
	t.tell, t.told, t.in.owed = false, now, 0
	if o.sent == 0 {
		o.since = now
	}
	full := min(o.aloft+frameBytes, window)
	for ; o.sent < len(o.kept) && len(f.Entries) < frameEntries && o.aloft < full; o.sent++ {
		e := o.kept[o.sent]
		f.Entries = append(f.Entries, e)
		o.aloft += sizeOf(e)
	}
	return f
}

// Reconnected has all sent once more that may have gone down with the connection, acknowledgements too.
func (t *Tie) Reconnected() {
	t.again()
	t.tell = t.tell || t.in.taken > 0
}

// again has all sent once more that is not acknowledged.
func (t *Tie) again() {
	t.resent += uint64(t.out.sent)
	t.out.sent, t.out.aloft = 0, 0
}

// Tick looks after what was not acknowledged in time; to be called at least each 20 ms while Busy.
func (t *Tie) Tick(now time.Time) {
	if o := &t.out; o.sent > 0 && now.Sub(o.since) >= o.wait {
		t.again()
		o.wait = min(2*o.wait, lastAgain)
	}
	if t.unheard && now.Sub(t.told) >= lastAgain {
		t.tell = true
	}
}

// Busy tells whether the tie needs Tick: something is under way, an acknowledgement is owed, or the peer may
// not know of a break.
func (t *Tie) Busy() bool { return t.out.sent > 0 || t.in.owed > 0 || t.unheard }

// Break breaks the tie off: what waits is dropped, and of what the peer sent before it knew nothing is taken. It
// gives what was dropped, in order.
func (t *Tie) Break() []*msg.LinkEntry { return t.begin(t.epoch + 1) }

// begin begins an epoch.
func (t *Tie) begin(epoch uint64) []*msg.LinkEntry {
	lost := t.out.kept
	t.epoch, t.tell, t.unheard, t.in = epoch, true, true, incoming{}
	t.out = outgoing{base: 1, wait: firstAgain}
	t.dropped += uint64(len(lost))
	return lost
}

// Taken is what a frame brought.
type Taken struct {
	Entries []*msg.LinkEntry // to be delivered, in this order
	Broken  bool             // before them the peer has broken the tie off: so have we
	Lost    []*msg.LinkEntry // what was dropped by that
}

// Take takes a frame. One for another life of this member, or from another life of the peer, brings nothing.
func (t *Tie) Take(f *msg.LinkFrame, now time.Time) (got Taken) {
	if f.From != t.peer || f.To != t.self || f.First == 0 {
		return got
	}
	if f.Epoch < t.epoch {
		t.tell = true
		return got
	}
	if f.Epoch > t.epoch {
		got.Broken, got.Lost = true, t.begin(f.Epoch)
		t.tell = false // it knows
	}
	t.unheard = false
	t.acknowledged(f, now)
	got.Entries = t.next(f, now)
	return got
}

// Refuse takes nothing of a frame: the peer is out of favour. If it believes in an epoch that is over it will be told.
func (t *Tie) Refuse(f *msg.LinkFrame) {
	t.tell = t.tell || f.From == t.peer && f.To == t.self && f.Epoch < t.epoch
}

// acknowledged forgets what has arrived.
func (t *Tie) acknowledged(f *msg.LinkFrame, now time.Time) {
	o := &t.out
	if f.Ack < o.base || f.Ack >= o.base+uint64(len(o.kept)) {
		return
	}
	n := int(f.Ack - o.base + 1)
	for i, e := range o.kept[:n] {
		o.bytes -= sizeOf(e)
		if i < o.sent {
			o.aloft -= sizeOf(e)
		}
		o.kept[i] = nil
	}
	o.kept = o.kept[n:]
	o.base += uint64(n)
	o.sent = max(o.sent-n, 0)
	o.since, o.wait = now, firstAgain
}

// next are the entries of the frame that were not taken before. Behind a gap nothing is taken: its beginning comes
// again.
func (t *Tie) next(f *msg.LinkFrame, now time.Time) []*msg.LinkEntry {
	in := &t.in
	if len(f.Entries) == 0 || f.First > in.taken+1 {
		return nil
	}
	if in.owed == 0 {
		in.since = now
	}
	known := min(in.taken+1-f.First, uint64(len(f.Entries)))
	t.repeats += known
	fresh := f.Entries[known:]
	in.taken += uint64(len(fresh))
	in.owed += len(f.Entries) // that what is known was taken was not heard
	return fresh
}

// Counts are what a tie counted.
type Counts struct {
	Waiting, Bytes int
	Resent         uint64 // entries sent once more
	Repeated       uint64 // entries that came once more
	Dropped        uint64 // entries dropped when the tie was broken off
}

// Counts are what the tie has counted so far.
func (t *Tie) Counts() Counts {
	return Counts{Waiting: len(t.out.kept), Bytes: t.out.bytes, Resent: t.resent, Repeated: t.repeats, Dropped: t.dropped}
}
