package junction

import (
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"tandem/actors/msg"
	"tandem/media"
)

// Floor is what the ends of a member stand on.
type Floor struct {
	Engine *media.Engine
	// Facing is our address for audio from a member that is reached at peer; peer may be invalid when that is not known.
	Facing func(peer netip.Addr) netip.Addr
	// Wait is how long an end waits for the first word of the other one.
	Wait time.Duration
}

// Wait is as long as messages between two living members never take.
const Wait = 2 * time.Second

// Options describe an end.
type Options struct {
	ID     string     // of its stream: unique
	Call   string     // streams of one call share a shard
	Number uint64     // the owner's number of it, from 1, which grows
	First  bool       // our party's codec comes first; the other end says the contrary
	Peer   netip.Addr // where the other member is; not valid: unknown
	Party  Party
	Log    *slog.Logger

	Tell func(*msg.LegJunction)            // says it to the other end, signed by the owner
	Late func()                            // called on another goroutine: the owner is to call Late
	Over func(status int32, reason string) // the end is closed, not by Close; 300 and above: it has failed
}

// End is one end of a junction. It belongs to one actor; no method is called from elsewhere.
type End struct {
	Options
	machine *machine
	stream  *media.Stream
	wait    time.Duration
	timer   *time.Timer
}

// New opens the stream of an end. Open or Heard begins.
func New(f Floor, o Options) (*End, error) {
	near := f.Facing(o.Peer)
	if o.Peer.IsValid() && near.Is4() != o.Peer.Unmap().Is4() {
		return nil, fmt.Errorf("junction: no address of media.bind is of the family of %s", o.Peer)
	}
	stream, err := f.Engine.Open(media.Options{ID: o.ID, Call: o.Call, Local: near, Fixed: true})
	if err != nil {
		return nil, err
	}
	return &End{Options: o, stream: stream, wait: f.Wait, machine: &machine{log: o.Log, first: o.First, role: o.Party.Role,
		near: side{number: o.Number, address: netip.AddrPortFrom(stream.Local(), uint16(stream.Port())),
			codec: o.Party.name(), packet: o.Party.Packet, knows: known()}}}, nil
}

// Stream is what is to be joined with the party's stream, or with the mixer. Until the other end is known it sends
// nothing and hears nothing.
func (e *End) Stream() *media.Stream { return e.stream }

// Open asks the other end.
func (e *End) Open() { e.machine.open(); e.perform() }

// Heard takes the word of the other end, in the order in which it was sent.
func (e *End) Heard(m *msg.LegJunction) { e.machine.heard(m); e.perform() }

// Retune tells that the party talks another way, or takes part in the mixer in another way.
func (e *End) Retune(p Party) { e.machine.retune(p); e.perform() }

// Late gives up, unless the other end is known.
func (e *End) Late() { e.machine.late(); e.perform() }

// Close ends the end, and tells the other one. Twice: no harm.
func (e *End) Close() {
	e.Over = func(int32, string) {}
	e.machine.leave()
	e.perform()
}

// Refuse ends an end that can not be had, and says why.
func (e *End) Refuse(status int32, reason string) {
	e.Over = func(int32, string) {}
	e.machine.refuse(status, reason)
	e.perform()
}

// Begins tells whether a word of another end asks for one of ours. Any other one is about an end that we had.
func Begins(m *msg.LegJunction) bool { return !m.Over && m.Seen == 0 }

// Drop ends an end that has said nothing yet, without a word.
func (e *End) Drop() { e.free() }

// Refusal is the answer to a word of another end where there is no end of ours.
func Refusal(m *msg.LegJunction, status int32, reason string) *msg.LegJunction {
	return &msg.LegJunction{Seen: m.Junction, Over: true, Status: status, Reason: reason}
}

// perform does what the machine wants, in order.
func (e *End) perform() {
	for _, x := range e.machine.effects() {
		switch x := x.(type) {
		case tell:
			e.Tell(x.message)
		case arm:
			e.timer = time.AfterFunc(e.wait, e.Options.Late)
		case apply:
			if err := e.stream.Apply(x.params); err != nil {
				e.Log.Warn("junction", "err", err)
			}
		case ended:
			e.free()
			e.Over(x.status, x.reason)
		}
	}
}

// free gives back what the end held.
func (e *End) free() {
	if e.timer != nil {
		e.timer.Stop()
	}
	e.stream.Close()
}
