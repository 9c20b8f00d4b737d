package lamp

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/signal"
)

// Limits bound the subscriptions of one account.
type Limits struct {
	Subscriptions     int
	Shortest, Longest time.Duration
}

// DefaultLimits are those of every account.
var DefaultLimits = Limits{Subscriptions: 20, Shortest: time.Minute, Longest: time.Hour}

// Lamp is the pure machine of one account's message lamp. Events return what is to be done for them.
type Lamp struct {
	aor    signal.AOR
	tag    string // ours, in every dialog
	limits Limits
	token  func() string // a new random text

	subscriptions map[key]*subscription
	devices       map[string]*device // those whose last NOTIFY outside a subscription has no answer yet, by URI
	shown         *[2]int            // messages not heard and heard, as the phones were last told
}

// device is a registered phone that is being told.
type device struct {
	contact signal.Contact
	waiting string // ID of the NOTIFY
	again   bool   // there is more to tell when that is answered: one at a time
}

// Effect is something to do: Respond or Send.
type Effect any

// The effects.
type (
	// Respond answers a request.
	Respond struct{ Response *signal.Response }
	// Send sends a NOTIFY, whose answer belongs to Answered.
	Send struct {
		Request *signal.Request
		Flow    signal.Flow
	}
)

// New makes the lamp of an account. tag leads requests of its dialogs to it.
func New(aor signal.AOR, tag string, limits Limits, token func() string) *Lamp {
	return &Lamp{aor: aor, tag: tag, limits: limits, token: token, subscriptions: map[key]*subscription{},
		devices: map[string]*device{}}
}

// Empty tells that the lamp has nothing that would be lost with it.
func (l *Lamp) Empty() bool { return len(l.subscriptions) == 0 }

// Request takes a request of a phone: SUBSCRIBE, which begins, refreshes or ends a subscription.
func (l *Lamp) Request(r *signal.Request, fresh, heard int, now time.Time) []Effect {
	if r.Method != signal.SUBSCRIBE {
		return refuse(r, 405, "Allow", "SUBSCRIBE")
	}
	name, _, _ := strings.Cut(r.Headers.Get("Event"), ";")
	life, ok := l.life(r)
	switch {
	case !strings.EqualFold(strings.TrimSpace(name), Event):
		return refuse(r, 489, "Allow-Events", Event)
	case !takes(strings.Join(r.Headers.All("Accept"), ",")):
		return refuse(r, 406, "Accept", summaryType)
	case !ok:
		return refuse(r, 400, "", "")
	case life > 0 && life < l.limits.Shortest:
		return refuse(r, 423, "Min-Expires", seconds(l.limits.Shortest))
	}
	s, known := l.subscriptions[keyOf(r)]
	switch {
	case r.InDialog() && !known:
		return refuse(r, 481, "", "")
	case known && r.CSeq <= s.heard:
		return refuse(r, 500, "Retry-After", "1") // RFC 3261 section 12.2.2
	case !known && len(r.Contacts) != 1:
		return refuse(r, 400, "", "")
	case !known && life > 0 && len(l.subscriptions) >= l.limits.Subscriptions:
		return refuse(r, 503, "Retry-After", seconds(l.limits.Shortest))
	case !known:
		s = &subscription{event: r.Headers.Get("Event"), callID: r.CallID, us: r.To.WithTag(l.tag), you: r.From,
			routes: r.Routes}
		l.subscriptions[keyOf(r)] = s
	}
	s.refreshed(r, life, now)
	ok200 := &signal.Response{Request: r.ID, Method: r.Method, Status: 200, To: s.us,
		Contacts: []signal.Party{{URI: signal.URI{Scheme: "sip", User: l.aor.User()}}},
		Headers:  signal.Headers{{Name: "Expires", Value: seconds(life)}}}
	ended := ""
	if life == 0 {
		ended = "timeout" // RFC 6665 section 4.4.1
	}
	return append([]Effect{Respond{ok200}}, l.tell(keyOf(r), s, ended, fresh, heard, now)...)
}

// life is how long a SUBSCRIBE wants to last, at most as long as may be; an hour where it does not say.
func (l *Lamp) life(r *signal.Request) (time.Duration, bool) {
	text := strings.TrimSpace(r.Headers.Get("Expires"))
	if text == "" {
		return l.limits.Longest, true
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0, false
	}
	return min(time.Duration(n)*time.Second, l.limits.Longest), true
}

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }

func refuse(r *signal.Request, status int, name, value string) []Effect {
	p := &signal.Response{Request: r.ID, Method: r.Method, Status: status, To: r.To}
	if name != "" {
		p.Headers = signal.Headers{{Name: name, Value: value}}
	}
	return []Effect{Respond{p}}
}

// tell sends a subscriber the state, now or when its last NOTIFY is answered; ended "" goes on.
func (l *Lamp) tell(k key, s *subscription, ended string, fresh, heard int, now time.Time) []Effect {
	if ended != "" {
		delete(l.subscriptions, k)
	} else if s.waiting != "" {
		s.again = true
		return nil
	}
	return []Effect{Send{s.notify(s.state(ended, now), summary(l.aor, fresh, heard)), s.flow}}
}

// Changed: there may be another number of messages. Who shows it already is not told.
func (l *Lamp) Changed(devices []signal.Contact, fresh, heard int, now time.Time) []Effect {
	if l.shown != nil && *l.shown == [2]int{fresh, heard} {
		return nil
	}
	return l.Show(nil, devices, fresh, heard, now)
}

// Show tells the devices of these contacts; none: all devices and all subscribers.
func (l *Lamp) Show(contacts []string, devices []signal.Contact, fresh, heard int, now time.Time) (out []Effect) {
	if len(contacts) == 0 {
		l.shown = &[2]int{fresh, heard}
		for _, k := range l.keys() {
			out = append(out, l.tell(k, l.subscriptions[k], "", fresh, heard, now)...)
		}
	}
	for _, d := range devices {
		if len(contacts) > 0 && !slices.Contains(contacts, d.URI.String()) || l.subscribed(d.URI) {
			continue
		}
		out = append(out, l.unasked(d, fresh, heard)...)
	}
	return out
}

// keys are the dialogs in a fixed order.
func (l *Lamp) keys() []key {
	var all []key
	for k := range l.subscriptions {
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b key) int {
		return cmp.Or(strings.Compare(a.callID, b.callID), strings.Compare(a.tag, b.tag))
	})
	return all
}

// subscribed tells whether a device has a subscription: it hears there.
func (l *Lamp) subscribed(u signal.URI) bool {
	for _, s := range l.subscriptions {
		if s.target.Host == u.Host && s.target.Port == u.Port && s.target.User == u.User {
			return true
		}
	}
	return false
}

// unasked tells a device outside any subscription, now or when its last NOTIFY is answered.
func (l *Lamp) unasked(d signal.Contact, fresh, heard int) []Effect {
	uri := d.URI.String()
	if under := l.devices[uri]; under != nil {
		under.contact, under.again = d, true
		return nil
	}
	id := l.token()
	l.devices[uri] = &device{contact: d, waiting: "lamp." + id}
	r := notify("lamp."+id, Event, "terminated;reason=timeout", summary(l.aor, fresh, heard))
	self := signal.Party{URI: signal.URI{Scheme: "sip", User: l.aor.User(), Host: l.aor.Domain()}}
	r.URI, r.Routes, r.From, r.To, r.CallID, r.CSeq = d.URI, d.Routes, self.WithTag(id), self, "lamp."+id, 1
	r.Contacts = []signal.Party{{URI: signal.URI{Scheme: "sip", User: l.aor.User()}}}
	return []Effect{Send{r, d.Flow}}
}

// Answered takes the answer to a NOTIFY: one that is refused ends the subscription (RFC 6665 section 4.2.2).
func (l *Lamp) Answered(r *signal.Response, fresh, heard int, now time.Time) []Effect {
	if r.Provisional() {
		return nil
	}
	for uri, d := range l.devices {
		if d.waiting != r.Request {
			continue
		}
		if delete(l.devices, uri); d.again {
			return l.unasked(d.contact, fresh, heard)
		}
		return nil
	}
	for k, s := range l.subscriptions {
		if s.waiting != r.Request {
			continue
		}
		s.waiting = ""
		if !r.Success() {
			delete(l.subscriptions, k)
			return nil
		}
		if s.again {
			s.again = false
			return l.tell(k, s, "", fresh, heard, now)
		}
		return nil
	}
	return nil
}

// Next is when the next subscription ends; zero: none does.
func (l *Lamp) Next() (next time.Time) {
	for _, s := range l.subscriptions {
		if next.IsZero() || s.ends.Before(next) {
			next = s.ends
		}
	}
	return next
}

// Elapsed ends what has not been refreshed in time.
func (l *Lamp) Elapsed(fresh, heard int, now time.Time) (out []Effect) {
	for _, k := range l.keys() {
		if s := l.subscriptions[k]; !now.Before(s.ends) {
			out = append(out, l.tell(k, s, "timeout", fresh, heard, now)...)
		}
	}
	return out
}
