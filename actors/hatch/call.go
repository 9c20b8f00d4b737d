package hatch

import (
	"cmp"
	"context"
	"strings"
	"time"

	"tandem/actors/ledger"
	"tandem/signal"
	"tandem/web"
	"tandem/ximss/ami"
	"tandem/ximss/cli"
)

// Calls are the call legs of all members.
func (l *Hatch) Calls(ctx context.Context) ([]ami.Call, error) {
	legs, err := l.Legs.Legs(ctx, web.LegQuery{Limit: most})
	if err != nil {
		return nil, told(err)
	}
	now := time.Now()
	out := make([]ami.Call, len(legs))
	for i, leg := range legs {
		out[i] = callOf(leg, now)
	}
	return out, nil
}

// callOf is a leg: its party is whom it calls, or who calls.
func callOf(leg web.Leg, now time.Time) ami.Call {
	own, other, unique := leg.From, leg.To, leg.Call // a queue names a caller's call so
	if leg.Direction == "out" {
		own, other, unique = leg.To, leg.From, ""
	}
	c := ami.Call{ID: leg.Handler, Unique: unique, Of: leg.Call, Account: leg.Account, Number: userOf(own), Peer: userOf(other),
		Outgoing: leg.Direction == "out", Exten: userOf(leg.To), Application: leg.Application, Duration: now.Sub(leg.Since), Bridge: leg.Call}
	switch {
	case !leg.Answered.IsZero():
		c.State = "Up"
	case leg.State == "ringing" && c.Outgoing:
		c.State = "Ringing"
	case !c.Outgoing:
		c.State = "Ring"
	}
	return c
}

// userOf is the user part of an address as records have it.
func userOf(text string) string {
	if _, after, ok := strings.Cut(text, "<"); ok {
		text, _, _ = strings.Cut(after, ">")
	}
	u, err := signal.ParseURI(text)
	if err != nil {
		user, _, _ := strings.Cut(text, "@")
		return user
	}
	return u.User
}

// Hangup ends a leg.
func (l *Hatch) Hangup(ctx context.Context, _, call string) error {
	return told(l.Legs.Hangup(ctx, call))
}

// Redirect sends a leg's party to a number.
func (l *Hatch) Redirect(ctx context.Context, who, call, exten string) error {
	if !dialled(exten) {
		return ami.Refusal("'Exten' is no number or name")
	}
	return told(l.Redirected(ctx, call, signal.AOR(who), exten))
}

// Originate begins a call in the name of who asks, or of another account where he may act for that.
func (l *Hatch) Originate(_ context.Context, who string, o ami.Order) error {
	by := signal.AOR(who)
	if o.Account != "" {
		other, ok := l.Books.Resolve(o.Account, by.Domain())
		if !ok || other != who && !l.Books.MayAdminister(who, other) {
			return ami.Refusal("You may not call in the name of that account")
		}
		by = signal.AOR(other)
	}
	channel := o.Channel
	if _, after, ok := strings.Cut(channel, "/"); ok {
		channel = after
	}
	channel, _, _ = strings.Cut(channel, "@")
	channel = strings.TrimSuffix(channel, "/n")
	if !dialled(channel) || !dialled(o.Exten) {
		return ami.Refusal("'Channel' and 'Exten' are a number or a name each")
	}
	if o.Number != "" && o.Number != by.User() {
		r, ok := l.Record(signal.AOR(who))
		if !ok || !ledger.MayIn(r, by.Domain(), cli.CanImpersonate) {
			return ami.Refusal("You may not show another number")
		}
	}
	rung := o
	rung.Channel = channel
	if l.followed.Add(1) > maxFollowed {
		l.followed.Add(-1)
		return ami.Refusal("Too many calls are being originated: try again later")
	}
	task, err := l.Begin(by, rung)
	if err != nil {
		l.followed.Add(-1)
		return told(err)
	}
	go func() {
		defer l.followed.Add(-1)
		l.follow(task, o)
	}()
	return nil
}

// dialled tells whether a text can be dialled: an account's name or a number.
func dialled(text string) bool {
	return text != "" && len(text) <= 64 && !strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`@:;,<>"'/\|?`, r)
	})
}

// maxFollowed is how many calls of Originate may be rung at once on one member, by all clients together.
const maxFollowed = 500

// grace is how much longer than a channel rings it is waited for what becomes of it.
const grace = 10 * time.Second

// follow looks what becomes of a call that was begun, and tells it once.
func (l *Hatch) follow(task string, o ami.Order) {
	out := ami.Outcome{Order: o, Call: task}
	tick := time.NewTicker(settle)
	defer tick.Stop()
	for until := time.Now().Add(o.Timeout + grace); ; <-tick.C {
		state, there := l.State(task)
		switch {
		case state == "answered":
		case state != "":
			out.Failed = state
		case !there:
			out.Failed = "it has ended"
		case time.Now().After(until):
			out.Failed = "no answer in time"
		default:
			continue
		}
		out.Call = cmp.Or(o.ID, task)
		o.Callback(out)
		return
	}
}
