package leg

import (
	"cmp"
	"strings"
	"time"

	"tandem/actors/msg"
	"tandem/signal"
	"tandem/sip/dialog"
)

// transfers is a leg's part in transfers. There are three: its own phone asks for one (asker), a
// new party is looked for on its party's behalf (searching), or it takes over from another leg
// (taking).
type transfers struct {
	leg    *Leg
	search bool
	rings  bool             // who is searched rings: our party hears that
	put    *dialog.Referred // the REFER of our own phone that waits for the Task's answer
	asked  string           // the REFER of our own phone that is not settled
	moved  bool             // its partner is who is transferred
	refer  string           // the asker's name for what is searched
	target signal.URI       // what is searched
	order  string           // the name of a transfer that somebody else has ordered
	behalf string           // on whose behalf
	alone  bool             // our party is searched for by order, and hears its Task meanwhile
	takes  bool
	peer   string // the peer's tag: what a Replaces must name
}

func (t *transfers) init(l *Leg) { t.leg = l }

// searching: a Signal looks for a new party for ours.
func (t *transfers) searching() bool { return t.search }

// onReferred: our phone asks for its partner to be sent elsewhere (RFC 3515), or to be joined with
// the partner of another call of its (Replaces inside Refer-To, RFC 3891).
func (t *transfers) onReferred(e dialog.Referred) {
	l := t.leg
	switch {
	case l.state != answered || !l.hearing.hasPartner && !l.service.on:
		t.refuses(e.ID, 403, "Nobody to transfer")
	case t.asked != "" || t.put != nil: // one at a time: which of two would the partner follow?
		t.refuses(e.ID, 491, "")
	case l.service.on:
		t.put = &e
		m := &msg.LegReferred{Refer: e.ID, Target: msg.FromURI(e.Target), Trunk: t.trunk(e.ID)}
		if e.Replaces != nil {
			m.Replaces = e.Replaces.String()
		}
		l.do(tellTask{m})
	default:
		t.move(e, l.record.Account)
	}
}

// move sends our partner to where our phone wants it, on behalf of an account, or with the rights of the trunk behind which
// our phone is.
func (t *transfers) move(e dialog.Referred, account string) {
	l := t.leg
	if !t.accepts(e.ID) {
		return
	}
	t.asked, t.moved = e.ID, true
	trunk := t.trunk(e.ID)
	switch {
	case e.ID == t.order:
		account = t.behalf
	case trunk != "": // whoever serves it: a carrier's party must not call the world at somebody's expense
		account = ""
	}
	l.log.Info("transfer asked for", "target", e.Target.String(), "attended", e.Replaces != nil)
	if e.Replaces == nil {
		l.do(tellPartner{&msg.LegTransfer{Refer: e.ID, Target: msg.FromURI(e.Target),
			Account: account, Trunk: trunk, ReferredBy: l.referrer()}})
		return
	}
	// Whoever asks, only the phone's own account may join its calls.
	l.do(replace{tag: e.Replaces.LocalTag, by: ourPartner,
		request: t.request(e.Replaces, e.ID, l.record.Account)})
}

// trunk is that with whose rights our phone asks for a transfer; "" where it has an account's, or somebody else has
// ordered that.
func (t *transfers) trunk(id string) string {
	if id == t.order {
		return ""
	}
	return t.leg.record.Trunk
}

// leaveToPlatform is the Task's answer that it does not care about its phone's REFER.
func (t *transfers) leaveToPlatform(account string) {
	l, e := t.leg, *t.put
	t.put = nil
	if !l.hearing.hasPartner {
		t.refuses(e.ID, 403, "Nobody to transfer")
		l.do(tellTask{&msg.LegFound{Status: 403, Reason: "Nobody to transfer"}})
		return
	}
	t.move(e, cmp.Or(account, l.record.Account))
}

// settle is the Task's first answer to its phone's REFER: it is refused or accepted by that.
func (t *transfers) settle(status int, reason string) {
	id := t.put.ID
	t.put = nil
	if status >= 300 {
		t.refuses(id, refusal(status), reason)
		return
	}
	if t.accepts(id) {
		t.asked, t.moved = id, false
	}
}

// request asks the leg that a Replaces names for its place.
func (t *transfers) request(r *dialog.Replaces, refer, account string) *msg.LegReplace {
	return &msg.LegReplace{Refer: refer, Account: account, CallId: r.CallID, PeerTag: r.PeerTag,
		Early: r.Early}
}

// nobody is the host of who calls without a name (RFC 3323 section 4.1.1.3).
const nobody = "anonymous.invalid"

// proved tells whether our party is known by its account, and does not hide that.
func (l *Leg) proved() bool {
	return l.record.Account != "" && !strings.EqualFold(l.party.Host, nobody)
}

// vouched tells whether a peer that we trust says who our party is.
func (l *Leg) vouched() bool { return l.asserted.URI.Host != "" }

// self is our party's address, as the called one sees it: that of its account, where it has proved one, or whom a peer that we
// trust says it is.
func (l *Leg) self() signal.Party {
	if aor := signal.AOR(l.record.Account); l.proved() {
		return signal.Party{URI: signal.URI{Scheme: "sip", User: aor.User(), Host: aor.Domain()}}
	}
	if l.vouched() {
		return l.asserted
	}
	return signal.Party{URI: signal.URI{Scheme: l.party.Scheme, User: l.party.User, Host: l.party.Host}}
}

// proven is the field that says who our party is, when its call goes on elsewhere, where it has proved that or a peer that we
// trust says so (RFC 3325 section 5).
func (l *Leg) proven() signal.Headers {
	if !l.proved() && !l.vouched() {
		return nil
	}
	return signal.Headers{{Name: "P-Asserted-Identity", Value: l.self().String()}}
}

// standing are that field and those that say whether it wants to be nobody (RFC 3323).
func (l *Leg) standing() signal.Headers {
	h := l.proven()
	for _, field := range l.carried.All("Privacy") {
		h = append(h, signal.Header{Name: "Privacy", Value: field})
	}
	return h
}

// referrer is who sends somebody elsewhere, as others are told (RFC 3892): nobody, where our party has called as nobody.
func (l *Leg) referrer() *msg.Party {
	if p := strings.TrimSpace(l.carried.Get("Privacy")); p != "" && !strings.EqualFold(p, "none") {
		return msg.FromParty(signal.Party{URI: signal.URI{Scheme: "sip", User: "anonymous", Host: nobody}})
	}
	return msg.FromParty(l.self())
}

// take answers the INVITE of a party that takes over from another leg.
func (t *transfers) take(r *dialog.Replaces, account string) {
	t.takes = true
	t.leg.do(replace{tag: r.LocalTag, by: ourselves, request: t.request(r, "", account)})
}

// Transfer looks for a new party for ours, on behalf of its partner's account.
func (l *Leg) Transfer(m *msg.LegTransfer, now time.Time) {
	l.now = now
	t := &l.transfers
	if l.state != answered || t.search {
		l.do(tellAsker{&msg.LegTransferred{Refer: m.Refer, Status: 480}})
		return
	}
	t.alone = !l.hearing.hasPartner && (l.service.on || l.program.running())
	t.search, t.refer, t.target = true, m.Refer, m.Target.Signal()
	headers := l.standing().With("Referred-By", m.ReferredBy.Signal().String())
	l.do(find{&msg.SignalStart{Call: l.record.Call, Codecs: l.codecs(), Request: msg.FromRequest(&signal.Request{
		ID: "transfer." + m.Refer, Method: signal.INVITE, URI: m.Target.Signal(),
		From: l.self(), To: signal.Party{URI: m.Target.Signal()}, MaxForwards: 70, Headers: headers,
		Origin: signal.Origin{Account: signal.AOR(m.Account), Trunk: m.Trunk},
	})}})
}

// codecs are what our party can do, the one in use first, with what it says of each.
func (l *Leg) codecs() []string {
	names := []string{l.params.Named()} // a fax says nothing here: a new party begins with audio
	for _, f := range l.params.Formats {
		if f.Codec.Name != l.params.Codec.Name {
			names = append(names, f.Named())
		}
	}
	return names
}

// progress: the one who is looked for rings.
func (t *transfers) progress(m *msg.LegProgress) {
	t.report(int(m.Status), m.Reason)
	if !t.rings && !t.alone {
		t.rings = true
		t.leg.hearing.decide(t.leg)
	}
}

// found ends the search: somebody takes our party's call.
func (t *transfers) found() {
	if !t.search {
		return
	}
	t.search, t.rings = false, false
	t.report(200, "")
}

// failed ends the search: our party goes back to the one who wanted to be rid of it.
func (t *transfers) failed(status int, reason string) {
	t.search, t.rings = false, false
	t.report(status, reason)
	if t.alone {
		return
	}
	if l := t.leg; !l.hearing.hasPartner && l.service.on {
		l.parted(int32(status), reason)
		return
	}
	if !t.leg.hearing.hasPartner {
		t.leg.hangup(status, "Transfer failed", "transfer failed and the partner is gone")
		return
	}
	t.leg.hearing.decide(t.leg)
}

// abandon ends a search since our party is gone: the asker and the Signal are told.
func (t *transfers) abandon() {
	if t.search {
		t.search = false
		t.report(480, "")
		t.leg.do(tellFinder{480})
	}
}

// giveUp ends a search since somebody else has our party: who was looked for must not ring on, or take it from there.
func (t *transfers) giveUp() {
	if !t.search {
		return
	}
	t.search, t.rings, t.target = false, false, signal.URI{}
	t.leg.do(tellFinder{487})
	t.report(487, "")
}

// FinderGone: the Signal that looked for a new party is no more. One that has done its work was heard
// before.
func (l *Leg) FinderGone(now time.Time) {
	l.now = now
	switch {
	case l.transfers.searching():
		l.transfers.failed(500, "")
	case l.search.on:
		l.notFound(500, "", nil)
	}
}

func (t *transfers) report(status int, reason string) {
	t.leg.do(tellAsker{&msg.LegTransferred{Refer: t.refer, Status: int32(status), Reason: reason}})
}

// Transferred: how the transfer goes that our phone asked for, or our taking over. A party that was
// transferred away is no partner any more, and its place is empty: our call is over.
func (l *Leg) Transferred(m *msg.LegTransferred, now time.Time) {
	l.now = now
	if l.transfers.takes {
		if m.Status >= 300 && l.state < answered {
			l.reject(int(m.Status), m.Reason, nil)
		}
		return
	}
	if put := l.transfers.put; put != nil && put.ID == m.Refer && l.state == answered {
		l.transfers.settle(int(m.Status), m.Reason)
	}
	if l.state != answered || m.Refer == "" || m.Refer != l.transfers.asked {
		return // of a REFER that is settled
	}
	if m.Status >= 200 {
		l.transfers.asked = ""
	}
	// An error means that the phone wants no reports, or no more of them.
	if effects, err := l.dialog.ReportRefer(m.Refer, int(m.Status), m.Reason, now); err == nil {
		l.dialogWants(effects)
	}
	if m.Status >= 200 && m.Status < 300 && m.Status != 202 {
		if l.transfers.moved {
			l.hearing.hasPartner = false
			l.do(forgetPartner{})
		}
		l.hangup(0, "Transferred", "transferred")
	}
}

// Replace gives our place to another leg, if the one who asks may: only an account's own calls can
// be taken over by it.
func (l *Leg) Replace(m *msg.LegReplace, now time.Time) {
	l.now = now
	if status := l.mayReplace(m); status != 200 {
		l.do(answerReplace{&msg.LegTransferred{Refer: m.Refer, Status: int32(status)}})
		return
	}
	run := &msg.LegRun{}
	if l.program.running() {
		run.Application, run.Number = l.record.Application, l.record.Number
		run.Argument = l.program.argument
	}
	l.do(answerReplace{&msg.LegTransferred{Refer: m.Refer, Status: 200}}, giveUp{run}, forgetPartner{})
	l.hearing.hasPartner = false
	l.hangup(0, "Replaced", "replaced")
}

// mayReplace checks a request to take over (RFC 3891 section 3).
func (l *Leg) mayReplace(m *msg.LegReplace) int {
	switch {
	case m.CallId != l.record.SipCallId || m.PeerTag != l.transfers.peer:
		return 481
	case m.Account == "" || m.Account != l.record.Account:
		return 403
	case l.state >= ending:
		return 603
	case l.state != answered:
		return 481
	case m.Early:
		return 486
	case !l.hearing.hasPartner && !l.program.running():
		return 481
	}
	return 200
}
