package subscription

import (
	"strconv"
	"time"

	"tandem/signal"
)

// Subscription is one subscriber's dialog with the resource (RFC 6665 section 4).
type Subscription struct {
	Account signal.AOR // who proved to subscribe

	event   string // the Event field, with the subscriber's id in it
	callID  string
	us, you signal.Party // From and To of what we send
	target  signal.URI
	routes  []string
	flow    signal.Flow
	heard   uint32 // CSeq of the subscriber's last SUBSCRIBE
	sent    uint32 // CSeq of our last NOTIFY
	ends    time.Time
	waiting string // ID of the NOTIFY that has no answer yet; one at a time
	again   bool   // there is more to tell when that is answered
}

// Told is how many NOTIFYs the subscriber was sent: the number of the next one, from 0.
func (s *Subscription) Told() uint32 { return s.sent }

// key names a dialog at the resource: its own tag is the same in all of them.
type key struct{ callID, tag string }

func keyOf(r *signal.Request) key { return key{r.CallID, r.From.Tag()} }

// refreshed takes over what each SUBSCRIBE of a dialog says. Each is followed by a NOTIFY (RFC 6665 section 4.2.1.2), also
// while one has no answer: that may be lost with the member that had to send it, and would be waited for without end.
func (s *Subscription) refreshed(r *signal.Request, life time.Duration, now time.Time) {
	s.heard, s.ends = r.CSeq, now.Add(life)
	s.waiting, s.again = "", false
	s.flow = r.Origin.Flow
	if len(r.Contacts) > 0 {
		s.target = r.Contacts[0].URI
	}
}

// state is the Subscription-State field of a NOTIFY (RFC 6665 section 8.2.3).
func (s *Subscription) state(n Notice, now time.Time) string {
	switch {
	case n.Ended != "":
		return "terminated;reason=" + n.Ended
	case n.Pending:
		return "pending;expires=" + seconds(s.ends.Sub(now))
	}
	return "active;expires=" + seconds(s.ends.Sub(now))
}

// notify is the next NOTIFY of the dialog.
func (s *Subscription) notify(state, contentType, body string) *signal.Request {
	s.sent++
	s.waiting = s.us.Tag() + "." + s.callID + "." + s.you.Tag() + "." + strconv.FormatUint(uint64(s.sent), 10)
	r := Notify(s.waiting, s.event, state, contentType, body)
	r.URI, r.Routes, r.From, r.To, r.CallID, r.CSeq = s.target, s.routes, s.us, s.you, s.callID, s.sent
	r.Contacts = []signal.Party{{URI: signal.URI{Scheme: "sip", User: s.us.URI.User}}}
	return r
}

// Notify is a NOTIFY that is not addressed yet.
func Notify(id, event, state, contentType, body string) *signal.Request {
	r := &signal.Request{ID: id, Method: signal.NOTIFY,
		Headers: signal.Headers{{Name: "Event", Value: event}, {Name: "Subscription-State", Value: state}}}
	if body != "" {
		r.ContentType, r.Body = contentType, []byte(body)
	}
	return r
}

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }
