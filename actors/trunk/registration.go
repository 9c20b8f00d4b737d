package trunk

import (
	"cmp"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"tandem/signal"
)

// registration is that of the trunk's user at the carrier (RFC 3261 section 10.2).
type registration struct {
	state   state
	why     string // it is as it is
	said    string // the same, as it was logged
	since   time.Time
	expires time.Time
	next    time.Time // it is asked for
	wait    time.Duration
	open    bool // a REGISTER waits for its answer
	place   int  // the target at which it was asked for last
	period  time.Duration
	from    netip.Addr // the carrier's answer came from
	at      int        // the target that took us last; place is another one while it is asked, and when it refuses
	routes  []string   // by which that one wants requests to come (RFC 3608)
}

// keepRegistration asks when it is time.
func (t *Trunk) keepRegistration(now time.Time) {
	r := &t.registration
	if !t.set.Register {
		return
	}
	if r.state == registered && !now.Before(r.expires) {
		t.become(refused, "it has run out", now)
		t.wrong("the registration has run out", now)
	}
	if r.open || now.Before(r.next) {
		return
	}
	order := t.order(true)
	if len(order) == 0 {
		return
	}
	r.place = int(order[0])
	if r.state != registered {
		t.become(asking, "", now)
	}
	t.register(r.period, now)
}

// register sends a REGISTER.
func (t *Trunk) register(period time.Duration, now time.Time) {
	seconds := strconv.Itoa(int(period / time.Second))
	user := signal.Party{URI: t.self()}
	t.registration.open = period > 0
	why := purposeRegister
	if period == 0 {
		why = purposeFarewell
	}
	t.ask(why, t.registration.place, &signal.Request{Method: signal.REGISTER, URI: t.targets[t.registration.place].uri(""),
		To: user, Contacts: []signal.Party{{URI: signal.URI{Scheme: "sip", User: t.set.User}, Params: signal.Params{{Name: "expires", Value: seconds}}}},
		Headers: signal.Headers{{Name: "Expires", Value: seconds}}}, now)
}

// leave ends a registration that is not wanted any more. Of the answer only a challenge matters.
func (t *Trunk) leave(now time.Time) {
	if (t.registration.state == registered || t.registration.open) && t.registration.place < len(t.targets) {
		t.register(0, now)
	}
	if t.registration.state != none {
		t.become(none, "", now)
	}
	t.registration = registration{}
}

// self is whom we register as.
func (t *Trunk) self() signal.URI {
	return signal.URI{Scheme: "sip", User: t.set.User, Host: t.domain(t.registration.place)}
}

// again tells that what is given back was asked for anew since: to insist would end that one.
func (t *Trunk) again(a *asked) bool {
	return a.purpose == purposeFarewell && t.set.Register && t.registration.place < len(t.targets) &&
		a.request.To.URI.String() == t.self().String()
}

// registerAnswered takes the carrier's answer.
func (t *Trunk) registerAnswered(q *signal.Request, r *signal.Response, now time.Time) {
	g := &t.registration
	if !g.open {
		return
	}
	g.open = false
	switch {
	case r.Success():
		t.registeredNow(q, r, now)
	case r.Status == 423 && t.longer(r):
		g.next = now
	default:
		t.notRegistered(r, now)
	}
}

// longer takes the shortest time that the carrier will have (RFC 3261 section 10.2.8); false where it names none, or has
// named one before.
func (t *Trunk) longer(r *signal.Response) bool {
	least, err := strconv.Atoi(r.Headers.Get("Min-Expires"))
	period := min(time.Duration(least)*time.Second, mostLife)
	if err != nil || period <= t.registration.period {
		return false
	}
	t.registration.period = period
	return true
}

func (t *Trunk) registeredNow(q *signal.Request, r *signal.Response, now time.Time) {
	g := &t.registration
	life := min(max(granted(q, r), leastLife), mostLife)
	g.expires, g.next = now.Add(life), now.Add(life-max(life/5, 2*time.Second))
	g.wait, g.at, g.routes = firstWait, g.place, routesIn(r)
	if from := r.Origin.Flow.Remote.Addr().Unmap(); from.IsValid() && from != g.from {
		g.from, t.changed = from, true
	}
	t.become(registered, "", now)
	if x := &t.targets[g.place]; x.standing != up {
		t.stands(x, up, "", now)
	}
}

// Limits of the routes that a carrier may give.
const (
	mostRoutes = 4
	longRoute  = 256 // bytes
)

// routesIn are the routes that a carrier gives for what follows (RFC 3608 section 5); none where one of them is no loose route,
// or there are too many: then calls go straight to the target.
func routesIn(r *signal.Response) (routes []string) {
	for _, field := range r.Headers.All("Service-Route") {
		for _, text := range signal.Elements(field) {
			text = strings.TrimSpace(text)
			p, err := signal.ParseParty(text)
			if _, loose := p.URI.Params.Get("lr"); err != nil || !loose || len(text) > longRoute || len(routes) == mostRoutes {
				return nil
			}
			routes = append(routes, text)
		}
	}
	return routes
}

// serviceRoutes are the routes to the target at which we are registered.
func (t *Trunk) serviceRoutes(now time.Time) (routes []string, place uint32) {
	g := &t.registration
	if g.state != registered || !now.Before(g.expires) {
		return nil, 0
	}
	return g.routes, uint32(g.at)
}

// granted is for how long the carrier has registered us: by our Contact in its answer, or for all of them, or as we asked.
func granted(q *signal.Request, r *signal.Response) time.Duration {
	texts := []string{r.Headers.Get("Expires"), q.Headers.Get("Expires")}
	for _, c := range r.Contacts {
		if v, ok := c.Params.Get("expires"); ok && c.URI.User == q.Contacts[0].URI.User {
			texts = append([]string{v}, texts...)
			break
		}
	}
	for _, text := range texts {
		if n, err := strconv.Atoi(text); err == nil && n > 0 {
			return time.Duration(min(n, int(mostLife/time.Second))) * time.Second
		}
	}
	return time.Hour
}

// notRegistered tries again later: elsewhere, where the target is to blame.
func (t *Trunk) notRegistered(r *signal.Response, now time.Time) {
	g := &t.registration
	why := fmt.Sprintf("%d %s", r.Status, clip(cmp.Or(r.Reason, signal.ReasonPhrase(r.Status))))
	switch {
	case r.Local && r.Status == 408:
		why = "no answer to REGISTER"
	case r.Local:
		why = "no way there"
	case r.Status == 401 || r.Status == 407:
		why += ": user or secret are not right, or the carrier asks for ever"
	}
	if r.Local {
		t.fails(&t.targets[g.place], why, now)
	}
	g.wait = min(max(2*g.wait, firstWait), lastWait)
	after := g.wait
	if n, err := strconv.Atoi(r.Headers.Get("Retry-After")); err == nil && n > 0 {
		after = max(after, min(time.Duration(n)*time.Second, lastWait))
	}
	g.next = now.Add(after)
	t.wrong("REGISTER at "+t.targets[g.place].hop.Address()+": "+why, now)
	if g.state == registered && now.Before(g.expires) {
		g.next = now.Add(min(after, max(g.expires.Sub(now)/2, time.Second)))
		g.why = why
		return
	}
	t.become(refused, why, now)
}
