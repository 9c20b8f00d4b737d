package actors

import (
	"strconv"
	"strings"
	"time"

	"tandem/actors/store"
	"tandem/signal"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// namedTaskWorks are the commands about tasks that are kept: named ones, which are started by signals to
// their name, and scheduled ones, which a clock starts.
var namedTaskWorks = map[string]work{
	"LISTDOMAINNAMEDTASKS":  commands.listDomainNamedTasks,
	"LISTACCOUNTNAMEDTASKS": commands.listAccountNamedTasks,
	"CREATENAMEDTASK":       commands.createNamedTask,
	"RENAMENAMEDTASK":       commands.renameNamedTask,
	"DELETENAMEDTASK":       commands.deleteNamedTask,
	"GETNAMEDTASK":          commands.getNamedTask,
	"UPDATENAMEDTASK":       commands.updateNamedTask,
	"UPDATESCHEDULEDTASK":   commands.updateScheduledTask,
}

var errNoNamedTask = cli.Fail("unknown named task")

// namedTask is a task that is reached by a name: one instance at most, in the name of its owner.
type namedTask struct {
	Owner    signal.AOR
	RealName string
	Program  string
}

// Keys of a named task as it is stored and shown.
const (
	ownerKey    = "owner"
	realNameKey = "RealName"
	programKey  = "Program Name"
)

// namedTask finds a named task by its address.
func (h *House) namedTask(aor signal.AOR) (namedTask, bool) {
	text, ok := commands{h}.stored(taskKind, string(aor))
	if !ok {
		return namedTask{}, false
	}
	d := dictionaryOf(text)
	return namedTask{signal.AOR(d.Get(ownerKey).Text()), d.Get(realNameKey).Text(), d.Get(programKey).Text()}, true
}

func (c commands) listDomainNamedTasks(r *request) (object.Value, *cli.Failure) {
	domain, f := c.domain(r)
	if f != nil {
		return object.Null, f
	}
	return c.listNamedTasks(domain, "")
}

func (c commands) listAccountNamedTasks(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	return c.listNamedTasks(a.AOR.Domain(), a.AOR)
}

// listNamedTasks is a dictionary from name to what a task is; owner "" lists those of all.
func (c commands) listNamedTasks(domain string, owner signal.AOR) (object.Value, *cli.Failure) {
	d := object.NewFolded()
	for _, user := range c.names(taskKind, domain) {
		text, _ := c.stored(taskKind, user+"@"+domain)
		one := dictionaryOf(text)
		if owner == "" || one.Get(ownerKey).Text() == string(owner) {
			d.Set(user, one.Value())
		}
	}
	return found(d.Value())
}

// createNamedTask makes a name. Its owner is in the same domain, so that what signals to the name may do is
// the domain's affair.
func (c commands) createNamedTask(r *request) (object.Value, *cli.Failure) {
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
	d.Set(ownerKey, object.String(string(owner.AOR)))
	text, err := textOf(d)
	if err == nil {
		err = c.add(r, taskKind, aor, text)
	}
	return c.done(err)
}

func (c commands) renameNamedTask(r *request) (object.Value, *cli.Failure) {
	from, f := c.aor(r, r.Text("task"))
	to, g := c.aor(r, r.Text("new"))
	switch {
	case f != nil || g != nil:
		return object.Null, errName
	case from.Domain() != to.Domain():
		return fail("a named task stays in its domain")
	}
	return c.done(c.rename(r, taskKind, from, to, errNoNamedTask))
}

func (c commands) deleteNamedTask(r *request) (object.Value, *cli.Failure) {
	aor, f := c.aor(r, r.Text("task"))
	if f != nil {
		return object.Null, f
	}
	return c.done(c.remove(r, taskKind, aor, errNoNamedTask))
}

func (c commands) getNamedTask(r *request) (object.Value, *cli.Failure) {
	aor, f := c.aor(r, r.Text("task"))
	if f != nil {
		return object.Null, f
	}
	text, ok := c.stored(taskKind, string(aor))
	if !ok {
		return object.Null, errNoNamedTask
	}
	return found(dictionaryOf(text).Value())
}

// updateNamedTask changes what a named task is, but not whose.
func (c commands) updateNamedTask(r *request) (object.Value, *cli.Failure) {
	aor, f := c.aor(r, r.Text("task"))
	if f != nil {
		return object.Null, f
	}
	if !r.Dictionary("settings").GetFold(ownerKey).IsNull() {
		return fail("the owner of a named task does not change")
	}
	return c.done(c.rewrite(r, taskKind, string(aor), errNoNamedTask, func(d *object.Dictionary) error {
		owner := d.Get(ownerKey)
		merge(d, r.Dictionary("settings"))
		d.Set(ownerKey, owner)
		return nil
	}))
}

// maxScheduled bounds the scheduled tasks of one account.
const maxScheduled = 100

// scheduledTask is a program that a clock starts in an account's name.
type scheduledTask struct {
	Account   signal.AOR
	ID        string
	Program   string
	Parameter object.Value
	When      time.Time // the next start
	Period    string    // "" once; day, week, month, year, or seconds: see next
}

// updateScheduledTask makes, changes or, without a program, ends a scheduled task.
func (c commands) updateScheduledTask(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f == nil {
		f = c.guards(r, a)
	}
	if f != nil {
		return object.Null, f
	}
	given := r.Dictionary("task")
	id, program := given.GetFold("id").Text(), given.GetFold("program").Text()
	if id == "" || len(id) > maxDisplay {
		return object.Null, cli.ErrMissing
	}
	one := object.NewFolded()
	if program != "" {
		when, ok := given.GetFold("when").Seconds()
		period := given.GetFold("period")
		switch {
		case !ok:
			return fail("when must be a timestamp")
		case !period.IsNull() && !periodFits(periodText(period)):
			return fail("period is one of day, week, month, year, or at least %d seconds", minPeriod)
		}
		one.Set("program", object.String(program))
		one.Set("when", object.Date(when))
		if text := periodText(period); text != "" {
			one.Set("period", object.String(text))
		}
		one.Set("parameter", object.Copy(given.GetFold("parameter")))
	}
	return c.done(c.rewrite(r, scheduleKind, string(a.AOR), nil, func(d *object.Dictionary) error {
		if program == "" {
			d.Delete(id)
			return nil
		}
		d.Set(id, one.Value())
		if d.Len() > maxScheduled {
			return cli.Fail("%d scheduled tasks: at most %d", d.Len(), maxScheduled)
		}
		return nil
	}))
}

// minPeriod keeps a scheduled task from being started without end.
const minPeriod = 10 // seconds

// periodText is a period as it is stored: a word, or seconds.
func periodText(v object.Value) string {
	if n, ok := v.Int(); ok {
		return strconv.FormatInt(n, 10)
	}
	return strings.ToLower(v.Text())
}

func periodFits(text string) bool {
	_, ok := nextPeriod(time.Unix(0, 0), text)
	return ok || text == ""
}

// nextPeriod is the start that follows one; false: there is none.
func nextPeriod(when time.Time, period string) (time.Time, bool) {
	switch period {
	case "":
		return time.Time{}, false
	case "day":
		return when.AddDate(0, 0, 1), true
	case "week":
		return when.AddDate(0, 0, 7), true
	case "month":
		return when.AddDate(0, 1, 0), true
	case "year":
		return when.AddDate(1, 0, 0), true
	}
	seconds, err := strconv.ParseInt(period, 10, 64)
	if err != nil || seconds < minPeriod || seconds > 10*365*24*3600 {
		return time.Time{}, false
	}
	return when.Add(time.Duration(seconds) * time.Second), true
}

// scheduled are the scheduled tasks of all accounts, in the order of their accounts.
func (h *House) scheduled() []scheduledTask {
	var all []scheduledTask
	h.store.Bucket(store.Settings).Range(scheduleKind, func(e store.Entry) bool {
		d := dictionaryOf(string(e.Value))
		for i := range d.Len() {
			id, _ := d.Key(i)
			one := d.At(i).Dictionary()
			seconds, _ := one.Get("when").Seconds()
			all = append(all, scheduledTask{Account: signal.AOR(strings.TrimPrefix(e.Key, scheduleKind)), ID: id,
				Program: one.Get("program").Text(), Parameter: one.Get("parameter"),
				When: time.Unix(seconds, 0).UTC(), Period: one.Get("period").Text()})
		}
		return true
	})
	return all
}
