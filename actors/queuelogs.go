package actors

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"tandem/actors/cluster"
	"tandem/actors/ledger"
	"tandem/actors/msg"
	"tandem/actors/queuelog"
	"tandem/actors/queuelog/answer"
	"tandem/actors/queuelog/block"
	"tandem/actors/queuelog/live"
	"tandem/actors/queuelog/report"
	"tandem/actors/queuelog/table"
	"tandem/actors/store"
	"tandem/signal"
	"tandem/web"
	"tandem/ximss/cli"
)

// maxPartitions is how many partitions live here at once.
const maxPartitions = 2000

// introducePartitions makes the queue_logs of other servers known to the member.
func (h *House) introducePartitions() {
	h.member.Introduce("partition", (&queuelog.Floor{Member: h.member, Lines: h.store.Lines(), Log: h.log}).Make)
}

// openQueueLogs opens the tables of queue logs, and lets them follow the raw lines.
func (h *House) openQueueLogs(ctx context.Context) (err error) {
	c := h.live.Conf()
	o := table.Options{DSN: string(c.Reports.DSN), Names: report.Names{KeepLocal: c.Reports.KeepLocal, Strip: c.Reports.StripChannels}}
	if o.DSN == "" {
		if o.File = c.Reports.File; filepath.Base(o.File) == o.File {
			o.File = filepath.Join(c.Member.Data, o.File)
		}
	}
	if h.tables, err = table.Open(ctx, o); err != nil {
		return err
	}
	h.closes(func(context.Context) error { return h.tables.Close() })
	f := &queuelog.Follower{Lines: h.store.Lines(), Rows: tableRows{h.tables, h.instance}, Log: h.log,
		Writes: func() bool { return o.DSN == "" || h.leads() }}
	own := &queuelog.Own{Lines: h.store.Lines(), Journal: h.store.Journal().Follower(), Kept: h.store.Bucket(store.Kept), Name: h.instance, Leads: h.leads,
		Refusals: func() bool { return h.live.Conf().Queues.LogRefusals }, Every: followEvery, Log: h.log}
	h.beside(ctx, f.Run, own.Run)
	return nil
}

// tableRows are the tables, as those see them who bring lines of a store.
type tableRows struct {
	*table.Tables
	source string
}

// Add implements queuelog.Rows.
func (t tableRows) Add(ctx context.Context, partition string, from uint64, lines []string) error {
	err := t.Tables.Add(ctx, partition, from, lines)
	if errors.Is(err, table.ErrGap) {
		return errors.Join(queuelog.ErrGap, err)
	}
	return err
}

// Place implements queuelog.Rows.
func (t tableRows) Place(ctx context.Context) (uint64, error) { return t.Tables.Place(ctx, t.source) }

// Reached implements queuelog.Rows.
func (t tableRows) Reached(ctx context.Context, next uint64) error {
	return t.Tables.Reached(ctx, t.source, next)
}

// reportsFor tells of which queues somebody may have reports; nil: of all.
func (h *House) reportsFor(by web.Asker) func(queue string) bool {
	r, ok := h.directory.Record(signal.AOR(by.Account))
	ok = ok && !r.Disabled
	if by.Master || ok && (r.Is("robot") || ledger.MayQueue(r, cli.CanSupervise, "")) {
		return nil
	}
	return func(queue string) bool { return ok && ledger.MayQueue(r, cli.CanSupervise, queue) }
}

// queueLogs answers web.QueueLogs.
type queueLogs struct{ *House }

// Times of what is asked of partitions.
const (
	loadWait  = 10 * time.Second // for an answer to lines
	ownerWait = 6 * time.Second  // for a partition to have an owner
	ownerLook = 100 * time.Millisecond
	standWait = 2 * time.Second // for how one stands
)

// ask asks a partition, when it has an owner.
func (q queueLogs) ask(ctx context.Context, partition string, message any, wait time.Duration) (answer any, err error) {
	if _, err := report.ParseSource("sql:" + partition); err != nil {
		return nil, web.Invalid("%q is no name of a partition: a word of letters, digits, '_', '.' and '-'", clipped(partition))
	}
	owner, cancel := context.WithTimeout(ctx, ownerWait)
	defer cancel()
	_ = cluster.Until(owner, ownerLook, func() bool {
		answer, err = q.member.Ask(ctx, "partition", partition, message, wait)
		return !errors.Is(err, cluster.ErrNoOwner)
	})
	if err != nil {
		return nil, web.Unavailable("the owner of partition %s does not answer (%v): try again in a moment", partition, err)
	}
	return answer, nil
}

// maxQuoted bounds a text of a client in a refusal, in bytes.
const maxQuoted = 80

func clipped(text string) string { return msg.Cut(text, maxQuoted) }

func writerOf(o web.LineOffer) *msg.PartitionWriter {
	w := &msg.PartitionWriter{Name: o.Writer, Run: o.Run, Address: o.Address, Version: o.Version, Follows: o.Follows, Ends: o.Ends}
	if !o.Clock.IsZero() {
		w.ClockMs = o.Clock.UnixMilli()
	}
	return w
}

// taken asks, and says what became of what was offered.
func (q queueLogs) taken(ctx context.Context, partition string, message any) (web.Taken, error) {
	answer, err := q.ask(ctx, partition, message, loadWait)
	if err != nil {
		return web.Taken{}, err
	}
	l, ok := answer.(*msg.PartitionLoaded)
	if !ok {
		return web.Taken{}, errors.New("a partition has answered something else")
	}
	return web.Taken{Refusal: l.Refusal, Why: l.Why, File: l.File, Offset: l.Offset, Hash: l.Hash, Lines: l.Lines, Added: l.Added,
		Present: l.Present, Malformed: l.Malformed, Late: l.Late, High: l.High}, nil
}

// Load implements web.QueueLogs.
func (q queueLogs) Load(ctx context.Context, o web.LineOffer) (web.Taken, error) {
	return q.taken(ctx, o.Partition, &msg.PartitionLoad{Writer: writerOf(o), File: o.File, From: o.From, To: o.To, Hash: o.Hash, After: o.After,
		Text: o.Text, Size: o.Size, Late: o.Late})
}

// Row implements web.QueueLogs.
func (q queueLogs) Row(ctx context.Context, o web.LineOffer) (web.Taken, error) {
	return q.taken(ctx, o.Partition, &msg.PartitionRow{Writer: writerOf(o), Line: o.Text})
}

// Mark implements web.QueueLogs.
func (q queueLogs) Mark(ctx context.Context, o web.LineOffer) (web.Taken, error) {
	return q.taken(ctx, o.Partition, &msg.PartitionMark{Writer: writerOf(o)})
}

// Partitions implements web.QueueLogs.
func (q queueLogs) Partitions(ctx context.Context, name string) (all []web.Partition, err error) {
	rows, err := q.tables.Partitions(ctx)
	if err != nil {
		return nil, err
	}
	if name != "" {
		rows = slices.DeleteFunc(rows, func(p table.Partition) bool { return p.Name != name })
		if len(rows) == 0 { // its lines may not be in the tables yet
			rows = append(rows, table.Partition{Name: name})
		}
	}
	all = make([]web.Partition, len(rows))
	places := make(chan struct{}, maxAsked)
	var asked sync.WaitGroup
	for i, r := range rows {
		places <- struct{}{}
		asked.Go(func() { all[i] = q.partition(ctx, r); <-places })
	}
	asked.Wait()
	switch {
	case name != "" && all[0].State == "unknown": // whoever goes on where it is must not believe that nothing is there
		return nil, web.Unavailable("the owner of partition %s does not answer: try again in a moment", name)
	case name != "" && all[0].Lines == 0 && all[0].Writer == "":
		return nil, nil
	}
	return all, nil
}

// maxAsked is how many partitions are asked at once how they stand.
const maxAsked = 16

// partition is how one stands, by its rows and by its owner.
func (q queueLogs) partition(ctx context.Context, r table.Partition) web.Partition {
	p := web.Partition{Name: r.Name, Rows: r.Lines, Lines: r.Lines, Malformed: r.Malformed, First: moment(r.First), Last: moment(r.Last)}
	ctx, cancel := context.WithTimeout(ctx, standWait)
	defer cancel()
	answer, err := q.ask(ctx, r.Name, &msg.PartitionFind{}, standWait)
	found, ok := answer.(*msg.PartitionFound)
	p.Member, _ = q.member.Owner("partition", r.Name)
	if err != nil || !ok {
		p.State = "unknown"
		return p
	}
	p.State, _ = q.stands(&p, found, time.Now())
	return p
}

func moment(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

func milli(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// stands adds what the owner of a partition says, and tells how the partition stands; why: it is cut off.
func (h *House) stands(p *web.Partition, f *msg.PartitionFound, now time.Time) (state, why string) {
	said(p, f)
	if p.Own {
		h.ours(p, now)
	}
	return stateOf(*p, h.live.Conf().Reports.Quiet, now)
}

func said(p *web.Partition, f *msg.PartitionFound) {
	p.Lines, p.Malformed, p.First, p.Last = f.Lines, f.Malformed, moment(f.First), moment(f.High)
	p.Heard, p.Ahead = milli(f.HeardMs), web.InSeconds(time.Duration(f.AheadMs)*time.Millisecond)
	if w := f.Writer; w != nil {
		p.Writer, p.Address, p.Version = w.Name, w.Address, w.Version
		p.Behind = f.Size - min(f.Size, f.Offset)
	}
	if f.Refused != nil {
		p.Refused, p.RefusedAt = strings.TrimSpace(f.Refused.Name+" "+f.Refused.Address), milli(f.RefusedMs)
	}
	p.Own = f.Note.GetWriter() == queuelog.OwnWriter
	p.File, p.Offset, p.Hash, p.By = f.Note.GetFile(), f.Note.GetOffset(), f.Note.GetHash(), f.Note.GetWriter()
	for _, v := range f.Visits {
		p.Loads = append(p.Loads, web.Visit{Writer: v.Writer, File: v.File, Begin: milli(v.BeginMs), Last: milli(v.LastMs), Added: v.Added,
			Present: v.Present, Malformed: v.Malformed, Late: v.Late, Refusal: v.Refusal})
	}
}

// ours says who brings the lines of our own queues: the Controller, which no file has.
func (h *House) ours(p *web.Partition, now time.Time) {
	p.File, p.Offset, p.Hash = "", 0, ""
	if h.member.Society() == nil {
		p.Writer = h.Name()
	} else {
		p.Writer = h.member.Society().Controller.Member
	}
	if p.Writer != "" && h.leads() {
		p.Heard = now.UTC()
	}
}

// stateOf tells a server that has nothing to say from one that is cut off: by whether somebody reads its file. The
// Controller is heard by all, and not here.
func stateOf(p web.Partition, quiet time.Duration, now time.Time) (state, why string) {
	switch {
	case p.Writer == "" && p.Own:
		return web.LiveCut, "the cluster has no Controller"
	case p.Writer == "":
		return web.LiveCut, "nobody follows its file"
	case !p.Own && now.Sub(p.Heard) > live.LogCut:
		return web.LiveCut, "whoever follows its file is not heard"
	case p.Behind > 0:
		return web.LiveBehind, ""
	case now.Add(p.Ahead.Duration()).Sub(p.Last) > quiet:
		return web.LiveQuiet, ""
	}
	return web.LiveOn, ""
}

// Figures implements web.QueueLogs.
func (q queueLogs) Figures(ctx context.Context, source string, asked map[string][]string) (any, error) {
	s, err := answer.Source(ctx, q.tables, source)
	if err != nil {
		return nil, err
	}
	ask, err := block.Parse(asked)
	if err != nil {
		return nil, web.Invalid("%v", err)
	}
	ask.Whole = cmp.Or(first(asked["whole"]), "false") == "true"
	f, err := q.tables.Figures(ctx, s, ask.Source())
	if errors.Is(err, table.ErrNoPartition) {
		return nil, web.NotFound("%v", err)
	}
	f.Spec = source
	return f, err
}

// Explain implements web.QueueLogs.
func (q queueLogs) Explain(ctx context.Context, call string) (story web.LogStory, err error) {
	partition, id, ok := strings.Cut(call, ":")
	if !ok || id == "" {
		return story, web.Invalid("%q is no call: its partition, a colon and its id, such as A:1700000000.7", clipped(call))
	}
	steps, err := q.tables.Explain(ctx, partition, id)
	switch {
	case errors.Is(err, table.ErrNoPartition):
		return story, web.NotFound("there is no partition %q", clipped(partition))
	case err == nil && len(steps) == 0:
		return story, web.NotFound("no line of %s names the call %s", partition, clipped(id))
	}
	story.Call = call
	for _, s := range steps {
		step := web.LogStep{Line: s.Ordinal, Text: s.Text, What: s.What}
		if s.Stint != nil {
			step.Stint = s.Stint
		}
		story.Steps = append(story.Steps, step)
	}
	return story, err
}

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}
