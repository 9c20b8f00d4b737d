package keylamp

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"tandem/signal"
	"tandem/sip/dialoginfo"
	"tandem/sip/subscription"
)

// Times and limits of a keylamp.
const (
	Again  = time.Minute     // after which members are asked again for the account's legs
	Forget = 5 * Again / 2   // after which a member forgets who does not ask
	linger = 5 * time.Second // for which a call that is over is told to be so
	most   = 50              // calls that are told of
)

// DefaultLimits are those of every account.
var DefaultLimits = subscription.Limits{Subscriptions: 200, Each: 20, Shortest: time.Minute, Longest: time.Hour}

// Effect is something to do: Watch, or one of package subscription.
type Effect = subscription.Effect

// Watch asks all members for the legs of the account.
type Watch struct{}

// Keylamp is the pure machine of one account's calls, as phones are told of them. Events return what is to be done for
// them.
type Keylamp struct {
	aor    signal.AOR
	phones *subscription.Notifier
	calls  map[string]*call // by the leg's handler
	last   uint64           // names them in documents
	asked  time.Time        // when the members were asked
}

// call is one leg of the account.
type call struct {
	dialoginfo.Call
	number uint64
	over   time.Time
}

// states are those of legs, by their names in lists.
var states = map[string]dialoginfo.State{"waiting": dialoginfo.Trying, "ringing": dialoginfo.Early, "answered": dialoginfo.Confirmed,
	"ending": dialoginfo.Terminated, "ended": dialoginfo.Terminated}

// New makes the keylamp of an account. tag leads requests of its dialogs to it.
func New(aor signal.AOR, tag string, limits subscription.Limits) *Keylamp {
	k := &Keylamp{aor: aor, calls: map[string]*call{}}
	k.phones = subscription.New(subscription.Resource{AOR: aor, Tag: tag, Event: dialoginfo.Event, Type: dialoginfo.Type, Limits: limits}, k.show)
	return k
}

// Empty tells that nobody would miss it.
func (k *Keylamp) Empty() bool { return k.phones.Len() == 0 }

// Request takes a request of a phone: SUBSCRIBE, which begins, refreshes or ends a subscription.
func (k *Keylamp) Request(r *signal.Request, now time.Time) []Effect {
	k.sweep(now)
	return append(k.phones.Request(r, now), k.watch(now)...)
}

// watch asks the members where it is time, and somebody is there to be told.
func (k *Keylamp) watch(now time.Time) []Effect {
	if k.Empty() || now.Before(k.asked.Add(Again)) {
		return nil
	}
	k.asked = now
	return []Effect{Watch{}}
}

// Call takes how a leg stands; new tells that it was not known before, and is worth watching.
func (k *Keylamp) Call(leg string, outgoing bool, state string, now time.Time) (fresh bool, out []Effect) {
	to, known := states[state]
	c := k.calls[leg]
	switch {
	case !known, c == nil && to == dialoginfo.Terminated, c != nil && (c.State == to || c.State == dialoginfo.Terminated):
		return false, nil
	case c == nil:
		if k.sweep(now); len(k.calls) >= most {
			return false, nil
		}
		k.last++
		c = &call{Call: dialoginfo.Call{ID: strconv.FormatUint(k.last, 10), Called: outgoing}, number: k.last}
		k.calls[leg], fresh = c, true
	}
	if c.State = to; to == dialoginfo.Terminated {
		c.over = now
	}
	return fresh, k.phones.Changed(now)
}

// Gone takes the end of a leg, or of its member.
func (k *Keylamp) Gone(leg string, now time.Time) []Effect {
	_, out := k.Call(leg, false, "ended", now)
	return out
}

// sweep forgets calls that have been told to be over.
func (k *Keylamp) sweep(now time.Time) {
	for leg, c := range k.calls {
		if !c.over.IsZero() && now.Sub(c.over) >= linger {
			delete(k.calls, leg)
		}
	}
}

// Answered takes the answer to a NOTIFY.
func (k *Keylamp) Answered(r *signal.Response, now time.Time) []Effect {
	return k.phones.Answered(r, now)
}

// Next is when Elapsed wants to be called next; zero: not at all.
func (k *Keylamp) Next() time.Time {
	next := k.phones.Next()
	if again := k.asked.Add(Again); !next.IsZero() && again.Before(next) {
		return again
	}
	return next
}

// Elapsed ends what has not been refreshed in time, and asks the members again.
func (k *Keylamp) Elapsed(now time.Time) []Effect {
	k.sweep(now)
	return append(k.phones.Elapsed(now), k.watch(now)...)
}

// Leave ends the subscriptions, since the name is given up: phones come again at once, and find its next owner.
func (k *Keylamp) Leave(now time.Time) []Effect { return k.phones.End("deactivated", now) }

// show is what a phone is told now.
func (k *Keylamp) show(s *subscription.Subscription) subscription.Notice {
	d := dialoginfo.Document{Entity: "sip:" + string(k.aor), Version: s.Told()}
	all := make([]*call, 0, len(k.calls))
	for _, c := range k.calls {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *call) int { return cmp.Compare(a.number, b.number) })
	for _, c := range all {
		d.Calls = append(d.Calls, c.Call)
	}
	return subscription.Notice{Body: d.String()}
}
