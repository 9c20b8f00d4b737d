package router

import (
	"net/netip"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/signal"
)

// carriers is a table with two trunks for the world, and one by which another PBX calls.
func carriers() *signal.Table {
	networks := []netip.Prefix{netip.MustParsePrefix("10.9.0.0/16")}
	return table.WithTrunks(signal.NewTrunkTable([]signal.Trunk{
		{Name: "a", Domain: "a.example", Patience: 4 * time.Second, Targets: []signal.TrunkTarget{
			{Name: "a1", Host: "10.0.0.1", Transport: "udp"}, {Name: "a2", Host: "10.0.0.2", Port: 5070, Transport: "tcp"}}},
		{Name: "b", Caller: "+4989700", Targets: []signal.TrunkTarget{{Name: "b1", Host: "10.0.0.3", Transport: "udp"}}},
		{Name: "pbx", Networks: networks, Trusted: true},
	}, []signal.TrunkNumber{{Match: "00n.", Trunks: []string{"a", "b"}, Strip: 2, Prepend: "+"},
		{Match: "09.", Trunks: []string{"a"}, Callers: []string{"1001@t.local"}},
		{Match: "112", Trunks: []string{"b"}, Emergency: true}}, nil))
}

// trunkLab is a lab with carriers, whose trunks are probes.
func trunkLab(t *testing.T) (*lab, *acttest.Probes) {
	t.Helper()
	trunks := acttest.NewProbes()
	l := newLab(t, newWorld(), func(all map[string]*cluster.Kind) { all["trunk"] = &cluster.Kind{Make: trunks.Make} })
	l.ingress.SetPolicy(&signal.Policy{Table: carriers()})
	return l, trunks
}

// out lets 1000 call a number, and its leg be ready.
func (l *lab) out(id, number string) *acttest.Probe {
	l.Helper()
	r := l.invite(id, number)
	r.Origin.Account = "1000@t.local"
	l.ingress.Receive(r)
	caller, start := l.leg()
	l.member.Send(start.Owner, &msg.LegReady{Leg: caller.PID, Codecs: []string{"PCMU"}})
	return caller
}

// TestCallOverTrunk: a channel is asked for, the first target rung, then the next, then the next trunk; the leg that is
// answered holds the channel.
func TestCallOverTrunk(t *testing.T) {
	l, trunks := trunkLab(t)
	caller := l.out("q", "0049891")
	a := trunks.Next(t)
	ask := acttest.Await[*msg.TrunkSeize](t, a)
	if ask.Incoming || ask.Emergency {
		t.Errorf("asked for %v", ask)
	}
	l.member.Send(ask.Signal, &msg.TrunkSeized{Ask: ask.Ask, Trunk: "a", Channel: 7, Targets: []uint32{1, 0}})
	_, start := l.leg()
	c := start.Outgoing
	if u := c.Contact.Signal().String(); u != "sip:+49891@10.0.0.2:5070;transport=tcp" || start.Trunk != "a" || c.Target != "a2" || c.PatienceMs != 4000 {
		t.Errorf("the first target: %s, %v", u, start)
	}
	if from, to := c.From.Signal().URI.String(), c.To.Signal().URI.String(); from != "sip:1000@a.example" || to != "sip:+49891@a.example" {
		t.Errorf("from %s to %s", from, to)
	}
	l.member.Send(start.Owner, &msg.LegRefused{Branch: 1, Status: 408, Local: true})
	_, start = l.leg()
	if start.Branch != 2 || start.Outgoing.Target != "a1" {
		t.Errorf("the second target: %v", start)
	}
	l.member.Send(start.Owner, &msg.LegRefused{Branch: 2, Status: 503})
	b := trunks.Next(t)
	ask = acttest.Await[*msg.TrunkSeize](t, b)
	l.member.Send(ask.Signal, &msg.TrunkSeized{Ask: ask.Ask, Trunk: "b", Channel: 9, Targets: []uint32{0}})
	callee, start := l.leg()
	if from := start.Outgoing.From.Signal().URI.String(); from != "sip:+4989700@10.0.0.3" || start.Trunk != "b" {
		t.Errorf("the next trunk: from %s, %v", from, start)
	}
	l.member.Send(start.Owner, &msg.LegAnswered{Leg: callee.PID, Branch: 3, Stream: "s", Codec: "PCMU"})
	acttest.Await[*msg.LegAccept](t, caller)
	if held := acttest.Await[*msg.TrunkHeld](t, b); held.Channel != 9 || !held.Leg.Equal(callee.PID) || held.Incoming {
		t.Errorf("held: %v", held)
	}
	l.answered("q", 200)
	l.member.Send(start.Owner, &msg.LegAnswered{Leg: caller.PID})
	l.quiet()
}
