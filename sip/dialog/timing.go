package dialog

import (
	"strconv"
	"strings"
	"time"

	"tandem/signal"
)

// SessionTimer are our terms for session timers (RFC 4028): a call whose two ends do not refresh it in time is over.
type SessionTimer struct {
	Interval time.Duration // that we ask for; 0: we do not know the extension, and do not name it in Supported
	Min      time.Duration // the shortest that we take, at least MinInterval
}

// MinInterval is the shortest interval that anybody may ask for (RFC 4028 section 5).
const MinInterval = 90 * time.Second

// maxInterval is the longest that is heeded; beyond it a timer is of no use, and 422 could raise it for ever.
const maxInterval = 24 * time.Hour

const optionTimer = "timer"

// expired is the Reason of the BYE that ends a call which nobody refreshed.
const expired = "session timer expired"

// timing is what the two sides agreed on: RFC 4028 calls it the session.
type timing struct {
	interval time.Duration // 0: the call lives without
	min      time.Duration // the largest Min-SE that we heard of, 0 for none
	ours     bool          // we refresh
	refresh  string        // ID of our UPDATE under way
	raised   int           // how often a 422 has raised min
}

// maxRaises is how often a 422 is heeded in one call, so that nobody keeps us asking.
const maxRaises = 3

// TooShort reports whether an INVITE is refused with 422, because its interval is below our least; then the answer
// names that in Min-SE. Who does not know the extension can not be told: a proxy wants the timer (RFC 4028 section 9).
func (t *SessionTimer) TooShort(h signal.Headers) (minSE string, short bool) {
	if t.Interval <= 0 || !knows(h, optionTimer) {
		return "", false
	}
	asked, _ := sessionExpires(h)
	return seconds(t.least()), asked > 0 && asked < t.least()
}

func (t *SessionTimer) least() time.Duration { return max(t.Min, MinInterval) }

// sessionExpires reads the field: the interval, 0 where there is none that can be read, and who refreshes, seen from
// the sender of the request: "uac", "uas" or "".
func sessionExpires(h signal.Headers) (interval time.Duration, refresher string) {
	value, params, _ := strings.Cut(h.Get("Session-Expires"), ";")
	for p := range strings.SplitSeq(params, ";") {
		name, v, _ := strings.Cut(p, "=")
		if strings.EqualFold(strings.TrimSpace(name), "refresher") {
			refresher = strings.ToLower(strings.TrimSpace(v))
		}
	}
	if refresher != "uac" && refresher != "uas" {
		refresher = ""
	}
	return delta(value), refresher
}

// minSE reads the Min-SE field, 0 where there is none.
func minSE(h signal.Headers) time.Duration {
	value, _, _ := strings.Cut(h.Get("Min-SE"), ";")
	return delta(value)
}

// delta reads a number of seconds; one that is too large for us counts as the longest interval.
func delta(s string) time.Duration {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 32)
	if err != nil {
		return 0
	}
	return min(time.Duration(n)*time.Second, maxInterval)
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

// timed is whether we use session timers.
func (d *Dialog) timed() bool { return d.local.Timing.Interval > 0 }

// least is the shortest interval that both sides take, as far as we know.
func (d *Dialog) least() time.Duration { return max(d.timing.min, d.local.Timing.least()) }

// askForTimer adds our wish to a request: the first INVITE, or a refresh, in which the roles stay as they are.
func (d *Dialog) askForTimer(r *signal.Request) {
	if !d.timed() {
		return
	}
	role := ""
	if d.timing.interval > 0 {
		role = ";refresher=uas"
		if d.timing.ours {
			role = ";refresher=uac"
		}
	}
	r.Headers = r.Headers.With("Session-Expires", seconds(d.wish())+role)
	if least := d.least(); least > MinInterval {
		r.Headers = r.Headers.With("Min-SE", seconds(least))
	}
}

// wish is the interval that our requests ask for.
func (d *Dialog) wish() time.Duration {
	if d.timing.interval > 0 {
		return max(d.timing.interval, d.least())
	}
	return max(d.local.Timing.Interval, d.least())
}

// timerGranted takes what a 2xx to such a request says. Without Session-Expires the peer uses no timer (RFC 4028
// section 7.2), and so neither do we: a peer that is gone is missed otherwise.
func (d *Dialog) timerGranted(h signal.Headers) {
	if !d.timed() {
		return
	}
	interval, refresher := sessionExpires(h)
	if interval > 0 {
		interval = max(interval, d.least()) // a peer may not hurry us
	}
	d.timing.interval, d.timing.ours = interval, refresher != "uas"
	d.startTiming()
}

// grantTimer says in our 2xx what becomes of the timer (RFC 4028 section 9). Who refreshes is the choice of the
// request; where it leaves it to us the roles stay, and at first it is the sender if he knows the extension. The interval
// is never above what was asked: our least counts only where a 422 could say so, and that was before.
func (d *Dialog) grantTimer(r *signal.Request, p *signal.Response) {
	if !d.timed() {
		return
	}
	t := &d.timing
	aware := knows(r.Headers, optionTimer)
	asked, refresher := sessionExpires(r.Headers)
	if asked < MinInterval && !aware { // no wish, or one that nobody may have
		t.interval = 0
		d.startTiming()
		return
	}
	t.min = max(t.min, minSE(r.Headers))
	first := t.interval == 0
	t.interval = max(d.local.Timing.Interval, d.least())
	if asked > 0 {
		t.interval = min(t.interval, asked)
	}
	switch {
	case !aware:
		t.ours = true
	case refresher != "":
		t.ours = refresher == "uas"
	case first:
		t.ours = false
	}
	role := ";refresher=uas"
	if !t.ours {
		role = ";refresher=uac"
		p.Headers = p.Headers.With("Require", optionTimer)
	}
	p.Headers = p.Headers.With("Session-Expires", seconds(t.interval)+role)
	d.startTiming()
}

// startTiming counts anew from a refresh. Who refreshes does so at half the interval; both give up before its end, by
// 32 seconds or by a third (RFC 4028 section 10).
func (d *Dialog) startTiming() {
	t := &d.timing
	t.refresh = ""
	d.disarm(timerRefresh)
	d.disarm(timerExpiry)
	if t.interval == 0 {
		return
	}
	if t.ours {
		d.arm(timerRefresh, t.interval/2)
	}
	d.arm(timerExpiry, t.interval-min(32*time.Second, t.interval/3))
}

// refresh sends the refresh that is due: by UPDATE where the peer takes that, else by a re-INVITE, whose SDP offer is
// the leg's.
func (d *Dialog) refresh() {
	d.arm(timerRefresh, d.timing.interval/8) // should this one come to nothing
	switch {
	case !d.settled() || d.exchange.waiting != nil || d.timing.refresh != "":
		// What is under way refreshes the call itself.
	case d.peerTakes(signal.UPDATE):
		r := d.request(d.path, signal.UPDATE)
		d.askForTimer(r)
		d.timing.refresh = r.ID
		d.send(r)
	default:
		d.emit(Refresh{})
	}
}

// peerTakes reports whether the peer has said that it takes a method.
func (d *Dialog) peerTakes(m signal.Method) bool {
	for _, a := range d.allow {
		if a == string(m) {
			return true
		}
	}
	return false
}

// refreshAnswered takes the final response to our UPDATE. What is no answer to the refresh itself leaves the timer
// running: it is tried again until the call expires.
func (d *Dialog) refreshAnswered(r *signal.Response) {
	d.timing.refresh = ""
	switch {
	case d.state != Established:
	case r.Success():
		d.path.refresh(r.Contacts)
		d.timerGranted(r.Headers)
	case r.Status == 422 && d.raise(r.Headers):
		d.refresh()
	case r.Status == 481 || r.Status == 408:
		d.lost(r.Status, "UPDATE")
	case r.Status == 405 || r.Status == 501:
		d.allow = without(d.allow, string(signal.UPDATE))
		d.refresh()
	}
}

// raise takes the least interval that a 422 names; false where it is no more than we have asked for.
func (d *Dialog) raise(h signal.Headers) bool {
	least := minSE(h)
	if !d.timed() || least <= d.wish() || d.timing.raised >= maxRaises {
		return false
	}
	d.timing.min = least
	d.timing.raised++
	return true
}

// expire ends a call that was not refreshed.
func (d *Dialog) expire() {
	if d.state == Established {
		d.abandon(Cause{By: ByFailure, Status: 408, Reason: expired}, expired)
	}
}

// retryLonger sends the first INVITE again after 422, with the interval that was asked for (RFC 4028 section 7.3); false
// where that makes no sense.
func (d *Dialog) retryLonger(r *signal.Response) bool {
	if r.Status != 422 || !d.raise(r.Headers) {
		return false
	}
	sdp, _ := sdpOf(d.client.invite.ContentType, d.client.invite.Body)
	d.inviteAgain(sdp)
	return true
}

// retryOther sends the first INVITE again after 488, once, with the other SDP offer where the leg has one; false where
// it has none.
func (d *Dialog) retryOther(r *signal.Response) bool {
	if r.Status != 488 || d.client.call.Other == nil {
		return false
	}
	other := d.client.call.Other()
	d.client.call.Other = nil
	if other == nil {
		return false
	}
	d.inviteAgain(other)
	return true
}

// inviteAgain sends the first INVITE in a new transaction, with an SDP offer. Credentials are used once: whoever asked
// for them may ask again.
func (d *Dialog) inviteAgain(sdp []byte) {
	old := d.client.invite
	next := d.request(&path{peer: d.client.call.To, target: d.client.call.Target,
		routes: routeSet(d.client.call.Routes), sent: old.CSeq}, signal.INVITE)
	next.Headers = old.Headers.Without("Session-Expires").Without("Min-SE").
		Without("Authorization").Without("Proxy-Authorization")
	next.MaxForwards = old.MaxForwards
	d.dress(next, sdp)
	d.askForTimer(next)
	d.renew(next)
	d.send(next)
}

// renew puts another INVITE in the place of our first one, which was refused: its early dialogs are over with it (RFC 3261 section
// 12.3), and what they have offered, and each response of the new one begins one of its own.
func (d *Dialog) renew(next *signal.Request) {
	if d.exchange.phase == asked {
		d.closeOffer(487, "")
	}
	d.client.id, d.client.invite, d.client.heard, d.client.forks, d.client.early = next.ID, next, false, nil, nil
}

func without(list []string, one string) (out []string) {
	for _, s := range list {
		if s != one {
			out = append(out, s)
		}
	}
	return out
}
