package lamp

import (
	"strconv"
	"strings"
	"time"

	"tandem/signal"
)

// subscription is one phone's dialog with the lamp (RFC 6665).
type subscription struct {
	event   string // the Event field, with the phone's id in it
	callID  string
	us, you signal.Party // From and To of what we send
	target  signal.URI
	routes  []string
	flow    signal.Flow
	heard   uint32 // CSeq of the phone's last SUBSCRIBE
	sent    uint32 // CSeq of our last NOTIFY
	ends    time.Time
	waiting string // ID of the NOTIFY that has no answer yet; one at a time
	again   bool   // there is more to tell when that is answered
}

// key names a dialog at the lamp: its own tag is the same in all of them.
type key struct{ callID, tag string }

func keyOf(r *signal.Request) key { return key{r.CallID, r.From.Tag()} }

// refreshed takes over what each SUBSCRIBE of a dialog says.
func (s *subscription) refreshed(r *signal.Request, life time.Duration, now time.Time) {
	s.heard, s.ends = r.CSeq, now.Add(life)
	s.flow = r.Origin.Flow
	if len(r.Contacts) > 0 {
		s.target = r.Contacts[0].URI
	}
}

// state is the Subscription-State field of a NOTIFY; "" is an active one.
func (s *subscription) state(ended string, now time.Time) string {
	if ended != "" {
		return "terminated;reason=" + ended
	}
	return "active;expires=" + strconv.FormatInt(int64(s.ends.Sub(now)/time.Second), 10)
}

// notify is the next NOTIFY of the dialog.
func (s *subscription) notify(state, body string) *signal.Request {
	s.sent++
	s.waiting = s.us.Tag() + "." + s.callID + "." + s.you.Tag() + "." + strconv.FormatUint(uint64(s.sent), 10)
	r := notify(s.waiting, s.event, state, body)
	r.URI, r.Routes, r.From, r.To, r.CallID, r.CSeq = s.target, s.routes, s.us, s.you, s.callID, s.sent
	r.Contacts = []signal.Party{{URI: signal.URI{Scheme: "sip", User: s.us.URI.User}}}
	return r
}

// notify is a NOTIFY that is not addressed yet.
func notify(id, event, state, body string) *signal.Request {
	return &signal.Request{ID: id, Method: signal.NOTIFY, ContentType: summaryType, Body: []byte(body),
		Headers: signal.Headers{{Name: "Event", Value: event}, {Name: "Subscription-State", Value: state}}}
}

// Event is the package of the message lamp (RFC 3842 section 3.1).
const Event = "message-summary"

const summaryType = "application/simple-message-summary"

// summary is the body of a NOTIFY (RFC 3842 section 5.2).
func summary(aor signal.AOR, fresh, heard int) string {
	waiting := "no"
	if fresh > 0 {
		waiting = "yes"
	}
	return "Messages-Waiting: " + waiting + "\r\nMessage-Account: sip:" + string(aor) + "\r\nVoice-Message: " +
		strconv.Itoa(fresh) + "/" + strconv.Itoa(heard) + " (0/0)\r\n"
}

// takes tells whether the sender of a SUBSCRIBE understands our bodies: it says nothing of it, or names them.
func takes(accept string) bool {
	if strings.TrimSpace(accept) == "" {
		return true
	}
	for one := range strings.SplitSeq(accept, ",") {
		kind, _, _ := strings.Cut(one, ";")
		switch strings.ToLower(strings.TrimSpace(kind)) {
		case summaryType, "application/*", "*/*":
			return true
		}
	}
	return false
}
