package actors

import (
	"context"
	"fmt"

	"tandem/actors/hatch"
	"tandem/actors/queuelog/writer"
	"tandem/conf"
	"tandem/signal"
	"tandem/web"
	"tandem/ximss/ami"
	"tandem/ximss/object"
)

// originator is the stock program that makes the calls that Originate asks for.
const originator = "originate"

// openAMI opens the listener of the manager interface, and has it hear what queues and agents do.
func (h *House) openAMI(context.Context) error {
	l := &hatch.Hatch{Options: hatch.Options{Books: h.ledger, Record: h.directory.Record, Queues: h.deskQueues(), Agents: h.deskAgents(), Legs: h.calls(),
		Prove: h.prove, Secret: h.secretOf, Write: h.writeLogLine, Redirected: h.redirect, Begin: h.beginCall, State: h.callState, Log: h.log}}
	h.ami = ami.New(ami.Options{AMI: h.live.Conf().AMI, Authenticator: l, House: l, Log: h.log})
	feed := hatch.NewFeed(l, h.ami.Heard, h.ami.Publish)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); feed.Run(ctx) }()
	h.closes(func(ctx context.Context) error {
		h.hears.Store(nil)
		cancel()
		<-done
		return h.ami.Close(ctx)
	})
	if h.live.Conf().AMI.Port >= 0 { // without a listener nobody hears
		take := func(f writer.Fact) { feed.Take(f.Queue, f.Agent) }
		h.hears.Store(&take)
	}
	if err := h.amiMetrics(h.metrics, feed); err != nil {
		return err
	}
	if err := h.subscribe("ami", func(c *conf.Conf) { h.ami.Apply(c.AMI) }); err != nil {
		return err
	}
	return h.ami.Listen()
}

// heard tells a fact of queues and agents to the manager interface.
func (h *House) heard(f writer.Fact) {
	if take := h.hears.Load(); take != nil {
		(*take)(f)
	}
}

// prove checks a password.
func (h *House) prove(ctx context.Context, user, password string) (account string, ok bool) {
	who, failed := h.console.Password(ctx, user, password)
	return who.Account, failed == nil
}

// secretOf is a password that can be known, for logins that do not send it.
func (h *House) secretOf(user string) (account, password string, ok bool) {
	aor, password, ok := h.console.Secret(user)
	return string(aor), password, ok
}

// redirect sends the party of a leg to a number of the account's domain, with the account's rights.
func (h *House) redirect(ctx context.Context, leg string, by signal.AOR, exten string) error {
	h.log.Info("somebody sends a party elsewhere", "kind", "leg", "id", leg, "to", exten, "author", by)
	return h.calls().Redirect(ctx, leg, by, signal.URI{Scheme: "sip", User: exten, Host: by.Domain()})
}

// beginCall starts the Task that rings a channel and joins it with a number.
func (h *House) beginCall(by signal.AOR, o ami.Order) (string, error) {
	d := object.NewDictionary()
	d.Set("channel", object.String(fmt.Sprintf("sip:%s@%s", o.Channel, by.Domain())))
	d.Set("exten", object.String(fmt.Sprintf("sip:%s@%s", o.Exten, by.Domain())))
	d.Set("seconds", object.Number(int64(o.Timeout.Seconds())))
	if o.Number != "" {
		d.Set("show", object.String(fmt.Sprintf("%q <sip:%s@%s>", o.Name, o.Number, by.Domain())))
	}
	return h.StartTask(by, originator, "", d.Value())
}

// callState is what has become of a call that was begun.
func (h *House) callState(task string) (state string, there bool) {
	v, err := h.TaskStatus(task)
	if err != nil {
		return "", false
	}
	if v.IsNull() {
		return "", true
	}
	return v.Text(), true
}

func (h *House) amiMetrics(m *web.Metrics, feed *hatch.Feed) error {
	return m.Add(func(emit web.Emit) {
		s := h.ami.Snapshot()
		emit("ami_connections", float64(s.Connections))
		emit("ami_turned_away_total", float64(s.Turned))
		emit("ami_auth_failures_total", float64(s.Failed))
		emit("ami_refused_total", float64(s.Refused))
		emit("ami_slow_clients_total", float64(s.Slow))
		emit("ami_events_total", float64(s.Events))
		emit("ami_lost_facts_total", float64(feed.Lost()))
	},
		gauge("ami_connections", "Connections of the manager interface."),
		counter("ami_turned_away_total", "Connections of the manager interface beyond the limit."),
		counter("ami_auth_failures_total", "Logins at the manager interface that were refused."),
		counter("ami_refused_total", "Actions at the manager interface that were not done."),
		counter("ami_slow_clients_total", "Clients of the manager interface cut off because they did not read."),
		counter("ami_events_total", "Events told at the manager interface."),
		counter("ami_lost_facts_total", "Facts that became no event, because there were too many."),
	)
}
