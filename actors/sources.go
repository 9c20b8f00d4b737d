package actors

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"tandem/actors/stat/intake"
	"tandem/conf"
	"tandem/web"
)

// openSources takes what adapters of sources outside send, and watches over the sources that this member holds.
func (h *House) openSources(context.Context) error {
	h.intake = intake.New(intake.Options{Member: h.member, Hall: h.hall, Now: time.Now, Log: h.log,
		Settings: func() conf.Adapters { return h.live.Conf().Adapters }})
	h.member.Answers(intake.OfferWhat, h.intake.Offered)
	h.member.Answers(intake.StandWhat, h.intake.Stands)
	running, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); h.intake.Run(running) }()
	h.closes(func(context.Context) error { cancel(); <-done; return nil })
	return nil
}

// sources are those outside, for the web.
type sources struct {
	intake *intake.Intake
	live   *conf.Live
}

// Feeds implements web.Sources.
func (s sources) Feeds(name, account string) error {
	c := s.live.Conf()
	x, ok := c.Adapters.Of(name)
	switch {
	case !ok:
		return sourceRefusal(intake.ErrUnknown)
	case !x.Takes(account, c.Routing.Domain):
		return web.Refuse(http.StatusForbidden, "no_right", "%s may not send for the source %q: its accounts in adapters.sources do not name it", account, name)
	}
	return nil
}

// Offer implements web.Sources.
func (s sources) Offer(ctx context.Context, o web.SourceOffer) (out web.SourceAnswer, err error) {
	a, err := s.intake.Offer(ctx, intake.Offer{Source: o.Source, Step: intake.Step(o.Step), Conn: o.Conn, Address: o.Address,
		Text: o.Text, Behind: o.Behind})
	if err != nil {
		return out, sourceRefusal(err)
	}
	return sourceAnswer(a), nil
}

func sourceAnswer(a intake.Answer) web.SourceAnswer {
	out := web.SourceAnswer{Next: a.Next, Taken: a.Taken, Duplicates: a.Duplicates, Malformed: a.Malformed, Resend: a.Resend, Query: a.Query}
	for _, f := range a.Faults {
		out.Faults = append(out.Faults, web.SourceFault(f))
	}
	for _, b := range a.Behind {
		out.Behind = append(out.Behind, sourceAnswer(b))
	}
	return out
}

// sourceRefusal is an error as adapters see it.
func sourceRefusal(err error) error {
	var r *intake.Refusal
	switch {
	case errors.As(err, &r):
		return web.Invalid("%v", err)
	case errors.Is(err, intake.ErrUnknown):
		return web.NotFound("%v", err)
	case errors.Is(err, intake.ErrReplaced):
		return web.Conflict("%v", err)
	case errors.Is(err, intake.ErrRate):
		return web.Refuse(http.StatusTooManyRequests, "too_many", "%v", err)
	}
	return web.Unavailable("%v", err)
}

// Stand implements web.Sources.
func (s sources) Stand(ctx context.Context, name string) (all []web.Source, err error) {
	for _, x := range s.intake.Standings(ctx, name) {
		st := x.State
		all = append(all, web.Source{Name: x.Name, State: x.Word, Holder: x.Holder, Next: st.Next, Latest: milli(st.Latest),
			Arrived: milli(st.Arrived), Lag: web.InSeconds(time.Duration(st.Lag) * time.Millisecond), Heard: x.Heard, Address: x.Address,
			Connected: x.Socket, Lines: st.Lines, Duplicates: st.Duplicates, Malformed: st.Malformed, Skewed: st.Skewed,
			Objects: st.Objects, Calls: st.Calls, Rate: x.Rate})
		out := &all[len(all)-1]
		for _, r := range slices.Backward(x.Refused) {
			out.Refused = append(out.Refused, web.SourceRefusal{At: time.UnixMilli(r.At), Seq: r.Seq, Reason: r.Reason})
		}
	}
	return all, nil
}
