package actors

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"tandem/actors/msg"
	"tandem/actors/queuelog/answer"
	"tandem/actors/queuelog/live"
	"tandem/actors/queuelog/report"
	"tandem/actors/queuelog/table"
	"tandem/web"
)

// liveLogs answers web.LiveLogs: with what is in this member's tables, and what the owners of partitions and exchanges say.
type liveLogs struct{ *House }

// Times and limits of a live view.
const (
	lookWait  = time.Second // for how a partition or an exchange stands
	lookAtOne = 8           // servers that are looked at at the same time
	inTime    = 20          // seconds of a service level that nobody has given
)

// Live implements web.LiveLogs.
func (l liveLogs) Live(ctx context.Context, q web.LiveQuery) (v web.LiveView, err error) {
	source, err := l.serversOf(ctx, cmp.Or(q.Source, "cluster:*"))
	if err != nil {
		return v, err
	}
	ask, err := l.asked(q)
	if err != nil {
		return v, err
	}
	servers := make([]live.Server, len(source.Parts))
	errs := make([]error, len(servers))
	var work sync.WaitGroup
	places := make(chan struct{}, lookAtOne)
	for i, p := range source.Parts {
		work.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			servers[i], errs[i] = l.server(ctx, p, ask)
		})
	}
	work.Wait()
	if err := errors.Join(errs...); err != nil {
		return v, err
	}
	v = live.Make(source, servers, ask)
	v.Source = cmp.Or(q.Source, v.Source)
	l.listens(q.By, v.Calls)
	return v, nil
}

// listens marks the calls to which somebody may listen: by the right over each of their queues.
func (l liveLogs) listens(by web.Asker, calls []web.LiveCall) {
	who, deaf := recordings(l).listener(by), map[string]bool{}
	for _, c := range calls {
		deaf[c.Key()] = deaf[c.Key()] || !recordings(l).may(by, who, c.Queue)
	}
	for i := range calls {
		calls[i].Hears = !deaf[calls[i].Key()]
	}
}

// serversOf reads a source expression; all servers are those that have lines, and those whose manager interface is set.
func (l liveLogs) serversOf(ctx context.Context, spec string) (report.Source, error) {
	var set []string
	for _, e := range l.live.Conf().Exchanges.Servers {
		set = append(set, e.Name)
	}
	return answer.Source(ctx, l.tables, spec, set...)
}

// asked reads the question.
func (l liveLogs) asked(q web.LiveQuery) (a live.Ask, err error) {
	c := l.live.Conf().Reports
	a = live.Ask{Now: time.Now(), Within: cmp.Or(q.Within, inTime), Quiet: c.Quiet, Queues: q.Queues, Sees: l.reportsFor(q.By),
		Names: report.Names{KeepLocal: c.KeepLocal, Strip: c.StripChannels}}
	if !q.From.IsZero() {
		a.From = q.From.Unix()
		return a, nil
	}
	zone, err := time.LoadLocation(cmp.Or(q.Zone, "UTC"))
	if err != nil || q.Zone == "Local" {
		return a, web.Invalid("zone %s is no time zone: UTC, or a place such as Europe/Berlin", clipped(q.Zone))
	}
	year, month, day := a.Now.In(zone).Date()
	a.From = time.Date(year, month, day, 0, 0, 0, 0, zone).Unix()
	return a, nil
}

// server is all that is known of a server.
func (l liveLogs) server(ctx context.Context, p report.Part, a live.Ask) (s live.Server, err error) {
	s.Part = p
	err = l.tables.Now(ctx, p.Name, report.Ask{Within: a.Within, From: a.From}, func(f *report.Fold, figures report.Figures) {
		s.Log = live.LogOf(f, figures)
	})
	if err != nil && !errors.Is(err, table.ErrNoPartition) {
		return s, err
	}
	s.Told = l.told(ctx, p.Name)
	if s.Log == nil && s.Told == nil {
		return s, web.NotFound("there is no partition %s, and no server of that name in exchanges.servers", p.Name)
	}
	if s.Log != nil {
		s.LogFeed, s.Ahead = l.logFeed(ctx, p.Name, a)
	}
	return s, nil
}

// told is what the manager interface of a server has told; nil: none is set.
func (l liveLogs) told(ctx context.Context, name string) *msg.ExchangeFound {
	if _, set := l.live.Conf().Exchanges.Of(name); !set {
		return nil
	}
	answer, err := l.member.Ask(ctx, "exchange", name, &msg.ExchangeFind{}, lookWait)
	if found, ok := answer.(*msg.ExchangeFound); ok && err == nil {
		return found
	}
	return &msg.ExchangeFound{State: "away", Why: "the member that speaks with it does not answer"}
}

// logFeed says how old what the lines of a partition say is.
func (l liveLogs) logFeed(ctx context.Context, partition string, a live.Ask) (f web.LiveFeed, ahead time.Duration) {
	f.State = web.LiveCut
	answer, err := l.member.Ask(ctx, "partition", partition, &msg.PartitionFind{}, lookWait)
	found, ok := answer.(*msg.PartitionFound)
	if err != nil || !ok {
		f.Why = "the owner of the partition does not answer"
		return f, 0
	}
	var p web.Partition
	f.State, f.Why = l.stands(&p, found, a.Now)
	f.Heard, f.Last = p.Heard, p.Last
	return f, p.Ahead.Duration()
}

// reports makes reports of the tables, and of what goes on now.
func (h *House) reports() *answer.Reports {
	r := answer.New(h.tables, h.reportsFor)
	r.Live = liveLogs{h}.Live
	return r
}
