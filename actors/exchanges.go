package actors

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"tandem/actors/exchange"
	"tandem/actors/msg"
	"tandem/actors/queuelog/report"
	"tandem/conf"
	"tandem/web"
	"tandem/ximss/cli"
)

// introduceExchanges makes the servers whose manager interfaces we speak known to the member.
func (h *House) introduceExchanges() {
	floor := &exchange.Floor{Member: h.member, Log: h.log,
		Settings: func(name string) (conf.Exchange, bool) { return h.live.Conf().Exchanges.Of(name) }}
	h.member.Introduce("exchange", floor.Make)
}

// openExchanges has each exchange that this member owns keep its connection.
func (h *House) openExchanges(ctx context.Context) error {
	h.beside(ctx, func(life context.Context) {
		h.keep(life, keeping{kind: "exchange", names: exchangeNames, tell: &msg.ExchangeKeep{}})
	})
	return nil
}

func exchangeNames(c *conf.Conf) (names []string) {
	for _, e := range c.Exchanges.Servers {
		names = append(names, e.Name)
	}
	return names
}

// order is what one server is to be told.
type order struct {
	server string
	act    *msg.ExchangeAct
}

// answerWait is how long a server may take, with the way there and back.
const answerWait = 4 * time.Second

// Act implements web.LiveLogs: each server to which it belongs is told, all at the same time.
func (l liveLogs) Act(ctx context.Context, a web.LiveAct) ([]web.LiveAnswer, error) {
	sees := l.reportsFor(a.By)
	for _, q := range a.Queues {
		if sees != nil && !sees(q) {
			return nil, web.Refuse(403, "no_right", "this needs the right %s over the queue %s", cli.CanSupervise, clipped(q))
		}
	}
	source, err := l.serversOf(ctx, cmp.Or(a.Source, "cluster:*"))
	if err != nil {
		return nil, err
	}
	ever := time.Unix(1, 0) // a queue belongs to a server at which it ever was
	v, err := l.Live(ctx, web.LiveQuery{By: a.By, Source: a.Source, From: ever})
	if err != nil {
		return nil, err
	}
	orders, err := ordersOf(a, v, source, sees != nil)
	if err == nil && slices.Contains(web.HearingActs, a.Verb) {
		err = l.mayHearAnywhere(ctx, a, orders, ever)
	}
	if err != nil {
		return nil, err
	}
	answers := make([]web.LiveAnswer, len(orders))
	var work sync.WaitGroup
	for i, o := range orders {
		l.log.Info("a server is told what to do", "kind", "exchange", "id", o.server, "verb", a.Verb, "agent", a.Agent, "call", a.Call, "author", a.By.Name)
		work.Go(func() { answers[i] = l.tell(ctx, o) })
	}
	work.Wait()
	return answers, nil
}

// mayHearAnywhere is mayHear by all queues of a call, those that who asks does not see among them.
func (l liveLogs) mayHearAnywhere(ctx context.Context, a web.LiveAct, orders []order, ever time.Time) error {
	all, err := l.Live(ctx, web.LiveQuery{By: web.Asker{Master: true}, Source: a.Source, From: ever})
	if err != nil {
		return err
	}
	return l.mayHear(a, orders, all.Calls)
}

// mayHear refuses to let somebody into a call of a queue whose calls he may not hear, as recordings are refused.
func (l liveLogs) mayHear(a web.LiveAct, orders []order, calls []web.LiveCall) error {
	if !slices.Contains(web.HearingActs, a.Verb) {
		return nil
	}
	who := recordings(l).listener(a.By)
	for _, o := range orders {
		for _, c := range calls { // one call may be in several queues
			if c.Server == o.server && c.ID == o.act.Call && !recordings(l).may(a.By, who, c.Queue) {
				return web.Refuse(403, "no_right", "this needs the right %s over the queue %s", cli.CanListen, clipped(c.Queue))
			}
		}
	}
	return nil
}

// tell tells one server.
func (l liveLogs) tell(ctx context.Context, o order) web.LiveAnswer {
	out := web.LiveAnswer{Server: o.server}
	if _, set := l.live.Conf().Exchanges.Of(o.server); !set {
		out.Text = "its manager interface is not in the settings (exchanges.servers)"
		return out
	}
	answer, err := l.member.Ask(ctx, "exchange", o.server, o.act, answerWait)
	if acted, ok := answer.(*msg.ExchangeActed); ok && err == nil {
		out.Done, out.Text = acted.Done, acted.Text
	} else {
		out.Text = "the member that speaks with it does not answer"
	}
	return out
}

// ordersOf finds the servers to which an act belongs: the one that has the call, those at which the agent is, or, where he
// is to be added, those that have the queues. Who supervises some queues alone, of which the view is then, acts on an agent in
// those and in no other.
func ordersOf(a web.LiveAct, v web.LiveView, source report.Source, some bool) (orders []order, err error) {
	if a.Server != "" && !slices.ContainsFunc(v.Servers, func(s web.LiveServer) bool { return s.Name == a.Server }) {
		return nil, web.NotFound("there is no server %s in %s", clipped(a.Server), v.Source)
	}
	switch a.Verb {
	case "logon", "add":
		orders = additions(a, v, source)
		if len(orders) == 0 {
			return nil, web.NotFound("no server has a queue %s: name one by server", clipped(strings.Join(a.Queues, ", ")))
		}
	case "logoff", "remove", "pause", "unpause":
		return atSeats(a, v, source, some)
	default:
		return callOrder(a, v)
	}
	return orders, nil
}

func callOrder(a web.LiveAct, v web.LiveView) (orders []order, err error) {
	for _, c := range v.Calls {
		if (c.Key() == a.Call || c.ID == a.Call) && (a.Server == "" || a.Server == c.Server) &&
			!slices.ContainsFunc(orders, func(o order) bool { return o.server == c.Server }) {
			orders = append(orders, order{c.Server, &msg.ExchangeAct{Verb: a.Verb, Call: c.ID, To: a.To, Device: a.Device}})
		}
	}
	switch len(orders) {
	case 0:
		return nil, web.NotFound("there is no call %s now", clipped(a.Call))
	case 1:
		return orders, nil
	}
	return nil, web.Invalid("several servers have a call %s: name it with its server, such as %s:%s", clipped(a.Call), orders[0].server, clipped(a.Call))
}

// nameAt is what a server calls an agent.
func nameAt(server, agent string, source report.Source) string {
	if !source.Rewrite {
		return agent
	}
	return strings.Replace(strings.TrimPrefix(agent, server+"-"), "/"+server+"-", "/", 1)
}

// deviceAt is where an agent is rung at a server, as far as it is known.
func deviceAt(server, agent string, v web.LiveView) string {
	for _, x := range v.Agents {
		for _, s := range x.Seats {
			if x.Name == agent && s.Server == server {
				return s.Device
			}
		}
	}
	return ""
}

func additions(a web.LiveAct, v web.LiveView, source report.Source) (orders []order) {
	for _, s := range v.Servers {
		if a.Server != "" && a.Server != s.Name || a.Server == "" && s.CallsOnly {
			continue
		}
		var here []string
		for _, q := range v.Queues {
			if slices.Contains(a.Queues, q.Name) && slices.ContainsFunc(q.Parts, func(p web.LiveQueue) bool { return p.Server == s.Name }) {
				here = append(here, q.Name)
			}
		}
		if a.Server != "" {
			here = a.Queues // of which it may know more than we
		}
		if len(here) > 0 {
			orders = append(orders, order{s.Name, &msg.ExchangeAct{Verb: "add", Agent: nameAt(s.Name, a.Agent, source), Queues: here,
				Device: cmp.Or(a.Device, deviceAt(s.Name, a.Agent, v)), Paused: a.Paused, Penalty: int32(a.Penalty), Reason: a.Reason}})
		}
	}
	return orders
}

// atSeats has an agent taken out of queues or paused in them, at each server where he has a seat. No queues are all of his, so
// who supervises some alone names those that he sees, and acts on no device but one that he sees in them.
func atSeats(a web.LiveAct, v web.LiveView, source report.Source, some bool) (orders []order, err error) {
	verb, queues := a.Verb, a.Queues
	if verb == "logoff" {
		verb, queues = "remove", nil
	}
	for _, x := range v.Agents {
		for _, s := range x.Seats {
			if x.Name != a.Agent || a.Server != "" && a.Server != s.Server {
				continue
			}
			queues := queues
			if some && len(queues) == 0 {
				queues = s.Queues
			}
			switch {
			case some && len(queues) == 0:
				err = web.Refuse(403, "no_right", "%s serves no queue at %s over which you have the right %s", clipped(a.Agent), s.Server, cli.CanSupervise)
				continue
			case some && a.Device != "" && !seated(a.Device, s.Server, v):
				err = web.Refuse(403, "no_right", "no agent of your queues is rung at %s at %s", clipped(a.Device), s.Server)
				continue
			}
			orders = append(orders, order{s.Server, &msg.ExchangeAct{Verb: verb, Agent: nameAt(s.Server, a.Agent, source),
				Device: cmp.Or(a.Device, s.Device), Queues: queues, Reason: a.Reason}})
		}
	}
	switch {
	case len(orders) > 0:
		return orders, nil
	case err != nil:
		return nil, err
	}
	return nil, web.NotFound("there is no agent %s at a server of %s", clipped(a.Agent), v.Source)
}

// seated tells whether an agent who is seen serves queues of a server by a device.
func seated(device, server string, v web.LiveView) bool {
	return slices.ContainsFunc(v.Agents, func(x web.LiveAgent) bool {
		return slices.ContainsFunc(x.Seats, func(s web.LiveSeat) bool {
			return s.Server == server && s.Device == device && len(s.Queues) > 0
		})
	})
}
