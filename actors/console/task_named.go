package console

import (
	"strconv"
	"strings"

	"tandem/actors/form"
	"tandem/actors/ledger"
	"tandem/signal"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// namedTaskWorks are the commands about tasks that are kept: named ones, which are started by signals to
// their name, and scheduled ones, which a clock starts.
var namedTaskWorks = map[string]work{
	"LISTDOMAINNAMEDTASKS":  (*Console).listDomainNamedTasks,
	"LISTACCOUNTNAMEDTASKS": (*Console).listAccountNamedTasks,
	"CREATENAMEDTASK":       (*Console).createNamedTask,
	"RENAMENAMEDTASK":       (*Console).renameNamedTask,
	"DELETENAMEDTASK":       taskNames.remove,
	"GETNAMEDTASK":          (*Console).getNamedTask,
	"UPDATENAMEDTASK":       (*Console).updateNamedTask,
	"UPDATESCHEDULEDTASK":   (*Console).updateScheduledTask,
}

var errNoNamedTask = cli.Fail("unknown named task")

func (c *Console) listDomainNamedTasks(r *request) (object.Value, *cli.Failure) {
	domain, f := c.domain(r)
	if f != nil {
		return object.Null, f
	}
	return c.listNamedTasks(domain, "")
}

func (c *Console) listAccountNamedTasks(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	return c.listNamedTasks(a.AOR.Domain(), a.AOR)
}

// listNamedTasks is a dictionary from name to what a task is; owner "" lists those of all.
func (c *Console) listNamedTasks(domain string, owner signal.AOR) (object.Value, *cli.Failure) {
	d := object.NewFolded()
	for _, user := range c.Ledger.Names(ledger.NamedTasks, domain) {
		text, _ := c.Ledger.Named(ledger.NamedTasks, signal.NewAOR(user, domain))
		one := form.Dictionary(text)
		if owner == "" || one.Get(ledger.OwnerKey).Text() == string(owner) {
			d.Set(user, one.Value())
		}
	}
	return found(d.Value())
}

// createNamedTask makes a name. Its owner is in the same domain, so that what signals to the name may do is
// the domain's affair.
func (c *Console) createNamedTask(r *request) (object.Value, *cli.Failure) {
	aor, f := c.aor(r, r.Text("task"))
	if f != nil {
		return object.Null, f
	}
	owner, f := c.account(r)
	if f == nil {
		f = c.guards(r, owner)
	}
	switch {
	case f != nil:
		return object.Null, f
	case owner.AOR.Domain() != aor.Domain():
		return fail("a named task and its owner are in one domain")
	}
	d := object.NewFolded()
	d.Set(ledger.OwnerKey, object.String(string(owner.AOR)))
	text, err := form.Text(d)
	if err == nil {
		err = c.Ledger.Add(r.ctx, ledger.NamedTasks, aor, text, r.write())
	}
	return c.done(err)
}

func (c *Console) renameNamedTask(r *request) (object.Value, *cli.Failure) {
	from, f := c.aor(r, r.Text("task"))
	to, g := c.aor(r, r.Text("new"))
	if f == nil && g == nil && from.Domain() != to.Domain() {
		return fail("a named task stays in its domain")
	}
	return taskNames.rename(c, r)
}

func (c *Console) getNamedTask(r *request) (object.Value, *cli.Failure) {
	aor, f := c.aor(r, r.Text("task"))
	if f != nil {
		return object.Null, f
	}
	text, ok := c.Ledger.Named(ledger.NamedTasks, aor)
	if !ok {
		return object.Null, errNoNamedTask
	}
	return found(form.Dictionary(text).Value())
}

// updateNamedTask changes what a named task is, but not whose.
func (c *Console) updateNamedTask(r *request) (object.Value, *cli.Failure) {
	aor, f := c.aor(r, r.Text("task"))
	if f != nil {
		return object.Null, f
	}
	if !r.Dictionary("settings").GetFold(ledger.OwnerKey).IsNull() {
		return fail("the owner of a named task does not change")
	}
	return c.done(c.Ledger.Rewrite(r.ctx, ledger.NamedTasks, aor, errNoNamedTask, r.write(), func(d *object.Dictionary) error {
		owner := d.Get(ledger.OwnerKey)
		form.Merge(d, r.Dictionary("settings"))
		d.Set(ledger.OwnerKey, owner)
		return nil
	}))
}

// updateScheduledTask makes, changes or, without a program, ends a scheduled task.
func (c *Console) updateScheduledTask(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f == nil {
		f = c.guards(r, a)
	}
	if f != nil {
		return object.Null, f
	}
	given := r.Dictionary("task")
	id, program := given.GetFold("id").Text(), given.GetFold("program").Text()
	if id == "" || len(id) > ledger.MaxDisplay {
		return object.Null, cli.ErrMissing
	}
	var one *object.Dictionary
	if program != "" {
		when, ok := given.GetFold("when").Seconds()
		period := given.GetFold("period")
		switch {
		case !ok:
			return fail("when must be a timestamp")
		case !period.IsNull() && !ledger.PeriodFits(periodText(period)):
			return fail("period is one of day, week, month, year, or at least %d seconds", ledger.MinPeriod)
		}
		one = object.NewFolded()
		one.Set("program", object.String(program))
		one.Set("when", object.Date(when))
		if text := periodText(period); text != "" {
			one.Set("period", object.String(text))
		}
		one.Set("parameter", object.Copy(given.GetFold("parameter")))
	}
	return c.done(c.Ledger.Schedule(r.ctx, a.AOR, id, one, r.write()))
}

// periodText is a period as it is stored: a word, or seconds.
func periodText(v object.Value) string {
	if n, ok := v.Int(); ok {
		return strconv.FormatInt(n, 10)
	}
	return strings.ToLower(v.Text())
}
