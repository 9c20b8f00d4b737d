package console

import (
	"strings"

	"tandem/actors/form"
	"tandem/actors/ledger"
	"tandem/signal"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// names is what the commands about one kind of names have in common.
type names struct {
	kind    ledger.Kind
	field   string // of a request, with the name in it
	unknown error
}

var (
	forwarderNames = names{ledger.Forwarders, "forwarder", errNoForwarder}
	groupNames     = names{ledger.Groups, "group", errNoGroup}
	taskNames      = names{ledger.NamedTasks, "task", errNoNamedTask}
)

// list has the names in a domain.
func (n names) list(c *Console, r *request) (object.Value, *cli.Failure) {
	domain, f := c.domain(r)
	if f != nil {
		return object.Null, f
	}
	return found(form.List(c.Ledger.Names(n.kind, domain)))
}

// rename gives a name to what has another one.
func (n names) rename(c *Console, r *request) (object.Value, *cli.Failure) {
	from, f := c.aor(r, r.Text(n.field))
	to, g := c.aor(r, r.Text("new"))
	if f != nil || g != nil {
		return object.Null, errName
	}
	return c.done(c.Ledger.Rename(r.ctx, n.kind, from, to, n.unknown, r.write()))
}

// remove ends a name.
func (n names) remove(c *Console, r *request) (object.Value, *cli.Failure) {
	aor, f := c.aor(r, r.Text(n.field))
	if f != nil {
		return object.Null, f
	}
	return c.done(c.Ledger.Remove(r.ctx, n.kind, aor, n.unknown, r.write()))
}

// forwarderWorks are the commands about forwarders: names that stand for another address.
var forwarderWorks = map[string]work{
	"LISTFORWARDERS":  forwarderNames.list,
	"CREATEFORWARDER": (*Console).createForwarder,
	"RENAMEFORWARDER": forwarderNames.rename,
	"DELETEFORWARDER": forwarderNames.remove,
	"GETFORWARDER":    (*Console).getForwarder,
	"FINDFORWARDERS":  (*Console).findForwarders,
}

var errNoForwarder = cli.Fail("unknown forwarder")

// maxForwarded bounds the address that a forwarder leads to, in bytes.
const maxForwarded = 1024

// createForwarder makes a name lead to an address: user, user@domain, a URI, or a program. A program is run
// in the name of its account, so that whoever sets that up must be allowed to.
func (c *Console) createForwarder(r *request) (object.Value, *cli.Failure) {
	aor, f := c.aor(r, r.Text("forwarder"))
	if f != nil {
		return object.Null, f
	}
	to := strings.TrimSpace(r.Text("address"))
	if to == "" || len(to) > maxForwarded {
		return object.Null, cli.ErrIllegal
	}
	if _, err := c.Ledger.Table().Address(to, aor); err != nil {
		return fail("the forwarder leads to no address: %v", err)
	}
	if p, err := signal.ParseProgram(to, aor); err == nil && !ledger.May(r.who, cli.AllDomains) &&
		p.Account.Domain() != r.who.AOR.Domain() {
		return object.Null, cli.ErrAccess
	}
	return c.done(c.Ledger.Add(r.ctx, ledger.Forwarders, aor, to, r.write()))
}

func (c *Console) getForwarder(r *request) (object.Value, *cli.Failure) {
	aor, f := c.aor(r, r.Text("forwarder"))
	if f != nil {
		return object.Null, f
	}
	to, ok := c.Ledger.Named(ledger.Forwarders, aor)
	if !ok {
		return object.Null, errNoForwarder
	}
	return found(object.String(to))
}

// findForwarders are the forwarders of a domain that lead to an address.
func (c *Console) findForwarders(r *request) (object.Value, *cli.Failure) {
	domain, f := c.domain(r)
	if f != nil {
		return object.Null, f
	}
	var names []string
	for _, user := range c.Ledger.Names(ledger.Forwarders, domain) {
		if to, _ := c.Ledger.Named(ledger.Forwarders, signal.NewAOR(user, domain)); strings.EqualFold(to, strings.TrimSpace(r.Text("address"))) {
			names = append(names, user)
		}
	}
	return found(form.List(names))
}

// groupWorks are the commands about groups: lists of members under a name, such as the agents of a queue.
// Calls are not routed to groups; programs read them.
var groupWorks = map[string]work{
	"LISTGROUPS":  groupNames.list,
	"CREATEGROUP": (*Console).createGroup,
	"RENAMEGROUP": groupNames.rename,
	"DELETEGROUP": groupNames.remove,
	"GETGROUP":    (*Console).getGroup,
	"SETGROUP":    (*Console).setGroup,
}

var errNoGroup = cli.Fail("unknown group")

// maxGroup bounds the members of a group.
const maxGroup = 5000

func (c *Console) createGroup(r *request) (object.Value, *cli.Failure) {
	aor, f := c.aor(r, r.Text("group"))
	if f != nil {
		return object.Null, f
	}
	text, err := groupText(r.Dictionary("settings"))
	if err == nil {
		err = c.Ledger.Add(r.ctx, ledger.Groups, aor, text, r.write())
	}
	return c.done(err)
}

// groupText checks what a group shall be and writes it as it is stored.
func groupText(settings *object.Dictionary) (string, error) {
	d := object.NewFolded()
	form.Merge(d, settings)
	if members := d.Get("Members"); !members.IsNull() {
		names, ok := form.Strings(members)
		switch {
		case members.Array() == nil || !ok:
			return "", cli.Fail("Members must be an array of addresses")
		case len(names) > maxGroup:
			return "", cli.Fail("%d members: at most %d", len(names), maxGroup)
		}
	}
	text, err := form.Text(d)
	if text == "" {
		text = "{}"
	}
	return text, err
}

// getGroup has the settings of a group, with its members.
func (c *Console) getGroup(r *request) (object.Value, *cli.Failure) {
	aor, f := c.aor(r, r.Text("group"))
	if f != nil {
		return object.Null, f
	}
	text, ok := c.Ledger.Named(ledger.Groups, aor)
	if !ok {
		return object.Null, errNoGroup
	}
	d := form.Dictionary(text)
	if d.Get("Members").IsNull() {
		d.Set("Members", object.NewArray().Value())
	}
	return found(d.Value())
}

// setGroup replaces all that a group is.
func (c *Console) setGroup(r *request) (object.Value, *cli.Failure) {
	aor, f := c.aor(r, r.Text("group"))
	if f != nil {
		return object.Null, f
	}
	text, err := groupText(r.Dictionary("settings"))
	if err == nil {
		err = c.Ledger.Rewrite(r.ctx, ledger.Groups, aor, errNoGroup, r.write(), func(d *object.Dictionary) error {
			*d = *form.Dictionary(text)
			return nil
		})
	}
	return c.done(err)
}
