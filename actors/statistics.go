package actors

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"reflect"
	"time"

	"tandem/actors/stat"
	"tandem/actors/stat/engine"
	"tandem/conf"
	"tandem/web"
)

// lastCheckpoint is how long the end of a member waits for its statistics to be kept.
const lastCheckpoint = time.Second

// openStatistics begins to follow the journal for the statistics.
func (h *House) openStatistics(ctx context.Context) error {
	if err := h.demandSolution(); err != nil {
		return err
	}
	h.hall = stat.New(stat.Options{Member: h.member, Journal: h.store.Journal(), Files: h.store.Files(), MaxFile: h.live.Conf().Store.MaxFile,
		Names:   func(solution string) *stat.Catalogue { return catalogue(&h.live.Conf().Stat, solution) },
		Keep:    func() time.Duration { return h.live.Conf().Stat.Keep },
		Objects: h.defined, Backups: h.backups, Now: time.Now, Log: h.log, Solutions: &solutions{h}})
	if err := h.hall.Load(ctx); err != nil {
		return err
	}
	h.member.Answers(stat.AskWhat, h.hall.Answer)
	h.member.Answers(stat.WatchWhat, h.hall.Watched)
	h.member.Answers(stat.ToldWhat, h.hall.Told)
	h.member.Answers(stat.SaveWhat, h.hall.Saved)
	before, _ := h.hall.Profile("")
	err := h.subscribe("stat", func(*conf.Conf) {
		h.hall.Redefine()
		if now, _ := h.hall.Profile(""); !reflect.DeepEqual(now, before) {
			before = now
			h.hall.Rename()
		}
	})
	if err != nil {
		return err
	}
	stop := h.ledger.WatchAgents(func(string) { h.hall.Redefine() })
	h.closes(func(context.Context) error { stop(); return nil })
	running, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); h.hall.Run(running) }()
	h.closes(func(ctx context.Context) error {
		cancel()
		<-done
		if !h.store.Quorum() {
			return nil // the one before it, and the journal, are as good
		}
		ctx, late := context.WithTimeout(ctx, lastCheckpoint)
		defer late()
		if err := h.hall.Checkpoint(ctx); err != nil {
			h.log.Warn("statistics write no last checkpoint; the one before it stays", "err", err)
		}
		return nil
	})
	return nil
}

// backups say how often what statistics have counted is written down for other installations, and where.
func (h *House) backups() (every time.Duration, file string) {
	c := h.live.Conf()
	return c.Stat.AutoBackupInterval, filepath.Join(c.Member.Data, "statistics.backup")
}

// statistics are the hall for the web.
type statistics struct {
	hall      *stat.Hall
	solutions *solutions
}

// Open implements web.Statistics.
func (s statistics) Open(ctx context.Context, by web.Asker, q web.StatRequest) (web.StatValue, error) {
	v, err := s.hall.Open(ctx, opener(by), stat.Request(q))
	return webValue(v), statRefusal(err)
}

// opener is the account whose a statistic is that somebody opens; administrators may open as many as there may be.
func opener(by web.Asker) string {
	if by.Master {
		return ""
	}
	return by.Account
}

// Peek implements web.Statistics.
func (s statistics) Peek(ctx context.Context, ids []string, at int64, explain bool) ([]web.StatValue, error) {
	values, err := s.hall.Peek(ctx, ids, at, explain)
	out := make([]web.StatValue, len(values))
	for i, v := range values {
		out[i] = webValue(v)
	}
	return out, statRefusal(err)
}

// List implements web.Statistics.
func (s statistics) List(q web.StatSearch) (out []web.Statistic, all int) {
	search := stat.Search{Object: q.Object, After: q.After, Limit: q.Limit}
	if q.Wanted != nil {
		search.Wanted = func(l *stat.Listed) bool { return q.Wanted(webListed(l)) }
	}
	if q.Order != nil {
		search.Order = func(a, b *stat.Listed) int { return q.Order(webListed(a), webListed(b)) }
	}
	found, all := s.hall.List(search)
	for i := range found {
		out = append(out, webListed(&found[i]))
	}
	return out, all
}

func webListed(l *stat.Listed) web.Statistic {
	return web.Statistic{ID: l.ID, StatRequest: web.StatRequest(l.Request), Opened: l.Opened, Asked: l.Asked, Leaves: l.Leaves, Owner: l.Owner}
}

// Drop implements web.Statistics.
func (s statistics) Drop(ctx context.Context, id string) error {
	return statRefusal(s.hall.Drop(ctx, id))
}

// Export implements web.StatFiles.
func (s statistics) Export(ctx context.Context, at int64, to io.Writer) error {
	return statRefusal(s.hall.Export(ctx, at, to))
}

// Backup implements web.StatFiles.
func (s statistics) Backup(ctx context.Context, to io.Writer) error {
	return statRefusal(s.hall.Backup(ctx, to))
}

// Restore implements web.StatFiles.
func (s statistics) Restore(ctx context.Context, from io.Reader) (web.StatRestored, error) {
	opened, open, err := s.hall.Restore(ctx, from)
	return web.StatRestored{Restored: opened, Open: open}, statRefusal(err)
}

// Profile implements web.Statistics.
func (s statistics) Profile(solution string) (web.StatProfile, error) {
	p, err := s.hall.Profile(solution)
	out := web.StatProfile{Types: map[string]web.StatRequest{}, Profiles: p.Profiles, Ranges: p.Ranges, Filters: p.Filters,
		Categories: p.Categories}
	for name, r := range p.Types {
		out.Types[name] = web.StatRequest(r)
	}
	return out, statRefusal(err)
}

// Solutions implements web.Statistics.
func (s statistics) Solutions() []web.StatSolution { return s.solutions.all() }

// Look implements web.Statistics.
func (s statistics) Look(ctx context.Context, ids []string) []web.StatValue {
	out := make([]web.StatValue, len(ids))
	values, err := s.hall.Look(ctx, ids)
	for i, id := range ids {
		if out[i] = (web.StatValue{ID: id}); err != nil {
			out[i].Problem = err.Error()
		} else {
			out[i] = webValue(values[i])
		}
	}
	return out
}

// statRefusal is an error as the web shows it.
func statRefusal(err error) error {
	var r *stat.Refusal
	switch {
	case err == nil:
		return nil
	case errors.As(err, &r):
		return web.Invalid("%v", err)
	case errors.Is(err, stat.ErrLong):
		return web.Invalid("%v", err)
	case errors.Is(err, stat.ErrUnknown):
		return web.NotFound("%v", err)
	}
	return web.Unavailable("%v", err)
}

func webValue(v stat.Value) web.StatValue {
	return web.StatValue{ID: v.ID, Object: v.Object, Number: v.Number, Empty: v.Empty, Whole: v.Whole, At: v.At, Since: v.Since,
		Complete: v.Complete, LastFact: v.LastFact, Age: v.Age, Valid: v.Valid, BackFilled: v.BackFilled, Restored: v.Restored, Member: v.Member, Problem: v.Problem,
		State: webState(v.State), Explain: webExplanation(v.Explain), Warnings: v.Warnings, Definition: (*web.StatRequest)(v.Definition)}
}

func webState(s *engine.State) *web.StatState {
	if s == nil {
		return nil
	}
	out := &web.StatState{Object: s.Object.String(), Status: s.Status, Since: s.Since}
	if s.Attached != nil {
		out.Attached = &web.StatAttached{Pairs: s.Attached.Pairs, Attributes: s.Attached.Attributes}
	}
	for _, a := range s.Actions {
		out.Actions = append(out.Actions, web.StatDoing(a))
	}
	for i := range s.Parts {
		out.Parts = append(out.Parts, *webState(&s.Parts[i]))
	}
	return out
}

func webExplanation(e *engine.Explanation) *web.StatExplanation {
	if e == nil {
		return nil
	}
	out := &web.StatExplanation{From: e.From, To: e.To, Sides: []web.StatFigure{}, Facts: []web.StatFact{}}
	for _, f := range e.Sides {
		out.Sides = append(out.Sides, web.StatFigure(f))
	}
	for _, f := range e.Facts {
		out.Facts = append(out.Facts, web.StatFact{Name: f.Name, Object: f.Object.String(), From: f.From, Until: f.Until,
			Running: f.Running, Instant: f.Instant, Conn: f.Conn})
	}
	return out
}

// Follow implements web.Statistics.
func (s statistics) Follow(_ context.Context, f web.StatFollowing) (web.StatStream, error) {
	sub := s.hall.Subscribe()
	for _, id := range f.IDs {
		err := sub.Follow(stat.Following{ID: id, Mode: stat.Mode(f.Mode), Insensitivity: f.Insensitivity, Frequency: f.Frequency})
		if err != nil {
			sub.Close()
			return nil, statRefusal(err)
		}
	}
	return statStream{sub}, nil
}

// statStream is a subscriber for the web.
type statStream struct{ *stat.Subscriber }

// Next implements web.StatStream.
func (s statStream) Next() []web.StatEvent {
	events := s.Subscriber.Next()
	out := make([]web.StatEvent, len(events))
	for i, e := range events {
		out[i] = web.StatEvent{Kind: string(e.Kind), Value: webValue(e.Value)}
	}
	return out
}
