package presence

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"tandem/signal"
	"tandem/sip/pidf"
	"tandem/sip/subscription"
)

// Event is the event package (RFC 3856 section 6.1).
const Event = signal.PresencePackage

// Request takes a request of a phone: PUBLISH, or SUBSCRIBE.
func (p *Presentity) Request(r *signal.Request, now time.Time) []Effect {
	switch r.Method {
	case signal.PUBLISH:
		return p.publish(r, now)
	case signal.SUBSCRIBE:
		return p.subscribe(r, now)
	}
	return subscription.Refuse(r, 405, "Allow", "SUBSCRIBE, PUBLISH")
}

// publish takes what a phone publishes, in the order of RFC 3903 section 6: new, changed, refreshed or withdrawn.
func (p *Presentity) publish(r *signal.Request, now time.Time) []Effect {
	life, ok := p.life(r)
	tag := strings.TrimSpace(r.Headers.Get("SIP-If-Match"))
	old := p.published(tag)
	switch {
	case r.Package() != Event:
		return subscription.Refuse(r, 489, "Allow-Events", Event)
	case tag != "" && old == nil:
		return subscription.Refuse(r, 412, "", "")
	case !ok, tag == "" && len(r.Body) == 0:
		return subscription.Refuse(r, 400, "", "")
	case life > 0 && life < p.limits.Shortest:
		return subscription.Refuse(r, 423, "Min-Expires", strconv.Itoa(int(p.limits.Shortest/time.Second)))
	}
	state := State{}
	if old != nil {
		state = old.State
	}
	if len(r.Body) > 0 {
		d, refused := read(r)
		if refused != nil {
			return refused
		}
		state = State{d.Presence, d.Note}
	}
	if tag == "" {
		p.forget(r)
	}
	if old == nil && life > 0 && len(p.sources) >= p.limits.Sources {
		return subscription.Refuse(r, 503, "Retry-After", strconv.Itoa(int(p.limits.Shortest/time.Second)))
	}
	next := p.keep(tag, state, life, now)
	if s := p.published(next); s != nil {
		s.from, s.call = r.Origin.Flow.Remote, r.CallID
	}
	done := &signal.Response{Request: r.ID, Method: r.Method, Status: 200, To: r.To, Headers: signal.Headers{
		{Name: "Expires", Value: strconv.Itoa(int(life / time.Second))}, {Name: "SIP-ETag", Value: next}}}
	return append([]Effect{subscription.Respond{Response: done}}, p.update(now)...)
}

// forget drops what was published from an address at which a phone begins anew. One that was started again, or whose
// first PUBLISH was still under way when it had more to say, knows no tag: what it said before would stand beside what
// it says now until that expires. Where several devices have one address, only the Call-ID tells that it is the same one.
func (p *Presentity) forget(r *signal.Request) {
	from := r.Origin.Flow.Remote
	if !from.IsValid() {
		return
	}
	several := p.shared != nil && p.shared(from)
	for tag, s := range p.sources {
		if s.from == from && (!several || s.call == r.CallID) {
			delete(p.sources, tag)
		}
	}
}

// shares tells whether devices send from an address that is not theirs alone: a proxy's, to which their registration leads
// (RFC 3327), or one from which several have registered. Several flows of one device, and one contact by several transports, are
// one.
func shares(devices []signal.Contact, from netip.AddrPort) bool {
	var one *signal.Contact
	for i, d := range devices {
		switch {
		case d.Flow.Remote != from:
		case len(d.Routes) > 0 || one != nil && !sameDevice(d, *one):
			return true
		default:
			one = &devices[i]
		}
	}
	return false
}

// sameDevice tells whether two registrations are one device's: by its own name, where it has one, or by its contact.
func sameDevice(a, b signal.Contact) bool {
	if a.Device != "" || b.Device != "" {
		return a.Device == b.Device
	}
	a.URI.Params, b.URI.Params = a.URI.Params.Without("transport"), b.URI.Params.Without("transport")
	return a.URI.String() == b.URI.String()
}

// published is what a phone has published under an entity-tag. Names of sessions are no such tags.
func (p *Presentity) published(tag string) *source {
	if s := p.sources[tag]; s != nil && !s.ends.IsZero() {
		return s
	}
	return nil
}

// keep keeps what is published under a new tag, as each success has it (RFC 3903 section 6), for a time; 0 forgets it.
func (p *Presentity) keep(tag string, state State, life time.Duration, now time.Time) string {
	next := p.token()
	if old := p.published(tag); old != nil {
		delete(p.sources, tag)
		p.sources[next] = old
	}
	if life == 0 {
		delete(p.sources, next)
		return next
	}
	p.say(next, state, now.Add(life))
	return next
}

// read reads what a phone publishes.
func read(r *signal.Request) (pidf.Document, []Effect) {
	kind, _, _ := strings.Cut(r.ContentType, ";")
	if !strings.EqualFold(strings.TrimSpace(kind), pidf.Type) {
		return pidf.Document{}, subscription.Refuse(r, 415, "Accept", pidf.Type)
	}
	d, err := pidf.Read(r.Body)
	switch {
	case errors.Is(err, pidf.ErrSize):
		return d, subscription.Refuse(r, 413, "", "")
	case err != nil:
		return d, []Effect{subscription.Respond{Response: &signal.Response{Request: r.ID, Method: r.Method, Status: 400,
			Reason: "Bad Presence Document", To: r.To}}}
	}
	return d, nil
}

// life is how long a PUBLISH wants to last, at most as long as may be, and so long where it does not say.
func (p *Presentity) life(r *signal.Request) (time.Duration, bool) {
	text := strings.TrimSpace(r.Headers.Get("Expires"))
	if text == "" {
		return p.limits.Longest, true
	}
	n, err := strconv.ParseUint(text, 10, 32)
	return min(time.Duration(n)*time.Second, p.limits.Longest), err == nil
}
