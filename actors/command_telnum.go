package actors

import (
	"context"
	"path"
	"slices"
	"sync"

	"tandem/actors/account"
	"tandem/actors/store"
	"tandem/signal"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// telnumWorks are the commands about telephone numbers. A number belongs to one account at most.
var telnumWorks = map[string]work{
	"GETACCOUNTTELNUMS":    commands.getAccountTelnums,
	"SETACCOUNTTELNUMS":    commands.setAccountTelnums,
	"MODIFYACCOUNTTELNUMS": commands.modifyAccountTelnums,
	"LISTDOMAINTELNUMS":    commands.listDomainTelnums,
	"LISTSERVERTELNUMS":    commands.listServerTelnums,
	"LISTCLUSTERTELNUMS":   commands.listServerTelnums,
}

// maxTelnums bounds the numbers of one account.
const maxTelnums = 100

var (
	errTelnum      = cli.Fail("the text is no telephone number")
	errTelnumTaken = cli.Fail("the telephone number belongs to another account")
)

func (c commands) getAccountTelnums(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	return found(list(a.Telnums))
}

func (c commands) setAccountTelnums(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	wanted, ok := strs(r.Value("telnums"))
	switch {
	case f != nil:
		return object.Null, f
	case !ok:
		return object.Null, cli.ErrIllegal
	}
	return c.done(c.changeTelnums(r, a.AOR, func([]string) ([]string, error) { return wanted, nil }))
}

// modifyAccountTelnums adds a number, takes one away, or takes the first one (pop). The answer says which
// number it was, and which there are now. Two at once never pop the same one.
func (c commands) modifyAccountTelnums(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	op, given := r.Dictionary("parameters").GetFold("op").Text(), r.Dictionary("parameters").GetFold("telnum").Text()
	number, ok := signal.Telnum(given)
	if !ok && op != "pop" {
		return object.Null, errTelnum
	}
	var touched string
	var now []string
	err := c.changeTelnums(r, a.AOR, func(old []string) ([]string, error) {
		touched, now = given, slices.Clone(old)
		at := slices.IndexFunc(old, func(n string) bool { digits, _ := signal.Telnum(n); return digits == number })
		switch {
		case op == "add" && at >= 0:
			return nil, cli.Fail("the account has the telephone number already")
		case op == "add":
			now = append(now, given)
		case op == "del" && at < 0, op == "pop" && len(old) == 0:
			return nil, cli.Fail("the account does not have the telephone number")
		case op == "del":
			touched, now = old[at], slices.Delete(now, at, at+1)
		case op == "pop":
			touched, now = old[0], now[1:]
		default:
			return nil, cli.Fail("op is one of add, del and pop")
		}
		return now, nil
	})
	if err != nil {
		return c.done(err)
	}
	d := object.NewFolded()
	d.Set("telnum", object.String(touched))
	d.Set("telnums", list(now))
	return found(d.Value())
}

// telnumChanges go one after the other on a member, so that they seldom get in each other's way.
var telnumChanges sync.Mutex

// changeTelnums changes an account's numbers. Each new one is claimed first, under a key of its own, and
// looked at again afterwards: of two accounts that want one number at the same time, on whatever members,
// at most one gets it. A claim whose account does not have the number is worth nothing.
func (c commands) changeTelnums(r *request, aor signal.AOR, f func(old []string) ([]string, error)) error {
	telnumChanges.Lock()
	defer telnumChanges.Unlock()
	var before, after []string
	claims := map[string]uint64{}
	_, err := c.changeAccount(r.ctx, aor, r.write(), func(a *account.Record) error {
		wanted, err := f(slices.Clone(a.Telnums))
		if err != nil {
			return err
		}
		before, after = a.Telnums, wanted
		if err := c.claim(r, aor, before, after, claims); err != nil {
			return err
		}
		a.Telnums = after
		return nil
	})
	if err != nil {
		return err
	}
	for number, revision := range claims {
		if e, ok := c.store.Bucket(store.Settings).Get(telnumKind + number); !ok || e.Revision != revision {
			_, _ = c.changeAccount(context.WithoutCancel(r.ctx), aor, r.write(), func(a *account.Record) error {
				a.Telnums = before
				return nil
			})
			return errTelnumTaken
		}
	}
	return nil
}

// claim claims the numbers that are new, and notes the revisions of the claims.
func (c commands) claim(r *request, aor signal.AOR, before, after []string, claims map[string]uint64) error {
	if len(after) > maxTelnums {
		return cli.Fail("%d telephone numbers: at most %d", len(after), maxTelnums)
	}
	seen := map[string]bool{}
	settings := c.store.Bucket(store.Settings)
	for _, text := range after {
		number, ok := signal.Telnum(text)
		if !ok || seen[number] {
			return errTelnum
		}
		seen[number] = true
		if slices.Contains(before, text) || claims[number] != 0 {
			continue
		}
		if a, ok := c.directory.Telnum(number); ok && a.AOR != aor {
			return errTelnumTaken
		}
		e, _ := settings.Get(telnumKind + number)
		w := r.write()
		w.Expect = &e.Revision
		revision, err := settings.Put(r.ctx, telnumKind+number, []byte(aor), w)
		if err != nil {
			return err
		}
		claims[number] = revision
	}
	return nil
}

func (c commands) listDomainTelnums(r *request) (object.Value, *cli.Failure) {
	domain, f := c.domain(r)
	if f != nil {
		return object.Null, f
	}
	return c.listTelnums(r, domain)
}

func (c commands) listServerTelnums(r *request) (object.Value, *cli.Failure) {
	return c.listTelnums(r, "")
}

// listTelnums is a dictionary from number to account, of a domain or of all; "" has how many there are. A
// filter is a pattern with * and ?; the limit bounds what is listed, not what is counted.
func (c commands) listTelnums(r *request, domain string) (object.Value, *cli.Failure) {
	d, total := object.NewFolded(), int64(0)
	limit := int64(maxListed)
	if r.Has("limit") {
		limit = min(max(r.Number("limit"), 0), maxListed)
	}
	for _, a := range c.directory.Records() {
		if domain != "" && a.AOR.Domain() != domain {
			continue
		}
		for _, number := range a.Telnums {
			if fits, err := path.Match(r.Text("filter"), number); r.Has("filter") && (err != nil || !fits) {
				continue
			}
			if total++; total <= limit {
				d.Set(number, object.String(string(a.AOR)))
			}
		}
	}
	d.Set("", object.Number(total))
	return found(d.Value())
}

// maxListed bounds a list of numbers.
const maxListed = 100_000
