package actors

import (
	"context"

	"tandem/conf"
	"tandem/web"
	"tandem/ximss"
)

// openXIMSS opens the listener for clients of sessions. It stands before the web listener, which hands it what comes
// over WebSocket and HTTP.
func (h *House) openXIMSS(context.Context) (err error) {
	h.ximss, err = ximss.New(ximss.Options{XIMSS: h.live.Conf().XIMSS, Door: h.door, Log: h.log})
	if err != nil {
		return err
	}
	h.closes(h.ximss.Close)
	if err := h.subscribe("ximss", func(c *conf.Conf) { h.ximss.Apply(c.XIMSS) }); err != nil {
		return err
	}
	return h.ximss.Listen()
}

// clients are the clients of sessions as they come from the web listener: web.XIMSS.
type clients struct{ *ximss.Server }

// ServeSocket takes over a WebSocket.
func (c clients) ServeSocket(s *web.Socket, ended func()) { c.Server.ServeSocket(s, ended) }

// ximssMetrics shows what the listeners of sessions' clients count.
func (h *House) ximssMetrics(m *web.Metrics) error {
	return m.Add(func(emit web.Emit) {
		s := h.ximss.Snapshot()
		for binding, n := range s.Connections {
			emit("ximss_connections", float64(n), string(binding))
		}
		emit("ximss_logins_total", float64(s.Logins), "ok")
		emit("ximss_logins_total", float64(s.Failed), "failed")
		emit("ximss_refused_total", float64(s.Refused))
	},
		gauge("ximss_connections", "Clients of sessions that are connected.", "binding"),
		counter("ximss_logins_total", "Logins of clients of sessions.", "result"),
		counter("ximss_refused_total", "Connections of clients of sessions beyond a limit."),
	)
}
