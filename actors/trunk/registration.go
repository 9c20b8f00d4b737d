package trunk

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/actors/msg"
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
	failed  bool // that one could not do it, whatever else it can
	period  time.Duration
	from    netip.Addr // the carrier's answer came from
	at      int        // the target that took us last; place is another one while it is asked, and when it refuses
	routes  []string   // by which that one wants requests to come (RFC 3608)
	contact signal.URI // under which we are registered
	by      string     // the member that our Contact names
	via     string     // the member by which it was asked for last
	tried   time.Time  // that was
}

// former is the registration of an owner of the trunk before, or of ours by another member: calls come there until it is taken
// back, which is done when we are registered ourselves, so that there is no moment without.
type former struct {
	contact   signal.URI
	registrar string // target at which it is
	expires   time.Time
	from      [][]byte // addresses from which its calls come
	tries     int      // it was asked back so often
	next      time.Time
}

// inherit takes over what the owner before has told: where its calls came from, and of its registration.
func (t *Trunk) inherit(s *msg.TrunkStanding, now time.Time) {
	t.legacy = legacy{s.GetAddresses(), now.Add(leadsKept)}
	u, err := signal.ParseURI(s.GetContact())
	if s.GetContact() == "" || err != nil {
		return
	}
	t.former = &former{contact: u, registrar: s.Registrar, expires: time.UnixMilli(s.ExpiresMs), from: s.Addresses}
}

// comesBefore tells that a registration from before may still have calls.
func (f *former) comesBefore(now time.Time) bool { return f != nil && now.Before(f.expires) }

// takeBack ends a registration from before, where the carrier says that it has it still.
func (t *Trunk) takeBack(r *signal.Response, now time.Time) {
	f := t.former
	if !f.comesBefore(now) || sameContact(f.contact, t.registration.contact) ||
		!slices.ContainsFunc(r.Contacts, func(p signal.Party) bool { return sameContact(p.URI, f.contact) }) {
		t.former = nil
		return
	}
	t.askBack(now)
}

// askBack gives a registration from before back.
func (t *Trunk) askBack(now time.Time) {
	f := t.former
	place := slices.IndexFunc(t.targets, func(x target) bool { return x.hop.Address() == f.registrar })
	if place < 0 || f.tries == maxFarewells {
		t.former = nil
		return
	}
	f.tries++
	f.next = now.Add(answerTime + tryTime)
	t.register(place, 0, f.contact, now)
}

// farewellAnswered takes the answer to that: what the carrier could not do it is asked once more.
func (t *Trunk) farewellAnswered(q *signal.Request, r *signal.Response, now time.Time) {
	f := t.former
	switch {
	case f == nil || !sameContact(q.Contacts[0].URI, f.contact):
	case r.Local || r.Status >= 500:
		f.next = now.Add(firstWait)
	default:
		t.former = nil
	}
}

// sameContact compares Contacts of ours: a carrier may add parameters of its own.
func sameContact(a, b signal.URI) bool {
	return a.User == b.User && strings.EqualFold(a.Host, b.Host) && a.Port == b.Port
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
	if f := t.former; f != nil && f.tries > 0 && r.state == registered && !now.Before(f.next) {
		t.askBack(now)
	}
	moved := r.state == registered && r.by != t.by && r.via != t.by // who took its calls is to take no more: that is asked for once
	if r.open || now.Before(r.next) && !(moved && now.Sub(r.tried) >= firstWait) {
		return
	}
	order := t.order(true)
	if len(order) == 0 {
		return
	}
	r.place = t.registrar(order, now)
	if r.state != registered {
		t.become(asking, "", now)
	}
	r.open, r.tried, r.via = true, now, t.by
	t.register(r.place, r.period, signal.URI{Scheme: "sip", User: t.set.User}, now)
}

// registrar is where to register: the first target that does not want to be left alone, but the one that has just failed
// only where there is no other.
func (t *Trunk) registrar(order []uint32, now time.Time) int {
	g := &t.registration
	open := slices.DeleteFunc(slices.Clone(order), func(place uint32) bool { return now.Before(t.targets[place].shut) })
	for _, place := range open {
		if !g.failed || int(place) != g.place {
			return int(place)
		}
	}
	return int(append(open, order...)[0])
}

// lost: a target is down. If we are registered there, calls to us are lost: they are to come by another one at once.
func (t *Trunk) lost(x *target, now time.Time) {
	g := &t.registration
	if g.state == registered && x == &t.targets[g.at] && slices.ContainsFunc(t.targets, func(x target) bool { return x.standing != down }) {
		g.next = now
	}
}

// register sends a REGISTER to a target; the edge completes a Contact without a host.
func (t *Trunk) register(place int, period time.Duration, contact signal.URI, now time.Time) {
	seconds := strconv.Itoa(int(period / time.Second))
	why := purposeRegister
	if period == 0 {
		why = purposeFarewell
	}
	t.ask(why, place, &signal.Request{Method: signal.REGISTER, URI: t.targets[place].uri(""), To: signal.Party{URI: t.self(place)},
		Contacts: []signal.Party{{URI: contact, Params: signal.Params{{Name: "expires", Value: seconds}}}},
		Headers:  signal.Headers{{Name: "Expires", Value: seconds}}}, now)
}

// leave ends a registration that is not wanted any more: at the target that has taken us, and at one that may be about to. Of
// the answer only a challenge matters.
func (t *Trunk) leave(now time.Time) {
	g := &t.registration
	places := map[int]bool{}
	if g.state == registered {
		places[g.at] = true
	}
	if g.open {
		places[g.place] = true
	}
	for place := range t.targets {
		if places[place] {
			t.register(place, 0, t.contact(), now)
		}
	}
	if g.state != none {
		t.become(none, "", now)
	}
	t.registration, t.former = registration{}, nil
}

// contact is the Contact to give back: what the edge makes of it, or that of another member.
func (t *Trunk) contact() signal.URI {
	if g := &t.registration; g.contact.Host != "" && g.by != t.by {
		return g.contact
	}
	return signal.URI{Scheme: "sip", User: t.set.User}
}

// self is whom we register as at a target.
func (t *Trunk) self(place int) signal.URI {
	return signal.URI{Scheme: "sip", User: t.set.User, Host: t.domain(place)}
}

// again tells that what is given back was asked for anew since: to insist would end that one.
func (t *Trunk) again(a *asked) bool {
	g := &t.registration
	contact := a.request.Contacts[0].URI
	return a.purpose == purposeFarewell && t.set.Register && g.place < len(t.targets) && (contact.Host == "" || sameContact(contact, g.contact)) &&
		a.request.To.URI.String() == t.self(g.place).String()
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
	t.settle(r, now)
	g.expires, g.next = now.Add(life), now.Add(life-max(life/5, 2*time.Second))
	g.wait, g.at, g.failed, g.routes = firstWait, g.place, false, routesIn(r)
	if from := r.Origin.Flow.Remote.Addr().Unmap(); from.IsValid() && from != g.from {
		g.from, t.changed = from, true
	}
	t.become(registered, "", now)
	if x := &t.targets[g.place]; x.standing != up {
		t.stands(x, up, "", now)
	}
}

// settle notes under which Contact, and by which member, we are registered now; what was before is taken back.
func (t *Trunk) settle(r *signal.Response, now time.Time) {
	g := &t.registration
	contact := signal.URI{}
	if len(r.Sent) > 0 {
		contact = r.Sent[0].URI
	}
	if g.contact.Host != "" && !sameContact(contact, g.contact) {
		t.former = &former{contact: g.contact, registrar: t.targets[g.at].hop.Address(), expires: g.expires}
	}
	t.changed = t.changed || !sameContact(contact, g.contact)
	g.contact, g.by = contact, g.via
	t.takeBack(r, now)
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
	for _, text := range []string{listed(q, r), r.Headers.Get("Expires"), q.Headers.Get("Expires")} {
		if n, err := strconv.Atoi(text); err == nil && n > 0 {
			return time.Duration(min(n, int(mostLife/time.Second))) * time.Second
		}
	}
	return time.Hour
}

// listed is the time that the carrier gives for our Contact. Where it lists that in its own words, as one behind a NAT, it is the
// only one of our user: of several, all but ours are from an owner before.
func listed(q *signal.Request, r *signal.Response) string {
	ours := q.Contacts[0].URI
	if len(r.Sent) > 0 {
		ours = r.Sent[0].URI
	}
	all := slices.DeleteFunc(slices.Clone(r.Contacts), func(c signal.Party) bool { return c.URI.User != ours.User })
	i := slices.IndexFunc(all, func(c signal.Party) bool { return sameContact(c.URI, ours) })
	if i < 0 && len(all) != 1 {
		return ""
	}
	text, _ := all[max(i, 0)].Params.Get("expires")
	return text
}

// pause is how long we do not ask again after a refusal. What the carrier wants holds for that target: where it has failed,
// another one may do better, and is not waited with.
func (t *Trunk) pause(r *signal.Response, now time.Time) time.Duration {
	g := &t.registration
	g.wait = min(max(2*g.wait, firstWait), lastWait)
	n, err := strconv.Atoi(r.Headers.Get("Retry-After"))
	if err != nil || n <= 0 {
		return g.wait
	}
	wanted := max(g.wait, min(time.Duration(n)*time.Second, lastWait))
	t.targets[g.place].shut = now.Add(wanted)
	if g.failed && slices.ContainsFunc(t.targets, func(x target) bool { return !now.Before(x.shut) }) {
		return g.wait
	}
	return wanted
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
	g.failed = signal.Elsewhere(r.Status, r.Local)
	after := t.pause(r, now)
	g.next = now.Add(after)
	t.wrong("REGISTER at "+t.targets[g.place].hop.Address()+": "+why, now)
	if g.state == registered && now.Before(g.expires) {
		g.next = now.Add(min(after, max(g.expires.Sub(now)/2, time.Second)))
		g.why = why
		return
	}
	t.become(refused, why, now)
}
