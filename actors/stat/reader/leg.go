package reader

import (
	"cmp"
	"strings"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/actors/stat/engine"
	"tandem/actors/stat/measure"
	"tandem/actors/store"
	"tandem/signal"
)

// Actions of devices by their calls.
var (
	callDialing          = name("CallDialing")
	callDialingStarted   = name("CallDialingStarted")
	callDialed           = name("CallDialed")
	callOnHold           = name("CallOnHold")
	callHeld             = name("CallHeld")
	callRetrieved        = name("CallRetrievedFromHold")
	abandonedFromHold    = name("CallAbandonedFromHold")
	abandonedFromDialing = name("CallAbandonedFromDialing")
	callTransferTaken    = name("CallTransferTaken")
	callPartyChanged     = name("CallPartyChanged")
)

// Types of calls (reference statserver.md 2.4).
const (
	internal = "Internal"
	inbound  = "Inbound"
	outbound = "Outbound"
	consult  = "Consult"
	unknown  = "Unknown"
)

// talk is what a type of call is called at a device.
type talk struct{ goes, started, completed measure.Name }

var talks = func() map[string]talk {
	all := map[string]talk{}
	for _, t := range []string{internal, inbound, outbound, consult, unknown} {
		all[t] = talk{name("Call" + t), name("Call" + t + "Started"), name("Call" + t + "Completed")}
	}
	return all
}()

// ringing is what there is before a call is answered, and as what it ends.
type ringing struct{ goes, started, answered, cancelled, failed measure.Name }

// ringings are those of who calls, and of who is called.
var ringings = map[bool]ringing{
	false: {callDialing, callDialingStarted, callDialed, abandonedFromDialing, abandonedFromDialing},
	true:  {callRinging, callRingingStarted, callAnswered, abandonedInRinging, callForwarded},
}

// How a leg ends, in the words of its record, that has given its place to another one.
const (
	transferred = "Transferred"
	replaced    = "Replaced"
)

// party is a leg that goes on.
type party struct {
	Leg      string           `json:"leg"`
	Device   string           `json:"device,omitempty"` // "": it is no account's
	Call     string           `json:"call"`
	Outgoing bool             `json:"outgoing,omitempty"` // it was called
	Began    int64            `json:"began"`
	Ring     int64            `json:"ring,omitempty"`   // since when it rings, or dials
	Beside   bool             `json:"beside,omitempty"` // it rings for the same call as another phone of the device, which shows it
	Talk     int64            `json:"talk,omitempty"`   // since when it talks
	Type     string           `json:"type,omitempty"`   // of its call, while it talks
	Since    int64            `json:"since,omitempty"`  // since when the call is of that type
	First    string           `json:"first,omitempty"`  // type of the call that waits for the end of this one: it consults
	Hold     int64            `json:"hold,omitempty"`   // since when it holds the call
	Queue    string           `json:"queue,omitempty"`  // whose agent it is: how that one rings and talks he says himself
	Caller   string           `json:"caller,omitempty"`
	With     *engine.Attached `json:"with,omitempty"`
}

// conn is the connection id.
func (p *party) conn() string { return cmp.Or(p.Caller, p.Call) }

// shown tells whether what it does is told of its device here.
func (p *party) shown() bool { return p.Device != "" && p.Queue == "" }

// before is the order in which parties are looked at.
func (p *party) before(o *party) bool {
	return p.Began < o.Began || p.Began == o.Began && p.Leg < o.Leg
}

// leg brings a party to where its record is. Each says all that has been, so that one that is missing does no harm.
func (r *Reader) leg(f store.Fact) error {
	rec := &msg.LegRecord{}
	if err := proto.Unmarshal(f.Body, rec); err != nil {
		return err
	}
	if !r.fence.Counts(rec, f.Position) {
		return nil // of a life that was over
	}
	p := r.legs[rec.Leg]
	switch {
	case p != nil:
	case f.Kind == EndedKind || len(r.legs) >= maxLegs:
		return nil
	default:
		p = r.takesPart(rec)
	}
	if p.Device != "" {
		r.rings(p, rec)
		r.talks(p, rec)
		r.holds(p, rec, f.At.UnixMilli())
	}
	p.Talk = rec.Answered
	if f.Kind == EndedKind {
		r.parts(p, rec)
	}
	return nil
}

// takesPart begins a party. One of a device that holds another call consults.
func (r *Reader) takesPart(rec *msg.LegRecord) *party {
	p := &party{Leg: rec.Leg, Device: user(rec.Account), Call: rec.Call, Outgoing: rec.Outgoing, Began: rec.Started,
		Queue: rec.Queue, Caller: rec.Caller}
	if p.shown() {
		p.With = &engine.Attached{Attributes: map[string]string{"MediaType": "voice", "ANI": user(rec.From), "DNIS": user(rec.To)}}
	}
	if held := first(r.holding[p.Device], anyParty); held != nil && !p.Outgoing {
		p.First = cmp.Or(held.First, held.Type, inbound) // of a queue's caller it is not told here
	}
	r.seatParty(p)
	return p
}

// seatParty puts a party where it is found.
func (r *Reader) seatParty(p *party) {
	r.legs[p.Leg] = p
	put(r.parties, p.Call, p)
	if p.Hold != 0 {
		put(r.holding, p.Device, p)
	}
}

func put(all map[string]map[string]*party, key string, p *party) {
	if all[key] == nil {
		all[key] = map[string]*party{}
	}
	all[key][p.Leg] = p
}

func drop(all map[string]map[string]*party, key string, p *party) {
	if delete(all[key], p.Leg); len(all[key]) == 0 {
		delete(all, key)
	}
}

// first is the oldest of some parties that is wanted; nil: none is.
func first(all map[string]*party, wanted func(*party) bool) (found *party) {
	for _, p := range all {
		if wanted(p) && (found == nil || p.before(found)) {
			found = p
		}
	}
	return found
}

func anyParty(*party) bool { return true }

// user is the name of the device of an account, which is that of its address in its domain.
func user(address string) string {
	name, _, _ := strings.Cut(address, "@")
	return name
}

// rings: it dials, or is rung.
func (r *Reader) rings(p *party, rec *msg.LegRecord) {
	ring := rec.Started
	if p.Outgoing {
		ring = rec.Rang
	}
	if !p.shown() || p.Ring != 0 || p.Beside || ring == 0 {
		return
	}
	if r.beside(p, (*party).rung) != nil {
		p.Beside = true
		return
	}
	p.Ring = ring
	r.begin(ring, deviceOf(p.Device), ringings[p.Outgoing].goes, p.Call, p.conn(), p.With)
	r.happen(ring, deviceOf(p.Device), ringings[p.Outgoing].started, 0, p.conn(), p.With)
}

// stopsRinging ends that at a moment, and tells as what it has ended and how long it was.
func (r *Reader) stopsRinging(p *party, at int64, as measure.Name) {
	if p.Ring != 0 { // else it did not ring
		r.end(at, deviceOf(p.Device), ringings[p.Outgoing].goes, p.Call, p.conn())
		r.happen(at, deviceOf(p.Device), as, at-p.Ring, p.conn(), p.With)
	}
}

// rung tells whether its ringing is shown.
func (p *party) rung() bool { return p.Ring != 0 && p.Talk == 0 }

// beside is another phone of the device that the same call has had called; nil: none is.
func (r *Reader) beside(p *party, wanted func(*party) bool) *party {
	return first(r.parties[p.Call], func(o *party) bool {
		return o != p && o.Outgoing && p.Outgoing && o.Device == p.Device && o.shown() && wanted(o)
	})
}

// talks: the call is answered.
func (r *Reader) talks(p *party, rec *msg.LegRecord) {
	if p.Talk != 0 || rec.Answered == 0 || !p.shown() {
		return
	}
	if o := r.beside(p, (*party).rung); o != nil {
		p.Ring, o.Ring, o.Beside = o.Ring, 0, true
	}
	r.stopsRinging(p, rec.Answered, ringings[p.Outgoing].answered)
	r.becomes(p, r.typeOf(p, rec), rec.Answered)
}

// becomes: its call is of that type from now on.
func (r *Reader) becomes(p *party, kind string, at int64) {
	p.Type, p.Since = kind, at
	t := talks[kind]
	r.begin(at, deviceOf(p.Device), t.goes, p.Leg, p.conn(), p.With)
	r.happen(at, deviceOf(p.Device), t.started, 0, p.conn(), p.With)
}

// was: its call is not any more what it was.
func (r *Reader) was(p *party, at int64) {
	t := talks[p.Type]
	r.end(at, deviceOf(p.Device), t.goes, p.Leg, p.conn())
	r.happen(at, deviceOf(p.Device), t.completed, at-p.Since, p.conn(), p.With)
}

// typeOf is the type of a call that is answered: by who is at its other end.
func (r *Reader) typeOf(p *party, rec *msg.LegRecord) string {
	if p.First != "" {
		return consult
	}
	if !p.Outgoing {
		if far := r.legs[rec.Partner]; far != nil && far.Outgoing && far.Device == "" {
			return outbound
		}
		return internal
	}
	all := r.parties[p.Call]
	far := first(all, func(o *party) bool { return !o.Outgoing })
	if far == nil { // who has called has sent the party on
		far = first(all, func(o *party) bool { return o != p && o.Talk > 0 })
	}
	switch {
	case far == nil:
		return unknown
	case far.First != "":
		p.First = far.First
		return consult
	case far.Device == "":
		return inbound
	}
	return internal
}

// holds: it holds the call, or takes it back at that moment.
func (r *Reader) holds(p *party, rec *msg.LegRecord, at int64) {
	switch {
	case rec.Held != 0 && rec.Answered != 0 && p.Hold == 0:
		p.Hold = max(rec.Held, rec.Answered)
		put(r.holding, p.Device, p)
		r.begin(p.Hold, deviceOf(p.Device), callOnHold, p.Leg, p.conn(), p.With)
		r.happen(p.Hold, deviceOf(p.Device), callHeld, p.Hold-rec.Answered, p.conn(), p.With)
	case rec.Held == 0 && p.Hold != 0:
		r.stopsHolding(p, at, callRetrieved)
	}
}

func (r *Reader) stopsHolding(p *party, at int64, as measure.Name) {
	r.end(at, deviceOf(p.Device), callOnHold, p.Leg, p.conn())
	r.happen(at, deviceOf(p.Device), as, at-p.Hold, p.conn(), p.With)
	p.Hold = 0
	drop(r.holding, p.Device, p)
}

// parts: the leg is over.
func (r *Reader) parts(p *party, rec *msg.LegRecord) {
	delete(r.legs, p.Leg)
	drop(r.parties, p.Call, p)
	at := rec.Ended
	if p.Hold != 0 {
		r.stopsHolding(p, at, abandonedFromHold)
	}
	gone := rec.Answered != 0 && (rec.Reason == transferred || rec.Reason == replaced)
	switch {
	case !p.shown():
	case p.Type != "":
		if gone && p.Type != consult {
			r.happen(at, deviceOf(p.Device), callTransferMade, 0, p.conn(), p.With)
		}
		r.was(p, at)
	default:
		r.isQuiet(p, rec)
	}
	if gone && p.Type == consult {
		r.takesOver(p, at)
	}
}

// isQuiet: it was not answered. Another phone of its device may ring on.
func (r *Reader) isQuiet(p *party, rec *msg.LegRecord) {
	if o := r.beside(p, func(o *party) bool { return o.Beside && o.Talk == 0 }); o != nil && p.Ring != 0 {
		o.Ring, o.Beside, p.Ring = p.Ring, false, 0
	}
	as := ringings[p.Outgoing].failed
	if cancelled(rec) {
		as = ringings[p.Outgoing].cancelled
	}
	r.stopsRinging(p, rec.Ended, as)
}

// cancelled tells whether who called has given up.
func cancelled(rec *msg.LegRecord) bool {
	if !rec.Outgoing {
		return rec.By == "caller"
	}
	return rec.Status == 487 && strings.Contains(signal.ReasonCancelled, `"`+rec.Reason+`"`)
}

// takesOver: who was consulted has the call now that waited: it is of that one's type.
func (r *Reader) takesOver(p *party, at int64) {
	o := first(r.parties[p.Call], func(o *party) bool { return o.Type == consult })
	if o == nil {
		return
	}
	device := deviceOf(o.Device)
	r.was(o, at)
	r.becomes(o, o.First, at)
	o.First = ""
	r.happen(at, device, callTransferTaken, 0, o.conn(), o.With)
	r.happen(at, device, callPartyChanged, 0, o.conn(), o.With)
}
