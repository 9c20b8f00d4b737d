package actors

import (
	"tandem/actors/form"
	"tandem/actors/ledger"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// groupWorks are the commands about groups: lists of members under a name, such as the agents of a queue.
// Calls are not routed to groups; programs read them.
var groupWorks = map[string]work{
	"LISTGROUPS":  commands.listGroups,
	"CREATEGROUP": commands.createGroup,
	"RENAMEGROUP": commands.renameGroup,
	"DELETEGROUP": commands.deleteGroup,
	"GETGROUP":    commands.getGroup,
	"SETGROUP":    commands.setGroup,
}

var errNoGroup = cli.Fail("unknown group")

// maxGroup bounds the members of a group.
const maxGroup = 5000

func (c commands) listGroups(r *request) (object.Value, *cli.Failure) {
	domain, f := c.domain(r)
	if f != nil {
		return object.Null, f
	}
	return found(form.List(c.ledger.Names(ledger.Groups, domain)))
}

func (c commands) createGroup(r *request) (object.Value, *cli.Failure) {
	aor, f := c.aor(r, r.Text("group"))
	if f != nil {
		return object.Null, f
	}
	text, err := groupText(r.Dictionary("settings"))
	if err == nil {
		err = c.ledger.Add(r.ctx, ledger.Groups, aor, text, r.write())
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

func (c commands) renameGroup(r *request) (object.Value, *cli.Failure) {
	from, f := c.aor(r, r.Text("group"))
	to, g := c.aor(r, r.Text("new"))
	if f != nil || g != nil {
		return object.Null, errName
	}
	return c.done(c.ledger.Rename(r.ctx, ledger.Groups, from, to, errNoGroup, r.write()))
}

func (c commands) deleteGroup(r *request) (object.Value, *cli.Failure) {
	aor, f := c.aor(r, r.Text("group"))
	if f != nil {
		return object.Null, f
	}
	return c.done(c.ledger.Remove(r.ctx, ledger.Groups, aor, errNoGroup, r.write()))
}

// getGroup has the settings of a group, with its members.
func (c commands) getGroup(r *request) (object.Value, *cli.Failure) {
	aor, f := c.aor(r, r.Text("group"))
	if f != nil {
		return object.Null, f
	}
	text, ok := c.ledger.Named(ledger.Groups, aor)
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
func (c commands) setGroup(r *request) (object.Value, *cli.Failure) {
	aor, f := c.aor(r, r.Text("group"))
	if f != nil {
		return object.Null, f
	}
	text, err := groupText(r.Dictionary("settings"))
	if err == nil {
		err = c.ledger.Rewrite(r.ctx, ledger.Groups, aor, errNoGroup, r.write(), func(d *object.Dictionary) error {
			*d = *form.Dictionary(text)
			return nil
		})
	}
	return c.done(err)
}
