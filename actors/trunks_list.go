package actors

import (
	"context"
	"sync"
	"time"

	"tandem/actors/msg"
	"tandem/conf"
	"tandem/web"
)

// trunks are the ways to carriers, for the web.
type trunks struct{ *House }

// How long the owner of a trunk may take to tell how it stands, and to try it.
const (
	trunkWait = 2 * time.Second
	tryWait   = 8 * time.Second
)

// Find implements web.Trunks: all owners are asked at the same time.
func (t trunks) Find(ctx context.Context, name string) ([]web.Trunk, error) {
	var list []conf.Trunk
	for _, x := range t.live.Conf().Trunks.List {
		if name == "" || x.Name == name {
			list = append(list, x)
		}
	}
	all := make([]web.Trunk, len(list))
	var work sync.WaitGroup
	for i, x := range list {
		work.Go(func() { all[i] = t.stands(ctx, x, &msg.TrunkFind{}, trunkWait) })
	}
	work.Wait()
	return all, nil
}

// Try implements web.Trunks.
func (t trunks) Try(ctx context.Context, name, author string) (web.Trunk, error) {
	x, ok := t.live.Conf().Trunks.Of(name)
	if !ok {
		return web.Trunk{}, web.NotFound("there is no trunk %q; trunks.list names those there are", clipped(name))
	}
	t.log.Info("a trunk is tested", "kind", "trunk", "id", name, "author", author)
	return t.stands(ctx, x, &msg.TrunkTry{}, tryWait), nil
}

// stands asks the owner of a trunk.
func (t trunks) stands(ctx context.Context, x conf.Trunk, ask any, wait time.Duration) web.Trunk {
	out := web.Trunk{Name: x.Name, State: "unknown", Registration: "none", MaxChannels: x.Channels, MaxRate: x.Rate, Targets: []web.TrunkTarget{}}
	answer, err := t.member.Ask(ctx, "trunk", x.Name, ask, wait)
	f, ok := answer.(*msg.TrunkFound)
	if err != nil || !ok {
		out.Why = "the member that looks after it does not answer"
		return out
	}
	out.Member, out.Registration, out.RegisteredAt, out.Expires = f.Member, f.Registration, instant(f.RegisteredMs), instant(f.ExpiresMs)
	out.Channels, out.Incoming, out.Peak, out.Rate, out.Refused = int(f.Channels), int(f.Incoming), int(f.Peak), int(f.Rate), f.Refused
	out.LastError, out.LastErrorAt, out.Hour = f.LastError, instant(f.LastErrorMs), trunkFigures(f.Hour)
	for _, g := range f.Targets {
		out.Targets = append(out.Targets, web.TrunkTarget{Address: g.Address, State: g.State, Why: g.Why, Since: instant(g.SinceMs),
			Answered: instant(g.AskedMs), Trip: web.InSeconds(time.Duration(g.TripUs) * time.Microsecond), Priority: int(g.Priority), Weight: int(g.Weight)})
	}
	out.State, out.Why = trunkState(f, x)
	return out
}

// Stand implements web.Trunks.
func (t trunks) Stand() (all []web.TrunkStand) {
	for _, x := range t.live.Conf().Trunks.List {
		one := web.TrunkStand{Name: x.Name}
		if s := t.ingress.Standing(x.Name); s != nil {
			one.Known = true
			one.Up, one.Why = trunkUp(s, x)
		}
		all = append(all, one)
	}
	return all
}

// trunkUp tells whether a trunk takes calls, or why not. Where its owner does not say how it is registered, that is no worry.
func trunkUp(s *msg.TrunkStanding, x conf.Trunk) (up bool, why string) {
	if s.Up && x.Register && s.Registration != "" && s.Registration != "registered" {
		return false, "it is not registered"
	}
	return s.Up, s.Why
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// trunkState is how a trunk stands in one word: impaired are those that carry calls, but not by all that they should.
func trunkState(f *msg.TrunkFound, x conf.Trunk) (state, why string) {
	count := map[string]int{}
	for _, g := range f.Targets {
		count[g.State]++
		if g.State == "down" && why == "" {
			why = g.Address + ": " + g.Why
		}
	}
	switch {
	case x.Register && f.Registration == "refused":
		return "down", "not registered: " + f.RegistrationWhy
	case len(f.Targets) > 0 && count["down"] == len(f.Targets):
		return "down", why
	case count["down"] > 0:
		return "impaired", why
	case x.Register && f.Registration != "registered":
		return "unknown", ""
	case len(f.Targets) > 0 && count["up"] == 0:
		return "unknown", ""
	}
	return "up", ""
}

func trunkFigures(f *msg.TrunkFigures) web.TrunkFigures {
	share := func(part, of uint64) *float64 {
		if of == 0 {
			return nil
		}
		v := float64(part) / float64(of)
		return &v
	}
	mean := func(ms int64, of uint64) *web.Seconds {
		if of == 0 {
			return nil
		}
		v := web.InSeconds(time.Duration(ms) * time.Millisecond / time.Duration(of))
		return &v
	}
	return web.TrunkFigures{Out: f.GetOut(), In: f.GetIn(), Answered: f.GetAnswered(), TalkTotal: web.InSeconds(time.Duration(f.GetTalkMs()) * time.Millisecond),
		ASR: share(f.GetAnsweredOut(), f.GetOut()), NER: share(f.GetEffective(), f.GetOut()),
		ACD: mean(f.GetTalkMs(), f.GetAnswered()), PDD: mean(f.GetDelayMs(), f.GetRang())}
}
