package ledger

import (
	"tandem/conf"
	"tandem/signal"
)

// trunkTable are the trunks of the settings, as routing has them.
func trunkTable(c *conf.Conf) *signal.TrunkTable {
	if len(c.Trunks.List) == 0 {
		return nil
	}
	var trunks []signal.Trunk
	for _, t := range c.Trunks.List {
		t, _ = c.Trunks.Of(t.Name)
		trunks = append(trunks, trunkOf(t, c.Routing.Domain))
	}
	var numbers []signal.TrunkNumber
	for _, n := range c.Trunks.Numbers {
		numbers = append(numbers, signal.TrunkNumber{Match: n.Match, Trunks: n.Trunks, Strip: n.Strip, Prepend: n.Prepend,
			Callers: n.Callers, Emergency: n.Emergency})
	}
	var incoming []signal.TrunkIncoming
	for _, n := range c.Trunks.Incoming {
		incoming = append(incoming, signal.TrunkIncoming{Trunk: n.Trunk, Match: n.Match, Strip: n.Strip, Prepend: n.Prepend, To: n.To})
	}
	return signal.NewTrunkTable(trunks, numbers, incoming)
}

func trunkOf(t conf.Trunk, domain string) signal.Trunk {
	x := signal.Trunk{Name: t.Name, Domain: t.Domain, Caller: t.Caller, Trusted: t.Trusted, Transit: t.Transit,
		Networks: t.Networks(), Patience: t.Patience}
	if t.Register {
		x.User = t.User
	}
	if t.LoginUser != "" {
		x.Login = signal.NewAOR(t.LoginUser, domain)
	}
	for _, hop := range t.Hops() {
		x.Targets = append(x.Targets, signal.TrunkTarget{Name: hop.Address(), Host: hop.Host, Port: hop.Port, Transport: hop.Wanted()})
	}
	return x
}
