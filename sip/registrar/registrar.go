package registrar

import (
	"slices"
	"strconv"
	"time"

	"tandem/conf"
	"tandem/signal"
)

// Registrar holds the rules by which REGISTER is judged.
type Registrar struct {
	Limits conf.Accounts
	// Own reports whether a URI leads back to this server: such a contact would make a loop. nil
	// means that none does.
	Own func(signal.URI) bool
}

// Result is the judgement. Response is always set; if it is no 200, Bindings are the present ones
// without the expired and the only Changes are those that have expired.
type Result struct {
	Bindings []Binding // by preference
	Changes  []Change
	Response *signal.Response
}

// Change is one binding that is not as it was.
type Change struct {
	Kind    Kind
	Binding Binding // as it is now, or was when it ended
}

// Kind says how a binding changed.
type Kind int

// The kinds.
const (
	Added     Kind = iota // new
	Refreshed             // lives longer, or has new properties
	Removed               // by request
	Expired               // by time
)

// String is the kind in a word.
func (k Kind) String() string {
	return [...]string{"added", "refreshed", "removed", "expired"}[k]
}

// Register judges one REGISTER for the account that has the present bindings.
func (g Registrar) Register(r *signal.Request, present []Binding, now time.Time) Result {
	live, ended := Expire(present, now)
	order(live)
	var changes []Change
	for _, b := range ended {
		changes = append(changes, Change{Expired, b})
	}
	bindings, applied, refused := g.apply(r, live, now)
	if refused != nil {
		return Result{live, changes, refused.response(r)}
	}
	order(bindings)
	return Result{bindings, append(changes, applied...), g.ok(r, bindings, now)}
}

// apply makes all changes that a request asks for, or none.
func (g Registrar) apply(r *signal.Request, live []Binding, now time.Time) ([]Binding, []Change, *refusal) {
	if wildcard(r) {
		return removeAll(r, live)
	}
	if f := checkRest(r); f != nil {
		return nil, nil, f
	}
	if f := checkOutbound(r); f != nil {
		return nil, nil, f
	}
	// Everything may be replaced by as many again; beyond, nothing sensible can be meant.
	if len(r.Contacts) > 2*g.Limits.MaxContacts {
		return nil, nil, refuse(403, "Too Many Contacts")
	}
	next := live
	var changes []Change
	for _, c := range r.Contacts {
		b, life, f := g.read(c, r, now)
		if f != nil {
			return nil, nil, f
		}
		var more []Change
		if next, more, f = bind(next, b, life); f != nil {
			return nil, nil, f
		}
		changes = append(changes, more...)
	}
	if len(next) > g.Limits.MaxContacts && len(next) > len(live) {
		return nil, nil, refuse(403, "Too Many Contacts, At Most "+strconv.Itoa(g.Limits.MaxContacts))
	}
	return next, changes, nil
}

// wildcard reports whether a contact of the request is "*".
func wildcard(r *signal.Request) bool {
	return slices.ContainsFunc(r.Contacts, func(c signal.Party) bool { return c.URI.Scheme == "*" })
}

// removeAll serves the Contact "*": it must be alone and come with Expires 0 (RFC 3261 section
// 10.3, step 6).
func removeAll(r *signal.Request, live []Binding) ([]Binding, []Change, *refusal) {
	if len(r.Contacts) != 1 {
		return nil, nil, refuse(400, "Contact * Must Be Alone")
	}
	if fields := r.Headers.All("Expires"); len(fields) == 0 || parseExpires(fields[0]) != 0 {
		return nil, nil, refuse(400, "Contact * Needs Expires 0")
	}
	var changes []Change
	for _, b := range live {
		if b.CallID == r.CallID && r.CSeq <= b.CSeq {
			return nil, nil, refuse(500, "CSeq Out Of Order")
		}
		changes = append(changes, Change{Removed, b})
	}
	return nil, changes, nil
}

// read makes the binding that one contact asks for, and how long it is to live.
func (g Registrar) read(c signal.Party, r *signal.Request, now time.Time) (Binding, time.Duration, *refusal) {
	if f := g.checkContact(c); f != nil {
		return Binding{}, 0, f
	}
	life, brief := g.lifetime(c, r.Headers)
	if brief {
		f := refuse(423, "")
		f.field = signal.Header{Name: "Min-Expires", Value: strconv.Itoa(int(g.Limits.MinExpires / time.Second))}
		return Binding{}, 0, f
	}
	q := maxQ
	if text, given := c.Params.Get("q"); given {
		var valid bool
		if q, valid = parseQ(text); !valid {
			return Binding{}, 0, refuse(400, "Bad q In Contact")
		}
	}
	return Binding{
		Contact: c.URI, Display: c.Display, Params: c.Params.Without("q").Without("expires"), Q: q,
		Path: r.Headers.All("Path"), Flow: r.Origin.Flow, Agent: agent(r),
		CallID: r.CallID, CSeq: r.CSeq, Since: now, Updated: now, Expires: now.Add(life),
	}, life, nil
}

// bind puts one binding in, or takes it out when its life is 0. Within one Call-ID requests count
// in the order of CSeq (section 10.3, step 7): a lower one is refused; an equal one is the same
// request again, and changes nothing. A device that has moved to the contact of another binding
// replaces that one too.
func bind(all []Binding, b Binding, life time.Duration) ([]Binding, []Change, *refusal) {
	var matched []Binding
	rest := make([]Binding, 0, len(all)+1) // they are kept for long: with no more room than they take
	for _, have := range all {
		switch {
		case !same(have, b):
			rest = append(rest, have)
			continue
		case have.CallID == b.CallID && b.CSeq < have.CSeq:
			return nil, nil, refuse(500, "CSeq Out Of Order")
		case have.CallID == b.CallID && b.CSeq == have.CSeq:
			return all, nil, nil
		}
		matched = append(matched, have)
	}
	var changes []Change
	if life > 0 {
		kind := Added
		if len(matched) > 0 {
			kind, b.Since, matched = Refreshed, matched[0].Since, matched[1:]
		}
		rest = append(rest, b)
		changes = append(changes, Change{kind, b})
	}
	for _, gone := range matched {
		changes = append(changes, Change{Removed, gone})
	}
	return rest, changes, nil
}

// dateLayout is the form of the Date field: always GMT (RFC 3261 section 20.17).
const dateLayout = "Mon, 02 Jan 2006 15:04:05 GMT"

// ok is the 200: all bindings with what is left of their lives, the Date by which phones set their
// clocks (RFC 3261 section 10.3, step 8), and the Path that was stored, for a device that knows of Path
// (RFC 3327 section 5.3); the routes that devices are to send by; and to a device with several flows, that they are understood.
func (g Registrar) ok(r *signal.Request, bindings []Binding, now time.Time) *signal.Response {
	p := response(r, 200, "")
	p.Headers = signal.Headers{{Name: "Date", Value: now.UTC().Format(dateLayout)}}
	for _, b := range bindings {
		p.Contacts = append(p.Contacts, b.party(now))
	}
	if r.Headers.Has("Supported", "path") {
		for _, path := range r.Headers.All("Path") {
			p.Headers = append(p.Headers, signal.Header{Name: "Path", Value: path})
		}
	}
	for _, route := range g.Limits.ServiceRoute { // RFC 3608 section 6.3
		p.Headers = append(p.Headers, signal.Header{Name: "Service-Route", Value: "<" + route + ">"})
	}
	if slices.ContainsFunc(r.Contacts, func(c signal.Party) bool { return outbound(r, c) }) {
		p.Headers = append(p.Headers, flowHeaders(r.Origin.Flow)...)
	}
	return p
}
