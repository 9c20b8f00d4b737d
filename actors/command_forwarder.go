package actors

import (
	"strings"

	"tandem/actors/store"
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
	return found(list(c.names(forwarderKind, domain)))
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
	if p, err := signal.ParseProgram(to, aor); err == nil && !may(r.who, cli.AllDomains) &&
		p.Account.Domain() != r.who.AOR.Domain() {
		return object.Null, cli.ErrAccess
	}
	return c.done(c.add(r, forwarderKind, aor, to))
}

func (c commands) renameForwarder(r *request) (object.Value, *cli.Failure) {
	from, f := c.aor(r, r.Text("forwarder"))
	to, g := c.aor(r, r.Text("new"))
	if f != nil || g != nil {
		return object.Null, errName
	}
	return c.done(c.rename(r, forwarderKind, from, to, errNoForwarder))
}

func (c commands) deleteForwarder(r *request) (object.Value, *cli.Failure) {
	aor, f := c.aor(r, r.Text("forwarder"))
	if f != nil {
		return object.Null, f
	}
	return c.done(c.remove(r, forwarderKind, aor, errNoForwarder))
}

func (c commands) getForwarder(r *request) (object.Value, *cli.Failure) {
	aor, f := c.aor(r, r.Text("forwarder"))
	if f != nil {
		return object.Null, f
	}
	to, ok := c.stored(forwarderKind, string(aor))
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
	for _, user := range c.names(forwarderKind, domain) {
		if to, _ := c.stored(forwarderKind, user+"@"+domain); strings.EqualFold(to, strings.TrimSpace(r.Text("address"))) {
			names = append(names, user)
		}
	}
	return found(list(names))
}

// followForwarders gives the directory the forwarders of the store, now and whenever one changes.
func (h *House) followForwarders() {
	settings := h.store.Bucket(store.Settings)
	take := func(e store.Entry) {
		if name, ok := strings.CutPrefix(e.Key, forwarderKind); ok {
			to := ""
			if now, there := settings.Get(e.Key); there {
				to = string(now.Value)
			}
			h.directory.SetForwarder(signal.AOR(name), to)
		}
	}
	h.closes(stopper(settings.Watch(take)))
	settings.Range(forwarderKind, func(e store.Entry) bool { take(e); return true })
}
