package intake

import (
	"context"
	"maps"
	"slices"
	"time"

	"tandem/actors/stat/source"
	"tandem/conf"
)

// Times of watching.
const (
	lookEvery  = 100 * time.Millisecond
	stuckEvery = time.Second
	// goneTime is how long a source whose connection has ended may take to come back before it is lost.
	goneTime = 2 * time.Second
	// queryTime is how long an adapter may take to tell of calls that it was asked for.
	queryTime = 20 * time.Second
	maxQuery  = 100 // calls that are asked for at once
)

// Run watches over the sources that this member holds, until ctx ends.
func (i *Intake) Run(ctx context.Context) {
	look, stuck := time.NewTicker(lookEvery), time.NewTicker(stuckEvery)
	defer look.Stop()
	defer stuck.Stop()
	for {
		select {
		case <-look.C:
			i.each(func(h *held, s conf.Source, known bool) { i.silence(ctx, h, s, known) })
		case <-stuck.C:
			i.each(func(h *held, s conf.Source, known bool) {
				if known {
					i.stuck(ctx, h, s)
				}
			})
		case <-ctx.Done():
			return
		}
	}
}

// each looks at the sources that this member holds; known says that settings name it.
func (i *Intake) each(look func(h *held, s conf.Source, known bool)) {
	settings := i.Settings()
	for _, name := range i.names(settings) {
		if h, ok := i.hold(name); ok {
			s, known := settings.Of(name)
			look(h, s, known)
		}
	}
}

// names are the sources that settings name, and those that have told something.
func (i *Intake) names(settings conf.Adapters) []string {
	all := map[string]bool{}
	for _, s := range settings.Sources {
		all[s.Name] = true
	}
	i.Hall.Sources(func(b *source.Book) {
		for _, name := range b.Names() {
			all[name] = true
		}
	})
	return slices.Sorted(maps.Keys(all))
}

// silence tells that a source is lost: it says nothing, or its connection is gone. It is gone where the settings do not name it any
// more.
func (i *Intake) silence(ctx context.Context, h *held, s conf.Source, known bool) {
	state := i.state(h.name)
	if !state.Known || state.Lost && known {
		return
	}
	i.mu.Lock()
	now := i.Now()
	why, what := "", source.Lost
	switch {
	case !known:
		why, what = "it is none any more", source.Gone
	case now.Sub(h.heard) > s.Silence:
		why = "it says nothing"
	case !h.gone.IsZero() && now.Sub(h.gone) > min(s.Silence, goneTime):
		why = "its connection has ended"
	}
	i.mu.Unlock()
	if why == "" || len(h.turn) > 0 { // an offer is being taken
		return
	}
	ctx, cancel := context.WithTimeout(ctx, takeTime)
	defer cancel()
	if err := i.tell(ctx, h.name, source.Batch{Source: h.name, What: what, Arrived: now.UnixMilli(), Member: i.Member.Name()}); err != nil {
		i.Log.Warn("a source of statistics is lost, and that can not be told yet", "source", h.name, "err", err)
		return
	}
	i.Log.Warn("a source of statistics is lost; its objects are invalid", "source", h.name, "why", why, "next", state.Next)
}

// stuck cleans away calls of which nothing was heard for long, and for which the adapter was asked in vain.
func (i *Intake) stuck(ctx context.Context, h *held, s conf.Source) {
	now := i.Now()
	before := now.Add(-s.Stuck).UnixMilli()
	var silent []string
	i.Hall.Sources(func(b *source.Book) { silent = b.Silent(h.name, before, maxQuery) })
	i.mu.Lock()
	maps.DeleteFunc(h.asked, func(conn string, _ time.Time) bool { return !slices.Contains(silent, conn) })
	var vain []string
	for _, conn := range silent {
		if at, ok := h.asked[conn]; !ok {
			h.asked[conn] = now
		} else if now.Sub(at) > min(queryTime, s.Stuck) {
			vain = append(vain, conn)
		}
	}
	i.mu.Unlock()
	if len(vain) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, takeTime)
	defer cancel()
	if err := i.tell(ctx, h.name, source.Batch{Source: h.name, What: source.Stuck, Arrived: before, Conns: vain}); err == nil {
		i.Log.Warn("calls of a source are cleaned away: nothing was heard of them", "source", h.name, "calls", len(vain), "for", s.Stuck)
	}
}

// query are the calls for which the adapter is asked with an answer.
func (i *Intake) query(h *held) []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Sorted(maps.Keys(h.asked))
}
