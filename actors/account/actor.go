package account

import (
	"errors"
	"log/slog"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/actors/store"
	"tandem/conf"
	"tandem/signal"
	"tandem/sip/registrar"
)

// Floor is what the accounts of a member stand on.
type Floor struct {
	Member    *cluster.Member
	Directory *Directory
	Journal   *store.Journal
	Snapshots *store.Bucket // "registrations"
	Limits    func() conf.Accounts
	Own       func(signal.URI) bool // leads back to this member
	// Arrived is told which devices have registered anew: not those that refresh. It must hand on and return,
	// and may be nil.
	Arrived func(aor signal.AOR, contacts []string)
	Log     *slog.Logger
}

// durable is how long a REGISTER waits for the journal (decision D2).
const durable = time.Second

// accountActor is the shell of one account.
type accountActor struct {
	floor   *Floor
	log     *slog.Logger
	aor     signal.AOR
	machine *Account
	waiters map[uint64]waiter // who waits for a change, by its number
}

// waiter waits until a change is durable: a phone behind its edge, or who removed registrations.
type waiter struct {
	edge    *actor.PID
	asker   *actor.PID
	removed int
}

// Messages that never leave the account.
type (
	written struct {
		number uint64
		err    error
	}
	late struct{ number uint64 }
)

// Make makes account actors.
func (f *Floor) Make() actor.Actor {
	return &accountActor{floor: f, log: f.Log, waiters: map[uint64]waiter{}}
}

// Receive is the table of contents.
func (a *accountActor) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *cluster.Named:
		a.onNamed(m)
	case *msg.AccountRegister:
		a.onRegister(ctx, m)
	case *msg.AccountKick:
		a.onKick(ctx, m)
	case *msg.AccountLost:
		a.onLost(ctx, m)
	case *msg.AccountRecall:
		a.onRecall(m)
	case *written:
		a.onWritten(ctx, m)
	case *late:
		a.answer(ctx, m.number, a.machine.Late(m.number), errLate)
	case *actor.Stopping:
		a.onStopping(ctx)
	}
}

func (a *accountActor) onNamed(m *cluster.Named) {
	a.aor = signal.AOR(m.Name)
	a.log = a.log.With("kind", "account", "id", m.Name)
	a.machine = newAccount(a.floor.Directory.Bindings(a.aor))
}

func (a *accountActor) onRegister(ctx actor.Context, m *msg.AccountRegister) {
	if _, ok := a.epoch(); !ok {
		r := m.Request.Signal()
		a.respond(ctx, m.Edge, busy(r.ID, r.Method, r.To))
		return
	}
	record, _ := a.floor.Directory.Record(a.aor)
	g := registrar.Registrar{Limits: limits(a.floor.Limits(), record), Own: a.floor.Own}
	response, c := a.machine.Register(m.Request.Signal(), g, time.Now())
	if c == nil {
		a.respond(ctx, m.Edge, response)
		return
	}
	a.await(ctx, c, waiter{edge: m.Edge}, "")
}

// epoch is that of the owner of the account's name. False: this member is not the owner, or may not act as such.
// A member that is alone goes on from what it was among others.
func (a *accountActor) epoch() (uint64, bool) {
	epoch, ok := a.floor.Member.Epoch("account", string(a.aor))
	known := a.floor.Directory.Version(a.aor).Epoch
	if a.floor.Member.Society() == nil {
		return max(epoch, known), ok
	}
	return epoch, ok && epoch >= known
}

// onLost: a device's connection has ended, and only the device can open it again.
func (a *accountActor) onLost(ctx actor.Context, m *msg.AccountLost) {
	if _, ok := a.epoch(); !ok {
		return // whoever is the owner is told too, or they stay until they expire
	}
	f, now, by := m.Flow.Signal(), time.Now(), "end of the connection"
	removed, c := a.machine.Lost(f, now)
	if m.BeforeMs != 0 {
		by = "end of the member"
		removed, c = a.machine.LostWith(f.Edge, time.UnixMilli(m.BeforeMs), now)
	}
	if c != nil {
		a.log.Info("registrations removed", "count", removed, "by", by)
		a.await(ctx, c, waiter{}, by)
	}
}

// onRecall: an earlier owner of the name has left registrations that this one did not know when it began, or could not
// show in their snapshot.
func (a *accountActor) onRecall(m *msg.AccountRecall) {
	b, err := DecodeBindings(m.Bindings)
	if err != nil {
		a.log.Error("registrations that were left behind are not readable", "err", err)
		return
	}
	if m.Shown && !a.floor.Directory.SetBindings(a.aor, b) || !m.Shown && a.floor.take(a.aor, b, a.log) != nil {
		return // newer ones are known
	}
	a.log.Info("registrations of an earlier owner are taken on", "position", b.Position)
	a.machine.Recalled(b.Bindings)
}

func (a *accountActor) onKick(ctx actor.Context, m *msg.AccountKick) {
	if _, ok := a.epoch(); !ok {
		ctx.Respond(&msg.AccountKicked{Error: errNotOwner.Error()})
		return
	}
	removed, c := a.machine.Kick(m.Contact, time.Now())
	if c == nil {
		ctx.Respond(&msg.AccountKicked{})
		return
	}
	a.log.Info("registrations removed", "count", removed, "by", m.Author)
	a.await(ctx, c, waiter{asker: ctx.Sender(), removed: removed}, m.Author)
}

// await writes a change that somebody waits for.
func (a *accountActor) await(ctx actor.Context, c *change, w waiter, author string) {
	a.waiters[c.number] = w
	cluster.After(ctx, durable, &late{c.number})
	a.write(ctx, c, author)
}

// write puts a change into the journal. When it is there, routing sees it and the snapshot follows:
// from the goroutine of the store, so that a crash of this actor loses nothing.
func (a *accountActor) write(ctx actor.Context, c *change, author string) {
	self, aor, floor, log := ctx.Self(), a.aor, a.floor, a.log
	epoch, _ := a.epoch()
	b := Bindings{Bindings: c.bindings, Author: author, Epoch: epoch}
	err := floor.Journal.Append(store.Fact{Kind: FactRegistered, Subject: string(aor), At: time.Now(), Body: b.Encode()},
		func(position uint64, err error) {
			if b.Position = position; err == nil {
				err = floor.take(aor, b, log)
			}
			floor.Member.Send(self, &written{c.number, err})
		})
	if err != nil {
		ctx.Send(ctx.Self(), &written{c.number, err})
	}
}

// take takes registrations that are in the journal: all members are told, before anybody is answered.
func (f *Floor) take(aor signal.AOR, b Bindings, log *slog.Logger) error {
	before := f.Directory.Bindings(aor)
	if !f.Directory.SetBindings(aor, b) {
		return errNotOwner
	}
	body := b.Encode()
	f.Member.Publish(&msg.AccountBound{Aor: string(aor), Bindings: body, Epoch: b.Epoch, Position: b.Position})
	if fresh := arrived(before, b.Bindings); len(fresh) > 0 && f.Arrived != nil {
		f.Arrived(aor, fresh)
	}
	if err := f.Snapshots.PutLater(string(aor), body); err != nil {
		log.Warn("registration is not snapshot; the journal has it", "err", err)
	}
	return nil
}

// Hear takes the registrations that the owner of an account publishes to all members; other news are not its business.
func (d *Directory) Hear(n cluster.News) {
	m, ok := n.(*msg.AccountBound)
	if !ok {
		return
	}
	b, err := DecodeBindings(m.Bindings)
	if err != nil {
		return // of a newer version; the store's copy is looked at by people
	}
	b.Epoch, b.Position = m.Epoch, m.Position
	d.SetBindings(signal.AOR(m.Aor), b)
}

func (a *accountActor) onWritten(ctx actor.Context, m *written) {
	if m.err != nil {
		a.log.Warn("registration is not written", "err", m.err)
		a.answer(ctx, m.number, a.machine.Failed(m.number), m.err)
		return
	}
	a.answer(ctx, m.number, a.machine.Written(m.number), nil)
}

// errLate says that the journal does not answer in time; the change may yet come.
var errLate = errors.New("the journal does not answer")

// errNotOwner says that another member owns the account by now, or that at the moment nobody may write for it.
var errNotOwner = errors.New("this member may not write for the account now: try again")

// onStopping: the name has another owner, or the member stops. Who waits is told to try again: without an answer a phone
// would wait half a minute (timer F, RFC 3261 section 17.1.2.2). The changes are on their way all the same.
func (a *accountActor) onStopping(ctx actor.Context) {
	for number := range a.waiters {
		a.answer(ctx, number, a.machine.Late(number), errNotOwner)
	}
}

// answer answers who waits for a change, once: the phone by r, who removed registrations by err.
func (a *accountActor) answer(ctx actor.Context, number uint64, r *signal.Response, err error) {
	w := a.waiters[number]
	delete(a.waiters, number)
	switch {
	case w.edge != nil && r != nil:
		a.respond(ctx, w.edge, r)
	case w.asker != nil && err != nil:
		ctx.Send(w.asker, &msg.AccountKicked{Error: err.Error()})
	case w.asker != nil:
		ctx.Send(w.asker, &msg.AccountKicked{Removed: int32(w.removed)})
	}
}

func (a *accountActor) respond(ctx actor.Context, edge *actor.PID, r *signal.Response) {
	ctx.Send(edge, &msg.SignalRespond{Response: msg.FromResponse(r)})
}
