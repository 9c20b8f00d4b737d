package console

import (
	"slices"
	"strings"

	"tandem/actors/account"
	"tandem/actors/form"
	"tandem/actors/ledger"
	"tandem/actors/tally"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// accountPartWorks are the commands about parts of an account: other names, rights, preferences, counts.
var accountPartWorks = map[string]work{
	"GETACCOUNTALIASES":        (*Console).getAccountAliases,
	"SETACCOUNTALIASES":        (*Console).setAccountAliases,
	"GETACCOUNTRIGHTS":         (*Console).getAccountRights,
	"SETACCOUNTRIGHTS":         (*Console).setAccountRights,
	"GETACCOUNTINFO":           (*Console).getAccountInfo,
	"GETACCOUNTPREFS":          (*Console).getAccountPrefs,
	"UPDATEACCOUNTPREFS":       (*Console).updateAccountPrefs,
	"SETACCOUNTPREFS":          (*Console).setAccountPrefs,
	"GETACCOUNTEFFECTIVEPREFS": (*Console).getAccountEffectivePrefs,
	"GETACCOUNTSTAT":           (*Console).getAccountStat,
	"RESETACCOUNTSTAT":         (*Console).resetAccountStat,
}

// getAccountAliases lists the aliases; those of the account's own domain without it.
func (c *Console) getAccountAliases(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	names := make([]string, len(a.Aliases))
	for i, alias := range a.Aliases {
		if names[i] = string(alias); alias.Domain() == a.AOR.Domain() {
			names[i] = alias.User()
		}
	}
	return found(form.List(names))
}

// setAccountAliases replaces the aliases; an alias without a domain is in the account's. One in another
// domain takes a name there, which only those may who have rights in all.
func (c *Console) setAccountAliases(r *request) (object.Value, *cli.Failure) {
	names, ok := form.Strings(r.Value("aliases"))
	if !ok {
		return object.Null, cli.ErrIllegal
	}
	if len(names) > ledger.MaxAliases {
		return fail("%d aliases: at most %d", len(names), ledger.MaxAliases)
	}
	return c.editAccount(r, func(a *account.Record) error {
		for i, name := range names {
			if !strings.Contains(name, "@") {
				names[i] = name + "@" + a.AOR.Domain()
			}
			aor, f := c.aor(r, names[i])
			if f != nil {
				return f
			}
			if aor.Domain() != a.AOR.Domain() && !ledger.May(r.who, cli.AllDomains) {
				return cli.ErrAccess
			}
			if c.Ledger.Resolved(aor) != a.AOR { // not one of its own already
				if err := c.Ledger.Free(aor); err != nil {
					return err
				}
			}
		}
		return c.Ledger.SetAliases(a, names)
	})
}

// getAccountRights lists the rights; the role of administrator is the right Master.
func (c *Console) getAccountRights(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	rights := slices.Clone(a.Rights)
	if a.Is(account.Administrator) {
		rights = append([]string{string(cli.Master)}, rights...)
	}
	return found(form.List(rights))
}

func (c *Console) setAccountRights(r *request) (object.Value, *cli.Failure) {
	names, ok := form.Strings(r.Value("rights"))
	if !ok {
		return object.Null, cli.ErrIllegal
	}
	var rights []string
	master := false
	for _, name := range names {
		right, ok := cli.ReadRight(name)
		if !ok {
			return fail("no right %s", object.Quote(name))
		}
		if right == cli.Master {
			master = true
		} else if !slices.Contains(rights, string(right)) {
			rights = append(rights, string(right))
		}
	}
	return c.editAccount(r, func(a *account.Record) error {
		if a.AOR == r.who.AOR && !master {
			return cli.Fail("nobody takes the right Master from himself")
		}
		a.Rights = rights
		a.Roles = slices.DeleteFunc(slices.Clone(a.Roles), func(role string) bool { return role == account.Administrator })
		if master {
			a.Roles = append(a.Roles, account.Administrator)
		}
		return nil
	})
}

// getAccountInfo is what is known of an account beside its settings. A key that there is not has an empty
// string.
func (c *Console) getAccountInfo(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	all := object.NewFolded()
	if !a.Created.IsZero() {
		all.Set("Created", object.Date(a.Created.Unix()))
	}
	all.Set("AccountType", object.String("macnt"))
	bindings := c.Ledger.Directory.Bindings(a.AOR)
	all.Set("Registrations", object.Number(int64(len(bindings))))
	if len(bindings) > 0 {
		all.Set("LastAddress", object.String(bindings[0].Flow.Remote.Addr().String()))
	}
	all.Set("Roles", form.List(a.Roles))
	switch {
	case r.Has("key"):
		return found(orEmpty(all.Get(r.Text("key"))))
	case !r.Has("keys"):
		return found(all.Value())
	}
	keys, ok := form.Strings(r.Value("keys"))
	if !ok {
		return object.Null, cli.ErrIllegal
	}
	some := object.NewFolded()
	for _, key := range keys {
		some.Put(key, orEmpty(all.Get(key)))
	}
	return found(some.Value())
}

func orEmpty(v object.Value) object.Value {
	if v.IsNull() {
		return object.String("")
	}
	return v
}

func (c *Console) getAccountPrefs(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	return found(form.Dictionary(a.Preferences).Value())
}

func (c *Console) updateAccountPrefs(r *request) (object.Value, *cli.Failure) {
	return c.preferences(r, func(d *object.Dictionary) { form.Merge(d, r.Dictionary("preferences")) })
}

func (c *Console) setAccountPrefs(r *request) (object.Value, *cli.Failure) {
	return c.preferences(r, func(d *object.Dictionary) {
		*d = *object.NewFolded()
		form.Merge(d, r.Dictionary("preferences"))
	})
}

func (c *Console) preferences(r *request, f func(*object.Dictionary)) (object.Value, *cli.Failure) {
	a, refusal := c.account(r)
	if refusal != nil {
		return object.Null, refusal
	}
	return c.done(c.Ledger.ChangePreferences(r.ctx, a.AOR, r.write(), f))
}

// getAccountEffectivePrefs has the domain's defaults below the account's own preferences.
func (c *Console) getAccountEffectivePrefs(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	return found(c.Ledger.EffectivePreferences(a).Value())
}

// The counts of GETACCOUNTSTAT and GETDOMAINSTAT, in order.
var countNames = []string{"StatReset", "CallsReceived", "CallsSent", "Logins"}

// count is one of them.
func count(n tally.Counts, name string) object.Value {
	switch strings.ToLower(name) {
	case "statreset":
		return object.Date(n.Reset.Unix())
	case "callsreceived":
		return object.Number(n.Received)
	case "callssent":
		return object.Number(n.Sent)
	case "logins":
		return object.Number(n.Logins)
	}
	return object.Null
}

// readCounts answers GET...STAT for what the tally counts under a name.
func (c *Console) readCounts(r *request, name string) (object.Value, *cli.Failure) {
	n := c.Ledger.Tally.Read(name)
	if r.Has("key") {
		if v := count(n, r.Text("key")); !v.IsNull() {
			return found(v)
		}
		return fail("no such count")
	}
	d := object.NewFolded()
	for _, name := range countNames {
		d.Set(name, count(n, name))
	}
	return found(d.Value())
}

func (c *Console) resetCounts(r *request, name string) (object.Value, *cli.Failure) {
	key := ""
	if r.Has("key") {
		i := slices.IndexFunc(countNames, func(known string) bool { return strings.EqualFold(known, r.Text("key")) })
		if i < 0 {
			return fail("no such count")
		}
		key = countNames[i]
	}
	c.Ledger.Tally.Reset(name, key)
	return object.Null, nil
}

func (c *Console) getAccountStat(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	return c.readCounts(r, string(a.AOR))
}

func (c *Console) resetAccountStat(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	return c.resetCounts(r, string(a.AOR))
}
