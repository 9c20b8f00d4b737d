package actors

import (
	"sync/atomic"
	"time"

	"tandem/web"
)

// nowFunc is the clock of what is not given one.
var nowFunc = time.Now

// drainState tells whether the member is being stopped.
type drainState struct{ on atomic.Bool }

func (d *drainState) begin()      { d.on.Store(true) }
func (d *drainState) begun() bool { return d.on.Load() }

// Health tells whether the member can do its work. It answers from what is known already.
func (h *House) Health() web.Condition {
	c := web.Condition{Member: h.Name(), Version: h.version, Started: h.started, Draining: h.draining.begun()}
	c.Checks = []web.Check{
		check("store", h.store.Ready(), ""),
		check("sip", nil, ""),
		check("media", h.portsLeft(), ""),
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
