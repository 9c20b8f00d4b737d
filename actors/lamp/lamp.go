package lamp

import (
	"slices"
	"strconv"
	"time"

	"tandem/signal"
	"tandem/sip/subscription"
)

// Event is the package of the message lamp (RFC 3842 section 3.1).
const Event = "message-summary"

const summaryType = "application/simple-message-summary"

// DefaultLimits are those of every account.
var DefaultLimits = subscription.Limits{Subscriptions: 20, Shortest: time.Minute, Longest: time.Hour}

// Lamp is the pure machine of one account's message lamp. Events return what is to be done for them. Each is told how
// many messages there are, not heard and heard.
type Lamp struct {
	aor   signal.AOR
	token func() string // a new random text
	// patience is how long a NOTIFY outside a subscription waits for its answer: longer than 64*T1, in which the edge that sends
	// it has one or says that there is none (RFC 3261 section 17.1.2.2). After that the member of that edge has died.
	patience func() time.Duration

	phones       *subscription.Notifier
	devices      map[string]*device // those whose last NOTIFY outside a subscription has no answer yet, by URI
	fresh, heard int
	shown        *[2]int // messages not heard and heard, as the phones were last told
}

// device is a registered phone that is being told.
type device struct {
	contact signal.Contact
	waiting string    // ID of the NOTIFY
	lost    time.Time // when it will have no answer any more
	again   bool      // there is more to tell when that is answered: one at a time
}

// New makes the lamp of an account. tag leads requests of its dialogs to it; patience is how long a NOTIFY that is sent now
// waits for its answer.
func New(aor signal.AOR, tag string, limits subscription.Limits, token func() string, patience func() time.Duration) *Lamp {
	l := &Lamp{aor: aor, token: token, patience: patience, devices: map[string]*device{}}
	l.phones = subscription.New(subscription.Resource{AOR: aor, Tag: tag, Event: Event, Type: summaryType, Limits: limits},
		func(*subscription.Subscription) subscription.Notice { return subscription.Notice{Body: l.summary()} })
	return l
}

// Empty tells that the lamp has nothing that would be lost with it.
func (l *Lamp) Empty() bool { return l.phones.Len()+len(l.devices) == 0 }

// Request takes a request of a phone: SUBSCRIBE, which begins, refreshes or ends a subscription.
func (l *Lamp) Request(r *signal.Request, fresh, heard int, now time.Time) []subscription.Effect {
	l.fresh, l.heard = fresh, heard
	return l.phones.Request(r, now)
}

// Changed: there may be another number of messages. Who shows it already is not told.
func (l *Lamp) Changed(devices []signal.Contact, fresh, heard int, now time.Time) []subscription.Effect {
	if l.shown != nil && *l.shown == [2]int{fresh, heard} {
		return nil
	}
	return l.Show(nil, devices, fresh, heard, now)
}

// Show tells the devices of these contacts; none: all devices and all subscribers.
func (l *Lamp) Show(contacts []string, devices []signal.Contact, fresh, heard int, now time.Time) (out []subscription.Effect) {
	l.fresh, l.heard = fresh, heard
	if len(contacts) == 0 {
		l.shown = &[2]int{fresh, heard}
		out = l.phones.Changed(now)
	}
	for _, d := range devices {
		if len(contacts) > 0 && !slices.Contains(contacts, d.URI.String()) || l.phones.Reaches(d.URI) {
			continue
		}
		out = append(out, l.unasked(d, now)...)
	}
	return out
}

// unasked tells a device outside any subscription, now or when its last NOTIFY is answered.
func (l *Lamp) unasked(d signal.Contact, now time.Time) []subscription.Effect {
	uri := d.URI.String()
	if under := l.devices[uri]; under != nil {
		under.contact, under.again = d, true
		return nil
	}
	id := l.token()
	l.devices[uri] = &device{contact: d, waiting: "lamp." + id, lost: now.Add(l.patience())}
	r := subscription.Notify("lamp."+id, Event, "terminated;reason=timeout", summaryType, l.summary())
	self := signal.Party{URI: signal.URI{Scheme: "sip", User: l.aor.User(), Host: l.aor.Domain()}}
	r.URI, r.Routes, r.From, r.To, r.CallID, r.CSeq = d.URI, d.Routes, self.WithTag(id), self, "lamp."+id, 1
	r.Contacts = []signal.Party{{URI: signal.URI{Scheme: "sip", User: l.aor.User()}}}
	return []subscription.Effect{subscription.Send{Request: r, Flow: d.Flow}}
}

// Answered takes the answer to a NOTIFY: one that is refused ends the subscription.
func (l *Lamp) Answered(r *signal.Response, fresh, heard int, now time.Time) []subscription.Effect {
	if r.Provisional() {
		return nil
	}
	l.fresh, l.heard = fresh, heard
	for uri, d := range l.devices {
		if d.waiting != r.Request {
			continue
		}
		if delete(l.devices, uri); d.again {
			return l.unasked(d.contact, now)
		}
		return nil
	}
	return l.phones.Answered(r, now)
}

// Next is when Elapsed wants to be called: the next subscription ends, or a NOTIFY is lost; zero: not at all.
func (l *Lamp) Next() time.Time {
	next := l.phones.Next()
	for _, d := range l.devices {
		if next.IsZero() || d.lost.Before(next) {
			next = d.lost
		}
	}
	return next
}

// Elapsed ends what has not been refreshed in time, and tells devices anew of which a NOTIFY was lost: those of the account
// that are there still, by the way that they have now.
func (l *Lamp) Elapsed(devices []signal.Contact, fresh, heard int, now time.Time) []subscription.Effect {
	l.fresh, l.heard = fresh, heard
	out := l.phones.Elapsed(now)
	again := map[string]bool{}
	for uri, d := range l.devices {
		if !now.Before(d.lost) {
			delete(l.devices, uri)
			again[uri] = true
		}
	}
	for _, d := range devices {
		if again[d.URI.String()] && !l.phones.Reaches(d.URI) {
			out = append(out, l.unasked(d, now)...)
		}
	}
	return out
}

// summary is the body of a NOTIFY (RFC 3842 section 5.2).
func (l *Lamp) summary() string {
	waiting := "no"
	if l.fresh > 0 {
		waiting = "yes"
	}
	return "Messages-Waiting: " + waiting + "\r\nMessage-Account: sip:" + string(l.aor) + "\r\nVoice-Message: " +
		strconv.Itoa(l.fresh) + "/" + strconv.Itoa(l.heard) + " (0/0)\r\n"
}
