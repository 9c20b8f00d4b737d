package actors

import (
	"slices"
	"strings"
	"time"

	"tandem/actors/leg"
	"tandem/signal"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// signalWorks are the commands about calls and where they go.
var signalWorks = map[string]work{
	"GETDIALOGINFO":      commands.getDialogInfo,
	"GETACCOUNTPRESENCE": commands.getAccountPresence,
	"ROUTE":              commands.route,
}

// getDialogInfo shows a living call leg, by its handler or by the Call-ID of its dialog.
func (c commands) getDialogInfo(r *request) (object.Value, *cli.Failure) {
	id := r.Text("dialog")
	for _, l := range c.legs.Live() {
		if l.Record.Leg == id || l.Record.SipCallId == id {
			return found(dialogOf(l).Value())
		}
	}
	return fail("unknown dialog")
}

// dialogOf is a living leg as a dictionary.
func dialogOf(l *leg.Row) *object.Dictionary {
	w := webLeg(l.Record)
	d := object.NewFolded()
	set := func(key, text string) {
		if text != "" {
			d.Set(key, object.String(text))
		}
	}
	set("id", w.Handler)
	set("Call-ID", w.SIPCallID)
	set("account", w.Account)
	set("direction", w.Direction)
	set("peer", w.Peer)
	set("from", w.From)
	set("to", w.To)
	set("state", l.State)
	set("application", w.Application)
	set("member", w.Member)
	d.Set("started", moment(w.Since))
	if !w.Answered.IsZero() {
		d.Set("connected", moment(w.Answered))
	}
	return d
}

// moment is a time as a timestamp.
func moment(t time.Time) object.Value { return object.Date(t.Unix()) }

// getAccountPresence tells from registrations and calls: busy in a call, else online, else offline.
func (c commands) getAccountPresence(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	busy := slices.ContainsFunc(c.legs.Live(), func(l *leg.Row) bool {
		return l.Record.Account == string(a.AOR) && l.Record.Answered != 0
	})
	switch {
	case busy:
		return found(object.String("busy"))
	case len(c.directory.Bindings(a.AOR)) > 0:
		return found(object.String("online"))
	}
	return found(object.String("offline"))
}

// route tells where an address leads: module, host, and the address there.
func (c commands) route(r *request) (object.Value, *cli.Failure) {
	if r.Word("mail") {
		return fail("there is no mail here: route for access or signal")
	}
	text := r.Text("address")
	if !strings.Contains(text, ":") && !strings.Contains(text, "@") {
		text += "@" + r.who.AOR.Domain()
	}
	u, err := c.ingress.Table().Address(text, r.who.AOR)
	if err != nil {
		return fail("%s is no address: %v", object.Quote(text), err)
	}
	target := c.ingress.Table().Route(u, c.directory)
	answer := func(module, host, address string) (object.Value, *cli.Failure) {
		return found(list([]string{module, host, address}))
	}
	switch target.Kind {
	case signal.ToAccount:
		return answer("LOCAL", target.Account.AOR.Domain(), string(target.Account.AOR))
	case signal.ToTask:
		return answer("PBX", target.Account.AOR.Domain(),
			signal.Unescape(signal.Program{Name: target.Program, Params: target.Params, Account: target.Account.AOR}.URI().User))
	case signal.ToApplication:
		return answer("APPLICATION", target.Application, target.Number)
	case signal.ToServer:
		return answer("SYSTEM", c.ingress.Table().Domain(), "")
	}
	if _, local := c.ingress.Table().Resolve(u); !local {
		return answer("SIP", u.Host, u.String())
	}
	if target.Status == 404 {
		return object.Null, errNoAccount
	}
	return fail("refused with %d %s", target.Status, target.Reason)
}
