package desk

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/cluster"
	"tandem/actors/form"
	"tandem/actors/msg"
	"tandem/media"
	"tandem/web"
)

// Calls answers web.Calls.
type Calls struct {
	Living func() []form.Leg // on this member
	// Ended are the last n records that keep lets through, of all members, the newest first.
	Ended func(n int, keep func(*msg.LegRecord) bool) []*msg.LegRecord
	// CatchUp has Ended know what other members have written by now.
	CatchUp func(ctx context.Context) error
	// Streams finds what the stream of a leg of this member measures.
	Streams func(leg string) (media.Stats, bool)
	Member  *cluster.Member
}

// Questions of one member to another one.
const (
	askLegs   = "legs"
	askHangup = "hangup"
)

// livingLeg is a leg as one member tells another one of it.
type livingLeg struct {
	Record           []byte // of protobuf
	State            string
	Codec            string  `json:",omitempty"` // of its stream now
	Encryption       string  `json:",omitempty"`
	MOS              float64 `json:",omitempty"`
	Needs, Placement string  `json:",omitempty"`
}

// legQuery is what legs a member is asked for.
type legQuery struct {
	form.LegQuery
	Limit int
}

// Answer lets other members ask this one.
func (c Calls) Answer() {
	answers(c.Member, askLegs, func(_ context.Context, q legQuery) ([]livingLeg, error) { return c.here(q) })
	answers(c.Member, askHangup, func(_ context.Context, handler string) (bool, error) { return c.hangup(handler) })
}

// here are the legs of this member that match, the oldest first.
func (c Calls) here(q legQuery) ([]livingLeg, error) {
	var matching []form.Leg
	for _, l := range c.Living() {
		if q.Match(l.Record) {
			matching = append(matching, l)
		}
	}
	slices.SortFunc(matching, func(a, b form.Leg) int { return cmp.Compare(a.Record.Started, b.Record.Started) })
	matching = matching[:min(len(matching), q.Limit)]
	out := make([]livingLeg, len(matching))
	for i, l := range matching {
		body, err := proto.Marshal(l.Record)
		if err != nil {
			return nil, err
		}
		out[i] = livingLeg{Record: body, State: l.State}
		if stats, ok := c.Streams(l.Record.Leg); ok {
			out[i].Codec, out[i].Encryption, out[i].MOS = stats.Codec, stats.Encryption, stats.MOS
		}
		if f, ok := c.Member.For(l.Record.Leg); ok {
			out[i].Needs, out[i].Placement = f.Member, f.Why
		}
	}
	return out, nil
}

// all are the living legs of all members that match, the oldest first, with their records.
func (c Calls) all(ctx context.Context, q legQuery) ([]livingLeg, []*msg.LegRecord, error) {
	found, err := c.here(q)
	if err != nil {
		return nil, nil, err
	}
	found = append(found, askAll[legQuery, livingLeg](ctx, c.Member, askLegs, q)...)
	records := make(map[*livingLeg]*msg.LegRecord, len(found))
	order := make([]*livingLeg, 0, len(found))
	for i := range found {
		r := &msg.LegRecord{}
		if proto.Unmarshal(found[i].Record, r) == nil {
			records[&found[i]] = r
			order = append(order, &found[i])
		}
	}
	slices.SortStableFunc(order, func(a, b *livingLeg) int { return cmp.Compare(records[a].Started, records[b].Started) })
	order = order[:min(len(order), q.Limit)]
	legs, sorted := make([]livingLeg, len(order)), make([]*msg.LegRecord, len(order))
	for i, l := range order {
		legs[i], sorted[i] = *l, records[l]
	}
	return legs, sorted, nil
}

// maxFound is the most legs that Find gives.
const maxFound = 10000

// Find are the living legs of all members that match, the oldest first.
func (c Calls) Find(ctx context.Context, q form.LegQuery) []form.Leg {
	legs, records, err := c.all(ctx, legQuery{q, maxFound})
	if err != nil {
		return nil
	}
	out := make([]form.Leg, len(legs))
	for i, l := range legs {
		out[i] = form.Leg{Record: records[i], State: l.State}
	}
	return out
}

// Legs are the living legs that match, oldest first.
func (c Calls) Legs(ctx context.Context, q web.LegQuery) ([]web.Leg, error) {
	legs, records, err := c.all(ctx, legQuery{form.LegQuery{Account: q.Account, Dialog: q.Handler}, q.Limit})
	if err != nil {
		return nil, err
	}
	out := make([]web.Leg, 0, len(legs))
	for i, l := range legs {
		row := webLeg(records[i])
		if q.Handler != "" && row.Handler != q.Handler {
			continue
		}
		row.State, row.Needs, row.Placement = l.State, l.Needs, l.Placement
		if l.Codec != "" {
			row.Codec, row.Encryption, row.MOS = l.Codec, l.Encryption, l.MOS
		}
		out = append(out, row)
	}
	return out, nil
}

// Records are the last records that match, newest first.
func (c Calls) Records(ctx context.Context, q web.RecordQuery) ([]web.Record, error) {
	limited, cancel := context.WithTimeout(ctx, listTime)
	defer cancel()
	if err := c.CatchUp(limited); err != nil { // the journal does not answer: what others wrote lately is missing
		for _, r := range c.Member.Society().Rows {
			if !r.Self && r.Up() {
				web.NoteUnheard(ctx, r.Member.Name)
			}
		}
	}
	n := q.Limit
	if c.Member.Society() != nil {
		n = maxFound // they have come in the order in which they were heard of
	}
	ended := c.Ended(n, func(r *msg.LegRecord) bool {
		return (q.Account == "" || r.Account == q.Account) &&
			(q.SIPCallID == "" || r.SipCallId == q.SIPCallID) &&
			!form.Time(r.Ended).Before(q.Since)
	})
	if c.Member.Society() != nil {
		slices.SortStableFunc(ended, func(a, b *msg.LegRecord) int { return cmp.Compare(b.Ended, a.Ended) })
	}
	ended = ended[:min(len(ended), q.Limit)]
	out := make([]web.Record, len(ended))
	for i, r := range ended {
		out[i] = webRecord(r)
	}
	return out, nil
}

// Hangup ends the leg of that handler, on whatever member it lives.
func (c Calls) Hangup(ctx context.Context, handler string) error {
	home, err := c.Member.Home(handler)
	if err == nil {
		if home == c.Member.Name() {
			_, err = c.hangup(handler)
		} else {
			limited, cancel := context.WithTimeout(ctx, actTime)
			defer cancel()
			_, err = ask[string, bool](limited, c.Member, home, askHangup, handler)
		}
	}
	var refused *cluster.Refusal
	switch {
	case errors.Is(err, cluster.ErrHandler):
		return web.Invalid("%q is not a handler of this cluster: take one from the list of calls", handler)
	case errors.Is(err, cluster.ErrGone), errors.As(err, &refused):
		return web.NotFound("no leg lives under %q: it has ended already", handler)
	case err != nil:
		return web.Unavailable("%v", err)
	}
	return nil
}

// hangup ends a leg of this member.
func (c Calls) hangup(handler string) (bool, error) {
	pid, err := c.Member.Parse(handler)
	if err == nil {
		err = c.Member.Offer(pid, &msg.LegHangup{Reason: `SIP;cause=200;text="Ended by an administrator"`})
	}
	return err == nil, err
}

// webLeg is a record in the words of a living leg.
func webLeg(r *msg.LegRecord) web.Leg {
	return web.Leg{
		Handler: r.Leg, Call: r.Call, SIPCallID: r.SipCallId, Account: r.Account, Direction: form.Direction(r),
		Peer: r.Peer, Trunk: r.Trunk, From: r.From, To: r.To, Application: r.Application, Recording: r.Recording, Codec: r.Media.GetCodec(),
		Encryption: r.Media.GetEncryption(),
		Since:      form.Time(r.Started), Answered: form.Time(r.Answered), Member: r.Member, MOS: r.Media.GetMos(),
	}
}

func webRecord(r *msg.LegRecord) web.Record {
	m := r.Media
	out := web.Record{
		Leg: webLeg(r), End: form.Time(r.Ended), Cause: r.Reason, By: r.By, Status: int(r.Status),
		Media: web.MediaReport{
			Sent: m.GetSent(), Received: m.GetReceived(), Lost: m.GetLost(), LossRatio: m.GetLossRatio(),
			Jitter:     web.InSeconds(time.Duration(m.GetJitterUs()) * time.Microsecond),
			RoundTrip:  web.InSeconds(time.Duration(m.GetRoundTripUs()) * time.Microsecond),
			RemoteLoss: m.GetRemoteLossRatio(), Discarded: m.GetDiscarded(),
		},
	}
	if m.GetFaxSent()+m.GetFaxReceived() > 0 {
		out.Media.Fax = &web.Fax{Sent: m.FaxSent, Received: m.FaxReceived, Lost: m.FaxLost}
	}
	out.State = "ended"
	if r.Answered != 0 {
		out.Duration = web.InSeconds(form.Time(r.Ended).Sub(form.Time(r.Answered)))
	}
	return out
}
