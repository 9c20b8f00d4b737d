package trunk

import (
	"bytes"
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/actors/msg"
	"tandem/conf"
	"tandem/signal"
	"tandem/sip/auth"
)

// Trunk is the machine of one trunk.
type Trunk struct {
	name   string
	member string
	log    func(text string, about ...any) // of a change; nil: nobody reads it
	draw   func(below int) int             // a random number

	set     conf.Trunk
	known   bool // it is in the settings
	since   time.Time
	targets []target

	registration registration
	former       *former // nil: there is none
	legacy       legacy
	by           string // the member whose edge is to be named in our Contact
	channels     channels
	figures      figures

	asked   map[string]*asked // requests of ours, by ID
	serial  uint64
	callID  string
	cseq    uint32
	tries   []try
	changed bool // all members must be told
	told    time.Time
	quiet   time.Duration // until they are told again
	last    string        // error
	lastAt  time.Time
	out     []Effect
}

// asked is a request of ours that has no answer yet.
type asked struct {
	purpose purpose
	place   int // of the target, in this life of the settings
	request *signal.Request
	client  auth.Client // who we are to the target
	by      string      // the member by which it goes
	proofs  int
	sent    time.Time
}

// purpose is why something is asked.
type purpose int

const (
	purposeProbe purpose = iota
	purposeRegister
	purposeFarewell // the registration is given back; the settings may know nothing of it any more
)

// try is somebody who waits for TrunkTry.
type try struct {
	ask   uint64
	until time.Time
}

// Setup is what a machine is made of.
type Setup struct {
	Name, Member string
	Before       *msg.TrunkStanding // how it stood with its owner before; nil: nobody has heard
	CallID       string             // of what it asks: no other trunk has it
	Log          func(text string, about ...any)
	Draw         func(below int) int
	Now          time.Time
}

// New is a trunk that nothing is known of.
func New(s Setup) *Trunk {
	t := &Trunk{name: s.Name, member: s.Member, by: s.Member, callID: s.CallID, log: s.Log, draw: s.Draw, since: s.Now, asked: map[string]*asked{},
		channels: channels{open: map[uint64]*channel{}, of: map[string]uint64{}, last: uint64(s.Now.UnixNano())}}
	t.inherit(s.Before, s.Now)
	return t
}

func (t *Trunk) tellLog(text string, about ...any) {
	if t.log != nil {
		t.log(text, about...)
	}
}

// take hands over what is wanted.
func (t *Trunk) take(now time.Time) []Effect {
	if t.changed || now.Sub(t.told) >= t.quiet {
		t.quiet = min(2*t.quiet, standEvery)
		if t.changed {
			t.quiet = standFirst
		}
		t.changed, t.told = false, now
		t.out = append(t.out, Publish{t.standing(now)})
	}
	out := t.out
	t.out = nil
	return out
}

// Keep does what is due. set is the trunk's entry in the settings; none: there is no such trunk any more. by is the member
// that is to take its calls.
func (t *Trunk) Keep(set *conf.Trunk, by string, now time.Time) []Effect {
	t.by = by
	switch {
	case set == nil && t.known:
		t.leave(now)
		t.known, t.set, t.targets, t.changed = false, conf.Trunk{}, nil, true
	case set != nil && (!t.known || !reflect.DeepEqual(*set, t.set)):
		t.begin(*set, now)
	}
	t.forgetOld(now)
	if t.known {
		t.keepTargets(now)
		t.keepLeads(now)
		t.keepRegistration(now)
	}
	t.endTries(now)
	return t.take(now)
}

// begin takes settings; what is known of targets that stay is kept.
func (t *Trunk) begin(set conf.Trunk, now time.Time) {
	former := t.former
	if t.known {
		t.leave(now)
		former, t.legacy = nil, legacy{}
	}
	t.former = former
	before := t.targets
	t.set, t.known, t.targets, t.changed = set, true, nil, true
	for _, hop := range set.Hops() {
		x := target{hop: hop, since: now}
		if i := slices.IndexFunc(before, func(o target) bool { return o.hop.Address() == hop.Address() }); i >= 0 {
			x.standing, x.why, x.since, x.leads = before[i].standing, before[i].why, before[i].since, before[i].leads
			x.leads.asked, x.leads.next = false, time.Time{} // an answer that is awaited names the place from before
		}
		t.targets = append(t.targets, x)
	}
	maps.DeleteFunc(t.asked, func(_ string, a *asked) bool { return a.purpose != purposeFarewell }) // targets have other places now
	t.registration = registration{period: set.Period}
}

// domain is the host in the addresses that a target is shown.
func (t *Trunk) domain(place int) string { return cmp.Or(t.set.Domain, t.targets[place].hop.Host) }

// ask sends a request to a target.
func (t *Trunk) ask(why purpose, place int, r *signal.Request, now time.Time) {
	t.serial++
	t.cseq++
	kind := map[purpose]string{purposeProbe: "probe", purposeRegister: "register", purposeFarewell: "register"}[why]
	r.ID = kind + "." + t.callID + "." + strconv.FormatUint(t.serial, 10)
	r.CallID, r.CSeq = kind+"."+t.callID, t.cseq
	from := signal.Party{URI: signal.URI{Scheme: "sip", User: cmp.Or(t.set.User, "tandem"), Host: t.domain(place)}}
	r.From = from.WithTag(strconv.FormatUint(t.serial, 36) + strconv.FormatInt(now.UnixNano(), 36))
	t.send(&asked{purpose: why, place: place, request: r, by: t.by, client: auth.Client{User: t.set.User, Secret: string(t.set.Secret)}}, now)
}

func (t *Trunk) send(a *asked, now time.Time) {
	if len(t.asked) < maxAsked {
		a.sent = now
		t.asked[a.request.ID] = a
	}
	t.out = append(t.out, Send{a.request, a.by})
}

// forgetOld forgets requests that have had no answer, which can only be if the edge has lost them.
func (t *Trunk) forgetOld(now time.Time) {
	for id, a := range t.asked {
		if now.Sub(a.sent) > answerTime+tryTime {
			delete(t.asked, id)
			t.answered(a, &signal.Response{Request: id, Method: a.request.Method, Status: 408, Local: true}, now)
		}
	}
}

// Answered takes a response to a request of ours.
func (t *Trunk) Answered(r *signal.Response, now time.Time) []Effect {
	a := t.asked[r.Request]
	if a == nil || r.Provisional() {
		return t.take(now)
	}
	delete(t.asked, r.Request)
	if !t.proved(a, r, now) {
		t.answered(a, r, now)
	}
	t.endTries(now)
	return t.take(now)
}

func (t *Trunk) answered(a *asked, r *signal.Response, now time.Time) {
	if a.place >= len(t.targets) {
		return
	}
	switch a.purpose {
	case purposeProbe:
		t.probed(a.place, r, now)
	case purposeRegister:
		t.registerAnswered(a.request, r, now)
	case purposeFarewell:
		t.farewellAnswered(a.request, r, now)
	}
}

// proved answers a challenge; false: there is none, or no use in it. OPTIONS proves nothing: any answer will do.
func (t *Trunk) proved(a *asked, r *signal.Response, now time.Time) bool {
	if r.Status != 401 && r.Status != 407 || a.purpose == purposeProbe || a.proofs >= maxProofs || t.again(a) {
		return false
	}
	field, err := a.client.Answer(r, a.request)
	if err != nil || a.request.Headers.Get(field.Name) != "" && !auth.IsStale(r) {
		return false
	}
	again := *a.request
	t.serial++
	t.cseq++
	again.ID, again.CSeq = again.CallID+"."+strconv.FormatUint(t.serial, 10), t.cseq
	again.Headers = again.Headers.Without(field.Name).With(field.Name, field.Value)
	t.send(&asked{purpose: a.purpose, place: a.place, request: &again, by: a.by, client: a.client, proofs: a.proofs + 1}, now)
	return true
}

// Try asks all targets at once.
func (t *Trunk) Try(ask uint64, now time.Time) []Effect {
	if len(t.tries) >= maxTries {
		return []Effect{Answer{ask, t.Find(now)}}
	}
	for i := range t.targets {
		if !t.targets[i].waits {
			t.probe(i, now)
		}
	}
	if t.set.Register && t.registration.state != registered {
		t.registration.next = now
		t.keepRegistration(now)
	}
	t.tries = append(t.tries, try{ask, now.Add(tryTime)})
	t.endTries(now)
	return t.take(now)
}

// endTries answers those who wait, when all is answered.
func (t *Trunk) endTries(now time.Time) {
	if len(t.tries) == 0 {
		return
	}
	open := t.registration.open || slices.ContainsFunc(t.targets, func(x target) bool { return x.waits })
	t.tries = slices.DeleteFunc(t.tries, func(y try) bool {
		if open && now.Before(y.until) {
			return false
		}
		t.out = append(t.out, Answer{y.ask, t.Find(now)})
		return true
	})
}

// End is told that another member has the name from here on, or that this one ends. With an heir the registration is left to
// him: he registers himself before he takes ours back.
func (t *Trunk) End(heir bool, now time.Time) []Effect {
	if t.known && !heir {
		t.leave(now)
	}
	out := t.out
	t.out = nil
	return out
}

// wrong notes an error for people.
func (t *Trunk) wrong(text string, now time.Time) { t.last, t.lastAt = clip(text), now }

func clip(text string) string {
	return msg.Cut(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text), maxText)
}

// standing is what all members must know.
func (t *Trunk) standing(now time.Time) *msg.TrunkStanding {
	s := &msg.TrunkStanding{Name: t.name, Member: t.member, AtMs: now.UnixMilli(), Registration: t.registration.state.String()}
	if g := &t.registration; g.state == registered {
		if g.from.IsValid() {
			s.Addresses = append(s.Addresses, g.from.AsSlice())
		}
		if g.contact.Host != "" {
			s.Contact, s.Registrar, s.ExpiresMs = g.contact.String(), t.targets[g.at].hop.Address(), g.expires.UnixMilli()
		}
	} else if f := t.former; t.set.Register && f.comesBefore(now) { // until we are registered ourselves its calls are the trunk's
		s.Addresses, s.Contact, s.Registrar, s.ExpiresMs = slices.Clone(f.from), f.contact.String(), f.registrar, f.expires.UnixMilli()
	}
	for _, x := range t.targets {
		s.Up = s.Up || x.standing != down
	}
	for _, a := range t.comesFrom(now) {
		if !slices.ContainsFunc(s.Addresses, func(b []byte) bool { return bytes.Equal(a, b) }) {
			s.Addresses = append(s.Addresses, a)
		}
	}
	if len(t.targets) > 0 && !s.Up {
		s.Why = t.targets[0].why
	}
	return s
}

// Find shows how the trunk stands.
func (t *Trunk) Find(now time.Time) *msg.TrunkFound {
	t.channels.turn(now)
	g, c := t.registration, t.channels
	f := &msg.TrunkFound{Name: t.name, Member: t.member, Registration: g.state.String(), RegistrationWhy: g.why, SinceMs: t.since.UnixMilli(),
		Channels: int32(len(c.open)), Incoming: int32(c.incoming), Peak: int32(c.peak), Rate: int32(max(c.begun, c.before)), Refused: c.refused,
		Hour: t.figures.hour(now), LastError: t.last, LastErrorMs: millis(t.lastAt)}
	if g.state == registered {
		f.RegisteredMs, f.ExpiresMs = millis(g.since), millis(g.expires)
	}
	for _, x := range t.targets {
		f.Targets = append(f.Targets, &msg.TrunkTarget{Address: x.hop.Address(), State: x.standing.String(), Why: x.why, SinceMs: millis(x.since),
			AskedMs: millis(x.answered), TripUs: x.trip.Microseconds(), Priority: int32(x.hop.Priority), Weight: int32(x.hop.Weight)})
	}
	return f
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
