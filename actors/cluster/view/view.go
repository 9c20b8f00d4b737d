package view

import (
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
)

// Options describe the member whose view it is.
type Options struct {
	Self      *msg.Member   // who it is; its name, boot tag, address and cluster never change
	Heartbeat time.Duration // between two signs of life
	DeadAfter time.Duration // of silence a member is lost; at least three heartbeats
	Seeds     []string      // addresses where others may be, maxSeeds of them at most
}

// Counts are what a view counted since it was made.
type Counts struct {
	Heard   uint64 // heartbeats taken
	Stale   uint64 // that came twice or too late
	Over    uint64 // of lives that are over
	Refused uint64 // of strangers, and of newcomers that have no place
	Hostile uint64 // that no member of ours would send
	Illegal uint64 // changes of state that must not be: a fault of ours
}

// View is what one member thinks of all others. It is no actor and has no lock: one goroutine at a time. Whoever
// gives it a message does not change it any more.
type View struct {
	o      Options
	self   *msg.Member // never changed, but replaced
	born   time.Time
	last   time.Time // when this process last ran, as far as its ticks tell
	serial uint64
	hurry  bool // there is news: all that live hear it with the next tick

	quorum bool
	since  time.Time // of quorum

	end   msg.MemberState // dead: fenced; left: it went; unknown: it goes on
	why   string
	ended time.Time

	rows      map[uint32]*row   // by boot tag
	named     map[string]uint32 // whose session the store has under a name
	graves    graveyard
	strangers map[uint32]*stranger
	addresses map[string]*try
	counts    Counts
	out       []Effect
}

// New makes the view of a member that knows its seeds and nobody else.
func New(o Options, now time.Time) *View {
	v := &View{o: o, self: proto.Clone(o.Self).(*msg.Member), born: now, last: now, rows: map[uint32]*row{},
		named: map[string]uint32{}, graves: graveyard{by: map[uint32]*grave{}}, strangers: map[uint32]*stranger{}, addresses: map[string]*try{}}
	v.self.Wire = Wire
	for _, s := range o.Seeds[:min(len(o.Seeds), maxSeeds)] {
		if t := v.learn(s, now); t != nil {
			t.seed = true
		}
	}
	return v
}

// Counts are what the view counted.
func (v *View) Counts() Counts { return v.counts }

// Update changes what the member says of itself, from the next heartbeat on. Who it is stays as it was.
func (v *View) Update(change func(self *msg.Member)) {
	was := v.self
	m := proto.Clone(was).(*msg.Member)
	change(m)
	m.Name, m.Boot, m.Address, m.Cluster, m.Wire = was.Name, was.Boot, was.Address, was.Cluster, was.Wire
	v.self = m
	v.hurry = v.hurry || m.Draining != was.Draining || m.CallLegs != was.CallLegs || m.Farm != was.Farm
}

// Named says that the store has the session of that life under its name: between two that claim the name this is the
// word that counts.
func (v *View) Named(name string, boot uint32) {
	if _, known := v.named[name]; known || len(v.named) < maxNamed {
		v.named[name] = boot
	}
}

// Quorum says whether the store can be written from here: whether this member may declare others dead. One that could
// not must first hear for as long as a silence takes, since others may just come back together with the store.
func (v *View) Quorum(has bool, now time.Time) []Effect {
	v.wake(now)
	if has && !v.quorum {
		v.since = now
		v.callLost(now)
	}
	v.quorum = has && v.end == unknown
	v.declare(now)
	return v.done()
}

// Broke says that a connection to an address broke. Whoever is up there is suspect until it is heard again; of one
// that is joining it may be the word of a connection that was tried before it listened.
func (v *View) Broke(address string, now time.Time) []Effect {
	v.wake(now)
	if r := v.at(address); r != nil && v.end == unknown && living(r.state) && r.state != joining {
		v.become(r, suspect, "the connection broke", now)
		if t := v.learn(address, now); t != nil {
			t.due = now // the answer, or its lack, tells
		}
	}
	return v.done()
}

// Refused says that nobody listens any more at the address of a life: its process has ended without doubt.
func (v *View) Refused(address string, boot uint32, now time.Time) []Effect {
	v.wake(now)
	if r := v.rows[boot]; r != nil && v.end == unknown && r.member.Address == address {
		r.sure = true
		v.become(r, lost, "nobody listens at its address", now)
		v.declare(now)
	}
	return v.done()
}

// Left takes the word of a member that it goes.
func (v *View) Left(leaves *msg.MemberLeaves, now time.Time) []Effect {
	v.wake(now)
	if r := v.rows[leaves.GetBoot()]; r != nil && v.end == unknown && r.member.Name == leaves.GetName() {
		v.bury(r, left, "it said so", "", now)
	}
	return v.done()
}

// Leave says that this member goes: all others are told, and the view is over.
func (v *View) Leave(now time.Time) []Effect {
	if v.end != unknown {
		return nil
	}
	v.end, v.why, v.ended, v.quorum = left, "it said so", now, false
	for _, r := range v.sorted() {
		if living(r.state) {
			v.do(Goodbye{Address: r.member.Address, Leaves: &msg.MemberLeaves{Name: v.self.Name, Boot: v.self.Boot}})
		}
	}
	return v.done()
}

// fence ends this life of ours. What others have cut off is cut off here too.
func (v *View) fence(why string, now time.Time) {
	v.end, v.why, v.ended, v.quorum = dead, why, now, false
	v.do(Fence{Why: why})
	for _, r := range v.sorted() {
		if living(r.state) {
			v.become(r, lost, "this member is fenced", now)
		}
		if r.state == unknown {
			delete(v.rows, r.member.Boot) // it was just being taken
		}
	}
}
