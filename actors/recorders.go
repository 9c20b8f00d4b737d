package actors

import (
	"context"
	"errors"
	"net/netip"

	"tandem/actors/leg"
	"tandem/actors/msg"
	"tandem/actors/scribe"
	"tandem/conf"
	"tandem/signal"
	"tandem/web"
)

// introduceScribes makes what brings calls to recording servers known to the member.
func (h *House) introduceScribes() {
	h.scribes = &scribe.Floor{Member: h.member, Engine: h.engine, Log: h.log, Edge: h.ingress.EdgeOf, Recorder: h.recorder, Birth: h.scribeBirth,
		Resolve: h.resolveRecorder}
	h.member.Introduce("scribe", h.scribes.Make)
}

// recordersOf are the recorders that get the calls of a leg's party; nil where there are no recorders at all.
func (h *House) recordersOf() func(*msg.LegRecord) []leg.Recorder {
	recorders := h.live.Conf().Recorders
	if len(recorders.List) == 0 {
		return nil
	}
	return func(r *msg.LegRecord) (out []leg.Recorder) {
		for _, name := range recorders.Wanting(r.Account, r.Queue, r.Trunk) {
			x, _ := recorders.Of(name)
			out = append(out, leg.Recorder{Name: name, Required: x.Required})
		}
		return out
	}
}

// resolveRecorder looks up where a recording server is.
func (h *House) resolveRecorder(ctx context.Context, u signal.URI) ([]netip.Addr, error) {
	edge := h.edge.Load()
	if edge == nil {
		return nil, errors.New("the SIP server does not run yet")
	}
	return edge.Addresses(ctx, u)
}

// recorder is what a scribe needs to know of one.
func (h *House) recorder(name string) (scribe.Recorder, bool) {
	c := h.live.Conf()
	x, ok := c.Recorders.Of(name)
	out := scribe.Recorder{Patience: x.Patience, Probe: x.Probe}
	for _, s := range x.Servers {
		out.Servers = append(out.Servers, h.recordingServers(c, name, s)...)
	}
	return out, ok
}

// recordingServers are those that a word of the settings means: a URI is one, a trunk has its targets.
func (h *House) recordingServers(c *conf.Conf, recorder, word string) (out []scribe.Server) {
	from := signal.URI{Scheme: "sip", User: recorder, Host: c.Routing.Domain}
	if conf.RecorderURI(word) {
		u, err := signal.ParseURI(word)
		if err != nil {
			h.log.Warn("no URI of a recording server", "recorder", recorder, "server", word, "err", err)
			return nil
		}
		return []scribe.Server{{Name: word, URI: u, From: from}}
	}
	t, _ := c.Trunks.Of(word) // conf has seen to it that it is there
	if t.Domain != "" {
		from.Host = t.Domain
	}
	for _, hop := range t.Hops() {
		target := signal.TrunkTarget{Host: hop.Host, Port: hop.Port, Transport: hop.Wanted()}
		out = append(out, scribe.Server{Name: word + " " + hop.Address(), URI: target.URI(""), From: from, Prove: h.proveTo(word)})
	}
	return out
}

// scribeBirth is what a scribe is made of, and the audio for a server at that address.
func (h *House) scribeBirth(peer netip.Addr) (scribe.Birth, scribe.Ground) {
	b := h.birth(signal.Flow{Remote: netip.AddrPortFrom(peer, 0)}, "recorder", &msg.LegStart{})
	return scribe.Birth{Contact: b.Contact, Timers: b.Timers, Timing: b.Timing, Headers: b.Headers},
		scribe.Ground{Bind: b.Bind, Media: b.Media, ClearKeys: b.ClearKeys}
}

// recorderMetrics show what has become of calls that recording servers were to have.
func (h *House) recorderMetrics(m *web.Metrics) error {
	return m.Add(func(emit web.Emit) {
		f := h.scribes.Figures()
		emit("siprec_sessions", float64(f.Recording))
		for what, n := range f.Outcomes {
			emit("siprec_outcomes_total", float64(n), what)
		}
	},
		gauge("siprec_sessions", "Calls that a recording server has now."),
		counter("siprec_outcomes_total", "What became of calls that recording servers were to have, by server, and rounds of all servers that failed.", "what"),
	)
}
