package console

import (
	"path"
	"slices"

	"tandem/actors/form"
	"tandem/actors/ledger"
	"tandem/signal"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// telnumWorks are the commands about telephone numbers. A number belongs to one account at most.
var telnumWorks = map[string]work{
	"GETACCOUNTTELNUMS":    (*Console).getAccountTelnums,
	"SETACCOUNTTELNUMS":    (*Console).setAccountTelnums,
	"MODIFYACCOUNTTELNUMS": (*Console).modifyAccountTelnums,
	"LISTDOMAINTELNUMS":    (*Console).listDomainTelnums,
	"LISTSERVERTELNUMS":    (*Console).listServerTelnums,
	"LISTCLUSTERTELNUMS":   (*Console).listServerTelnums,
}

func (c *Console) getAccountTelnums(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	return found(form.List(a.Telnums))
}

func (c *Console) setAccountTelnums(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	wanted, ok := form.Strings(r.Value("telnums"))
	switch {
	case f != nil:
		return object.Null, f
	case !ok:
		return object.Null, cli.ErrIllegal
	}
	return c.done(c.Ledger.ChangeTelnums(r.ctx, a.AOR, r.write(), func([]string) ([]string, error) { return wanted, nil }))
}

// modifyAccountTelnums adds a number, takes one away, or takes the first one (pop). The answer says which
// number it was, and which there are now. Two at once never pop the same one.
func (c *Console) modifyAccountTelnums(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	op, given := r.Dictionary("parameters").GetFold("op").Text(), r.Dictionary("parameters").GetFold("telnum").Text()
	number, ok := signal.Telnum(given)
	if !ok && op != "pop" {
		return c.done(ledger.ErrTelnum)
	}
	var touched string
	var now []string
	err := c.Ledger.ChangeTelnums(r.ctx, a.AOR, r.write(), func(old []string) ([]string, error) {
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
	d.Set("telnums", form.List(now))
	return found(d.Value())
}

func (c *Console) listDomainTelnums(r *request) (object.Value, *cli.Failure) {
	domain, f := c.domain(r)
	if f != nil {
		return object.Null, f
	}
	return c.listTelnums(r, domain)
}

func (c *Console) listServerTelnums(r *request) (object.Value, *cli.Failure) {
	return c.listTelnums(r, "")
}

// listTelnums is a dictionary from number to account, of a domain or of all; "" has how many there are. A
// filter is a pattern with * and ?; the limit bounds what is listed, not what is counted.
func (c *Console) listTelnums(r *request, domain string) (object.Value, *cli.Failure) {
	d, total := object.NewFolded(), int64(0)
	limit := int64(maxListed)
	if r.Has("limit") {
		limit = min(max(r.Number("limit"), 0), maxListed)
	}
	for _, a := range c.Ledger.Directory.Records() {
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
