package subscription

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/signal"
)

// Limits bound the subscriptions of one resource.
type Limits struct {
	Subscriptions     int
	Each              int // subscriptions of one account; 0: no less than all
	Shortest, Longest time.Duration
}

// Resource is what is subscribed to.
type Resource struct {
	AOR    signal.AOR
	Tag    string // ours, in every dialog: it leads requests of the dialogs to the owner
	Event  string // name of the event package
	Type   string // content type of the bodies
	Limits Limits
}

// Notice is what a subscriber is told.
type Notice struct {
	Pending bool   // the owner has not agreed yet
	Ended   string // the reason where the subscription ends with this (RFC 6665 section 4.1.3); "" goes on
	Body    string
}

// Notifier is the pure machine of the subscriptions to one resource.
type Notifier struct {
	resource      Resource
	show          func(*Subscription) Notice // what is true for a subscriber now
	subscriptions map[key]*Subscription
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

// New makes the subscriptions of a resource. show is asked whenever a NOTIFY is made.
func New(r Resource, show func(*Subscription) Notice) *Notifier {
	return &Notifier{resource: r, show: show, subscriptions: map[key]*Subscription{}}
}

// Len is how many subscriptions there are.
func (n *Notifier) Len() int { return len(n.subscriptions) }

// Request takes a SUBSCRIBE, which begins, refreshes or ends a subscription, and refuses every other request.
func (n *Notifier) Request(r *signal.Request, now time.Time) []Effect {
	life, refused := n.judge(r)
	if refused != nil {
		return refused
	}
	k := keyOf(r)
	s, refused := n.find(k, r, life)
	if refused != nil {
		return refused
	}
	s.refreshed(r, life, now)
	ok200 := &signal.Response{Request: r.ID, Method: r.Method, Status: 200, To: s.us,
		Contacts: []signal.Party{{URI: signal.URI{Scheme: "sip", User: n.resource.AOR.User()}}},
		Headers:  signal.Headers{{Name: "Expires", Value: seconds(life)}}}
	ended := ""
	if life == 0 {
		ended = "timeout" // RFC 6665 section 4.4.1
	}
	return append([]Effect{Respond{ok200}}, n.tell(k, ended, now)...)
}

// judge looks at what a request asks for, whoever sends it.
func (n *Notifier) judge(r *signal.Request) (life time.Duration, refused []Effect) {
	if r.Method != signal.SUBSCRIBE {
		return 0, Refuse(r, 405, "Allow", "SUBSCRIBE")
	}
	life, ok := n.life(r)
	switch {
	case r.Package() != n.resource.Event:
		return 0, Refuse(r, 489, "Allow-Events", n.resource.Event)
	case !takes(strings.Join(r.Headers.All("Accept"), ","), n.resource.Type):
		return 0, Refuse(r, 406, "Accept", n.resource.Type)
	case !ok:
		return 0, Refuse(r, 400, "", "")
	case life > 0 && life < n.resource.Limits.Shortest:
		return 0, Refuse(r, 423, "Min-Expires", seconds(n.resource.Limits.Shortest))
	}
	return life, nil
}

// find is the subscription of a request's dialog, a new one where it begins one.
func (n *Notifier) find(k key, r *signal.Request, life time.Duration) (*Subscription, []Effect) {
	s, known := n.subscriptions[k]
	switch {
	case r.InDialog() && !known, known && r.Origin.Account != "" && r.Origin.Account != s.Account:
		return nil, Refuse(r, 481, "", "")
	case known && r.CSeq <= s.heard:
		return nil, Refuse(r, 500, "Retry-After", "1") // RFC 3261 section 12.2.2
	case known:
		return s, nil
	case len(r.Contacts) != 1:
		return nil, Refuse(r, 400, "", "")
	case life > 0 && n.full(r.Origin.Account):
		return nil, Refuse(r, 503, "Retry-After", seconds(n.resource.Limits.Shortest))
	}
	s = &Subscription{Account: r.Origin.Account, event: r.Headers.Get("Event"), callID: r.CallID,
		us: r.To.WithTag(n.resource.Tag), you: r.From, routes: r.Routes}
	n.subscriptions[k] = s
	return s, nil
}

// full tells that an account may have no further subscription.
func (n *Notifier) full(account signal.AOR) bool {
	limits := n.resource.Limits
	if len(n.subscriptions) >= limits.Subscriptions {
		return true
	}
	if limits.Each == 0 {
		return false
	}
	own := 0
	for _, s := range n.subscriptions {
		if s.Account == account {
			own++
		}
	}
	return own >= limits.Each
}

// life is how long a SUBSCRIBE wants to last, at most as long as may be; the longest where it does not say.
func (n *Notifier) life(r *signal.Request) (time.Duration, bool) {
	longest := n.resource.Limits.Longest
	text := strings.TrimSpace(r.Headers.Get("Expires"))
	if text == "" {
		return longest, true
	}
	wanted, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0, false
	}
	return min(time.Duration(wanted)*time.Second, longest), true
}

// Refuse answers a request with a status, and a header field where name is not empty.
func Refuse(r *signal.Request, status int, name, value string) []Effect {
	p := &signal.Response{Request: r.ID, Method: r.Method, Status: status, To: r.To}
	if name != "" {
		p.Headers = signal.Headers{{Name: name, Value: value}}
	}
	return []Effect{Respond{p}}
}

// tell sends a subscriber what is true, now or when its last NOTIFY is answered; ended is why it ends, "" leaves that
// to what is shown.
func (n *Notifier) tell(k key, ended string, now time.Time) []Effect {
	s := n.subscriptions[k]
	notice := n.show(s)
	if ended != "" {
		notice.Ended = ended
	}
	if notice.Ended != "" {
		delete(n.subscriptions, k)
	} else if s.waiting != "" {
		s.again = true
		return nil
	}
	return []Effect{Send{s.notify(s.state(notice, now), n.resource.Type, notice.Body), s.flow}}
}

// Changed tells all subscribers what is true now.
func (n *Notifier) Changed(now time.Time) []Effect {
	return n.ChangedFor(func(*Subscription) bool { return true }, now)
}

// ChangedFor tells those subscribers for whom something has changed.
func (n *Notifier) ChangedFor(whom func(*Subscription) bool, now time.Time) (out []Effect) {
	for _, k := range n.keys() {
		if whom(n.subscriptions[k]) {
			out = append(out, n.tell(k, "", now)...)
		}
	}
	return out
}

// End ends all subscriptions. reason is one of RFC 6665 section 4.1.3: "deactivated" has subscribers come again at once.
func (n *Notifier) End(reason string, now time.Time) (out []Effect) {
	for _, k := range n.keys() {
		out = append(out, n.tell(k, reason, now)...)
	}
	return out
}

// Accounts are those that have a subscription, in order.
func (n *Notifier) Accounts() (all []signal.AOR) {
	for _, s := range n.subscriptions {
		all = append(all, s.Account)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Reaches tells whether a device has a subscription: it hears there.
func (n *Notifier) Reaches(u signal.URI) bool {
	for _, s := range n.subscriptions {
		if s.target.Host == u.Host && s.target.Port == u.Port && s.target.User == u.User {
			return true
		}
	}
	return false
}

// keys are the dialogs in a fixed order.
func (n *Notifier) keys() []key {
	var all []key
	for k := range n.subscriptions {
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b key) int {
		return cmp.Or(strings.Compare(a.callID, b.callID), strings.Compare(a.tag, b.tag))
	})
	return all
}

// Answered takes the answer to a NOTIFY: one that is refused ends the subscription (RFC 6665 section 4.2.2). Answers
// to what is not of a subscription are ignored.
func (n *Notifier) Answered(r *signal.Response, now time.Time) []Effect {
	if r.Provisional() {
		return nil
	}
	for k, s := range n.subscriptions {
		if s.waiting != r.Request {
			continue
		}
		s.waiting = ""
		if !r.Success() {
			delete(n.subscriptions, k)
			return nil
		}
		if s.again {
			s.again = false
			return n.tell(k, "", now)
		}
		return nil
	}
	return nil
}

// Next is when the next subscription ends; zero: none does.
func (n *Notifier) Next() (next time.Time) {
	for _, s := range n.subscriptions {
		if next.IsZero() || s.ends.Before(next) {
			next = s.ends
		}
	}
	return next
}

// Elapsed ends what has not been refreshed in time.
func (n *Notifier) Elapsed(now time.Time) (out []Effect) {
	for _, k := range n.keys() {
		if !now.Before(n.subscriptions[k].ends) {
			out = append(out, n.tell(k, "timeout", now)...)
		}
	}
	return out
}

// takes tells whether the sender of a SUBSCRIBE understands our bodies: it says nothing of it, or names them.
func takes(accept, contentType string) bool {
	if strings.TrimSpace(accept) == "" {
		return true
	}
	family, _, _ := strings.Cut(contentType, "/")
	for one := range strings.SplitSeq(accept, ",") {
		kind, _, _ := strings.Cut(one, ";")
		switch strings.ToLower(strings.TrimSpace(kind)) {
		case contentType, family + "/*", "*/*":
			return true
		}
	}
	return false
}
