package router

import (
	"cmp"
	"strings"

	"tandem/actors/msg"
	"tandem/signal"
)

// route finds out who is called or what takes the call: callees, or target; else why nobody does.
func (s *Signal) route() ([]effect, *signal.Refusal) {
	uris := s.terms.targets
	if len(uris) == 0 {
		uris = []signal.URI{s.request.URI}
	}
	if s.request.Origin.Trunk != "" && !s.terms.adopted {
		u, ok := s.table.Trunks().Enter(s.request, s.table.Domain(), s.dir)
		if !ok {
			return nil, &signal.Refusal{Status: 404}
		}
		uris = []signal.URI{u}
		s.entered = u
	}
	asked := make([]destination, len(uris))
	for i, u := range uris {
		asked[i] = destination{u, s.request.Origin.Account, false}
	}
	asked, effects, refused := s.screen(asked)
	if refused != nil {
		return effects, refused
	}
	for _, d := range asked {
		if r := s.aim(d, len(asked) > 1); r != nil && refused == nil {
			refused = r
		}
	}
	if len(s.callees) > 0 || s.target.Kind != signal.ToNothing {
		refused = nil
	}
	return effects, refused
}

// destination is an address and who names it; trusted says that this needs no right to.
type destination struct {
	uri     signal.URI
	by      signal.AOR
	trusted bool
}

// screen looks at the rules of server and cluster that come before all others, once.
func (s *Signal) screen(asked []destination) ([]destination, []effect, *signal.Refusal) {
	rules := s.dir.Rules("").First()
	if len(rules) == 0 {
		return asked, nil, nil
	}
	d := signal.Decide(rules, &signal.Facts{Request: s.request, Now: s.now()})
	var effects []effect
	for _, n := range d.Notes {
		effects = append(effects, errand{n})
	}
	if d.Redirect != nil {
		s.log.Info("forwarded", "because", "the server's rule", "rule", d.Rule)
		asked = nil
	}
	for _, to := range append(d.Redirect, d.Fork...) {
		u, err := s.table.Address(to.To, "")
		if err != nil {
			s.log.Warn("a rule of the server names no address", "rule", d.Rule, "to", to.To, "err", err)
			continue
		}
		asked = append(asked, destination{u, "", true})
	}
	if d.Reject == nil && len(asked) == 0 {
		d.Reject = &signal.Refusal{Status: 404}
	}
	return asked, effects, d.Reject
}

// aim finds out what one address is; several says that it is not the only one. A program would take the
// call at once, so beside other addresses there is none; and a Task can not be given to a program.
func (s *Signal) aim(d destination, several bool) *signal.Refusal {
	t := s.table.Route(d.uri, s.dir)
	if t.Kind == signal.ToTrunk {
		return s.aimOut(t, d)
	}
	if !d.trusted && !t.MayRun(d.by) {
		return &signal.Refusal{Status: 404}
	}
	switch t.Kind {
	case signal.ToAccount:
		if s.loops(t.Account.AOR) {
			return &signal.Refusal{Status: 482}
		}
		s.callees = append(s.callees, s.callee(t, d.uri))
		if s.number == "" {
			s.number = t.Number
		}
		return nil
	case signal.ToApplication, signal.ToTask:
		if several || s.terms.task {
			return &signal.Refusal{Status: 501, Reason: "A program can not be called from here"}
		}
		s.target = t
		return nil
	}
	return refusalOf(t)
}

// aimOut takes a number that is called over trunks: by who may, and from a trunk only where that may be.
func (s *Signal) aimOut(t signal.Target, d destination) *signal.Refusal {
	through := !d.trusted && d.by == "" && s.request.Origin.Trunk != ""
	if through {
		t = s.table.Trunks().Through(t, s.request.Origin.Trunk)
	}
	switch {
	case t.Kind != signal.ToTrunk:
		return refusalOf(t)
	case !through && !d.trusted && !t.MayRun(d.by):
		return &signal.Refusal{Status: 403, Reason: "This account may not call this number"}
	}
	s.callees = append(s.callees, signal.Callee{Ways: t.Ways, Number: t.Number})
	s.number = cmp.Or(s.number, t.Number)
	return nil
}

// refusalOf says why nobody is called.
func refusalOf(t signal.Target) *signal.Refusal {
	switch {
	case t.Kind == signal.ToServer:
		return &signal.Refusal{Status: 404, Reason: "No user in the address"}
	case t.Status == 0:
		return &signal.Refusal{Status: 404}
	}
	return &signal.Refusal{Status: t.Status, Reason: t.Reason}
}

// callee is an account that is called by that address. services=no in it means that the account's own
// rules are not wanted: so programs call that look for somebody by themselves. Its devices are looked up when
// they are to ring.
func (s *Signal) callee(t signal.Target, u signal.URI) signal.Callee {
	services, _ := u.Params.Get("services")
	return signal.Callee{Account: t.Account, Number: t.Number,
		Rules: s.dir.Rules(t.Account.AOR.Domain()), Plain: s.terms.plain || strings.EqualFold(services, "no")}
}

// destination sends the call where a rule or a device wants it.
func (s *Signal) destination(e signal.ForkRoute) []effect {
	if s.fork.Done() { // a program took the call before
		return nil
	}
	s.log.Info("forwarded", "to", e.To, "because", e.Because, "rule", e.Rule)
	u, err := s.table.Address(e.To, e.By)
	t := signal.Target{}
	if err == nil {
		t = s.table.Route(u, s.dir)
	}
	if e.Bound && !t.MayRun(e.By) {
		t = signal.Target{}
	}
	switch t.Kind {
	case signal.ToAccount:
		if s.loops(t.Account.AOR) {
			return s.forked(s.fork.Fail(e.ID, signal.Refusal{Status: 482}))
		}
		s.divert(t.Account.AOR, e)
		c := s.callee(t, u)
		c.Contacts = s.devices(t.Account.AOR)
		return append(s.forwarding(e), s.forked(s.fork.Found(e.ID, c))...)
	case signal.ToTrunk:
		if !t.MayRun(e.By) { // the account whose rule it is pays
			return s.forked(s.fork.Fail(e.ID, signal.Refusal{Status: 403, Reason: "This account may not call this number"}))
		}
		s.divertOut(e.ID, e)
		return append(s.forwarding(e), s.seek(e.ID, t.Ways, t.Number)...)
	case signal.ToApplication, signal.ToTask:
		if s.terms.task {
			return s.forked(s.fork.Fail(e.ID, signal.Refusal{Status: 501, Reason: "A program can not be called from here"}))
		}
		return append(s.forked(s.fork.Ended("")), s.handOver(t)...)
	}
	return s.forked(s.fork.Fail(e.ID, *refusalOf(t)))
}

// forwarding shows the caller, once, that others are called than it wanted.
func (s *Signal) forwarding(e signal.ForkRoute) []effect {
	if e.Beside {
		return nil
	}
	s.shown = 0
	if s.told181 {
		return nil
	}
	s.told181 = true
	return []effect{tellCaller{&msg.LegProgress{Status: 181}}}
}
