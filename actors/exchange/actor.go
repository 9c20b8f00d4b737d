package exchange

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/conf"
	"tandem/ximss/ami"
)

// Floor is what the exchanges of a member stand on.
type Floor struct {
	Member *cluster.Member
	// Settings gives the entry of a server; false: there is none.
	Settings func(name string) (conf.Exchange, bool)
	Log      *slog.Logger

	Connections atomic.Int64 // that this member has
}

// exchangeActor is the shell of one server.
type exchangeActor struct {
	floor   *Floor
	name    string
	machine *Exchange
	line    *line  // nil: there is none
	try     uint64 // of a connection: what older ones say does not count
	life    context.Context
	end     context.CancelFunc
	asks    map[uint64]*actor.PID
	serial  uint64
}

// Messages that never leave the member: what a connection tells.
type (
	connected struct {
		try  uint64
		line *line
	}
	heard struct {
		try     uint64
		packets []ami.Packet
		taken   chan<- struct{}
	}
	lost struct {
		try uint64
		why string
	}
)

// Make makes exchanges.
func (f *Floor) Make() actor.Actor {
	a := &exchangeActor{floor: f, machine: New(nil), asks: map[uint64]*actor.PID{}}
	a.life, a.end = context.WithCancel(context.Background())
	return a
}

// Receive is the table of contents.
func (a *exchangeActor) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *cluster.Named:
		a.name = m.Name
		a.machine = New(a.floor.Log.With("kind", "exchange", "id", m.Name).Info)
	case *msg.ExchangeKeep:
		a.perform(ctx, a.machine.Keep(a.settings(), time.Now()))
	case *msg.ExchangeFind:
		a.floor.Member.Send(ctx.Sender(), a.machine.Find())
	case *msg.ExchangeAct:
		a.serial++
		a.asks[a.serial] = ctx.Sender()
		a.perform(ctx, a.machine.Act(a.serial, m, time.Now()))
	case *connected:
		a.onConnected(ctx, m)
	case *heard:
		a.onHeard(ctx, m)
	case *lost:
		if m.try == a.try {
			a.perform(ctx, a.machine.Lost(m.why, time.Now()))
		}
	case *actor.Stopping:
		a.end()
		a.hangUp()
	}
}

func (a *exchangeActor) settings() *conf.Exchange {
	if set, ok := a.floor.Settings(a.name); ok {
		return &set
	}
	return nil
}

func (a *exchangeActor) onConnected(ctx actor.Context, m *connected) {
	if m.try != a.try {
		m.line.close()
		return
	}
	a.line = m.line
	a.floor.Connections.Add(1)
	a.perform(ctx, a.machine.Connected(time.Now()))
}

func (a *exchangeActor) onHeard(ctx actor.Context, m *heard) {
	now := time.Now()
	for _, p := range m.packets {
		if m.try == a.try {
			a.perform(ctx, a.machine.Heard(p, now))
		}
	}
	close(m.taken)
}

func (a *exchangeActor) perform(ctx actor.Context, effects []Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case Dial:
			a.dial(ctx, e.Address)
		case Write:
			if a.line != nil {
				a.line.put(e.Packet)
			}
		case HangUp:
			a.hangUp()
		case Answer:
			a.floor.Member.Send(a.asks[e.Ask], e.Message)
			delete(a.asks, e.Ask)
		}
	}
}

// dial connects and reads, outside of the mailbox.
func (a *exchangeActor) dial(ctx actor.Context, address string) {
	a.try++
	try, self, root := a.try, ctx.Self(), ctx.ActorSystem().Root
	go func() {
		l, in, err := dial(address)
		if err == nil {
			defer context.AfterFunc(a.life, l.close)() // nobody may be there any more to hear of it
			root.Send(self, &connected{try, l})
			err = l.read(in, func(all []ami.Packet) <-chan struct{} {
				taken := make(chan struct{})
				root.Send(self, &heard{try, all, taken})
				return taken
			})
			l.close()
		}
		root.Send(self, &lost{try, err.Error()})
	}()
}

// hangUp closes the connection; what it says after that does not count.
func (a *exchangeActor) hangUp() {
	a.try++
	if a.line != nil {
		a.line.close()
		a.line = nil
		a.floor.Connections.Add(-1)
	}
}
