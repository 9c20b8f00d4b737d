package actors

import (
	"strings"

	"tandem/actors/form"
	"tandem/actors/ledger"
	"tandem/signal"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// forwarderWorks are the commands about forwarders: names that stand for another address.
var forwarderWorks = map[string]work{
	"LISTFORWARDERS":  commands.listForwarders,
	"CREATEFORWARDER": commands.createForwarder,
	"RENAMEFORWARDER": commands.renameForwarder,
	"DELETEFORWARDER": commands.deleteForwarder,
	"GETFORWARDER":    commands.getForwarder,
	"FINDFORWARDERS":  commands.findForwarders,
}

var errNoForwarder = cli.Fail("unknown forwarder")

// maxForwarded bounds the address that a forwarder leads to, in bytes.
const maxForwarded = 1024

func (c commands) listForwarders(r *request) (object.Value, *cli.Failure) {
	domain, f := c.domain(r)
	if f != nil {
		return object.Null, f
	}
	return found(form.List(c.ledger.Names(ledger.Forwarders, domain)))
}

// createForwarder makes a name lead to an address: user, user@domain, a URI, or a program. A program is run
// in the name of its account, so that whoever sets that up must be allowed to.
func (c commands) createForwarder(r *request) (object.Value, *cli.Failure) {
	aor, f := c.aor(r, r.Text("forwarder"))
	if f != nil {
		return object.Null, f
	}
	to := strings.TrimSpace(r.Text("address"))
	if to == "" || len(to) > maxForwarded {
		return object.Null, cli.ErrIllegal
	}
	if _, err := c.ingress.Table().Address(to, aor); err != nil {
		return fail("the forwarder leads to no address: %v", err)
	}
	if p, err := signal.ParseProgram(to, aor); err == nil && !ledger.May(r.who, cli.AllDomains) &&
		p.Account.Domain() != r.who.AOR.Domain() {
		return object.Null, cli.ErrAccess
	}
	return c.done(c.ledger.Add(r.ctx, ledger.Forwarders, aor, to, r.write()))
}

func (c commands) renameForwarder(r *request) (object.Value, *cli.Failure) {
	from, f := c.aor(r, r.Text("forwarder"))
	to, g := c.aor(r, r.Text("new"))
	if f != nil || g != nil {
		return object.Null, errName
	}
	return c.done(c.ledger.Rename(r.ctx, ledger.Forwarders, from, to, errNoForwarder, r.write()))
}

func (c commands) deleteForwarder(r *request) (object.Value, *cli.Failure) {
	aor, f := c.aor(r, r.Text("forwarder"))
	if f != nil {
		return object.Null, f
	}
	return c.done(c.ledger.Remove(r.ctx, ledger.Forwarders, aor, errNoForwarder, r.write()))
}

func (c commands) getForwarder(r *request) (object.Value, *cli.Failure) {
	aor, f := c.aor(r, r.Text("forwarder"))
	if f != nil {
		return object.Null, f
	}
	to, ok := c.ledger.Named(ledger.Forwarders, aor)
	if !ok {
		return object.Null, errNoForwarder
	}
	return found(object.String(to))
}

// findForwarders are the forwarders of a domain that lead to an address.
func (c commands) findForwarders(r *request) (object.Value, *cli.Failure) {
	domain, f := c.domain(r)
	if f != nil {
		return object.Null, f
	}
	var names []string
	for _, user := range c.ledger.Names(ledger.Forwarders, domain) {
		if to, _ := c.ledger.Named(ledger.Forwarders, signal.NewAOR(user, domain)); strings.EqualFold(to, strings.TrimSpace(r.Text("address"))) {
			names = append(names, user)
		}
	}
	return found(form.List(names))
}
