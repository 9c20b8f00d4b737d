package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"tandem/actors/cluster"
	"tandem/actors/form"
	"tandem/actors/msg"
	"tandem/media"
	"tandem/web"
)

// Calls answers web.Calls.
type Calls struct {
	Living func() []form.Leg
	// Ended are the last n records that keep lets through, the newest first.
	Ended  func(n int, keep func(*msg.LegRecord) bool) []*msg.LegRecord
	Engine *media.Engine
	Member *cluster.Member
}

// Legs are the living legs that match, oldest first.
func (c Calls) Legs(_ context.Context, q web.LegQuery) ([]web.Leg, error) {
	var out []web.Leg
	for _, l := range c.Living() {
		r := l.Record
		if q.Handler != "" && r.Leg != q.Handler || q.Account != "" && r.Account != q.Account {
			continue
		}
		row := webLeg(r)
		row.State = l.State
		if s, ok := c.Engine.Find(r.Leg); ok {
			stats := s.Stats()
			row.Codec, row.MOS = stats.Codec, stats.MOS
		}
		out = append(out, row)
	}
	slices.SortFunc(out, func(a, b web.Leg) int { return a.Since.Compare(b.Since) })
	if len(out) > q.Limit {
		out = out[:q.Limit]
	}
	return out, nil
}

// Records are the last records that match, newest first.
func (c Calls) Records(_ context.Context, q web.RecordQuery) ([]web.Record, error) {
	ended := c.Ended(q.Limit, func(r *msg.LegRecord) bool {
		return (q.Account == "" || r.Account == q.Account) &&
			(q.SIPCallID == "" || r.SipCallId == q.SIPCallID) &&
			!form.Time(r.Ended).Before(q.Since)
	})
	out := make([]web.Record, len(ended))
	for i, r := range ended {
		out[i] = webRecord(r)
	}
	return out, nil
}

// Hangup ends the leg of that handler.
func (c Calls) Hangup(_ context.Context, handler string) error {
	pid, err := c.Member.Parse(handler)
	if err == nil {
		err = c.Member.Offer(pid, &msg.LegHangup{Reason: `SIP;cause=200;text="Ended by an administrator"`})
	}
	switch {
	case errors.Is(err, cluster.ErrHandler):
		return web.Invalid("%q is not a handler of this cluster: take one from the list of calls", handler)
	case err != nil:
		return web.NotFound("no leg lives under %q: it has ended already", handler)
	}
	return nil
}

// webLeg is a record in the words of a living leg.
func webLeg(r *msg.LegRecord) web.Leg {
	return web.Leg{
		Handler: r.Leg, Call: r.Call, SIPCallID: r.SipCallId, Account: r.Account, Direction: form.Direction(r),
		Peer: r.Peer, From: r.From, To: r.To, Application: r.Application, Recording: r.Recording, Codec: r.Media.GetCodec(),
		Since: form.Time(r.Started), Answered: form.Time(r.Answered), Member: r.Member, MOS: r.Media.GetMos(),
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
	out.State = "ended"
	if r.Answered != 0 {
		out.Duration = web.InSeconds(form.Time(r.Ended).Sub(form.Time(r.Answered)))
	}
	return out
}
