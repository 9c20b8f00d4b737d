package router

import (
	"net/netip"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/signal"
)

// standings is what this member knows of trunks, by their names.
type standings struct{ m sync.Map } // name -> *msg.TrunkStanding

// Stand takes how a trunk stands, from its owner.
func (in *Ingress) Stand(s *msg.TrunkStanding) { in.standings.m.Store(s.Name, s) }

// Standing is how a trunk stands, as far as this member was told; nil: it was not.
func (in *Ingress) Standing(trunk string) *msg.TrunkStanding {
	if s, ok := in.standings.m.Load(trunk); ok {
		return s.(*msg.TrunkStanding)
	}
	return nil
}

// Learned are the addresses from which a trunk's calls come, as its owner has found: where it is registered, and where the
// names of its targets lead.
func (in *Ingress) Learned(trunk string) (all []netip.Addr) {
	for _, b := range in.Standing(trunk).GetAddresses() {
		if a, ok := netip.AddrFromSlice(b); ok {
			all = append(all, a.Unmap())
		}
	}
	return all
}

// entry is a call from a trunk until it has its channel.
type entry struct {
	start   *msg.SignalStart
	waits   bool
	channel uint64
}

// entryAsk is the number of the question for the channel of a call that comes in.
const entryAsk = 0

// seizeWait is how long the owner of a trunk may take to answer.
const seizeWait = 2 * time.Second

// seizeLate: he has not.
type seizeLate struct{ ask uint64 }

// enter asks for the channel of a call from a trunk: it goes on when that is answered.
func (a *signalActor) enter(ctx actor.Context, m *msg.SignalStart) {
	a.entry = entry{start: m, waits: true}
	r := a.machine.request
	a.seize(ctx, seize{ask: entryAsk, trunk: r.Origin.Trunk, emergency: r.Urgent})
}

// seize asks the owner of a trunk.
func (a *signalActor) seize(ctx actor.Context, e seize) {
	ask := &msg.TrunkSeize{Signal: ctx.Self(), Ask: e.ask, Incoming: e.ask == entryAsk, Emergency: e.emergency}
	if err := a.in.member.Tell("trunk", e.trunk, ask); err != nil {
		a.log.Warn("a trunk is not asked", "trunk", e.trunk, "err", err)
		ctx.Send(ctx.Self(), &seizeLate{e.ask})
		return
	}
	a.timers = append(a.timers, cluster.After(ctx, seizeWait, &seizeLate{e.ask}))
}

func (a *signalActor) onSeized(ctx actor.Context, m *msg.TrunkSeized) {
	if m.Ask != entryAsk {
		a.perform(ctx, a.machine.Seized(m))
		return
	}
	if !a.entry.waits {
		return
	}
	a.entry.channel = m.Channel
	if m.Channel == 0 {
		a.log.Info("call refused", "trunk", m.Trunk, "because", m.Reason)
		a.endEntry(ctx, int(m.Status), m.Reason)
		return
	}
	a.entered(ctx)
}

// onSeizeLate: a call that comes in is not lost because the trunk has no owner now; who has it then finds its leg.
func (a *signalActor) onSeizeLate(ctx actor.Context, m *seizeLate) {
	switch {
	case m.ask != entryAsk:
		a.perform(ctx, a.machine.SeizeLate(m.ask))
	case a.entry.waits:
		a.entered(ctx)
	}
}

func (a *signalActor) entered(ctx actor.Context) {
	a.entry.waits = false
	a.start(ctx, a.entry.start)
}

// endEntry ends a call that has not come in yet.
func (a *signalActor) endEntry(ctx actor.Context, status int, reason string) {
	a.entry.waits = false
	r := answer(a.request, status, reason)
	if status == 503 {
		r.Headers = retryLater
	}
	a.respond(ctx, r)
	ctx.Stop(ctx.Self())
}

// held tells the owner of a trunk that a leg uses its channel.
func (a *signalActor) held(trunk string, channel uint64, leg *actor.PID, incoming bool) {
	if trunk == "" || channel == 0 || leg == nil {
		return
	}
	if err := a.in.member.Tell("trunk", trunk, &msg.TrunkHeld{Channel: channel, Leg: leg, Incoming: incoming}); err != nil {
		a.log.Debug("a trunk is not told of a leg", "trunk", trunk, "err", err)
	}
}

// branchHeld does so for the leg of a branch that was answered. Until then the Signal holds the channel: legs of targets
// that did not answer may live on for a while, but are no calls.
func (a *signalActor) branchHeld(id signal.BranchID) {
	if b := a.branch(id); b.trunk != "" {
		a.held(b.trunk, a.machine.trunks.channel[b.trunk], b.pid, false)
	}
}
