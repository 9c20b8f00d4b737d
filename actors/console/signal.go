package console

import (
	"slices"

	"tandem/actors/form"
	"tandem/actors/ledger"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// signalWorks are the commands about calls and where they go.
var signalWorks = map[string]work{
	"GETDIALOGINFO":      (*Console).getDialogInfo,
	"GETACCOUNTPRESENCE": (*Console).getAccountPresence,
	"ROUTE":              (*Console).route,
}

// getDialogInfo shows a living call leg, by its handler or by the Call-ID of its dialog.
func (c *Console) getDialogInfo(r *request) (object.Value, *cli.Failure) {
	for _, l := range c.Legs(r.ctx, form.LegQuery{Dialog: r.Text("dialog")}) {
		return found(l.Dialog().Value())
	}
	return fail("unknown dialog")
}

// getAccountPresence tells how an account stands as its sessions and phones say. Where they say nothing, registrations
// and calls tell: busy in a call, else online, else offline.
func (c *Console) getAccountPresence(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	if p, known := c.Presence(r.ctx, a.AOR); known {
		return found(object.String(string(p)))
	}
	busy := slices.ContainsFunc(c.Legs(r.ctx, form.LegQuery{Account: string(a.AOR)}), func(l form.Leg) bool {
		return l.Record.Answered != 0
	})
	switch {
	case busy:
		return found(object.String("busy"))
	case len(c.Ledger.Directory.Bindings(a.AOR)) > 0:
		return found(object.String("online"))
	}
	return found(object.String("offline"))
}

// route tells where an address leads: module, host, and the address there.
func (c *Console) route(r *request) (object.Value, *cli.Failure) {
	if r.Word("mail") {
		return c.done(ledger.ErrNoMail)
	}
	d, err := c.Ledger.Route(r.Text("address"), r.who.AOR)
	if err != nil {
		return c.done(err)
	}
	return found(form.List([]string{d.Module, d.Host, d.Address}))
}
