package signal

import (
	"cmp"
	"net/netip"
	"strings"
)

// Policy is what the router lets in.
type Policy struct {
	Table       *Table
	OpenNumbers bool // applications may be called from loopback without credentials
}

// served are the methods that may begin something here. SUBSCRIBE and PUBLISH have their own rules; a phone that asks
// for a package that is not served is told so and stops asking (RFC 6665 section 4.1.3).
var served = map[Method]bool{INVITE: true, REGISTER: true, OPTIONS: true, MESSAGE: true}

// abilities answer OPTIONS (RFC 3261 section 11.2). It is the same for every address, so that nobody
// learns which of them exist, and costs no state: anybody may ask as often as he likes.
var abilities = Verdict{Action: Answer, Status: 200, Headers: Headers{
	{"Allow", Allow}, {"Accept", "application/sdp"}, {"Supported", Supported}}}

// The event packages that phones subscribe to. The second is one that they publish as well.
const (
	MessageSummary  = "message-summary" // the message lamp (RFC 3842)
	PresencePackage = "presence"        // how an account stands (RFC 3856)
	DialogPackage   = "dialog"          // how its calls stand (RFC 4235)
)

// noPackage refuses an event package; beside those above we know the one that belongs to dialogs (RFC 3515). A 489
// must say so (RFC 6665 section 7.2).
var noPackage = Verdict{Action: Refuse, Status: 489,
	Headers: Headers{{"Allow-Events", MessageSummary + ", " + PresencePackage + ", " + DialogPackage + ", refer"}}}

// Allow lists the methods that this server understands, for the Allow header.
const Allow = "INVITE, ACK, BYE, CANCEL, OPTIONS, REGISTER, INFO, MESSAGE, REFER, NOTIFY, UPDATE, PRACK, SUBSCRIBE, PUBLISH"

// Supported lists the extensions that this server understands, for the Supported header: whatever
// Require may name (RFC 3891, RFC 4488, RFC 3327, RFC 3262, RFC 4028, RFC 5626). A dialog leaves out what its settings do not let
// it do.
const Supported = "replaces, norefersub, path, 100rel, timer, outbound"

// Admit judges a request outside any dialog. The answer for an unknown account is the same as for
// a known one until the sender has proved who it is, so that nobody can search for accounts.
func (p *Policy) Admit(r *Request, d Directory) Verdict {
	switch {
	case r.Origin.Trunk == "" && p.Table.Trunks().IsLogin(r.Origin.Account): // from elsewhere than its trunk, or no call
		return Verdict{Action: Refuse, Status: 403}
	case r.Method == SUBSCRIBE:
		return p.admitSubscription(r, d)
	case r.Method == PUBLISH:
		return p.admitPublication(r, d)
	case r.Method == BYE || r.Method == INFO || r.Method == NOTIFY || r.Method == UPDATE || r.Method == PRACK:
		return Verdict{Action: Refuse, Status: 481}
	case r.Method == REFER: // it is allowed where there is a call to transfer: 405 would deny that
		return Verdict{Action: Refuse, Status: 403, Reason: "REFER Only Within A Dialog"}
	case !served[r.Method]:
		return Verdict{Action: Refuse, Status: 405}
	case r.Method == OPTIONS:
		return abilities
	case r.Method == REGISTER:
		return p.admitRegister(r)
	}
	if r.Method == INVITE && r.Origin.Trunk != "" {
		return p.admitTrunk(r, d)
	}
	if p.open(r, d) {
		return Verdict{Action: Proceed}
	}
	if r.Origin.Account == "" {
		return Verdict{Action: Challenge, Realm: cmp.Or(p.Table.Trunks().Asks(r), p.realm(r.From.URI))}
	}
	return p.admitCaller(r, d)
}

// FromTrunk is the trunk that a request comes from: see TrunkTable.From. Who shows an account of ours by the name of our
// domain is a phone of ours, behind the address of a PBX, and has to prove itself.
func (p *Policy) FromTrunk(r *Request, d Directory, learned func(trunk string) []netip.Addr) string {
	if from, ok := p.Table.Resolve(r.From.URI); ok && from.Domain() == r.From.URI.Host && r.Origin.Account == "" {
		if _, ours := d.Account(from); ours {
			return ""
		}
	}
	return p.Table.Trunks().From(r, learned)
}

// admitTrunk lets a call from a trunk reach what the settings have for it. It may call no program by its name, and goes
// out over another trunk only where that one says so: whoever gets in at a trunk's address must not call the world.
func (p *Policy) admitTrunk(r *Request, d Directory) Verdict {
	u, ok := p.Table.Trunks().Enter(r, p.Table.Domain(), d)
	if !ok {
		return Verdict{Action: Refuse, Status: 404}
	}
	t := p.Table.Trunks().Through(p.Table.Route(u, d), r.Origin.Trunk)
	switch {
	case t.Kind != ToTrunk && !t.MayRun(""), t.Kind == ToServer:
		return Verdict{Action: Refuse, Status: 404}
	case t.Kind == ToNothing:
		return Verdict{Action: Refuse, Status: cmp.Or(t.Status, 404), Reason: t.Reason}
	case r.MaxForwards <= 1 && (t.Kind == ToAccount || t.Kind == ToTrunk):
		return Verdict{Action: Refuse, Status: 483}
	}
	return Verdict{Action: Proceed}
}

// realm is the domain whose password is asked for: that of the address that wants to prove itself,
// where it is served here.
func (p *Policy) realm(u URI) string {
	if aor, ok := p.Table.Resolve(u); ok {
		return aor.Domain()
	}
	return p.Table.Domain()
}

// admitRegister lets an account register itself and nobody else.
func (p *Policy) admitRegister(r *Request) Verdict {
	aor, ok := p.Table.Resolve(r.To.URI)
	switch {
	case !ok:
		return Verdict{Action: Refuse, Status: 404, Reason: "Domain is not served here"}
	case r.Origin.Account == "":
		return Verdict{Action: Challenge, Realm: p.realm(r.To.URI)}
	case r.Origin.Account != aor:
		return Verdict{Action: Refuse, Status: 403, Reason: "An account can register only itself"}
	}
	return Verdict{Action: Proceed}
}

// Package is the event package that a SUBSCRIBE or PUBLISH is about, in lower case, without parameters.
func (r *Request) Package() string {
	event, _, _ := strings.Cut(r.Headers.Get("Event"), ";")
	return strings.ToLower(strings.TrimSpace(event))
}

// admitSubscription lets an account hear of its own messages and of nobody else's, of the calls of accounts of its own
// domain, and ask for the presence of every account: whether it is told is that one's affair.
func (p *Policy) admitSubscription(r *Request, d Directory) Verdict {
	event := r.Package()
	switch {
	case event != MessageSummary && event != PresencePackage && event != DialogPackage:
		return noPackage
	case r.Origin.Account == "" && event == MessageSummary:
		return Verdict{Action: Challenge, Realm: p.realm(r.URI)}
	case r.Origin.Account == "":
		return Verdict{Action: Challenge, Realm: p.realm(r.From.URI)}
	}
	t := p.Table.Route(r.URI, d)
	switch {
	case event == MessageSummary && (t.Kind != ToAccount || t.Account.AOR != r.Origin.Account):
		return Verdict{Action: Refuse, Status: 403, Reason: "An account can subscribe only to itself"}
	case t.Kind != ToAccount:
		return Verdict{Action: Refuse, Status: 404}
	case event == DialogPackage && t.Account.AOR.Domain() != r.Origin.Account.Domain():
		return Verdict{Action: Refuse, Status: 403, Reason: "An account can watch calls of its own domain only"}
	case !p.showsItself(r, d):
		return Verdict{Action: Refuse, Status: 403, Reason: "From is not the account of the credentials"}
	}
	return Verdict{Action: Proceed}
}

// admitPublication lets an account say how it stands itself, and nobody else.
func (p *Policy) admitPublication(r *Request, d Directory) Verdict {
	switch {
	case r.Package() != PresencePackage:
		return noPackage
	case r.Origin.Account == "":
		return Verdict{Action: Challenge, Realm: p.realm(r.URI)}
	}
	if t := p.Table.Route(r.URI, d); t.Kind != ToAccount || t.Account.AOR != r.Origin.Account {
		return Verdict{Action: Refuse, Status: 403, Reason: "An account can publish only its own presence"}
	}
	return Verdict{Action: Proceed}
}

// open reports a call to an application number from loopback, where that needs no credentials.
func (p *Policy) open(r *Request, d Directory) bool {
	if !p.OpenNumbers || r.Method != INVITE || !r.Origin.Flow.Remote.Addr().Unmap().IsLoopback() {
		return false
	}
	t := p.Table.Route(r.URI, d)
	return t.Kind == ToApplication || t.Kind == ToTask && t.Open || t.Kind == ToNothing && t.Status != 404 && t.Status != 403
}

// admitCaller refuses a caller who shows another local account's address than its own, and a request
// that would have to be sent on with no hop left (RFC 3261 section 16.3): each copy of ours takes one,
// or two accounts that forward to each other through a third party would do so for ever.
func (p *Policy) admitCaller(r *Request, d Directory) Verdict {
	if !p.showsItself(r, d) {
		return Verdict{Action: Refuse, Status: 403, Reason: "From is not the account of the credentials"}
	}
	t := p.Table.Route(r.URI, d)
	switch {
	case t.Kind == ToTrunk && !t.MayRun(r.Origin.Account):
		return Verdict{Action: Refuse, Status: 403, Reason: "This account may not call this number"}
	case !t.MayRun(r.Origin.Account): // as if there were none: what runs for whom is nobody else's business
		return Verdict{Action: Refuse, Status: 404}
	case r.MaxForwards <= 1 && (t.Kind == ToAccount || t.Kind == ToTrunk):
		return Verdict{Action: Refuse, Status: 483}
	}
	return Verdict{Action: Proceed}
}

// showsItself reports whether From is the account of the credentials, by whatever alias, or nobody
// of ours.
func (p *Policy) showsItself(r *Request, d Directory) bool {
	from, local := p.Table.Resolve(r.From.URI)
	if !local || from == r.Origin.Account {
		return true
	}
	a, ok := d.Account(from)
	return ok && a.AOR == r.Origin.Account
}
