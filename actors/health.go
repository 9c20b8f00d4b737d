package actors

import "tandem/web"

// Health tells whether the member can do its work. It answers from what is known already.
func (h *House) Health() web.Condition {
	c := web.Condition{Member: h.Name(), Version: h.version, Started: h.started, Draining: h.draining.Load()}
	c.Checks = []web.Check{
		check("store", h.store.Ready(), ""),
		check("media", h.portsLeft(), ""),
		check("settings", nil, h.stored.Trouble()), // with what it takes, it works
	}
	c.Ready = !c.Draining
	for _, k := range c.Checks {
		c.Ready = c.Ready && k.OK
	}
	return c
}

func check(name string, err error, message string) web.Check {
	if err != nil {
		return web.Check{Name: name, Message: err.Error()}
	}
	return web.Check{Name: name, OK: true, Message: message}
}
